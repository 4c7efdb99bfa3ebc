// The disk of one of two processes, or of both, is full for a while, again and again, while they send to each
// other: callers learn that nothing was stored, the peer is told to wait, nothing is lost, and with room on
// the disk everything goes on.
//
//   build/test/tests/process/full_disk --loops 100 --seed 7
//
// A loop is a time without room. Now and then the process is killed in the middle of it. Wants to mount, for
// which it has to be root.
#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include <fmt/core.h>

#include "e2e/eventually.h"
#include "process/pair.h"
#include "process/small_disk.h"

namespace federation::process {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kMegabytes = 192;
// For so many times without room the disk has room for what is sent.
constexpr std::uint64_t kLoopsOfOnePair = 20;

class FullDisk {
 public:
  FullDisk(std::uint64_t loops, std::uint64_t seed) : loops_(loops), random_(seed), pair_(seed) {
    for (std::size_t side = 0; side < Pair::kSides; ++side) {
      disks_[side] = std::make_unique<SmallDisk>(pair_.store_folder(side), kMegabytes);
      pair_[side].PauseFor(2ms);
    }
  }

  // Whether all is well.
  bool Run() {
    pair_.StartBoth();
    for (std::uint64_t loop = 0; loop < loops_ && !pair_.IsViolated(); ++loop) {
      const std::uint64_t choice = random_.Below(5);
      const bool both = choice == 4;
      const std::size_t first = (loop + choice / 4) % 2;
      FillUp(first);
      if (both) FillUp(1 - first);
      if (!both) ExpectWaits(1 - first);
      pair_.CheckTold();
      if (random_.OneIn(4)) KillAndStart(first);
      disks_[first]->MakeRoom();
      if (both) disks_[1 - first]->MakeRoom();
      for (std::size_t side = 0; side < Pair::kSides; ++side) WaitUntilItGoesOn(side);
    }
    pair_.CheckEnd({"UNAVAILABLE", "RESOURCE_EXHAUSTED"});
    if (pair_.IsViolated()) pair_.KeepStores();
    std::cout << fmt::format("{} times without room, {} kills meanwhile", loops_, kills_) << std::endl;
    return !pair_.IsViolated();
  }

 private:
  // Until callers are told. That takes a while: SQLite's log has room of its own.
  void FillUp(std::size_t side) {
    const std::uint64_t from = pair_[side].LogSize();
    const bool told = e2e::Eventually([&] {
      disks_[side]->Fill();
      return pair_[side].CountEvents("fail", from) > 0;
    });
    if (!told) pair_.Violate("no caller of " + pair_[side].domain() + " was told that the disk is full");
  }

  void ExpectWaits(std::size_t side) {
    const std::uint64_t from = pair_[side].LogSize();
    const bool told = e2e::Eventually([&] { return pair_[side].CountEvents("waits", from) > 0; });
    if (!told) pair_.Violate(pair_[side].domain() + " was not told to wait");
  }

  void KillAndStart(std::size_t side) {
    ++kills_;
    if (!pair_[side].IsRunning()) pair_.Violate(pair_[side].domain() + " has ended by itself");
    pair_[side].Kill();
    pair_.CheckDead(side);
    pair_[side].Start();
    // It may find that it cannot start, and end.
    std::this_thread::sleep_for(std::chrono::milliseconds(random_.Between(50, 300)));
    disks_[side]->MakeRoom();
    if (pair_[side].IsRunning() && pair_[side].WaitUntilItRuns()) return;
    pair_[side].Start();
    if (!pair_[side].WaitUntilItRuns()) pair_.Violate(pair_[side].domain() + " does not start again");
  }

  // Until callers are told of new notes that they are durable, and the peer confirms new ones.
  void WaitUntilItGoesOn(std::size_t side) {
    if (!pair_[side].IsRunning()) return pair_.Violate(pair_[side].domain() + " has ended by itself");
    const std::uint64_t from = pair_[side].LogSize();
    const bool goes_on = e2e::Eventually([&] {
      return pair_[side].CountEvents("ack", from) > 0 && pair_[side].CountEvents("delivered", from) > 0;
    });
    if (!goes_on) pair_.Violate(pair_[side].domain() + " does not go on with room on its disk");
  }

  const std::uint64_t loops_;
  Random random_;
  Pair pair_;
  std::array<std::unique_ptr<SmallDisk>, Pair::kSides> disks_;
  std::uint64_t kills_ = 0;
};

int Run(const Options& options) {
  if (const std::string why_not = SmallDisk::WhyNot(); !why_not.empty()) {
    std::cout << "SKIPPED: this process may not mount a small disk (" << why_not << ")" << std::endl;
    return kSkipped;
  }
  for (std::uint64_t done = 0; done < options.loops; done += kLoopsOfOnePair) {
    if (!FullDisk(std::min(kLoopsOfOnePair, options.loops - done), options.seed + done).Run()) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace federation::process

int main(int argc, char** argv) {
  return federation::process::RunTest(argc, argv, 16, federation::process::Run);
}
