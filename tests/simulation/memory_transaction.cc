#include "simulation/memory_transaction.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace federation::simulation {
namespace {

// The stores that the calling thread has a transaction of.
thread_local std::vector<const MemoryStore*> open_transactions;

bool IsAboutDestination(Row::Kind kind) { return kind == Row::Kind::kSent || kind == Row::Kind::kGivenUp; }

}  // namespace

bool MemoryStore::InTransaction() const {
  return std::find(open_transactions.begin(), open_transactions.end(), this) != open_transactions.end();
}

MemoryTransaction::MemoryTransaction(MemoryStore& store) : store_(store) {
  open_transactions.push_back(&store);
}

MemoryTransaction::~MemoryTransaction() {
  if (!ended_ && !holds_writer_ && HasSealed()) Acquire();  // nobody else commits it any more
  Release();
  const auto open = std::find(open_transactions.begin(), open_transactions.end(), &store_);
  if (open != open_transactions.end()) open_transactions.erase(open);
}

void MemoryStore::Acquire(const MemoryTransaction* transaction) {
  writer_.lock();
  MemoryTransaction* parked = std::exchange(parked_, nullptr);
  if (parked != nullptr && parked != transaction) parked->PublishParked();
}

void MemoryTransaction::Acquire() {
  store_.Acquire(this);
  holds_writer_ = true;
}

absl::Status MemoryTransaction::Use() {
  if (ended_) return absl::FailedPreconditionError("the transaction has ended");
  if (!holds_writer_) Acquire();
  if (!broken_ && !store_.disk_.OnWrite()) Break();
  if (broken_) {
    Release();
    return Broken();
  }
  const std::lock_guard guard(store_.mutex_);
  for (const auto& [origin, last] : std::exchange(lasts_, {})) PutLast(origin, last);
  return absl::OkStatus();
}

void MemoryTransaction::Break() {
  const std::lock_guard guard(store_.mutex_);
  broken_ = true;
}

void MemoryTransaction::PublishParked() { (void)Publish(); }

bool MemoryTransaction::HasSealed() const {
  const std::lock_guard guard(store_.mutex_);
  return !links_.empty() || !origins_.empty();
}

absl::Status MemoryTransaction::Broken() const {
  return absl::UnavailableError("store: the transaction has ended after a failure");
}

void MemoryTransaction::Release() {
  if (!holds_writer_) return;
  holds_writer_ = false;
  store_.writer_.unlock();
}

template <typename Value>
Value& MemoryTransaction::Touch(Versions<Value>& versions, const MemoryState::Map<Value>& committed,
                                std::string_view key) {
  auto version = std::find_if(versions.begin(), versions.end(),
                              [&](const Version<Value>& candidate) { return candidate.key == key; });
  if (version == versions.end()) {
    versions.push_back({std::string(key), nullptr, nullptr});
    version = std::prev(versions.end());
  }
  if (version->working == nullptr) {
    if (version->sealed != nullptr) {
      version->working = std::make_shared<Value>(*version->sealed);
    } else {
      const auto found = committed.find(key);
      version->working = found == committed.end() ? std::make_shared<Value>()  //
                                                  : std::make_shared<Value>(*found->second);
    }
  }
  return *version->working;
}

template <typename Value>
const Value* MemoryTransaction::Look(const Versions<Value>& versions,
                                     const MemoryState::Map<Value>& committed, std::string_view key) const {
  for (const Version<Value>& version : versions) {
    if (version.key != key) continue;
    if (version.working != nullptr) return version.working.get();
    if (version.sealed != nullptr) return version.sealed.get();
  }
  const auto found = committed.find(key);
  return found == committed.end() ? nullptr : found->second.get();
}

MemoryLink& MemoryTransaction::TouchLink(std::string_view destination) {
  MemoryLink& link = Touch(links_, store_.file_.state.links, destination);
  const auto note = store_.notes_.find(destination);
  // What is noted is as good as written.
  if (note != store_.notes_.end() && note->second.acked.has_value()) {
    link.numbers.acked = std::min(*note->second.acked, link.numbers.assigned);
  }
  return link;
}

