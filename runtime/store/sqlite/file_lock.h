#pragma once

#include <string>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace federation::sqlite {

// Keeps a second process away as long as it lives.
class FileLock {
 public:
  // Creates the file where it does not exist. Failed precondition if another process has the lock.
  static absl::StatusOr<FileLock> Take(const std::string& path);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  FileLock() = default;
  int descriptor_ = -1;
};

// Creates a file that only its owner may read, where there is none. SQLite would give it the modes that the
// process's mask leaves.
absl::Status CreatePrivateFile(const std::string& path);

}  // namespace federation::sqlite
