#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/faulty_disk.h"
#include "store/store_contract.h"
#include "support/temporary_folder.h"

namespace federation {

// A store in a file, on a disk with troubles.
class SqliteStoreMaker final : public StoreMaker {
 public:
  explicit SqliteStoreMaker(unsigned survival = 0) : survival_(survival) { NewDisk(); }

  absl::StatusOr<std::unique_ptr<Store>> Open(const StoreLimits& limits, WallClock clock) override {
    return OpenSqliteStore(path(), limits, std::move(clock));
  }
  void Crash() override {
    FaultyDisk& old = *disks_.back();
    const std::string folder = NewFolder();
    old.CopyDurable(folder, survival_, static_cast<unsigned>(disks_.size()));
    disks_.push_back(std::make_unique<FaultyDisk>(folder));
  }
  void FillDisk() override { disk().SetFull(true); }
  void FreeDisk() override { disk().SetFull(false); }
  void FailSync() override { disk().SetSyncFails(true); }
  void HealSync() override { disk().SetSyncFails(false); }

  FaultyDisk& disk() { return *disks_.back(); }
  std::string path() const { return folders_.back()->File("store.db"); }

 private:
  std::string NewFolder() {
    folders_.push_back(std::make_unique<TemporaryFolder>());
    const std::string file = folders_.back()->File("x");
    return file.substr(0, file.size() - 2);
  }
  void NewDisk() { disks_.push_back(std::make_unique<FaultyDisk>(NewFolder())); }

  const unsigned survival_;
  std::vector<std::unique_ptr<TemporaryFolder>> folders_;
  std::vector<std::unique_ptr<FaultyDisk>> disks_;
};

}  // namespace federation
