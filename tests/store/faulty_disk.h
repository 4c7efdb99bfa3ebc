#pragma once

#include <memory>
#include <string>

namespace federation {

// A folder whose files, where SQLite writes them, are on a disk that can be full, fail to sync, and lose its
// power. Thread-safe. At most one for a folder.
class FaultyDisk {
 public:
  explicit FaultyDisk(std::string folder);
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  void SetFull(bool is_full);
  void SetSyncFails(bool fails);
  // Fails with the `count`th write from now on, counted from 1, and with all later ones; 0 for never.
  void FailWritesFrom(int count);
  // Copies the files to another folder, each as it was when it was last synced. Of what was written since,
  // every block survives with a chance of one in `survival`; 0 for never.
  void CopyDurable(const std::string& folder, unsigned survival, unsigned seed);

  struct State;

 private:
  std::string folder_;
  std::shared_ptr<State> state_;
};

}  // namespace federation