MemoryOrigin& MemoryTransaction::TouchOrigin(std::string_view origin) {
  return Touch(origins_, store_.file_.state.origins, origin);
}

MemoryChange& MemoryTransaction::Note(MemoryChange::Kind kind, std::string_view peer, Seq seq) {
  MemoryChange& change = changes_.emplace_back();
  change.kind = kind;
  change.peer = peer;
  change.seq = seq;
  return change;
}

// --- Outbox

absl::Status MemoryTransaction::CheckRoom(const MemoryLink& link, std::string_view destination,
                                          std::size_t bytes) const {
  const StoreLimits& limits = store_.limits_;
  const auto full = [&](std::string_view what, std::uint64_t bound) {
    return absl::ResourceExhaustedError(
        fmt::format("too many {} for {} wait: the bound is {}", what, destination, bound));
  };
  if (Value(link.numbers.assigned) >= kSeqMax) {
    return absl::ResourceExhaustedError(fmt::format("no number is left for {}", destination));
  }
  if (Value(link.numbers.assigned) - Value(link.numbers.acked) >= limits.waiting_updates_max) {
    return full("updates", limits.waiting_updates_max);
  }
  const std::uint64_t waiting = link.log.BytesAfter(link.numbers.acked) + bytes;
  if (waiting > limits.waiting_bytes_max) return full("bytes", limits.waiting_bytes_max);
  if (waiting + WaitingBytesOfOthers(destination) > limits.waiting_bytes_total_max) {
    return full("bytes", limits.waiting_bytes_total_max);
  }
  return absl::OkStatus();
}

std::uint64_t MemoryTransaction::WaitingBytesOfOthers(std::string_view destination) const {
  const auto& committed = store_.file_.state.links;
  std::uint64_t bytes = 0;
  const auto add = [&](const std::string& name) {
    if (name == destination) return;
    const MemoryLink* link = Look(links_, committed, name);
    if (link == nullptr) return;  // undone
    bytes += link->log.BytesAfter(store_.Current(name, *link).numbers.acked);
  };
  for (const auto& [name, link] : committed) add(name);
  for (const auto& version : links_) {
    if (committed.find(version.key) == committed.end()) add(version.key);
  }
  return bytes;
}

Seq MemoryTransaction::Put(std::string_view destination, const std::shared_ptr<const std::string>& json) {
  MemoryLink& link = TouchLink(destination);
  link.numbers.assigned = Next(link.numbers.assigned);
  link.log.Add(link.numbers.assigned, json, store_.disk_.WallNow());
  Note(MemoryChange::Kind::kAppended, destination, link.numbers.assigned).json = json;
  return link.numbers.assigned;
}

absl::StatusOr<Seq> MemoryTransaction::Append(std::string_view destination, std::string_view json) {
  const std::string one(destination);
  absl::StatusOr<std::vector<Seq>> seqs = AppendToAll(std::span(&one, 1), json);
  if (!seqs.ok()) return seqs.status();
  return seqs->front();
}

absl::StatusOr<std::vector<Seq>> MemoryTransaction::AppendToAll(std::span<const std::string> destinations,
                                                                std::string_view json) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  for (const std::string& destination : destinations) {
    // As much comes with it for the others.
    status = CheckRoom(TouchLink(destination), destination, json.size());
    if (!status.ok()) return status;
  }
  const std::uint64_t total = json.size() * destinations.size() + WaitingBytesOfOthers({});
  if (total > store_.limits_.waiting_bytes_total_max) {
    return absl::ResourceExhaustedError(
        fmt::format("too many bytes wait: the bound is {}", store_.limits_.waiting_bytes_total_max));
  }
  const auto shared = std::make_shared<const std::string>(json);
  std::vector<Seq> seqs;
  for (const std::string& destination : destinations) seqs.push_back(Put(destination, shared));
  return seqs;
}

