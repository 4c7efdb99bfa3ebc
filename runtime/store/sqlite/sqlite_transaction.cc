#include "store/sqlite/sqlite_transaction.h"

#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "log/log.h"

namespace federation::sqlite {
namespace {

std::int64_t NowSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteTransaction>> SqliteTransaction::Create(Connection connection,
                                                                             const StoreLimits& limits) {
  std::unique_ptr<SqliteTransaction> transaction(new SqliteTransaction(std::move(connection), limits));
  absl::Status status = transaction->PrepareAll();
  if (!status.ok()) return status;
  return transaction;
}

absl::Status SqliteTransaction::PrepareAll() {
  const std::pair<Statement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
      {&begin_unit_, "SAVEPOINT federation_unit"},
      {&keep_unit_, "RELEASE federation_unit"},
      {&undo_unit_, "ROLLBACK TO federation_unit"},
      {&mark_, "SAVEPOINT federation_mark"},
      {&undo_to_mark_, "ROLLBACK TO federation_mark"},
      {&release_mark_, "RELEASE federation_mark"},
      {&next_seq_,
       "INSERT INTO federation_link (destination, assigned) VALUES (?1, 1)"
       " ON CONFLICT (destination) DO UPDATE SET assigned = assigned + 1"
       " WHERE assigned - acked < ?2 AND assigned < ?3"
       " RETURNING id, assigned"},
      {&insert_, "INSERT INTO federation_outbox (link, seq, stored_at_s, json) VALUES (?1, ?2, ?3, ?4)"},
      {&acked_, "UPDATE federation_link SET acked = min(?2, assigned) WHERE destination = ?1"},
      {&last_, "SELECT last FROM federation_inbox WHERE origin = ?1"},
      {&set_last_,
       "INSERT INTO federation_inbox (origin, last) VALUES (?1, ?2) ON CONFLICT (origin) DO UPDATE SET last "
       "= ?2"},
      {&quarantined_,
       "SELECT quarantined_updates, quarantined_bytes FROM federation_inbox WHERE origin = ?1"},
      {&count_quarantined_,
       "INSERT INTO federation_inbox (origin, last, quarantined_updates, quarantined_bytes) VALUES (?1, 0, "
       "1, ?2)"
       " ON CONFLICT (origin) DO UPDATE SET quarantined_updates = quarantined_updates + 1,"
       " quarantined_bytes = quarantined_bytes + ?2"},
      {&quarantine_,
       "INSERT OR REPLACE INTO federation_quarantine (origin, seq, reason, json) VALUES (?1, ?2, ?3, ?4)"},
      {&link_, "SELECT id, assigned FROM federation_link WHERE destination = ?1"},
      {&new_link_, "INSERT INTO federation_link (destination) VALUES (?1)"},
      {&renumber_, "UPDATE federation_outbox SET seq = -(seq + ?3) WHERE link = ?1 AND seq > ?2"},
      {&end_renumber_, "UPDATE federation_outbox SET seq = -seq WHERE link = ?1 AND seq < 0"},
      {&set_numbers_, "UPDATE federation_link SET assigned = ?2, acked = ?3 WHERE id = ?1"},
      {&replace_,
       "UPDATE federation_outbox SET json = ?3 WHERE seq = ?2"
       " AND link = (SELECT id FROM federation_link WHERE destination = ?1)"},
  };
  for (const auto& [statement, sql] : statements) {
    absl::StatusOr<Statement> prepared = connection_.Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  return absl::OkStatus();
}

// SQLite ends a transaction by itself after some failures (a full disk, an I/O error). A statement after that
// would commit alone: an update's number without what the handler wrote, for instance.
absl::Status SqliteTransaction::CheckOpen() const {
  if (sqlite3_get_autocommit(connection_.get()) == 0) return absl::OkStatus();
  return absl::UnavailableError("store: the transaction has ended after a failure");
}

absl::Status SqliteTransaction::Begin() {
  appended_.clear();
  marked_ = false;
  return begin_.Run();
}

absl::Status SqliteTransaction::Commit() {
  absl::Status status = CheckOpen();
  if (status.ok()) status = commit_.Run();
  if (!status.ok()) Rollback();
  return status;
}

void SqliteTransaction::Rollback() {
  appended_.clear();
  marked_ = false;
  // Some failures, such as a full disk, end the transaction by themselves.
  if (sqlite3_get_autocommit(connection_.get()) != 0) return;
  const absl::Status status = rollback_.Run();
  if (!status.ok()) Log().error("{}", status.ToString());
}

absl::Status SqliteTransaction::BeginUnit() {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  appended_at_unit_ = appended_;
  marked_ = false;
  return begin_unit_.Run();
}

absl::Status SqliteTransaction::KeepUnit() {
  marked_ = false;  // the mark's savepoint is inside of the unit's, and goes with it
  return keep_unit_.Run();
}

void SqliteTransaction::UndoUnit() {
  marked_ = false;
  appended_ = appended_at_unit_;
  if (sqlite3_get_autocommit(connection_.get()) != 0) return;
  absl::Status status = undo_unit_.Run();
  if (status.ok()) status = keep_unit_.Run();
  if (!status.ok()) Log().error("{}", status.ToString());
}

absl::Status SqliteTransaction::SaveAcked(std::string_view destination, Seq acked) {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  return acked_.Bind(1, destination).Bind(2, Signed(acked)).Run();
}

absl::StatusOr<Seq> SqliteTransaction::Append(std::string_view destination, std::string_view json) {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  const absl::StatusOr<bool> row = next_seq_.Bind(1, destination)
                                       .Bind(2, static_cast<std::int64_t>(limits_.pending_updates_max))
                                       .Bind(3, static_cast<std::int64_t>(kSeqMax))
                                       .Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    return absl::ResourceExhaustedError(
        fmt::format("{} updates for {} wait to be acknowledged", limits_.pending_updates_max, destination));
  }
  const std::int64_t link = next_seq_.Integer(0);
  const std::int64_t seq = next_seq_.Integer(1);
  next_seq_.Reset();
  absl::Status status = insert_.Bind(1, link).Bind(2, seq).Bind(3, NowSeconds()).Bind(4, json).Run();
  if (!status.ok()) return status;
  const auto found = appended_.find(destination);
  if (found == appended_.end()) {
    appended_.emplace(destination, ToSeq(seq));
  } else {
    found->second = ToSeq(seq);
  }
  return ToSeq(seq);
}

absl::StatusOr<LinkNumbers> SqliteTransaction::Renumber(std::string_view destination, Seq boundary,
                                                        Seq theirs) {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  const absl::StatusOr<bool> row = link_.Bind(1, destination).Step();
  if (!row.ok()) return row.status();
  std::int64_t link = 0;
  std::int64_t assigned = Signed(boundary);
  if (*row) {
    link = link_.Integer(0);
    assigned = link_.Integer(1);
    link_.Reset();
  } else {
    // A copy of the store from before the first update of this link.
    absl::Status status = new_link_.Bind(1, destination).Run();
    if (!status.ok()) return status;
    link = sqlite3_last_insert_rowid(connection_.get());
  }
  const std::int64_t shift = Signed(theirs) - Signed(boundary);
  if (shift <= 0) return absl::InternalError("store: updates can be renumbered upwards only");
  // By way of negative numbers, so that none is there twice at any time.
  absl::Status moved = renumber_.Bind(1, link).Bind(2, Signed(boundary)).Bind(3, shift).Run();
  if (moved.ok()) moved = end_renumber_.Bind(1, link).Run();
  if (!moved.ok()) return moved;
  const LinkNumbers numbers{ToSeq(assigned + shift), theirs};
  absl::Status status =
      set_numbers_.Bind(1, link).Bind(2, Signed(numbers.assigned)).Bind(3, Signed(numbers.acked)).Run();
  if (!status.ok()) return status;
  return numbers;
}

absl::Status SqliteTransaction::Replace(std::string_view destination, Seq seq, std::string_view json) {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  return replace_.Bind(1, destination).Bind(2, Signed(seq)).Bind(3, json).Run();
}

absl::StatusOr<Seq> SqliteTransaction::Last(std::string_view origin) {
  const absl::StatusOr<bool> row = last_.Bind(1, origin).Step();
  if (!row.ok()) return row.status();
  if (!*row) return Seq{0};
  const Seq last = ToSeq(last_.Integer(0));
  last_.Reset();
  return last;
}

absl::Status SqliteTransaction::SetLast(std::string_view origin, Seq last) {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  return set_last_.Bind(1, origin).Bind(2, Signed(last)).Run();
}

absl::Status SqliteTransaction::Quarantine(const QuarantinedUpdate& update) {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  const absl::StatusOr<bool> row = quarantined_.Bind(1, update.origin).Step();
  if (!row.ok()) return row.status();
  if (*row) {
    const auto updates = static_cast<std::uint64_t>(quarantined_.Integer(0));
    const auto bytes = static_cast<std::uint64_t>(quarantined_.Integer(1));
    quarantined_.Reset();
    if (updates >= limits_.quarantine_updates_max ||
        bytes + update.json.size() > limits_.quarantine_bytes_max) {
      return absl::ResourceExhaustedError(fmt::format("the quarantine of {} is full", update.origin));
    }
  }
  absl::Status status =
      count_quarantined_.Bind(1, update.origin).Bind(2, static_cast<std::int64_t>(update.json.size())).Run();
  if (!status.ok()) return status;
  return quarantine_.Bind(1, update.origin)
      .Bind(2, Signed(update.seq))
      .Bind(3, update.reason)
      .Bind(4, update.json)
      .Run();
}

absl::Status SqliteTransaction::Mark() {
  absl::Status open = CheckOpen();
  if (!open.ok()) return open;
  if (marked_) {
    absl::Status status = release_mark_.Run();
    if (!status.ok()) return status;
  }
  absl::Status status = mark_.Run();
  marked_ = status.ok();
  appended_at_mark_ = appended_;
  return status;
}

absl::Status SqliteTransaction::RollbackToMark() {
  if (!marked_) return absl::FailedPreconditionError("store: no mark to roll back to");
  appended_ = appended_at_mark_;
  return undo_to_mark_.Run();
}

}  // namespace federation::sqlite
