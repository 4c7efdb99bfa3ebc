#include "bench/sqlite_file.h"

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace federation::bench {

SqliteFile::SqliteFile(std::string path) : path_(std::move(path)) {
  if (sqlite3_open(path_.c_str(), &connection_) != SQLITE_OK)
    throw std::runtime_error("cannot open " + path_);
  sqlite3_busy_timeout(connection_, 5000);
}

SqliteFile::~SqliteFile() { sqlite3_close(connection_); }

double SqliteFile::BytesAfterCheckpoint() const {
  if (sqlite3_exec(connection_, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(connection_));
  return static_cast<double>(std::filesystem::file_size(path_) + std::filesystem::file_size(path_ + "-wal"));
}

}  // namespace federation::bench
