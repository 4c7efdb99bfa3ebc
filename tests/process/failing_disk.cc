// To be loaded before the C library (LD_PRELOAD): fdatasync, fsync and pwrite fail when they are told to, see
// failing_disk_control.h. A write that fails has written nothing, or half of it.
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <random>
#include <unistd.h>

#include <sys/mman.h>

#include "process/failing_disk_control.h"

namespace federation::process {
namespace {

// Null if nothing is to fail, ever.
FailingDiskControl* Control() {
  static FailingDiskControl* const control = []() -> FailingDiskControl* {
    const char* path = std::getenv(kFailingDiskControl);
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return nullptr;
    void* mapped = ::mmap(nullptr, sizeof(FailingDiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    return mapped == MAP_FAILED ? nullptr : static_cast<FailingDiskControl*>(mapped);
  }();
  return control;
}

bool IsOnDisk(int file) {
  static const char* const folder = std::getenv(kFailingDiskFolder);
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  char path[PATH_MAX];
  const ssize_t size = ::readlink(link, path, sizeof path);
  if (folder == nullptr || size < 0) return false;
  const std::size_t length = std::strlen(folder);
  return static_cast<std::size_t>(size) > length && std::memcmp(path, folder, length) == 0;
}

std::uint32_t Random() {
  thread_local std::minstd_rand random(static_cast<unsigned>(::gettid()));
  return static_cast<std::uint32_t>(random() >> 4);
}

bool Fails(int file, std::atomic<std::uint32_t> FailingDiskControl::* per_mille,
           std::atomic<std::uint32_t> FailingDiskControl::* failed) {
  FailingDiskControl* control = Control();
  if (control == nullptr || (control->*per_mille).load() == 0) return false;
  if (Random() % 1000 >= (control->*per_mille).load() || !IsOnDisk(file)) return false;
  ++(control->*failed);
  errno = control->error.load();
  return true;
}

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

using Sync = int(int);
using Write = ssize_t(int, const void*, size_t, off64_t);

int SyncOrFail(Sync* next, int file) {
  if (Fails(file, &FailingDiskControl::syncs_per_mille, &FailingDiskControl::failed_syncs)) return -1;
  return next(file);
}

ssize_t WriteOrFail(Write* next, int file, const void* from, size_t size, off64_t offset) {
  if (!Fails(file, &FailingDiskControl::writes_per_mille, &FailingDiskControl::failed_writes))
    return next(file, from, size, offset);
  const int error = errno;
  if (size > 1 && Random() % 2 == 0) (void)next(file, from, size / 2, offset);
  errno = error;
  return -1;
}

}  // namespace
}  // namespace federation::process

extern "C" {

int fdatasync(int file) {
  static auto* const next = federation::process::Next<federation::process::Sync>("fdatasync");
  return federation::process::SyncOrFail(next, file);
}

int fsync(int file) {
  static auto* const next = federation::process::Next<federation::process::Sync>("fsync");
  return federation::process::SyncOrFail(next, file);
}

ssize_t pwrite(int file, const void* from, size_t size, off_t offset) {
  static auto* const next = federation::process::Next<federation::process::Write>("pwrite64");
  return federation::process::WriteOrFail(next, file, from, size, offset);
}

ssize_t pwrite64(int file, const void* from, size_t size, off64_t offset) {
  static auto* const next = federation::process::Next<federation::process::Write>("pwrite64");
  return federation::process::WriteOrFail(next, file, from, size, offset);
}

}  // extern "C"
