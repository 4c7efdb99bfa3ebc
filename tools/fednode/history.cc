#include "fednode/history.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "federation/sqlite_store.h"

#include "fednode/history_sql.h"

#include <sqlite3.h>

namespace federation::fednode {
namespace {

constexpr std::uint64_t kPruneIntervalRowsMax = 1000;
// When the table cannot be written, the origin repeats the update after this.
constexpr std::chrono::seconds kRetryDelay{5};

constexpr char kCreate[] =
    "CREATE TABLE IF NOT EXISTS fednode_history("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, seq INTEGER NOT NULL, update_json TEXT NOT "
    "NULL, destination TEXT NOT NULL DEFAULT '')";
// Of tables that were made before updates that are sent stood in them.
constexpr char kHasDestination[] =
    "SELECT 1 FROM pragma_table_info('fednode_history') WHERE name = 'destination'";
constexpr char kAddDestination[] =
    "ALTER TABLE fednode_history ADD COLUMN destination TEXT NOT NULL DEFAULT ''";
constexpr char kInsert[] =
    "INSERT INTO fednode_history(origin, seq, update_json, destination) VALUES(?1, ?2, ?3, ?4)";
constexpr char kPrune[] = "DELETE FROM fednode_history WHERE id <= ?1";
constexpr char kPruneAtStart[] =
    "DELETE FROM fednode_history WHERE id <= (SELECT max(id) FROM fednode_history) - ";

absl::Status SqliteError(sqlite3* connection) {
  return absl::UnavailableError(fmt::format("fednode_history: {}", sqlite3_errmsg(connection)));
}

absl::Status Execute(sqlite3* connection, const std::string& sql) {
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return absl::OkStatus();
  return SqliteError(connection);
}

absl::Status PrepareOne(sqlite3* connection, const char* sql, sqlite3_stmt** statement) {
  if (sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return SqliteError(connection);
}

absl::Status AddDestination(sqlite3* connection) {
  sqlite3_stmt* statement = nullptr;
  absl::Status status = PrepareOne(connection, kHasDestination, &statement);
  if (!status.ok()) return status;
  const int result = sqlite3_step(statement);
  sqlite3_finalize(statement);
  if (result == SQLITE_ROW) return absl::OkStatus();
  return result == SQLITE_DONE ? Execute(connection, kAddDestination) : SqliteError(connection);
}

// SQLITE_STATIC: the caller keeps the text until the statement is reset.
void BindText(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

absl::Status RunToEnd(sqlite3* connection, sqlite3_stmt* statement) {
  int result = sqlite3_step(statement);
  absl::Status status = result == SQLITE_DONE ? absl::OkStatus() : SqliteError(connection);
  sqlite3_reset(statement);
  return status;
}

}  // namespace

History::History(std::uint64_t rows_max)
    : rows_max_(rows_max),
      prune_interval_rows_(std::clamp<std::uint64_t>(rows_max / 10, 1, kPruneIntervalRowsMax)),
      pruned_rows_(rows_max + 1 - prune_interval_rows_) {}

History::~History() { Finalize(); }

absl::StatusOr<std::unique_ptr<History>> History::Open(Store& store, std::uint64_t rows_max) {
  auto history = std::unique_ptr<History>(new History(rows_max));
  absl::Status status = store.Transact([&history](Transaction& transaction) -> absl::Status {
    const absl::StatusOr<sqlite3*> connection = SqliteConnection(transaction);
    return connection.ok() ? history->CreateTable(*connection) : connection.status();
  });
  if (!status.ok()) return status;
  return history;
}

absl::Status History::CreateTable(sqlite3* connection) {
  absl::Status created = Execute(connection, kCreate);
  if (created.ok()) created = AddDestination(connection);
  if (created.ok()) created = Execute(connection, kHistoryIndex);
  if (!created.ok()) return created;
  return Execute(connection, fmt::format("{}{}", kPruneAtStart, pruned_rows_));
}

absl::Status History::Record(std::string_view json, const UpdateContext& context) {
  return Add(*context.transaction, {context.origin, "", context.seq, json});
}

absl::Status History::RecordSent(Transaction& transaction, std::string_view origin,
                                 std::string_view destination, Seq seq, std::string_view json) {
  return Add(transaction, {origin, destination, seq, json});
}

absl::Status History::Add(Transaction& transaction, const Row& row) {
  if (rows_max_ == 0) return absl::OkStatus();
  // First, as it waits for the store's other writers, one of which may be on its way to here.
  const absl::StatusOr<sqlite3*> connection = SqliteConnection(transaction);
  if (!connection.ok()) return connection.status();
  const std::lock_guard lock(mutex_);
  absl::Status status = Prepare(*connection);
  if (status.ok()) status = Insert(*connection, row);
  if (status.ok()) status = PruneAfter(sqlite3_last_insert_rowid(*connection));
  return status;
}

absl::Status History::Prepare(sqlite3* connection) {
  if (prepared_on_ == connection) return absl::OkStatus();
  Finalize();
  absl::Status status = PrepareOne(connection, kInsert, &insert_);
  if (status.ok()) status = PrepareOne(connection, kPrune, &prune_);
  if (status.ok()) prepared_on_ = connection;
  return status;
}

absl::Status History::Insert(sqlite3* connection, const Row& row) {
  BindText(insert_, 1, row.origin);
  sqlite3_bind_int64(insert_, 2, static_cast<std::int64_t>(Value(row.seq)));
  BindText(insert_, 3, row.json);
  BindText(insert_, 4, row.destination);
  return RunToEnd(connection, insert_);
}

// An insert that is undone gives its id back, so that ids have no gaps and tell how many rows there are.
absl::Status History::PruneAfter(std::int64_t id) {
  std::uint64_t newest = static_cast<std::uint64_t>(id);
  if (newest % prune_interval_rows_ != 0 || newest <= pruned_rows_) return absl::OkStatus();
  sqlite3_bind_int64(prune_, 1, static_cast<std::int64_t>(newest - pruned_rows_));
  return RunToEnd(prepared_on_, prune_);
}

void History::Finalize() {
  sqlite3_finalize(insert_);
  sqlite3_finalize(prune_);
  insert_ = nullptr;
  prune_ = nullptr;
  prepared_on_ = nullptr;
}

Outcome RecordingReceiver::Receive(std::string_view json, const UpdateContext& context) {
  Outcome outcome = inner_.Receive(json, context);
  if (outcome.kind() != Outcome::Kind::kDone || context.transaction == nullptr) return outcome;
  absl::Status status = history_.Record(json, context);
  if (status.ok()) return outcome;
  spdlog::error("{} of {}: {}", Value(context.seq), context.origin, std::string(status.message()));
  return Outcome::Later(kRetryDelay);
}

}  // namespace federation::fednode
