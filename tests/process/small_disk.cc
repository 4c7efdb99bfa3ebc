#include "process/small_disk.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/mount.h>

namespace federation::process {

std::string SmallDisk::WhyNot() {
  // A namespace of its own: however this process ends, its mounts go.
  if (::unshare(CLONE_NEWNS) != 0) return std::string("unshare: ") + std::strerror(errno);
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return std::string("mount: ") + std::strerror(errno);
  return {};
}

SmallDisk::SmallDisk(std::string folder, std::uint64_t megabytes) : folder_(std::move(folder)) {
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, size.c_str()) != 0)
    throw std::runtime_error("cannot mount a disk on " + folder_ + ": " + std::strerror(errno));
}

SmallDisk::~SmallDisk() { ::umount2(folder_.c_str(), MNT_DETACH); }

void SmallDisk::Fill() {
  const int file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot make " + ballast());
  const std::vector<char> zeros(64 * 1024);
  // A write that does not fit as a whole fits in part.
  while (::write(file, zeros.data(), zeros.size()) > 0) {
  }
  ::close(file);
}

void SmallDisk::MakeRoom() { ::unlink(ballast().c_str()); }

}  // namespace federation::process