absl::StatusOr<LinkNumbers> MemoryTransaction::Renumber(std::string_view destination, Seq boundary,
                                                        Seq theirs) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  if (theirs <= boundary) return absl::InternalError("store: updates can be renumbered upwards only");
  const std::lock_guard guard(store_.mutex_);
  MemoryLink& link = TouchLink(destination);
  const std::uint64_t shift = Value(theirs) - Value(boundary);
  std::vector<MemoryLog::Entry> moved;
  link.log.Remove(Next(boundary), link.numbers.assigned,
                  [&](const MemoryLog::Entry& entry) { moved.push_back(entry); });
  for (MemoryLog::Entry& entry : moved) {
    const Seq seq{Value(entry.seq) + shift};
    link.log.Add(seq, entry.json, entry.since);
    Note(MemoryChange::Kind::kRenumbered, destination, seq).json = entry.json;
  }
  link.numbers = {Seq{Value(std::max(link.numbers.assigned, boundary)) + shift}, theirs};
  link.renumbered_by = store_.opening_;
  link.renumbered_to = theirs;
  store_.notes_[std::string(destination)].acked.reset();
  return link.numbers;
}

void MemoryTransaction::Take(MemoryLink& link, std::string_view destination, Seq first, Seq last,
                             Pruned* pruned) {
  link.log.Remove(first, last, [&](const MemoryLog::Entry& entry) {
    MemoryChange& change = Note(MemoryChange::Kind::kRemoved, destination, entry.seq);
    change.acked = entry.seq <= link.numbers.acked;
    change.json = entry.json;
    ++pruned->removed;
    if (change.acked) return;
    if (pruned->given_up_first == Seq{0}) pruned->given_up_first = entry.seq;
    pruned->given_up_last = entry.seq;
  });
}

absl::Status MemoryTransaction::Remove(std::string_view destination, Seq first, Seq last) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  Pruned pruned;
  Take(TouchLink(destination), destination, first, last, &pruned);
  return absl::OkStatus();
}

absl::StatusOr<Pruned> MemoryTransaction::Prune(std::string_view destination, const Retention& retention,
                                                std::size_t count_max) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  MemoryLink& link = TouchLink(destination);
  const auto now = store_.disk_.WallNow();
  Pruned pruned;
  std::uint64_t waiting_bytes = link.log.BytesAfter(link.numbers.acked);
  // First the ones that are acknowledged, then those that wait.
  for (const bool waits : {false, true}) {
    const Seq first = waits ? Next(link.numbers.acked) : Seq{1};
    const auto age_max = waits ? retention.waiting_age_max : retention.acked_age_max;
    Seq last{0};
    std::size_t count = 0;
    MemoryLog::Position position = link.log.Find(first);
    for (const MemoryLog::Entry* entry = link.log.At(position);
         entry != nullptr && (waits || entry->seq <= link.numbers.acked);
         link.log.Advance(&position), entry = link.log.At(position)) {
      const bool much = waits && waiting_bytes > retention.waiting_bytes_max;
      if (!much && now - entry->since <= age_max) break;
      if (pruned.removed + count == count_max) {
        pruned.more = true;
        break;
      }
      ++count;
      if (waits) waiting_bytes -= entry->json->size();
      last = entry->seq;
    }
    if (count > 0) Take(link, destination, first, last, &pruned);
    if (pruned.more) break;
  }
  return pruned;
}

absl::Status MemoryTransaction::SetPaused(std::string_view destination, bool paused) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  TouchLink(destination).paused = paused;
  return absl::OkStatus();
}

// --- Inbox

absl::StatusOr<Seq> MemoryTransaction::Last(std::string_view origin) {
  if (!store_.disk_.OnRead()) return absl::UnavailableError("store: the disk cannot be read");
  const std::lock_guard guard(store_.mutex_);
  if (broken_) return Broken();
  const auto said = lasts_.find(origin);
  if (said != lasts_.end()) return said->second;
  const MemoryOrigin* found = Look(origins_, store_.file_.state.origins, origin);
  return found == nullptr ? Seq{0} : found->last;
}

