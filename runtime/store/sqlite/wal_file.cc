#include "store/sqlite/wal_file.h"

namespace federation::sqlite {
namespace {

// The log is moved to the database when it has so many pages. An update for many destinations changes a page
// for each: a longer log has more of them written to the database once and not each time.
constexpr int kPagesMax = 4000;
// A page of 4096 bytes and its header.
constexpr sqlite3_int64 kFrameBytes = 4096 + 24;
constexpr sqlite3_int64 kBytesMax = kPagesMax * kFrameBytes;
constexpr sqlite3_int64 kStepBytes = sqlite3_int64{1} * 1024 * 1024;
// SQLite's own files take at most 128 KiB in one call.
constexpr int kPieceBytes = 64 * 1024;
// What a commit may need: the file grows before it is used up to so many bytes.
constexpr sqlite3_int64 kReserveBytes = 32 * kFrameBytes;

// Null if the log is not open.
sqlite3_file* LogOf(sqlite3* connection) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file)) !=
          SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr) {
    return nullptr;
  }
  return file;
}

}  // namespace

WalFile::WalFile(sqlite3* connection) : connection_(connection) {
  sqlite3_wal_hook(connection_, OnCommit, this);
}

int WalFile::OnCommit(void* self, sqlite3* connection, const char* database, int pages) {
  static_cast<WalFile*>(self)->used_bytes_ = pages * kFrameBytes;
  // Passive: what is still read stays in the log, until the next time.
  if (pages >= kPagesMax) {
    sqlite3_wal_checkpoint_v2(connection, database, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }
  return SQLITE_OK;
}

void WalFile::MakeRoom() {
  if (!may_grow_ || used_bytes_ + kReserveBytes <= file_bytes_ || file_bytes_ >= kBytesMax) return;
  sqlite3_file* file = LogOf(connection_);
  sqlite3_int64 size = 0;
  if (file == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK) return;
  file_bytes_ = size;
  if (used_bytes_ + kReserveBytes <= size || size >= kBytesMax) return;
  static constexpr char kZeros[kPieceBytes] = {};
  // The sync of the commit makes it durable; nothing depends on that.
  while (file_bytes_ < size + kStepBytes) {
    if (file->pMethods->xWrite(file, kZeros, kPieceBytes, file_bytes_) != SQLITE_OK) {
      // Leaves the rest of the disk to those who need it.
      may_grow_ = false;
      file->pMethods->xTruncate(file, size);
      return;
    }
    file_bytes_ += kPieceBytes;
  }
}

}  // namespace federation::sqlite
