#include "process/failing_disk_switch.h"

#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <sys/mman.h>

namespace federation::process {
namespace {

FailingDiskControl* Map(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, sizeof(FailingDiskControl)) != 0)
    throw std::runtime_error("cannot make " + path);
  void* mapped = ::mmap(nullptr, sizeof(FailingDiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot map " + path);
  return static_cast<FailingDiskControl*>(mapped);
}

}  // namespace

FailingDiskSwitch::FailingDiskSwitch(std::string control) : path_(std::move(control)), control_(Map(path_)) {}

FailingDiskSwitch::~FailingDiskSwitch() { ::munmap(control_, sizeof(FailingDiskControl)); }

std::vector<std::string> FailingDiskSwitch::Prefix(const std::string& folder) const {
  // A sanitizer wants to be the first library otherwise.
  return {"/usr/bin/env", std::string("LD_PRELOAD=") + FAILING_DISK_PATH,
          std::string(kFailingDiskControl) + "=" + path_, std::string(kFailingDiskFolder) + "=" + folder,
          "ASAN_OPTIONS=verify_asan_link_order=0"};
}

void FailingDiskSwitch::FailSyncs(std::uint32_t per_mille, int error) {
  control_->error = error;
  control_->syncs_per_mille = per_mille;
}

void FailingDiskSwitch::FailWrites(std::uint32_t per_mille, int error) {
  control_->error = error;
  control_->writes_per_mille = per_mille;
}

void FailingDiskSwitch::Heal() {
  control_->syncs_per_mille = 0;
  control_->writes_per_mille = 0;
}

}  // namespace federation::process