absl::Status MemoryTransaction::SetLast(std::string_view origin, Seq last) {
  if (ended_) return absl::FailedPreconditionError("the transaction has ended");
  // Not worth a turn of the writer alone.
  if (!holds_writer_) {
    lasts_.insert_or_assign(std::string(origin), last);
    return absl::OkStatus();
  }
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  PutLast(origin, last);
  return absl::OkStatus();
}

void MemoryTransaction::PutLast(std::string_view origin, Seq last) {
  TouchOrigin(origin).last = last;
  Note(MemoryChange::Kind::kLast, origin, last);
}

absl::Status MemoryTransaction::Quarantine(const QuarantinedUpdate& update) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  MemoryOrigin& origin = TouchOrigin(update.origin);
  if (origin.quarantine.size() >= store_.limits_.quarantine_updates_max ||
      origin.quarantine_bytes + update.json.size() > store_.limits_.quarantine_bytes_max) {
    return absl::ResourceExhaustedError(fmt::format("the quarantine of {} is full", update.origin));
  }
  auto kept = std::make_shared<QuarantinedUpdate>(update);
  kept->id = ++origin.quarantine_id;
  if (kept->since == std::chrono::system_clock::time_point{}) kept->since = store_.disk_.WallNow();
  origin.quarantine_bytes += kept->json.size();
  MemoryChange& change = Note(MemoryChange::Kind::kQuarantined, update.origin, update.seq);
  change.quarantine_id = kept->id;
  change.json = std::shared_ptr<const std::string>(kept, &kept->json);
  origin.quarantine.push_back(std::move(kept));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::SetReason(std::string_view origin, std::int64_t id, std::string_view reason) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  for (auto& update : TouchOrigin(origin).quarantine) {
    if (update->id != id) continue;
    auto changed = std::make_shared<QuarantinedUpdate>(*update);
    changed->reason = reason;
    update = std::move(changed);
    return absl::OkStatus();
  }
  return absl::NotFoundError(fmt::format("{} has nothing with the id {} in quarantine", origin, id));
}

absl::Status MemoryTransaction::Unquarantine(std::string_view origin, std::int64_t id) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  MemoryOrigin& kept = TouchOrigin(origin);
  const auto update = std::find_if(kept.quarantine.begin(), kept.quarantine.end(),
                                   [&](const auto& candidate) { return candidate->id == id; });
  if (update == kept.quarantine.end()) {
    return absl::NotFoundError(fmt::format("{} has nothing with the id {} in quarantine", origin, id));
  }
  kept.quarantine_bytes -= (*update)->json.size();
  MemoryChange& change = Note(MemoryChange::Kind::kUnquarantined, origin, (*update)->seq);
  change.quarantine_id = id;
  change.json = std::shared_ptr<const std::string>(*update, &(*update)->json);
  kept.quarantine.erase(update);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::AddRow(std::string_view peer, Row row) {
  absl::Status status = Use();
  if (!status.ok()) return status;
  const std::lock_guard guard(store_.mutex_);
  const Row*& latest = IsAboutDestination(row.kind) ? TouchLink(peer).rows : TouchOrigin(peer).rows;
  row.before = latest;
  latest = &store_.file_.rows.emplace_back(row);
  Note(MemoryChange::Kind::kRow, peer, row.seq).row = latest;
  return absl::OkStatus();
}

absl::Status AddRow(Transaction& transaction, std::string_view peer, Row row) {
  return static_cast<MemoryTransaction&>(transaction).AddRow(peer, row);
}

// --- Ends

void MemoryTransaction::Seal() {
  const auto seal = [](auto& versions) {
    for (auto& version : versions) {
      if (version.working != nullptr) version.sealed = std::move(version.working);
    }
  };
  seal(links_);
  seal(origins_);
  changes_sealed_ = changes_.size();
}

