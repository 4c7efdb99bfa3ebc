#include "store/sqlite/reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "log/log.h"

namespace federation::sqlite {
namespace {

// What several statements see is one state of the database.
class Snapshot {
 public:
  Snapshot(Statement& begin, Statement& end) : end_(end), status_(begin.Run()) {}
  ~Snapshot() {
    if (!status_.ok()) return;
    const absl::Status ended = end_.Run();
    if (!ended.ok()) Log().error("{}", ended.ToString());
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  const absl::Status& status() const { return status_; }

 private:
  Statement& end_;
  absl::Status status_;
};

StoredLink LinkOf(std::string_view destination, const LinkRow& row) {
  StoredLink link;
  link.destination = std::string(destination);
  link.numbers = row.numbers;
  link.backoff = row.backoff;
  link.paused = row.paused;
  return link;
}

std::int64_t CountOf(std::size_t count) {
  return static_cast<std::int64_t>(std::min<std::size_t>(count, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

absl::Status Reader::Complete(StoredLink& link, std::int64_t id) {
  const absl::StatusOr<std::optional<RunRow>> newest = outbox_.Newest(id);
  if (!newest.ok()) return newest.status();
  if (newest->has_value()) link.numbers.assigned = std::max(link.numbers.assigned, (*newest)->last);
  link.assigned_at_open = at_open_.Find(link.destination).value_or(link.numbers.assigned);
  if (!newest->has_value()) return absl::OkStatus();
  const absl::StatusOr<std::optional<RunRow>> oldest = outbox_.FirstAfter(id, link.numbers.acked);
  if (!oldest.ok()) return oldest.status();
  if (!oldest->has_value()) return absl::OkStatus();
  link.waiting_bytes = (*newest)->total_bytes - (*oldest)->bytes_before();
  link.waiting_since = FromSeconds((*oldest)->stored_at_s);
  return absl::OkStatus();
}

absl::StatusOr<StoredLink> Reader::Link(std::string_view destination) {
  const std::lock_guard guard(mutex_);
  const Snapshot snapshot(begin_, end_);
  if (!snapshot.status().ok()) return snapshot.status();
  const absl::StatusOr<std::optional<LinkRow>> row = links_.Find(destination);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return LinkOf(destination, {});
  StoredLink link = LinkOf(destination, **row);
  absl::Status status = Complete(link, (*row)->id);
  if (!status.ok()) return status;
  return link;
}

absl::StatusOr<std::vector<StoredLink>> Reader::Links(std::string_view after, std::size_t count_max) {
  std::vector<StoredLink> links;
  if (count_max == 0) return links;
  const std::lock_guard guard(mutex_);
  const Snapshot snapshot(begin_, end_);
  if (!snapshot.status().ok()) return snapshot.status();
  std::vector<std::int64_t> ids;
  absl::Status status = links_.ForEach(after, [&](std::string_view destination, const LinkRow& row) {
    links.push_back(LinkOf(destination, row));
    ids.push_back(row.id);
    return links.size() < count_max;
  });
  for (std::size_t i = 0; status.ok() && i < links.size(); ++i) status = Complete(links[i], ids[i]);
  if (!status.ok()) return status;
  return links;
}

absl::StatusOr<std::vector<std::string>> Reader::WaitingLinks() {
  const std::lock_guard guard(mutex_);
  std::vector<std::string> destinations;
  while (true) {
    const absl::StatusOr<bool> row = waiting_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return destinations;
    destinations.emplace_back(waiting_.Text(0));
  }
}

absl::StatusOr<Reader::Waiting> Reader::WaitingTotal() {
  const absl::StatusOr<std::vector<std::string>> destinations = WaitingLinks();
  if (!destinations.ok()) return destinations.status();
  Waiting waiting;
  for (const std::string& destination : *destinations) {
    const absl::StatusOr<StoredLink> link = Link(destination);
    if (!link.ok()) return link.status();
    waiting.bytes += link->waiting_bytes;
  }
  const std::lock_guard guard(mutex_);
  const absl::StatusOr<bool> row = joined_.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::InternalError("store: federation_joined is empty");
  waiting.joined_bytes = joined_.Integer(0);
  joined_.Reset();
  return waiting;
}

absl::StatusOr<UpdateRun> Reader::Read(std::string_view destination, Seq first, std::size_t count_max,
                                       std::size_t bytes_max) {
  const std::lock_guard guard(mutex_);
  const Snapshot snapshot(begin_, end_);
  if (!snapshot.status().ok()) return snapshot.status();
  return outbox_.Read(destination, first, count_max, bytes_max);
}

absl::StatusOr<Seq> Reader::Last(std::string_view origin) {
  const std::lock_guard guard(mutex_);
  const absl::StatusOr<bool> row = last_.Bind(1, origin).Step();
  if (!row.ok()) return row.status();
  if (!*row) return Seq{0};
  const Seq last = ToSeq(last_.Integer(0));
  last_.Reset();
  return last;
}

absl::StatusOr<std::vector<QuarantinedUpdate>> Reader::Quarantined(std::string_view origin,
                                                                   std::int64_t after,
                                                                   std::size_t count_max) {
  const std::lock_guard guard(mutex_);
  std::vector<QuarantinedUpdate> updates;
  quarantined_.Bind(1, origin).Bind(2, after).Bind(3, CountOf(count_max));
  while (true) {
    const absl::StatusOr<bool> row = quarantined_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return updates;
    updates.push_back({.id = quarantined_.Integer(0),
                       .origin = std::string(origin),
                       .seq = ToSeq(quarantined_.Integer(1)),
                       .reason = std::string(quarantined_.Text(3)),
                       .json = std::string(quarantined_.Text(4)),
                       .since = FromMilliseconds(quarantined_.Integer(2))});
  }
}

absl::StatusOr<std::vector<Store::QuarantineSize>> Reader::Quarantines() {
  const std::lock_guard guard(mutex_);
  std::vector<Store::QuarantineSize> sizes;
  while (true) {
    const absl::StatusOr<bool> row = quarantines_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return sizes;
    sizes.push_back({.origin = std::string(quarantines_.Text(0)),
                     .updates = Unsigned(quarantines_.Integer(1)),
                     .bytes = Unsigned(quarantines_.Integer(2))});
  }
}

}  // namespace federation::sqlite
