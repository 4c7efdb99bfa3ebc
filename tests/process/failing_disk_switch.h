#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/failing_disk_control.h"

namespace federation::process {

// Makes the disk of one process fail, and work again. Throws std::runtime_error if it cannot.
class FailingDiskSwitch {
 public:
  // `control` is a file that is created.
  explicit FailingDiskSwitch(std::string control);
  ~FailingDiskSwitch();
  FailingDiskSwitch(const FailingDiskSwitch&) = delete;
  FailingDiskSwitch& operator=(const FailingDiskSwitch&) = delete;

  // What a command has to begin with so that the files in `folder` are on this disk.
  std::vector<std::string> Prefix(const std::string& folder) const;

  void FailSyncs(std::uint32_t per_mille, int error);
  void FailWrites(std::uint32_t per_mille, int error);
  void Heal();
  std::uint32_t failed_syncs() const { return control_->failed_syncs; }
  std::uint32_t failed_writes() const { return control_->failed_writes; }

 private:
  const std::string path_;
  FailingDiskControl* control_;
};

}  // namespace federation::process
