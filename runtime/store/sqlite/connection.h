#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/seq.h"

#include <sqlite3.h>

namespace federation::sqlite {

// SQLite's integers are signed; kSeqMax is far below where that matters.
inline std::int64_t Signed(Seq seq) { return static_cast<std::int64_t>(Value(seq)); }
inline std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
inline Seq ToSeq(std::int64_t value) { return Seq{static_cast<std::uint64_t>(value)}; }
inline std::uint64_t Unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// The library's words for the latest failure, as a status: unavailable for what may pass (busy, full disk,
// I/O), internal for the rest. `doing` says what was tried.
absl::Status ErrorOf(sqlite3* connection, std::string_view doing);

// A statement that is prepared at its first use and used again and again. Not thread-safe, as its connection,
// which it borrows.
//
//   insert_.Bind(1, link).Bind(2, json);
//   absl::Status status = insert_.Run();
class Statement {
 public:
  // `sql` lives for ever.
  Statement(sqlite3* connection, const char* sql) : connection_(connection), sql_(sql) {}

  // Parameters are numbered from 1. Text and bytes are borrowed until the next Run, or until Reset. What
  // fails here shows in Run or Step.
  Statement& Bind(int parameter, std::int64_t value);
  Statement& Bind(int parameter, Seq value) { return Bind(parameter, Signed(value)); }
  Statement& Bind(int parameter, std::string_view value);
  Statement& BindBytes(int parameter, std::string_view value);
  Statement& BindNull(int parameter);

  // Executes a statement that yields no rows.
  absl::Status Run();
  // Steps to the next row; false at the end, after which the statement is ready to be used again.
  absl::StatusOr<bool> Step();
  // To be called when rows are left unread.
  void Reset();

  // Columns are numbered from 0. Text and bytes are valid until the next Step.
  std::int64_t Integer(int column) const;
  std::string_view Text(int column) const;
  std::string_view Bytes(int column) const;
  bool IsNull(int column) const;

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  bool Prepared();

  sqlite3* connection_;
  const char* sql_;
  absl::Status failed_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

// A connection to a database file. Not thread-safe.
class Connection {
 public:
  // Opens the file, and creates it if it is not there.
  static absl::StatusOr<Connection> Open(const std::string& path);

  absl::Status Execute(const char* sql);
  sqlite3* get() const { return connection_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::unique_ptr<sqlite3, Closer> connection_;
};

}  // namespace federation::sqlite
