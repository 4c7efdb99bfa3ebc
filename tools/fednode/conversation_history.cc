#include "fednode/conversation_history.h"

#include <chrono>

#include <fmt/format.h>

#include "fednode/history_sql.h"

#include <sqlite3.h>

namespace federation::fednode {
namespace {

// Readers wait for nobody in a write-ahead log, but for its recovery.
constexpr std::chrono::milliseconds kBusyTimeout{1000};

absl::Status SqliteError(sqlite3* connection) {
  return absl::UnavailableError(fmt::format("fednode_history: {}", sqlite3_errmsg(connection)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConversationHistory>> ConversationHistory::Open(const std::string& path) {
  auto history = std::unique_ptr<ConversationHistory>(new ConversationHistory);
  const int opened = sqlite3_open_v2(path.c_str(), &history->connection_,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3* const connection = history->connection_;
  if (opened != SQLITE_OK) return SqliteError(connection);
  sqlite3_busy_timeout(connection, static_cast<int>(kBusyTimeout.count()));
  if (sqlite3_prepare_v3(connection, kHistoryOfConversation, -1, SQLITE_PREPARE_PERSISTENT, &history->select_,
                         nullptr) != SQLITE_OK) {
    return SqliteError(connection);
  }
  return history;
}

ConversationHistory::~ConversationHistory() {
  sqlite3_finalize(select_);
  sqlite3_close(connection_);
}

absl::StatusOr<std::vector<ConversationHistory::Row>> ConversationHistory::Read(std::int64_t peer_id,
                                                                                std::string_view partner,
                                                                                std::int64_t before,
                                                                                std::size_t rows_max,
                                                                                std::size_t bytes_max) {
  const std::lock_guard lock(mutex_);
  sqlite3_bind_int64(select_, 1, peer_id);
  sqlite3_bind_text64(select_, 2, partner.data(), partner.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  sqlite3_bind_int64(select_, 3, before);
  sqlite3_bind_int64(select_, 4, static_cast<std::int64_t>(rows_max));
  std::vector<Row> rows;
  std::size_t sum_bytes = 0;
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(select_)) == SQLITE_ROW) {
    const auto* text = static_cast<const char*>(sqlite3_column_blob(select_, 1));
    const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(select_, 1));
    sum_bytes += bytes;
    if (!rows.empty() && sum_bytes > bytes_max) break;
    rows.push_back({sqlite3_column_int64(select_, 0), std::string(text, bytes)});
  }
  const absl::Status status =
      result == SQLITE_DONE || result == SQLITE_ROW ? absl::OkStatus() : SqliteError(connection_);
  // Ends the snapshot.
  sqlite3_reset(select_);
  if (!status.ok()) return status;
  return rows;
}

}  // namespace federation::fednode
