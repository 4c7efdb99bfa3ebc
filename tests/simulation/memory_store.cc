#include "simulation/memory_store.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "simulation/memory_transaction.h"

namespace federation::simulation {
namespace {

constexpr std::chrono::milliseconds kNoteDelay{1000};

absl::Status RunGuarded(const Store::Work& work, Transaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("work in a transaction threw: {}", error.what()));
  }
}

absl::Status CannotRead() { return absl::UnavailableError("store: the disk cannot be read"); }

}  // namespace

MemoryStore::MemoryStore(MemoryFile& file, Disk& disk, const StoreLimits& limits)
    : file_(file),
      disk_(disk),
      limits_(limits),
      opening_(++file.openings),
      opened_(file.state.links),
      mutex_(file.mutex) {}

MemoryStore::~MemoryStore() = default;

// --- Writing

void MemoryStore::Append(std::string destination, std::string json, AppendDone done) {
  const std::size_t bytes = json.size();
  auto seq = std::make_shared<Seq>();
  Enqueue({[destination = std::move(destination), json = std::move(json), seq](Transaction& transaction) {
             const absl::StatusOr<Seq> given = transaction.Append(destination, json);
             if (given.ok()) *seq = *given;
             return given.status();
           },
           [seq, done = std::move(done)](const absl::Status& status) {
             if (!status.ok()) return done(status);
             done(*seq);
           },
           bytes});
}

void MemoryStore::Submit(Work work, Done done) { Enqueue({std::move(work), std::move(done), 0}); }

void MemoryStore::Enqueue(Queued queued) {
  bool full = false;
  bool post = false;
  {
    const std::lock_guard guard(mutex_);
    full = queued_bytes_ > 0 && queued_bytes_ + queued.bytes > limits_.queued_bytes_max;
    if (!full) {
      queued_bytes_ += queued.bytes;
      queue_.push_back(std::move(queued));
      post = !std::exchange(queue_posted_, true);
    }
  }
  if (full) return queued.done(absl::ResourceExhaustedError("too much waits for its commit"));
  if (post) disk_.Post(std::chrono::milliseconds{0}, [this] { RunQueue(); });
}

void MemoryStore::RunQueue() {
  std::vector<Queued> queue;
  {
    const std::lock_guard guard(mutex_);
    queue.swap(queue_);
    queue_posted_ = false;
    queued_bytes_ = 0;
  }
  std::vector<absl::Status> results;
  absl::Status committed;
  {
    MemoryTransaction transaction(*this);
    for (const Queued& queued : queue) {
      results.push_back(RunGuarded(queued.work, transaction));
      if (results.back().ok()) {
        transaction.Seal();
      } else {
        (void)transaction.Undo();
      }
    }
    committed = transaction.Commit();
  }
  for (std::size_t i = 0; i < queue.size(); ++i) queue[i].done(results[i].ok() ? committed : results[i]);
}

absl::Status MemoryStore::Transact(const Work& work) {
  if (InTransaction()) {
    return absl::FailedPreconditionError("store: this thread has a transaction already");
  }
  MemoryTransaction transaction(*this);
  absl::Status status = RunGuarded(work, transaction);
  if (!status.ok()) return status;
  transaction.Seal();
  return transaction.Commit();
}

std::unique_ptr<LazyTransaction> MemoryStore::Begin() { return std::make_unique<MemoryTransaction>(*this); }

// --- Reading

MemoryLink MemoryStore::Current(const std::string& destination, const MemoryLink& link) const {
  MemoryLink current;
  current.numbers = link.numbers;
  current.backoff = link.backoff;
  current.paused = link.paused;
  const auto note = notes_.find(destination);
  if (note == notes_.end()) return current;
  if (note->second.acked.has_value()) {
    current.numbers.acked = std::min(*note->second.acked, current.numbers.assigned);
  }
  if (note->second.backoff.has_value()) current.backoff = *note->second.backoff;
  return current;
}

StoredLink MemoryStore::Describe(const std::string& destination, const MemoryLink& link) const {
  const MemoryLink current = Current(destination, link);
  StoredLink stored;
  stored.destination = destination;
  stored.numbers = current.numbers;
  const auto opened = opened_.find(destination);
  if (compared_.contains(destination)) {
    stored.assigned_at_open = current.numbers.assigned;
  } else if (link.renumbered_by == opening_) {
    stored.assigned_at_open = link.renumbered_to;
  } else if (opened != opened_.end()) {
    stored.assigned_at_open = opened->second->numbers.assigned;
  }
  stored.backoff = current.backoff;
  stored.paused = current.paused;
  stored.waiting_bytes = link.log.BytesAfter(current.numbers.acked);
  const MemoryLog::Entry* oldest = link.log.At(link.log.Find(Next(current.numbers.acked)));
  if (oldest != nullptr) stored.waiting_since = oldest->since;
  return stored;
}

absl::StatusOr<StoredLink> MemoryStore::Link(std::string_view destination) {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  const auto link = file_.state.links.find(destination);
  if (link != file_.state.links.end()) return Describe(link->first, *link->second);
  StoredLink unused;
  unused.destination = destination;
  return unused;
}

absl::StatusOr<std::vector<StoredLink>> MemoryStore::Links(std::string_view after, std::size_t count_max) {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  std::vector<StoredLink> links;
  for (auto link = file_.state.links.upper_bound(after);
       link != file_.state.links.end() && links.size() < count_max; ++link) {
    links.push_back(Describe(link->first, *link->second));
  }
  return links;
}

