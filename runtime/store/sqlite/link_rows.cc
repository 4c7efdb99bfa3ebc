#include "store/sqlite/link_rows.h"

namespace federation::sqlite {

LinkRow LinkRows::RowOf(const Statement& statement) {
  LinkRow row;
  row.id = statement.Integer(0);
  row.numbers = {ToSeq(statement.Integer(1)), ToSeq(statement.Integer(2))};
  row.paused = statement.Integer(3) != 0;
  row.backoff.failures = static_cast<int>(statement.Integer(4));
  if (!statement.IsNull(5)) row.backoff.until = FromMilliseconds(statement.Integer(5));
  return row;
}

absl::StatusOr<std::optional<LinkRow>> LinkRows::Find(std::string_view destination) {
  const absl::StatusOr<bool> found = find_.Bind(1, destination).Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  const LinkRow row = RowOf(find_);
  find_.Reset();
  return row;
}

absl::StatusOr<std::int64_t> LinkRows::Create(std::string_view destination) {
  absl::Status status = create_.Bind(1, destination).Run();
  if (!status.ok()) return status;
  return sqlite3_last_insert_rowid(connection_);
}

absl::Status LinkRows::SaveAssigned(std::int64_t link, Seq assigned) {
  return save_assigned_.Bind(1, link).Bind(2, assigned).Run();
}

absl::Status LinkRows::SaveNumbers(std::int64_t link, const LinkNumbers& numbers) {
  return save_numbers_.Bind(1, link).Bind(2, numbers.assigned).Bind(3, numbers.acked).Run();
}

absl::Status LinkRows::SavePaused(std::int64_t link, bool paused) {
  return save_paused_.Bind(1, link).Bind(2, std::int64_t{paused}).Run();
}

absl::Status LinkRows::SaveBackOff(std::int64_t link, const BackOff& backoff) {
  save_backoff_.Bind(1, link).Bind(2, std::int64_t{backoff.failures});
  if (backoff.until.has_value()) {
    save_backoff_.Bind(3, Milliseconds(*backoff.until));
  } else {
    save_backoff_.BindNull(3);
  }
  return save_backoff_.Run();
}

}  // namespace federation::sqlite
