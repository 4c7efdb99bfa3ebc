#include "store/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <vector>

#include <sqlite3.h>

namespace federation {

// What was written since the last sync, to be taken back.
struct FaultyDisk::State {
  struct Write {
    std::int64_t offset = 0;
    std::vector<char> before;  // shorter than what was written where the file has grown
    std::vector<char> after;
    bool is_truncation = false;
  };
  struct File {
    std::int64_t synced_size = 0;
    std::vector<Write> writes;
  };

  std::mutex mutex;
  bool is_full = false;
  bool sync_fails = false;
  int writes_left = 0;
  std::map<std::string, File> files;

  bool MayWrite() {
    if (is_full) return false;
    if (writes_left == 0) return true;
    if (writes_left == 1) return false;
    --writes_left;
    return true;
  }
};

namespace {

using State = FaultyDisk::State;

std::mutex disks_mutex;
std::map<std::string, std::shared_ptr<State>>& Disks() {
  static std::map<std::string, std::shared_ptr<State>> disks;
  return disks;
}

struct FaultyFile {
  sqlite3_file base;
  sqlite3_file* real;
  std::shared_ptr<State>* disk;  // null for files elsewhere
  std::string* name;
};

FaultyFile& Self(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Self(file).real; }

int Close(sqlite3_file* file) {
  FaultyFile& self = Self(file);
  const int result = self.real->pMethods != nullptr ? self.real->pMethods->xClose(self.real) : SQLITE_OK;
  operator delete(self.real);
  delete self.disk;
  delete self.name;
  return result;
}

int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return Real(file)->pMethods->xRead(Real(file), to, size, offset);
}

std::vector<char> Contents(sqlite3_file* real, std::int64_t offset, std::int64_t size) {
  sqlite3_int64 file_size = 0;
  real->pMethods->xFileSize(real, &file_size);
  std::vector<char> contents(
      static_cast<std::size_t>(std::max<std::int64_t>(0, std::min<std::int64_t>(size, file_size - offset))));
  if (!contents.empty())
    real->pMethods->xRead(real, contents.data(), static_cast<int>(contents.size()), offset);
  return contents;
}

// What was there when the file is first written to is durable.
State::File& FileOf(FaultyFile& file) {
  State& disk = **file.disk;
  const auto [found, is_new] = disk.files.try_emplace(*file.name);
  if (is_new) {
    sqlite3_int64 size = 0;
    file.real->pMethods->xFileSize(file.real, &size);
    found->second.synced_size = size;
  }
  return found->second;
}

int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  FaultyFile& self = Self(file);
  if (self.disk == nullptr) return self.real->pMethods->xWrite(self.real, from, size, offset);
  State& disk = **self.disk;
  const std::lock_guard guard(disk.mutex);
  if (!disk.MayWrite()) return SQLITE_FULL;
  const char* bytes = static_cast<const char*>(from);
  FileOf(self).writes.push_back(
      {offset, Contents(self.real, offset, size), std::vector<char>(bytes, bytes + size), false});
  return self.real->pMethods->xWrite(self.real, from, size, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  FaultyFile& self = Self(file);
  if (self.disk == nullptr) return self.real->pMethods->xTruncate(self.real, size);
  State& disk = **self.disk;
  const std::lock_guard guard(disk.mutex);
  FileOf(self).writes.push_back({size, Contents(self.real, size, INT32_MAX), {}, true});
  return self.real->pMethods->xTruncate(self.real, size);
}

int Sync(sqlite3_file* file, int flags) {
  FaultyFile& self = Self(file);
  if (self.disk == nullptr) return self.real->pMethods->xSync(self.real, flags);
  State& disk = **self.disk;
  const std::lock_guard guard(disk.mutex);
  if (disk.sync_fails) return SQLITE_IOERR_FSYNC;
  State::File& state = FileOf(self);
  state.writes.clear();
  sqlite3_int64 size = 0;
  self.real->pMethods->xFileSize(self.real, &size);
  state.synced_size = size;
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Real(file)->pMethods->xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) { return Real(file)->pMethods->xUnlock(Real(file), level); }
int CheckReservedLock(sqlite3_file* file, int* result) {
  return Real(file)->pMethods->xCheckReservedLock(Real(file), result);
}
int FileControl(sqlite3_file* file, int operation, void* argument) {
  return Real(file)->pMethods->xFileControl(Real(file), operation, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
}
int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, memory);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Real(file)->pMethods->xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Real(file)->pMethods->xShmUnmap(Real(file), remove); }

