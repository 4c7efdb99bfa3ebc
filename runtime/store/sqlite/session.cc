#include "store/sqlite/session.h"

#include <utility>

#include "log/log.h"

namespace federation::sqlite {

absl::Status Session::Begin() {
  absl::Status status = scope_.Begin();
  if (!status.ok()) return status;
  const absl::StatusOr<bool> row = select_version_.Step();
  if (row.ok()) {
    const bool is_stale =
        std::exchange(data_version_, select_version_.Integer(0)) != select_version_.Integer(0);
    select_version_.Reset();
    outbox_.Begin(is_stale);
    if (is_stale) status = CountJoined();
  } else {
    status = row.status();
  }
  if (!status.ok()) Rollback();
  return status;
}

absl::Status Session::CountJoined() {
  const absl::StatusOr<bool> row = select_joined_.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::InternalError("store: federation_joined is empty");
  const std::int64_t bytes = select_joined_.Integer(0);
  select_joined_.Reset();
  shared_.total.bytes += bytes - shared_.total.joined_bytes.exchange(bytes);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AppendedRun>> Session::Commit() {
  absl::Status status = scope_.Check();
  Notes::All notes;
  if (status.ok()) {
    notes = shared_.notes.Take();
    status = outbox_.Flush();
    if (status.ok()) status = outbox_.SaveNotes(notes);
  }
  if (status.ok()) status = scope_.Commit();
  if (!status.ok()) {
    shared_.notes.PutBack(notes);
    Rollback();
    return status;
  }
  shared_.total.bytes += outbox_.waiting_bytes_grown();
  outbox_.TellRenumbered();
  return outbox_.TakeAppended();
}

void Session::Rollback() {
  scope_.Rollback();
  outbox_.Clear();
}

absl::Status Session::BeginStep() {
  absl::Status status = outbox_.Flush();
  if (status.ok()) status = scope_.Check();
  if (!status.ok()) return status;
  scope_.BeginStep();
  outbox_.BeginStep();
  return status;
}

absl::Status Session::KeepStep() {
  absl::Status status = outbox_.Flush();
  if (status.ok()) status = scope_.KeepStep();
  return status;
}

absl::Status Session::UndoStep() {
  outbox_.UndoStep();
  return scope_.UndoStep();
}

absl::Status Session::Wrote(absl::Status status) {
  if (absl::IsResourceExhausted(status) || absl::IsNotFound(status)) return status;
  return scope_.Wrote(std::move(status));
}

absl::Status Session::SetLast(std::string_view origin, Seq last) {
  absl::Status status = scope_.Ready();
  return status.ok() ? Wrote(inbox_.SetLast(origin, last)) : status;
}

absl::Status Session::Quarantine(const QuarantinedUpdate& update) {
  absl::Status status = scope_.Ready();
  return status.ok() ? Wrote(inbox_.Quarantine(update, shared_.limits)) : status;
}

absl::Status Session::SetReason(std::string_view origin, std::int64_t id, std::string_view reason) {
  absl::Status status = scope_.Ready();
  return status.ok() ? Wrote(inbox_.SetReason(origin, id, reason)) : status;
}

absl::Status Session::Unquarantine(std::string_view origin, std::int64_t id) {
  absl::Status status = scope_.Ready();
  return status.ok() ? Wrote(inbox_.Unquarantine(origin, id)) : status;
}

absl::StatusOr<sqlite3*> Session::Connection() {
  absl::Status status = scope_.Ready();
  if (!status.ok()) return status;
  return scope_.connection();
}

}  // namespace federation::sqlite
