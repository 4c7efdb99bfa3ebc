// The disk of one of two processes, or of both, fails to sync or to write, again and again, while they send
// to each other: nothing that was reported stored, and nothing that was confirmed, is lost; callers learn of
// the failures; and with a disk that works again everything goes on.
//
//   build/test/tests/process/sync_failures --loops 1000 --seed 7
//
// A loop is a time of trouble. Now and then the process is killed in the middle of it.
#include <cerrno>
#include <chrono>
#include <iostream>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "process/failing_disk_switch.h"
#include "process/pair.h"

namespace federation::process {
namespace {

using namespace std::chrono_literals;

class SyncFailures {
 public:
  explicit SyncFailures(const Options& options)
      : loops_(options.loops), random_(options.seed), pair_(options.seed) {
    for (std::size_t side = 0; side < Pair::kSides; ++side) {
      disks_.push_back(std::make_unique<FailingDiskSwitch>(pair_.File(pair_[side].domain() + ".disk")));
      pair_[side].PrefixWith(disks_[side]->Prefix(pair_.store_folder(side)));
      pair_[side].PauseFor(200us);
    }
  }

  int Run() {
    pair_.StartBoth();
    for (std::uint64_t loop = 0; loop < loops_ && !pair_.IsViolated(); ++loop) {
      const auto [first, both] = Pair::Choose(random_, loop);
      Spoil(first);
      if (both) Spoil(1 - first);
      Sleep(random_, 50, 500);
      pair_.CheckTold();
      if (random_.OneIn(5)) Kill(first);
      disks_[first]->Heal();
      if (both) disks_[1 - first]->Heal();
      for (std::size_t side = 0; side < Pair::kSides; ++side) {
        pair_.WaitUntilItGoesOn(side, "with a disk that works again");
      }
    }
    pair_.CheckEnd({"UNAVAILABLE"});
    for (std::size_t side = 0; side < Pair::kSides; ++side) Report(side);
    ExpectFailures();
    return pair_.IsViolated() ? 1 : 0;
  }

 private:
  void Spoil(std::size_t side) {
    constexpr std::uint32_t kPerMille[] = {20, 200, 1000};
    const std::uint32_t per_mille = kPerMille[random_.Below(std::size(kPerMille))];
    const int error = random_.OneIn(2) ? EIO : ENOSPC;
    if (random_.OneIn(3)) {
      disks_[side]->FailWrites(per_mille, error);
    } else {
      disks_[side]->FailSyncs(per_mille, error);
    }
  }

  // The next process begins with a disk in trouble, or with one that works again.
  void Kill(std::size_t side) {
    ++kills_;
    pair_.Kill(side);
    pair_.CheckDead(side);
    if (random_.OneIn(2)) {
      pair_[side].Start();
      // It may find that it cannot start, and end.
      Sleep(random_, 50, 200);
    }
    disks_[side]->Heal();
    pair_.WaitUntilItRunsAgain(side);
  }

  void Report(std::size_t side) {
    const FailingDiskSwitch& disk = *disks_[side];
    std::cout << fmt::format("{}: {} syncs and {} writes failed\n", pair_[side].domain(), disk.failed_syncs(),
                             disk.failed_writes());
  }

  // Otherwise nothing was tried.
  void ExpectFailures() {
    std::uint64_t failed = 0;
    std::uint64_t told = 0;
    for (std::size_t side = 0; side < Pair::kSides; ++side) {
      failed += disks_[side]->failed_syncs() + disks_[side]->failed_writes();
      told += pair_[side].CountEvents("fail");
    }
    if (failed == 0) pair_.Violate("neither a sync nor a write has failed");
    if (told == 0) pair_.Violate("no caller was told of a failure");
  }

  const std::uint64_t loops_;
  Random random_;
  Pair pair_;
  std::vector<std::unique_ptr<FailingDiskSwitch>> disks_;
  std::uint64_t kills_ = 0;
};

}  // namespace
}  // namespace federation::process

int main(int argc, char** argv) {
  using federation::process::SyncFailures;
  return federation::process::RunTest(argc, argv, 40,
                                      [](const auto& options) { return SyncFailures(options).Run(); });
}
