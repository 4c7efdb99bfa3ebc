#pragma once

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include <sqlite3.h>

namespace federation {

// Runs statements of an embedder in a transaction of the store.
inline absl::Status Execute(Transaction& transaction, const char* sql) {
  const absl::StatusOr<sqlite3*> connection = SqliteConnection(transaction);
  if (!connection.ok()) return connection.status();
  const int result = sqlite3_exec(*connection, sql, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : absl::InternalError(sqlite3_errmsg(*connection));
}

// A connection of the embedder's own.
class OwnConnection {
 public:
  explicit OwnConnection(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &connection_), SQLITE_OK);
    sqlite3_busy_timeout(connection_, 2000);
  }
  ~OwnConnection() { EXPECT_EQ(sqlite3_close(connection_), SQLITE_OK); }
  OwnConnection(const OwnConnection&) = delete;
  OwnConnection& operator=(const OwnConnection&) = delete;

  int Execute(const std::string& sql) const {
    return sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
  }
  // The first value of a statement; -1 if there is none.
  std::int64_t Query(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    std::int64_t value = -1;
    EXPECT_EQ(sqlite3_prepare_v2(connection_, sql, -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection_);
    if (sqlite3_step(statement) == SQLITE_ROW) value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }
  sqlite3* get() const { return connection_; }

 private:
  sqlite3* connection_ = nullptr;
};

inline std::int64_t Query(const std::string& path, const char* sql) { return OwnConnection(path).Query(sql); }

}  // namespace federation
