#include "store/sqlite/queue.h"

#include <chrono>
#include <exception>
#include <utility>

#include <fmt/core.h>

#include "log/log.h"
#include "store/sqlite/guarded_work.h"
#include "store/sqlite/inside.h"

namespace federation::sqlite {
namespace {

// How much of the queue goes into one transaction: everybody else waits for it. Work counts as several
// updates.
constexpr std::size_t kGroupMax = 16'384;
constexpr std::size_t kWorkCost = 4;
constexpr std::size_t kGroupBytesMax = std::size_t{8} * 1024 * 1024;
// How long notes wait for a commit that takes them along.
constexpr std::chrono::milliseconds kNotesDelayMax{500};
// How long a transaction between two steps may keep SQLite's lock, for which connections of the embedder may
// wait.
constexpr std::chrono::milliseconds kParkedMax{20};

}  // namespace

void Queue::Start() {
  thread_ = std::thread([this] { Run(); });
}

Queue::~Queue() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Queue::Append(std::string destination, std::string json, Store::AppendDone done) {
  Queued queued{
      .destination = std::move(destination), .json = std::move(json), .append_done = std::move(done)};
  const std::size_t bytes = queued.bytes();
  const std::size_t before = queued_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  // A single one may be as large as it likes; its sender has checked that.
  if (before > 0 && before + bytes > shared_.limits.queued_bytes_max) {
    queued_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    queued.append_done(absl::ResourceExhaustedError(
        fmt::format("{} bytes of updates wait for their commit, the bound is {}: none is taken for {}",
                    before, shared_.limits.queued_bytes_max, queued.destination)));
    return;
  }
  Add(std::move(queued));
}

void Queue::Submit(Store::Work work, Store::Done done) {
  Add({.work = std::move(work), .done = std::move(done)});
}

void Queue::Add(Queued queued) {
  bool wake = false;
  {
    const std::lock_guard guard(mutex_);
    queue_.push_back(std::move(queued));
    wake = std::exchange(is_waiting_, false);
  }
  if (wake) changed_.notify_one();
}

bool Queue::IsIdle() {
  {
    const std::lock_guard guard(mutex_);
    if (!is_waiting_ || !queue_.empty()) return false;
  }
  return writer_.IsFree();
}

void Queue::Wake() {
  {
    const std::lock_guard guard(mutex_);
    is_woken_ = true;
    is_waiting_ = false;
  }
  changed_.notify_one();
}

bool Queue::Wait(std::vector<Queued>& batch) {
  const auto deadline = std::chrono::steady_clock::now() + kNotesDelayMax;
  std::unique_lock lock(mutex_);
  while (queue_.empty() && !is_stopping_) {
    lock.unlock();
    const bool has_notes = !shared_.notes.empty();
    writer_.CompleteParked(kParkedMax);
    const bool has_guest = writer_.HasGuest();
    const bool is_late = std::chrono::steady_clock::now() >= deadline;
    lock.lock();
    if (has_notes && is_late) break;
    if (!queue_.empty() || is_stopping_) break;
    if (std::exchange(is_woken_, false)) continue;
    is_waiting_ = true;
    if (has_guest) {
      changed_.wait_for(lock, kParkedMax);
    } else if (has_notes) {
      changed_.wait_until(lock, deadline);
    } else {
      changed_.wait(lock, [this] { return is_stopping_ || is_woken_ || !queue_.empty(); });
    }
    is_waiting_ = false;
  }
  batch.swap(queue_);
  return !is_stopping_ || !batch.empty();
}

void Queue::Run() {
  std::vector<Queued> batch;
  while (Wait(batch)) {
    CommitInGroups(batch);
    batch.clear();
  }
  if (!shared_.notes.empty()) CommitTogether({});
}

void Queue::CommitInGroups(std::span<Queued> batch) {
  do {
    std::size_t count = 0;
    std::size_t cost = 0;
    std::size_t bytes = 0;
    while (count < batch.size() && cost < kGroupMax && bytes < kGroupBytesMax) {
      cost += batch[count].work ? kWorkCost : 1;
      bytes += batch[count].json.size();
      ++count;
    }
    const std::span<Queued> group = batch.first(count);
    CommitTogether(group);
    for (Queued& queued : group) Tell(queued);
    batch = batch.subspan(count);
  } while (!batch.empty());
}

void Queue::Tell(Queued& queued) {
  // Whoever waits here for another commit would wait for himself.
  const Inside inside(store_);
  if (!queued.work) queued_bytes_.fetch_sub(queued.bytes(), std::memory_order_relaxed);
  try {
    if (queued.work) {
      queued.done(queued.status);
    } else if (queued.status.ok()) {
      queued.append_done(queued.seq);
    } else {
      queued.append_done(queued.status);
    }
  } catch (const std::exception& error) {
    Log().error("what is called after a commit threw: {}", error.what());
  } catch (...) {
    Log().error("what is called after a commit threw what is no std::exception");
  }
}

void Queue::CommitTogether(std::span<Queued> group) {
  const Inside inside(store_);
  absl::Status status = writer_.Enter(/*may_share=*/true);
  if (status.ok()) {
    for (Queued& queued : group) RunOne(queued);
    status = writer_.Commit();
  }
  if (status.ok()) return;
  if (group.empty()) Log().warn("{}", status.ToString());
  for (Queued& queued : group) {
    if (queued.status.ok()) queued.status = status;
  }
}

void Queue::RunOne(Queued& queued) {
  Session& session = writer_.session();
  if (!queued.work) {
    const absl::StatusOr<Seq> seq = session.Append(queued.destination, queued.json);
    if (seq.ok()) {
      queued.seq = *seq;
    } else {
      queued.status = seq.status();
    }
    return;
  }
  queued.status = session.BeginStep();
  if (!queued.status.ok()) return;
  queued.status = RunGuarded(queued.work, session);
  if (queued.status.ok()) queued.status = session.KeepStep();
  if (queued.status.ok()) return;
  const absl::Status undone = session.UndoStep();
  if (!undone.ok()) Log().error("{}", undone.ToString());
}

}  // namespace federation::sqlite
