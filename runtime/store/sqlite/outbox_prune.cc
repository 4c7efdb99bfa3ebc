// What need not be kept any longer.
#include <algorithm>

#include "store/sqlite/outbox.h"

namespace federation::sqlite {

absl::StatusOr<Pruned> Outbox::Prune(std::string_view destination, const Retention& retention,
                                     std::size_t count_max) {
  Pruned pruned;
  absl::Status status = scope_.Check();
  if (!status.ok()) return status;
  const absl::StatusOr<CachedLink*> found = Get(destination);
  if (!found.ok()) return found.status();
  CachedLink& link = **found;
  if (link.id == 0) return pruned;
  status = WriteRun(link);
  if (status.ok()) status = MoveRecent();
  // What is confirmed must not be given up because nobody has saved that yet.
  const std::optional<Seq> noted = shared_.notes.Acked(destination);
  if (status.ok() && noted.has_value() && *noted > link.numbers.acked) status = SaveAcked(link, *noted);
  if (!status.ok()) return status;

  const std::int64_t now_s = Seconds(shared_.clock());
  const Seq acked = link.numbers.acked;
  if (link.waiting_bytes() > retention.waiting_bytes_max) {
    // So that what is counted is what waits, without what was stored together with it.
    status = scope_.Ready();
    if (status.ok()) status = Cut(link, acked, acked);
    if (!status.ok()) return status;
  }
  std::uint64_t excess = link.waiting_bytes() - std::min(link.waiting_bytes(), retention.waiting_bytes_max);
  // Finds the last number of a series that goes, from the one after `after` on: as long as rows are old, or
  // there are too many bytes, and within the bound on one step.
  const auto last_to_go = [&](Seq after, Seq end, std::chrono::seconds age_max,
                              bool by_bytes) -> absl::StatusOr<Seq> {
    Seq last = after;
    while (last < end) {
      const absl::StatusOr<std::optional<RunRow>> row = rows_.FirstAfter(link.id, last);
      if (!row.ok()) return row.status();
      if (!row->has_value() || (*row)->first > end) break;
      const Seq first{std::max(Value((*row)->first), Value(last) + 1)};
      Seq row_last = std::min((*row)->last, end);
      if ((*row)->stored_at_s >= now_s - age_max.count()) {
        if (!by_bytes || excess == 0) break;
        const absl::StatusOr<Seq> enough = rows_.LastOfBytes(link.id, **row, excess);
        if (!enough.ok()) return enough.status();
        row_last = std::min(row_last, *enough);
      }
      if (pruned.removed == count_max) {
        pruned.more = true;
        break;
      }
      const std::size_t room = count_max - pruned.removed;
      pruned.more = Value(row_last) - Value(first) + 1 > room;
      if (pruned.more) row_last = Seq{Value(first) + room - 1};
      pruned.removed += Value(row_last) - Value(first) + 1;
      if (by_bytes) {
        if (Value(pruned.given_up_first) == 0) pruned.given_up_first = first;
        pruned.given_up_last = row_last;
        excess -= std::min(excess, (*row)->bytes);
      }
      last = row_last;
      if (pruned.more) break;
    }
    return last;
  };

  const absl::StatusOr<Seq> kept = last_to_go(Seq{0}, acked, retention.acked_age_max, false);
  if (!kept.ok()) return kept.status();
  absl::StatusOr<Seq> waited = acked;
  if (!pruned.more) waited = last_to_go(acked, link.numbers.assigned, retention.waiting_age_max, true);
  if (!waited.ok()) return waited.status();
  if (pruned.removed == 0) return pruned;

  const absl::StatusOr<CachedLink*> written = GetWritten(destination);
  if (!written.ok()) return written.status();
  if (*waited > acked) status = Cut(link, acked, *waited);
  if (status.ok() && Value(*kept) > 0) status = Cut(link, Seq{0}, *kept);
  if (!status.ok()) return status;
  return pruned;
}

}  // namespace federation::sqlite
