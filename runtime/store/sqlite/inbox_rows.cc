#include "store/sqlite/inbox_rows.h"

#include <fmt/core.h>

#include "store/sqlite/link_rows.h"

namespace federation::sqlite {
namespace {

absl::Status NoSuchUpdate(std::string_view origin, std::int64_t id) {
  return absl::NotFoundError(fmt::format("no update with the id {} of {} is in quarantine", id, origin));
}

}  // namespace

absl::StatusOr<Seq> InboxRows::Last(std::string_view origin) {
  const absl::StatusOr<bool> row = last_.Bind(1, origin).Step();
  if (!row.ok()) return row.status();
  if (!*row) return Seq{0};
  const Seq last = ToSeq(last_.Integer(0));
  last_.Reset();
  return last;
}

absl::Status InboxRows::SetLast(std::string_view origin, Seq last) {
  return set_last_.Bind(1, origin).Bind(2, last).Run();
}

absl::Status InboxRows::Quarantine(const QuarantinedUpdate& update, const StoreLimits& limits) {
  const absl::StatusOr<bool> row = sums_.Bind(1, update.origin).Step();
  if (!row.ok()) return row.status();
  if (*row) {
    const std::uint64_t updates = Unsigned(sums_.Integer(0));
    const std::uint64_t bytes = Unsigned(sums_.Integer(1));
    sums_.Reset();
    if (updates >= limits.quarantine_updates_max ||
        bytes + update.json.size() > limits.quarantine_bytes_max) {
      return absl::ResourceExhaustedError(fmt::format("the quarantine of {} is full", update.origin));
    }
  }
  const absl::StatusOr<bool> counted =
      count_.Bind(1, update.origin).Bind(2, static_cast<std::int64_t>(update.json.size())).Step();
  if (!counted.ok()) return counted.status();
  const std::int64_t id = count_.Integer(0);
  count_.Reset();
  insert_.Bind(1, update.origin).Bind(2, id).Bind(3, update.seq).Bind(4, Milliseconds(update.since));
  return insert_.Bind(5, update.reason).Bind(6, update.json).Run();
}

absl::Status InboxRows::SetReason(std::string_view origin, std::int64_t id, std::string_view reason) {
  absl::Status status = set_reason_.Bind(1, origin).Bind(2, id).Bind(3, reason).Run();
  if (status.ok() && sqlite3_changes(connection_) == 0) return NoSuchUpdate(origin, id);
  return status;
}

absl::Status InboxRows::Unquarantine(std::string_view origin, std::int64_t id) {
  const absl::StatusOr<bool> row = remove_.Bind(1, origin).Bind(2, id).Step();
  if (!row.ok()) return row.status();
  if (!*row) return NoSuchUpdate(origin, id);
  const std::int64_t bytes = remove_.Integer(0);
  remove_.Reset();
  return uncount_.Bind(1, origin).Bind(2, bytes).Run();
}

}  // namespace federation::sqlite