absl::Status MemoryTransaction::Checkpoint() {
  if (!lasts_.empty()) {
    absl::Status status = Use();
    if (!status.ok()) return status;
  }
  if (!holds_writer_) return absl::OkStatus();
  if (broken_) return Broken();
  Seal();
  // Others that come now take it along.
  absl::Status status = absl::OkStatus();
  if (store_.disk_.SomebodyWaits()) {
    status = Publish();
  } else {
    store_.parked_ = this;
  }
  Release();
  return status;
}

absl::Status MemoryTransaction::Undo() {
  const std::lock_guard guard(store_.mutex_);
  lasts_.clear();
  if (!holds_writer_) return broken_ ? Broken() : absl::OkStatus();
  for (auto& version : links_) version.working = nullptr;
  for (auto& version : origins_) version.working = nullptr;
  changes_.resize(changes_sealed_);
  return broken_ ? Broken() : absl::OkStatus();
}

absl::Status MemoryTransaction::Commit() {
  if (ended_) return absl::FailedPreconditionError("the transaction has ended");
  (void)Undo();
  if (!holds_writer_ && HasSealed()) Acquire();
  ended_ = true;
  absl::Status status = absl::OkStatus();
  if (broken_) {
    status = Broken();
  } else if (holds_writer_) {
    status = Publish();
  }
  Release();
  return status;
}

absl::Status MemoryTransaction::Publish() {
  const Disk::Fate fate = store_.disk_.OnCommit();
  std::vector<MemoryChange> changes = std::move(changes_);
  changes_.clear();
  changes_sealed_ = 0;
  if (fate == Disk::Fate::kDone || fate == Disk::Fate::kFailsDurable) {
    const std::lock_guard guard(store_.mutex_);
    for (auto& version : links_) {
      if (version.sealed != nullptr) store_.file_.state.links[version.key] = version.sealed;
    }
    for (auto& version : origins_) {
      if (version.sealed != nullptr) store_.file_.state.origins[version.key] = version.sealed;
    }
    store_.WriteNotes();
    if (!changes.empty()) store_.disk_.Committed(changes);
  }
  if (fate == Disk::Fate::kDone) Tell(changes);
  // Last of all: whoever this belongs to may end it on another thread as soon as nothing of it is left.
  const std::lock_guard guard(store_.mutex_);
  if (fate != Disk::Fate::kDone) broken_ = true;
  links_.clear();
  origins_.clear();
  switch (fate) {
    case Disk::Fate::kDone:
      return absl::OkStatus();
    case Disk::Fate::kFull:
      return absl::UnavailableError("store: the disk is full");
    case Disk::Fate::kFails:
    case Disk::Fate::kFailsDurable:
      break;
  }
  return absl::UnavailableError("store: the commit failed");
}

void MemoryTransaction::Tell(const std::vector<MemoryChange>& changes) {
  struct News {
    Seq assigned{0};
    std::shared_ptr<UpdateRun> run;
    bool changed = false;  // so the run is not what is stored
  };
  std::map<std::string_view, News> all;
  for (const MemoryChange& change : changes) {
    News& news = all[change.peer];
    if (change.kind == MemoryChange::Kind::kAppended) {
      if (news.run == nullptr) news.run = std::make_shared<UpdateRun>(change.seq);
      news.run->Add(*change.json);
      news.assigned = change.seq;
    } else if (change.kind == MemoryChange::Kind::kRenumbered ||
               change.kind == MemoryChange::Kind::kRemoved) {
      news.changed = true;
      if (change.kind == MemoryChange::Kind::kRenumbered) news.assigned = change.seq;
    }
  }
  const std::lock_guard guard(store_.observer_mutex_);
  if (!store_.observer_) return;
  for (const auto& [destination, news] : all) {
    if (news.run == nullptr) continue;
    // A store need not have it at hand.
    const bool at_hand = !news.changed && Value(news.assigned) % 7 != 0;
    store_.observer_({destination, news.assigned, at_hand ? news.run : nullptr});
  }
}

}  // namespace federation::simulation
