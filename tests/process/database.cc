#include "process/database.h"

#include <stdexcept>

#include <fmt/core.h>

namespace federation::process {
namespace {

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

// Which input or output has failed, only the extended code says.
std::string WordsOf(sqlite3* connection, int result) {
  return fmt::format("{} ({})", sqlite3_errmsg(connection), result);
}

// What a disk in trouble brings about is unavailable.
absl::Status StatusOf(sqlite3* connection, int result) {
  if (result == SQLITE_OK || result == SQLITE_DONE) return absl::OkStatus();
  const std::string words = WordsOf(connection, result);
  switch (result & 0xFF) {
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
      return absl::UnavailableError(words);
    default:
      return absl::InternalError(words);
  }
}

absl::Status Insert(sqlite3* connection, const char* sql, std::string_view peer, std::uint64_t seq,
                    std::string_view id) {
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v2(connection, sql, -1, &raw, nullptr);
  const Statement statement(raw);
  if (prepared != SQLITE_OK) return StatusOf(connection, prepared);
  sqlite3_bind_text64(raw, 1, peer.data(), peer.size(), SQLITE_STATIC, SQLITE_UTF8);
  sqlite3_bind_int64(raw, 2, static_cast<std::int64_t>(seq));
  sqlite3_bind_text64(raw, 3, id.data(), id.size(), SQLITE_STATIC, SQLITE_UTF8);
  return StatusOf(connection, sqlite3_step(raw));
}

}  // namespace

absl::Status CreateTables(sqlite3* connection) {
  return StatusOf(
      connection,
      sqlite3_exec(connection,
                   "CREATE TABLE IF NOT EXISTS sent (destination TEXT, seq INTEGER, id TEXT);"
                   "CREATE TABLE IF NOT EXISTS applied"
                   " (place INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT, seq INTEGER, id TEXT);",
                   nullptr, nullptr, nullptr));
}

absl::Status InsertSent(sqlite3* connection, std::string_view destination, std::uint64_t seq,
                        std::string_view id) {
  return Insert(connection, "INSERT INTO sent VALUES (?1, ?2, ?3)", destination, seq, id);
}

absl::Status InsertApplied(sqlite3* connection, std::string_view origin, std::uint64_t seq,
                           std::string_view id) {
  return Insert(connection, "INSERT INTO applied (origin, seq, id) VALUES (?1, ?2, ?3)", origin, seq, id);
}

Database::Database(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  connection_.reset(raw);
  if (result != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 20'000);
}

Database Database::Open(const std::string& path) { return Database(path, SQLITE_OPEN_READWRITE); }

Database Database::OpenReadOnly(const std::string& path) {
  Database database(path, SQLITE_OPEN_READONLY);
  // Nor is the log to be brought into the file: what the next process finds is what the last one left.
  sqlite3_db_config(database.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return database;
}

absl::Status Database::Execute(const char* sql) {
  return StatusOf(get(), sqlite3_exec(get(), sql, nullptr, nullptr, nullptr));
}

std::vector<Database::Row> Database::Query(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int prepared = sqlite3_prepare_v2(get(), sql.c_str(), -1, &raw, nullptr);
  const Statement statement(raw);
  if (prepared != SQLITE_OK) throw std::runtime_error(sql + ": " + WordsOf(get(), prepared));
  std::vector<Row> rows;
  int result = SQLITE_OK;
  while ((result = sqlite3_step(raw)) == SQLITE_ROW) {
    Row row;
    for (int column = 0; column < sqlite3_column_count(raw); ++column) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
      row.emplace_back(text == nullptr ? "0" : text);
    }
    rows.push_back(std::move(row));
  }
  if (result != SQLITE_DONE) throw std::runtime_error(sql + ": " + WordsOf(get(), result));
  return rows;
}

std::uint64_t Database::QueryNumber(const std::string& sql) {
  const std::vector<Row> rows = Query(sql);
  return rows.empty() ? 0 : std::stoull(rows[0][0]);
}

}  // namespace federation::process
