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

#include <fmt/core.h>

#include "process/pair.h"
#include "process/small_disk.h"
#include "support/eventually.h"

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
      const auto [first, both] = Pair::Choose(random_, loop);
      if (both) {
        FillBothUp();
      } else {
        FillUp(first);
        ExpectWaits(1 - first);
      }
      pair_.CheckTold();
      if (random_.OneIn(4)) KillAndStart(first);
      disks_[first]->MakeRoom();
      if (both) disks_[1 - first]->MakeRoom();
      for (std::size_t side = 0; side < Pair::kSides; ++side) {
        pair_.WaitUntilItGoesOn(side, "with room on its disk");
      }
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
    const bool told = support::Eventually(
        [&] {
          disks_[side]->Fill();
          return pair_[side].CountEvents("fail", from) > 0;
        },
        kLongest);
    if (!told) pair_.Violate("no caller of " + pair_[side].domain() + " was told that the disk is full");
  }

  // Until callers of one are told: the other one may have too much that waits for it to send more.
  void FillBothUp() {
    const std::uint64_t from[] = {pair_[0].LogSize(), pair_[1].LogSize()};
    const bool told = support::Eventually(
        [&] {
          for (auto& disk : disks_) disk->Fill();
          return pair_[0].CountEvents("fail", from[0]) + pair_[1].CountEvents("fail", from[1]) > 0;
        },
        kLongest);
    if (!told) pair_.Violate("no caller was told that the disks are full");
  }

  void ExpectWaits(std::size_t side) {
    const std::uint64_t from = pair_[side].LogSize();
    const bool told =
        support::Eventually([&] { return pair_[side].CountEvents("waits", from) > 0; }, kLongest);
    if (!told) pair_.Violate(pair_[side].domain() + " was not told to wait");
  }

  void KillAndStart(std::size_t side) {
    ++kills_;
    pair_.Kill(side);
    // Who opens first what a process has left makes an index of its log, which wants room: the index may be
    // longer than the last one was, as the end of the log is what could not be committed.
    disks_[side]->MakeRoom();
    pair_.CheckDead(side);
    disks_[side]->Fill();
    pair_[side].Start();
    // It may find that it cannot start, and end.
    Sleep(random_, 50, 300);
    disks_[side]->MakeRoom();
    pair_.WaitUntilItRunsAgain(side);
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
