#pragma once

#include <sqlite3.h>

namespace federation::sqlite {

// Keeps SQLite's write-ahead log longer than what is in it. A commit that makes the file longer has the file
// system allocate blocks and write its journal before the sync returns; one that overwrites what is there has
// not: on ext4 that halves the time of a small commit. What follows the last frame of a log is ignored
// (https://www.sqlite.org/walformat.html, section 4: its checksums and salts do not match).
//
// Also has the log moved to the database when it is long enough, instead of PRAGMA wal_autocheckpoint: SQLite
// tells the length of the log to one hook only. Not thread-safe.
class WalFile {
 public:
  // Borrows the connection, of which it is the only hook for the log.
  explicit WalFile(sqlite3* connection);
  WalFile(const WalFile&) = delete;
  WalFile& operator=(const WalFile&) = delete;

  // To be called inside of a write transaction, when nobody else may write to the log or cut it. Where the
  // disk has no room to spare, the log grows as SQLite has it.
  void MakeRoom();

 private:
  static int OnCommit(void* self, sqlite3* connection, const char* database, int pages);

  sqlite3* connection_;
  sqlite3_int64 used_bytes_ = 0;
  // What is known of the size of the file.
  sqlite3_int64 file_bytes_ = 0;
  bool may_grow_ = true;
};

}  // namespace federation::sqlite
