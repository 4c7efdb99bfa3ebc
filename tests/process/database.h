#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include <sqlite3.h>

// The tables of the application, which are in the store's file:
//
//   sent(destination, seq, id)       written together with each note that is sent by a Way that HasRow
//   applied(place, origin, seq, id)  written by the handler; `place` rises with each row
//
// No constraint on them: a number that is used twice is to be seen, not refused.
namespace federation::process {

absl::Status CreateTables(sqlite3* connection);
absl::Status InsertSent(sqlite3* connection, std::string_view destination, std::uint64_t seq,
                        std::string_view id);
absl::Status InsertApplied(sqlite3* connection, std::string_view origin, std::uint64_t seq,
                           std::string_view id);

// A connection. Not thread-safe.
class Database {
 public:
  // One of the embedder's own to an existing file. Throws std::runtime_error.
  static Database Open(const std::string& path);
  // One that changes nothing of the file, nor of its log.
  static Database OpenReadOnly(const std::string& path);

  absl::Status Execute(const char* sql);
  // The rows of a query. Throws std::runtime_error.
  using Row = std::vector<std::string>;
  std::vector<Row> Query(const std::string& sql);
  // The first value of a query; 0 if there is none, or it is null.
  std::uint64_t QueryNumber(const std::string& sql);

  sqlite3* get() const { return connection_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  Database(const std::string& path, int flags);

  std::unique_ptr<sqlite3, Closer> connection_;
};

}  // namespace federation::process