const sqlite3_io_methods kMethods = {2,
                                     Close,
                                     Read,
                                     Write,
                                     Truncate,
                                     Sync,
                                     FileSize,
                                     Lock,
                                     Unlock,
                                     CheckReservedLock,
                                     FileControl,
                                     SectorSize,
                                     DeviceCharacteristics,
                                     ShmMap,
                                     ShmLock,
                                     ShmBarrier,
                                     ShmUnmap,
                                     nullptr,
                                     nullptr};

sqlite3_vfs* real_vfs = nullptr;

int Open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
  FaultyFile& self = Self(file);
  self = {};
  self.real = static_cast<sqlite3_file*>(operator new(static_cast<std::size_t>(real_vfs->szOsFile)));
  std::memset(self.real, 0, static_cast<std::size_t>(real_vfs->szOsFile));
  if (name != nullptr) {
    const std::filesystem::path path(name);
    const std::lock_guard guard(disks_mutex);
    const auto found = Disks().find(path.parent_path().string());
    if (found != Disks().end()) {
      self.disk = new std::shared_ptr<State>(found->second);
      self.name = new std::string(path.filename().string());
    }
  }
  const int result = real_vfs->xOpen(real_vfs, name, self.real, flags, flags_out);
  self.base.pMethods = &kMethods;  // SQLite calls xClose also after a failure
  return result;
}

int Delete(sqlite3_vfs*, const char* name, int sync) { return real_vfs->xDelete(real_vfs, name, sync); }

void RegisterOnce() {
  static const bool registered = [] {
    real_vfs = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *real_vfs;
    vfs.szOsFile = sizeof(FaultyFile);
    vfs.zName = "federation-faulty-disk";
    vfs.pNext = nullptr;
    vfs.xOpen = Open;
    vfs.xDelete = Delete;
    return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
  }();
  (void)registered;
}

}  // namespace

FaultyDisk::FaultyDisk(std::string folder) : folder_(std::move(folder)), state_(std::make_shared<State>()) {
  RegisterOnce();
  const std::lock_guard guard(disks_mutex);
  Disks()[folder_] = state_;
}

FaultyDisk::~FaultyDisk() {
  const std::lock_guard guard(disks_mutex);
  Disks().erase(folder_);
}

void FaultyDisk::SetFull(bool is_full) {
  const std::lock_guard guard(state_->mutex);
  state_->is_full = is_full;
}

void FaultyDisk::SetSyncFails(bool fails) {
  const std::lock_guard guard(state_->mutex);
  state_->sync_fails = fails;
}

void FaultyDisk::FailWritesFrom(int count) {
  const std::lock_guard guard(state_->mutex);
  state_->writes_left = count;
}

void FaultyDisk::CopyDurable(const std::string& folder, unsigned survival, unsigned seed) {
  const std::lock_guard guard(state_->mutex);
  std::mt19937 random(seed);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    // The shared memory is not on the disk, and the lock file empty.
    if (!entry.is_regular_file() || name.ends_with("-shm") || name.ends_with(".lock")) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string contents((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const State::File& file =
        state_->files.try_emplace(name, State::File{static_cast<std::int64_t>(contents.size()), {}})
            .first->second;
    for (auto write = file.writes.rbegin(); write != file.writes.rend(); ++write) {
      const auto offset = static_cast<std::size_t>(write->offset);
      if (contents.size() < offset + write->before.size()) contents.resize(offset + write->before.size());
      std::copy(write->before.begin(), write->before.end(), contents.begin() + write->offset);
    }
    contents.resize(static_cast<std::size_t>(file.synced_size));
    for (const State::Write& write : file.writes) {
      if (write.is_truncation || survival == 0 || random() % survival != 0) continue;
      const auto end = static_cast<std::size_t>(write.offset) + write.after.size();
      if (contents.size() < end) contents.resize(end);
      std::copy(write.after.begin(), write.after.end(), contents.begin() + write.offset);
    }
    std::ofstream(folder + "/" + name, std::ios::binary) << contents;
  }
}

}  // namespace federation
