#include "store/sqlite/file_lock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/core.h>
#include <sys/file.h>

namespace federation::sqlite {
namespace {

absl::StatusOr<int> OpenPrivate(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;
  return absl::UnavailableError(fmt::format("store: cannot open {}: {}", path, std::strerror(errno)));
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Take(const std::string& path) {
  const absl::StatusOr<int> descriptor = OpenPrivate(path);
  if (!descriptor.ok()) return descriptor.status();
  FileLock lock;
  lock.descriptor_ = *descriptor;
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(fmt::format("store: {} is in use by another process", path));
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status CreatePrivateFile(const std::string& path) {
  const absl::StatusOr<int> descriptor = OpenPrivate(path);
  if (!descriptor.ok()) return descriptor.status();
  close(*descriptor);
  return absl::OkStatus();
}

}  // namespace federation::sqlite
