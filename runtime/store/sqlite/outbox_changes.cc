// What changes updates that are stored already.
#include <algorithm>

#include <fmt/core.h>

#include "store/sqlite/outbox.h"

namespace federation::sqlite {

absl::Status Outbox::Recount(CachedLink& link) {
  const absl::StatusOr<std::optional<RunRow>> newest = rows_.Newest(link.id);
  if (!newest.ok()) return newest.status();
  const absl::StatusOr<std::optional<RunRow>> waits = rows_.FirstAfter(link.id, link.numbers.acked);
  if (!waits.ok()) return waits.status();
  link.total_bytes = newest->has_value() ? (*newest)->total_bytes : 0;
  link.acked_bytes = waits->has_value() ? (*waits)->bytes_before() : link.total_bytes;
  return absl::OkStatus();
}

absl::Status Outbox::SaveAcked(CachedLink& link, Seq acked) {
  acked = std::min(acked, link.numbers.assigned);
  Touch(link);
  absl::Status status = WriteRun(link);
  if (status.ok()) status = scope_.Ready();
  if (!status.ok()) return status;
  status = scope_.Wrote(links_.SaveNumbers(link.id, {link.numbers.assigned, acked}));
  if (!status.ok()) return status;
  const std::uint64_t before = link.waiting_bytes();
  link.numbers.acked = acked;
  if (acked == link.numbers.assigned) {
    link.acked_bytes = link.total_bytes;
  } else {
    status = Recount(link);
  }
  grown_ += Signed(link.waiting_bytes()) - Signed(before);
  return status;
}

absl::Status Outbox::SaveNotes(const Notes::All& notes) {
  for (const auto& [destination, note] : notes) {
    const absl::StatusOr<CachedLink*> link = Get(destination);
    if (!link.ok()) return link.status();
    absl::Status status;
    // A link without a row has nothing that could be acknowledged; and no back-off is what it has.
    if (note.acked.has_value() && (*link)->id != 0 && *note.acked != (*link)->numbers.acked) {
      status = SaveAcked(**link, *note.acked);
    }
    if (status.ok() && note.backoff.has_value() && ((*link)->id != 0 || *note.backoff != BackOff{})) {
      status = Create(**link);
      if (status.ok()) status = scope_.Wrote(links_.SaveBackOff((*link)->id, *note.backoff));
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Outbox::SetPaused(std::string_view destination, bool paused) {
  const absl::StatusOr<CachedLink*> link = GetOrCreate(destination);
  if (!link.ok()) return link.status();
  return scope_.Wrote(links_.SavePaused((*link)->id, paused));
}

void Outbox::ForgetRuns(const CachedLink& link) {
  for (AppendedRun& appended : appended_) {
    if (appended.destination == link.destination) appended.run = nullptr;
  }
}

absl::Status Outbox::Cut(CachedLink& link, Seq after, Seq last) {
  absl::Status status = rows_.Split(link.id, after);
  if (status.ok()) status = rows_.Split(link.id, last);
  if (status.ok()) status = rows_.Delete(link.id, after, last);
  if (status.ok()) status = rows_.CloseGap(link.id, link.numbers.acked, after, last);
  const std::uint64_t before = link.waiting_bytes();
  if (status.ok()) status = Recount(link);
  grown_ += Signed(link.waiting_bytes()) - Signed(before);
  ForgetRuns(link);
  return scope_.Wrote(status);
}

absl::Status Outbox::Remove(std::string_view destination, Seq first, Seq last) {
  absl::Status status = scope_.Check();
  if (!status.ok()) return status;
  const absl::StatusOr<CachedLink*> known = Get(destination);
  if (!known.ok()) return known.status();
  if ((*known)->id == 0 || first > last) return absl::OkStatus();
  const absl::StatusOr<CachedLink*> link = GetWritten(destination);
  if (!link.ok()) return link.status();
  return Cut(**link, Seq{std::max<std::uint64_t>(Value(first), 1) - 1}, std::min(last, Seq{kSeqMax}));
}

absl::StatusOr<LinkNumbers> Outbox::Renumber(std::string_view destination, Seq boundary, Seq theirs) {
  if (theirs <= boundary) return absl::InternalError("store: updates can be renumbered upwards only");
  absl::Status status = scope_.Check();
  if (!status.ok()) return status;
  const std::uint64_t shift = Value(theirs) - Value(boundary);
  const absl::StatusOr<CachedLink*> known = Get(destination);
  if (!known.ok()) return known.status();
  const Seq assigned{std::max(Value((*known)->numbers.assigned), Value(boundary)) + shift};
  if (Value(assigned) > kSeqMax) {
    return absl::OutOfRangeError(fmt::format("there are no such numbers for {}", destination));
  }
  // Of a link that is not known, the store is a copy from before its first update.
  const absl::StatusOr<CachedLink*> found = GetWritten(destination);
  if (!found.ok()) return found.status();
  CachedLink& link = **found;
  const LinkNumbers numbers{assigned, theirs};
  status = rows_.Split(link.id, boundary);
  if (status.ok()) status = rows_.Shift(link.id, boundary, shift);
  if (status.ok()) status = links_.SaveNumbers(link.id, numbers);
  const std::uint64_t before = link.waiting_bytes();
  link.numbers = numbers;
  if (status.ok()) status = Recount(link);
  if (!status.ok()) return scope_.Wrote(status);
  grown_ += Signed(link.waiting_bytes()) - Signed(before);
  ForgetRuns(link);
  renumbered_.emplace_back(destination, theirs);
  return numbers;
}

}  // namespace federation::sqlite
