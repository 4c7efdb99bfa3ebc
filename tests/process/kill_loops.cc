// Kills one of two processes, or both, with SIGKILL again and again while they send to each other over TLS
// and SQLite, and looks at what they leave on their disks.
//
//   build/test/tests/process/kill_loops --loops 5000 --seed 7
//
// A loop is a kill. The seed decides who is killed and when; what is going on then, the machine does. Each
// 200 kills begin with empty stores, so that those do not outgrow the checker.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>

#include <fmt/core.h>

#include "process/pair.h"

namespace federation::process {
namespace {

using namespace std::chrono_literals;

// How often a dead side is looked at: reading all of it takes time.
constexpr std::uint64_t kLookOneIn = 10;
constexpr std::uint64_t kLoopsOfOnePair = 200;

// Kills of one pair.
class KillLoops {
 public:
  KillLoops(std::uint64_t loops, std::uint64_t seed) : loops_(loops), random_(seed), pair_(seed) {}

  // Whether all is well.
  bool Run() {
    pair_.StartBoth();
    for (std::uint64_t loop = 0; loop < loops_ && !pair_.IsViolated(); ++loop) {
      Sleep(random_, 40, 320);
      Kill();
    }
    for (std::size_t side = 0; side < Pair::kSides; ++side) WaitFor(side);
    pair_.CheckEnd({});
    std::cout << fmt::format(
                     "{} kills of one side, {} of both, {} of them while it started; looked at {} dead ones",
                     kills_ - both_, both_, early_, looks_)
              << std::endl;
    return !pair_.IsViolated();
  }

 private:
  void Kill() {
    const std::uint64_t choice = random_.Below(10);
    const std::size_t first = choice % 2;
    const bool both = choice == 9;
    ++kills_;
    pair_.Kill(first);
    if (both) {
      ++both_;
      pair_.Kill(1 - first);
    }
    if (random_.OneIn(kLookOneIn)) Look(first);
    // The other one finds nobody there for a while.
    if (random_.OneIn(4)) Sleep(random_, 1, 150);
    Restart(first);
    if (both) Restart(1 - first);
  }

  void Look(std::size_t side) {
    ++looks_;
    pair_.CheckDead(side);
  }

  void Restart(std::size_t side) {
    // At full speed, or with time for each commit to be alone.
    constexpr std::chrono::microseconds kPauses[] = {0us, 300us, 1ms, 5ms};
    pair_[side].PauseFor(kPauses[random_.Below(std::size(kPauses))]);
    pair_[side].Start();
    if (random_.OneIn(8)) {
      // The next kill may come before it runs.
      ++early_;
      return;
    }
    WaitFor(side);
  }

  void WaitFor(std::size_t side) {
    if (!pair_[side].WaitUntilItRuns()) pair_.Violate(pair_[side].domain() + " has ended by itself");
  }

  const std::uint64_t loops_;
  Random random_;
  Pair pair_;
  std::uint64_t kills_ = 0;
  std::uint64_t both_ = 0;
  std::uint64_t early_ = 0;
  std::uint64_t looks_ = 0;
};

int Run(const Options& options) {
  for (std::uint64_t done = 0; done < options.loops; done += kLoopsOfOnePair) {
    const std::uint64_t loops = std::min(kLoopsOfOnePair, options.loops - done);
    if (!KillLoops(loops, options.seed + done).Run()) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace federation::process

int main(int argc, char** argv) {
  return federation::process::RunTest(argc, argv, 200, federation::process::Run);
}
