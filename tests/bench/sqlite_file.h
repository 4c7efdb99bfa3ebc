#pragma once

#include <string>

#include <sqlite3.h>

namespace federation::bench {

// The file of a store, seen from beside it.
class SqliteFile {
 public:
  explicit SqliteFile(std::string path);
  ~SqliteFile();
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  // Brings the log into the database, and says how large the database is then, with what is left of the log.
  double BytesAfterCheckpoint() const;

 private:
  const std::string path_;
  sqlite3* connection_ = nullptr;
};

}  // namespace federation::bench