absl::StatusOr<std::vector<std::string>> MemoryStore::WaitingLinks() {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  std::vector<std::string> waiting;
  for (const auto& [destination, link] : file_.state.links) {
    const LinkNumbers numbers = Current(destination, *link).numbers;
    if (numbers.assigned > numbers.acked) waiting.push_back(destination);
  }
  return waiting;
}

absl::StatusOr<UpdateRun> MemoryStore::Read(std::string_view destination, Seq first, std::size_t count_max,
                                            std::size_t bytes_max) {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  const auto link = file_.state.links.find(destination);
  if (link == file_.state.links.end()) return UpdateRun(first);
  const MemoryLog& log = link->second->log;
  MemoryLog::Position position = log.Find(first);
  const MemoryLog::Entry* entry = log.At(position);
  UpdateRun run(entry == nullptr ? first : entry->seq);
  while (entry != nullptr && run.size() < count_max && entry->seq == Next(run.last())) {
    if (!run.empty() && run.json().size() + 1 + entry->json->size() > bytes_max) break;
    run.Add(*entry->json);
    log.Advance(&position);
    entry = log.At(position);
  }
  return run;
}

absl::StatusOr<Seq> MemoryStore::Last(std::string_view origin) {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  const auto found = file_.state.origins.find(origin);
  return found == file_.state.origins.end() ? Seq{0} : found->second->last;
}

absl::StatusOr<std::vector<QuarantinedUpdate>> MemoryStore::Quarantined(std::string_view origin,
                                                                        std::int64_t after,
                                                                        std::size_t count_max) {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  std::vector<QuarantinedUpdate> updates;
  const auto found = file_.state.origins.find(origin);
  if (found == file_.state.origins.end()) return updates;
  for (const auto& update : found->second->quarantine) {
    if (update->id > after && updates.size() < count_max) updates.push_back(*update);
  }
  return updates;
}

absl::StatusOr<std::vector<Store::QuarantineSize>> MemoryStore::Quarantines() {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  std::vector<QuarantineSize> sizes;
  for (const auto& [origin, kept] : file_.state.origins) {
    if (!kept->quarantine.empty()) sizes.push_back({origin, kept->quarantine.size(), kept->quarantine_bytes});
  }
  return sizes;
}

// --- Notes

void MemoryStore::NoteAcked(std::string_view destination, Seq acked) {
  {
    const std::lock_guard guard(mutex_);
    notes_[std::string(destination)].acked = acked;
  }
  disk_.Noted(destination, acked);
  NoteLater();
}

void MemoryStore::NoteCompared(std::string_view destination) {
  const std::lock_guard guard(mutex_);
  compared_.emplace(destination);
}

void MemoryStore::NoteBackOff(std::string_view destination, const BackOff& backoff) {
  {
    const std::lock_guard guard(mutex_);
    notes_[std::string(destination)].backoff = backoff;
  }
  NoteLater();
}

void MemoryStore::NoteLater() {
  {
    const std::lock_guard guard(mutex_);
    if (std::exchange(note_posted_, true)) return;
  }
  disk_.Post(kNoteDelay, [this] {
    {
      const std::lock_guard guard(mutex_);
      note_posted_ = false;
      if (notes_.empty()) return;
    }
    Flush();
  });
}

void MemoryStore::Flush() {
  Acquire(nullptr);
  const std::lock_guard writer(writer_, std::adopt_lock);
  const Disk::Fate fate = disk_.OnCommit();
  if (fate != Disk::Fate::kDone) NoteLater();
  const std::lock_guard guard(mutex_);
  if (fate == Disk::Fate::kDone || fate == Disk::Fate::kFailsDurable) WriteNotes();
}

void MemoryStore::WriteNotes() {
  for (const auto& [destination, note] : notes_) {
    std::shared_ptr<const MemoryLink>& link = file_.state.links[destination];
    auto changed = link == nullptr ? std::make_shared<MemoryLink>() : std::make_shared<MemoryLink>(*link);
    if (note.acked.has_value()) changed->numbers.acked = std::min(*note.acked, changed->numbers.assigned);
    if (note.backoff.has_value()) changed->backoff = *note.backoff;
    link = std::move(changed);
  }
  notes_.clear();
}

// --- Leases, news

absl::StatusOr<bool> MemoryStore::Lease(std::string_view destination, std::string_view owner,
                                        std::chrono::milliseconds duration) {
  if (!disk_.OnRead()) return CannotRead();
  const std::lock_guard guard(mutex_);
  if (disk_.IsLeased(destination)) return false;
  LeaseHolder& holder = leases_[std::string(destination)];
  if (holder.owner != owner && !holder.owner.empty() && disk_.Now() < holder.until) return false;
  holder = {std::string(owner), disk_.Now() + duration};
  return true;
}

void MemoryStore::EndLease(std::string_view destination, std::string_view owner) {
  const std::lock_guard guard(mutex_);
  const auto holder = leases_.find(destination);
  if (holder != leases_.end() && holder->second.owner == owner) leases_.erase(holder);
}

void MemoryStore::ObserveAppends(AppendObserver observer) {
  const std::lock_guard guard(observer_mutex_);
  observer_ = std::move(observer);
}

}  // namespace federation::simulation
