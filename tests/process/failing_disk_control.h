#pragma once

#include <atomic>
#include <cstdint>

namespace federation::process {

// What failing_disk.so does to the process that it is loaded into: a file that both sides have mapped. All
// zero: nothing.
struct FailingDiskControl {
  // Of a thousand calls so many fail.
  std::atomic<std::uint32_t> syncs_per_mille{0};
  std::atomic<std::uint32_t> writes_per_mille{0};
  // With this errno.
  std::atomic<std::int32_t> error{0};
  // How many have failed.
  std::atomic<std::uint32_t> failed_syncs{0};
  std::atomic<std::uint32_t> failed_writes{0};
};

// Where the library finds the path of that file, and the folder whose files it spoils.
inline constexpr const char* kFailingDiskControl = "FAILING_DISK_CONTROL";
inline constexpr const char* kFailingDiskFolder = "FAILING_DISK_FOLDER";

}  // namespace federation::process
