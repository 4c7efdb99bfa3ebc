#include "store/sqlite/connection.h"

#include <utility>

#include <fmt/core.h>

namespace federation::sqlite {

absl::Status ErrorOf(sqlite3* connection, std::string_view doing) {
  const std::string words = fmt::format("store: cannot {}: {}", doing, sqlite3_errmsg(connection));
  switch (sqlite3_errcode(connection) & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_ABORT:
      return absl::UnavailableError(words);
    default:
      return absl::InternalError(words);
  }
}

bool Statement::Prepared() {
  if (statement_ != nullptr) return true;
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(connection_, sql_, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
    failed_ = ErrorOf(connection_, fmt::format("prepare \"{}\"", sql_));
    return false;
  }
  statement_.reset(raw);
  return true;
}

Statement& Statement::Bind(int parameter, std::int64_t value) {
  if (Prepared()) sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::Bind(int parameter, std::string_view value) {
  if (Prepared()) {
    // A null pointer would be NULL, and not the empty text.
    const char* text = value.empty() ? "" : value.data();
    sqlite3_bind_text64(statement_.get(), parameter, text, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return *this;
}

Statement& Statement::BindBytes(int parameter, std::string_view value) {
  if (Prepared()) {
    sqlite3_bind_blob64(statement_.get(), parameter, value.data(), value.size(), SQLITE_STATIC);
  }
  return *this;
}

Statement& Statement::BindNull(int parameter) {
  if (Prepared()) sqlite3_bind_null(statement_.get(), parameter);
  return *this;
}

absl::Status Statement::Run() {
  const absl::StatusOr<bool> row = Step();
  if (!row.ok()) return row.status();
  if (*row) Reset();
  return absl::OkStatus();
}

absl::StatusOr<bool> Statement::Step() {
  if (!Prepared()) return std::exchange(failed_, absl::OkStatus());
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    Reset();
    return false;
  }
  absl::Status status = ErrorOf(connection_, sql_);
  Reset();
  return status;
}

void Statement::Reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

std::string_view Statement::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

absl::StatusOr<Connection> Connection::Open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection;
  connection.connection_.reset(raw);
  if (result != SQLITE_OK) return ErrorOf(raw, fmt::format("open {}", path));
  sqlite3_extended_result_codes(raw, 1);
  return connection;
}

absl::Status Connection::Execute(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return absl::OkStatus();
  return ErrorOf(get(), sql);
}

}  // namespace federation::sqlite
