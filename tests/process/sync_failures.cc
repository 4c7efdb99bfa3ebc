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
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "e2e/eventually.h"
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
      const std::uint64_t choice = random_.Below(5);
      const bool both = choice == 4;
      const std::size_t first = choice % 2;
      Spoil(first);
      if (both) Spoil(1 - first);
      Sleep(50, 500);
      pair_.CheckTold();
      if (random_.OneIn(5)) Kill(first);
      disks_[first]->Heal();
      if (both) disks_[1 - first]->Heal();
      for (std::size_t side = 0; side < Pair::kSides; ++side) WaitUntilItGoesOn(side);
    }
    pair_.CheckEnd({"UNAVAILABLE"});
    for (std::size_t side = 0; side < Pair::kSides; ++side) Report(side);
    return pair_.IsViolated() ? 1 : 0;
  }

 private:
  void Sleep(std::uint64_t low_ms, std::uint64_t high_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random_.Between(low_ms, high_ms)));
  }

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
    if (!pair_[side].IsRunning()) pair_.Violate(pair_[side].domain() + " has ended by itself");
    pair_[side].Kill();
    pair_.CheckDead(side);
    if (random_.OneIn(2)) {
      pair_[side].Start();
      // It may find that it cannot start, and end.
      Sleep(50, 200);
    }
    disks_[side]->Heal();
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
    if (!goes_on) pair_.Violate(pair_[side].domain() + " does not go on with a disk that works again");
  }

  void Report(std::size_t side) {
    const FailingDiskSwitch& disk = *disks_[side];
    std::cout << fmt::format("{}: {} syncs and {} writes failed\n", pair_[side].domain(), disk.failed_syncs(),
                             disk.failed_writes());
    if (disk.failed_syncs() == 0) pair_.Violate("no sync failed: nothing was tried");
    if (pair_[side].CountEvents("fail") == 0) pair_.Violate("no caller was told of a failure");
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
