#pragma once

#include <cstdint>
#include <string>

namespace federation::process {

// A small disk in memory, mounted on a folder, that can be full. Not thread-safe.
class SmallDisk {
 public:
  // Empty if this process may mount; otherwise why not. From then on what it mounts is seen, and stays
  // mounted, only as long as it and its children run. Once, before threads.
  static std::string WhyNot();

  // Throws std::runtime_error.
  SmallDisk(std::string folder, std::uint64_t megabytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Leaves no room at all.
  void Fill();
  void MakeRoom();

 private:
  std::string ballast() const { return folder_ + "/ballast"; }

  const std::string folder_;
};

}  // namespace federation::process
