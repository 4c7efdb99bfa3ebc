#include "store/sqlite/outbox.h"

#include <utility>

#include <fmt/core.h>

#include "store/sqlite/run_codec.h"

namespace federation::sqlite {
namespace {

// How many links are remembered from one transaction to the next one.
constexpr std::size_t kCachedLinksMax = 32'768;
// What the runs for the observer may hold of one transaction; of the rest it is told the numbers.
constexpr std::uint64_t kAppendedBytesMax = std::uint64_t{16} * 1024 * 1024;

}  // namespace

void Outbox::Begin(bool is_stale) {
  if (is_stale || cache_.size() > kCachedLinksMax) cache_.Clear();
  if (is_stale) recent_.reset();
}

void Outbox::Clear() {
  cache_.Clear();
  recent_.reset();
  gathered_.clear();
  appended_.clear();
  touched_.clear();
  renumbered_.clear();
  appended_bytes_ = 0;
  grown_ = 0;
}

void Outbox::BeginStep() {
  ++step_;
  touched_.clear();
  appended_at_step_ = appended_.size();
  renumbered_at_step_ = renumbered_.size();
  grown_at_step_ = grown_;
}

void Outbox::UndoStep() {
  for (const CachedLink* link : touched_) cache_.Erase(*link);
  touched_.clear();
  gathered_.clear();
  recent_.reset();
  appended_.resize(appended_at_step_);
  renumbered_.resize(renumbered_at_step_);
  grown_ = grown_at_step_;
}

std::vector<AppendedRun> Outbox::TakeAppended() {
  for (AppendedRun& appended : appended_) {
    if (appended.run != nullptr) continue;
    const CachedLink* link = cache_.Find(appended.destination);
    if (link != nullptr) appended.assigned = link->numbers.assigned;
  }
  appended_bytes_ = 0;
  grown_ = 0;
  return std::exchange(appended_, {});
}

void Outbox::TellRenumbered() {
  for (const auto& [destination, theirs] : std::exchange(renumbered_, {})) {
    shared_.at_open.Renumbered(destination, theirs);
  }
}

void Outbox::KeepAtOpen(CachedLink& link, Seq assigned_before) {
  if (std::exchange(link.is_known_at_open, true)) return;
  shared_.at_open.Appending(link.destination, assigned_before);
}

absl::StatusOr<CachedLink*> Outbox::Get(std::string_view destination) {
  if (CachedLink* link = cache_.Find(destination)) return link;
  CachedLink link;
  link.destination = std::string(destination);
  const absl::StatusOr<std::optional<LinkRow>> row = links_.Find(destination);
  if (!row.ok()) return row.status();
  if (row->has_value()) {
    link.id = (*row)->id;
    link.numbers = (*row)->numbers;
    const absl::StatusOr<std::optional<RunRow>> newest = rows_.Newest(link.id);
    if (!newest.ok()) return newest.status();
    if (newest->has_value()) link.numbers.assigned = std::max(link.numbers.assigned, (*newest)->last);
    absl::Status status = Recount(link);
    if (!status.ok()) return status;
  }
  return cache_.Add(std::move(link));
}

absl::StatusOr<CachedLink*> Outbox::GetOrCreate(std::string_view destination) {
  absl::StatusOr<CachedLink*> link = Get(destination);
  if (!link.ok()) return link;
  absl::Status status = Create(**link);
  if (!status.ok()) return status;
  return link;
}

absl::StatusOr<CachedLink*> Outbox::GetWritten(std::string_view destination) {
  absl::StatusOr<CachedLink*> link = GetOrCreate(destination);
  if (!link.ok()) return link;
  absl::Status status = WriteRun(**link);
  if (status.ok()) status = MoveRecent();
  if (status.ok()) status = scope_.Wrote(links_.SaveAssigned((*link)->id, (*link)->numbers.assigned));
  if (!status.ok()) return status;
  return link;
}

absl::Status Outbox::Create(CachedLink& link) {
  Touch(link);
  absl::Status status = scope_.Ready();
  if (!status.ok() || link.id != 0) return status;
  const absl::StatusOr<std::int64_t> id = links_.Create(link.destination);
  if (!id.ok()) return scope_.Wrote(id.status());
  link.id = *id;
  return absl::OkStatus();
}

void Outbox::Touch(CachedLink& link) {
  if (!scope_.in_step() || link.step == step_) return;
  link.step = step_;
  touched_.push_back(&link);
}

std::uint64_t Outbox::WaitingTotalNow() const {
  const std::int64_t total = shared_.total.bytes.load(std::memory_order_relaxed) + grown_;
  return total > 0 ? Unsigned(total) : 0;
}

absl::Status Outbox::CheckLinkBounds(const CachedLink& link, std::size_t bytes) const {
  const StoreLimits& limits = shared_.limits;
  if (link.waiting_updates() >= limits.waiting_updates_max) {
    return absl::ResourceExhaustedError(
        fmt::format("{} updates for {} wait to be acknowledged, the bound is {}", link.waiting_updates(),
                    link.destination, limits.waiting_updates_max));
  }
  if (link.waiting_bytes() + bytes > limits.waiting_bytes_max) {
    return absl::ResourceExhaustedError(
        fmt::format("{} bytes of updates for {} wait to be acknowledged, the bound is {}",
                    link.waiting_bytes(), link.destination, limits.waiting_bytes_max));
  }
  if (Value(link.numbers.assigned) >= kSeqMax) {
    return absl::ResourceExhaustedError(fmt::format("there are no more numbers for {}", link.destination));
  }
  return absl::OkStatus();
}

absl::Status Outbox::CheckBounds(CachedLink& link, std::size_t bytes) {
  absl::Status status = CheckLinkBounds(link, bytes);
  if (absl::IsResourceExhausted(status)) {
    // What is confirmed but not saved yet need not be waited for.
    const std::optional<Seq> noted = shared_.notes.Acked(link.destination);
    if (!noted.has_value() || *noted <= link.numbers.acked || link.id == 0) return status;
    absl::Status saved = SaveAcked(link, *noted);
    if (!saved.ok()) return saved;
    status = CheckLinkBounds(link, bytes);
  }
  if (!status.ok()) return status;
  const std::uint64_t total = WaitingTotalNow();
  if (total + bytes > shared_.limits.waiting_bytes_total_max) {
    return absl::ResourceExhaustedError(fmt::format(
        "{} bytes of updates for all destinations wait to be acknowledged, the bound is {}: none is "
        "taken for {}",
        total, shared_.limits.waiting_bytes_total_max, link.destination));
  }
  return status;
}

absl::StatusOr<Seq> Outbox::Append(std::string_view destination, std::string_view json) {
  absl::Status status = scope_.Check();
  if (!status.ok()) return status;
  const absl::StatusOr<CachedLink*> found = Get(destination);
  if (!found.ok()) return found.status();
  CachedLink& link = **found;
  status = CheckBounds(link, json.size());
  if (status.ok() && link.id == 0) status = Create(link);
  if (status.ok() && link.run != nullptr &&
      (link.run->size() >= kRunUpdatesMax || link.run->json().size() + json.size() > kRunBytesMax)) {
    status = WriteRun(link);
  }
  if (!status.ok()) return status;
  Touch(link);
  if (link.run == nullptr) {
    link.run = std::make_shared<UpdateRun>(Next(link.numbers.assigned));
    gathered_.push_back(&link);
  }
  link.run->Add(json);
  link.numbers.assigned = Next(link.numbers.assigned);
  link.total_bytes += json.size();
  grown_ += static_cast<std::int64_t>(json.size());
  return link.numbers.assigned;
}

absl::Status Outbox::WriteRun(CachedLink& link) {
  if (link.run == nullptr) return absl::OkStatus();
  absl::Status status = scope_.Ready();
  if (!status.ok()) return status;
  std::shared_ptr<UpdateRun> run = std::exchange(link.run, nullptr);
  KeepAtOpen(link, Seq{Value(run->first()) - 1});
  status = scope_.Wrote(rows_.Insert(link.id, *run, Seconds(shared_.clock()), link.total_bytes));
  if (status.ok()) Tell(link, std::move(run));
  return status;
}

void Outbox::Tell(const CachedLink& link, std::shared_ptr<const UpdateRun> run) {
  const Seq last = run->last();
  appended_bytes_ += run->json().size();
  if (appended_bytes_ > kAppendedBytesMax) run = nullptr;
  appended_.push_back({link.destination, last, std::move(run)});
}

absl::Status Outbox::Flush() {
  for (CachedLink* link : std::exchange(gathered_, {})) {
    absl::Status status = WriteRun(*link);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Outbox::MakeRoomForRecent(std::size_t rows) {
  if (!recent_.has_value()) {
    const absl::StatusOr<OutboxRows::Recent> counted = rows_.CountRecent();
    if (!counted.ok()) return counted.status();
    recent_ = *counted;
  }
  if (recent_->bodies < kRecentBodiesMax && recent_->rows + rows <= kRecentRowsMax) return absl::OkStatus();
  return MoveRecent();
}

absl::Status Outbox::MoveRecent() {
  const absl::StatusOr<bool> has_recent = rows_.HasRecent();
  if (!has_recent.ok()) return has_recent.status();
  if (*has_recent) {
    absl::Status status = scope_.Ready();
    if (status.ok()) status = scope_.Wrote(rows_.MoveRecent());
    if (!status.ok()) return status;
  }
  recent_ = OutboxRows::Recent();
  return absl::OkStatus();
}

struct Outbox::Fan {
  std::string_view json;
  std::int64_t body = 0;
  std::int64_t stored_at_s = 0;
  bool is_recent = false;
  // The last one that was made: links that always get the same have the same numbers.
  std::shared_ptr<const UpdateRun> run;
};

absl::Status Outbox::AppendShared(CachedLink& link, Fan& fan) {
  Touch(link);
  KeepAtOpen(link, link.numbers.assigned);
  const Seq seq = Next(link.numbers.assigned);
  const RunRow row{seq, seq, fan.stored_at_s, fan.json.size(), link.total_bytes + fan.json.size()};
  absl::Status status = scope_.Wrote(fan.is_recent ? rows_.InsertRecent(link.id, row, fan.body)
                                                   : rows_.InsertWithBody(link.id, row, fan.body));
  if (!status.ok()) return status;
  link.numbers.assigned = seq;
  link.total_bytes = row.total_bytes;
  grown_ += static_cast<std::int64_t>(fan.json.size());
  if (fan.run == nullptr || fan.run->first() != seq) {
    auto run = std::make_shared<UpdateRun>(seq);
    run->Add(fan.json);
    appended_bytes_ += fan.json.size();
    fan.run = std::move(run);
  }
  appended_.push_back({link.destination, seq, appended_bytes_ < kAppendedBytesMax ? fan.run : nullptr});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Seq>> Outbox::AppendToAll(std::span<const std::string> destinations,
                                                     std::string_view json) {
  std::vector<Seq> numbers;
  if (destinations.empty()) return numbers;
  numbers.reserve(destinations.size());
  absl::Status status = scope_.Ready();
  if (!status.ok()) return status;
  // All bounds come before the first write, so that a refusal changes nothing.
  std::vector<CachedLink*> links;
  links.reserve(destinations.size());
  for (const std::string& destination : destinations) {
    const absl::StatusOr<CachedLink*> link = Get(destination);
    if (!link.ok()) return link.status();
    status = CheckBounds(**link, json.size());
    if (!status.ok()) return status;
    links.push_back(*link);
  }
  if (WaitingTotalNow() + json.size() * links.size() > shared_.limits.waiting_bytes_total_max) {
    return absl::ResourceExhaustedError(fmt::format(
        "{} bytes of updates for all destinations wait to be acknowledged, the bound is {}: none is "
        "taken for {} destinations",
        WaitingTotalNow(), shared_.limits.waiting_bytes_total_max, links.size()));
  }
  Fan fan;
  fan.json = json;
  fan.stored_at_s = Seconds(shared_.clock());
  fan.is_recent = links.size() >= kRecentLinksMin;
  if (fan.is_recent) status = MakeRoomForRecent(links.size());
  if (!status.ok()) return status;
  const absl::StatusOr<std::int64_t> body = rows_.InsertBody({}, json, links.size());
  if (!body.ok()) return scope_.Wrote(body.status());
  fan.body = *body;
  if (fan.is_recent) status = scope_.Wrote(rows_.InsertFan(*body));
  for (CachedLink* link : links) {
    if (status.ok() && link->id == 0) status = Create(*link);
    if (status.ok()) status = WriteRun(*link);
    if (status.ok()) status = AppendShared(*link, fan);
    if (!status.ok()) return status;
    numbers.push_back(link->numbers.assigned);
  }
  if (fan.is_recent) {
    ++recent_->bodies;
    recent_->rows += links.size();
  }
  return numbers;
}

}  // namespace federation::sqlite
