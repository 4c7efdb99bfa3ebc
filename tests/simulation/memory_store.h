#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "federation/limits.h"
#include "federation/store.h"

#include "simulation/memory_state.h"

namespace federation::simulation {

// What a memory store stands on: its disk, its thread and its clocks, and with them all that can go wrong.
class Disk {
 public:
  virtual ~Disk() = default;

  enum class Fate {
    kDone,
    kFails,         // reported as failed, and nothing of it is there
    kFailsDurable,  // reported as failed, and all of it is there
    kFull,          // no room: nothing of it is there
  };
  virtual Fate OnCommit() = 0;
  // Whether one statement of a transaction, or a read, succeeds.
  virtual bool OnWrite() = 0;
  virtual bool OnRead() = 0;
  // Whether another process that shares the store has taken the link over.
  virtual bool IsLeased(std::string_view destination) = 0;
  // Whether somebody waits for the writer at a checkpoint.
  virtual bool SomebodyWaits() = 0;
  // Runs a task on the store's thread.
  virtual void Post(std::chrono::milliseconds delay, std::function<void()> task) = 0;
  virtual std::chrono::steady_clock::time_point Now() const = 0;
  virtual std::chrono::system_clock::time_point WallNow() const = 0;
  // What is durable now, whether it is reported so or not.
  virtual void Committed(const std::vector<MemoryChange>& changes) = 0;
  // What a link has heard from its destination.
  virtual void Noted(std::string_view destination, Seq acked) = 0;
};

// What outlives the process: the state, and the rows that it points to.
struct MemoryFile {
  std::mutex mutex;  // guards what follows
  MemoryState state;
  std::deque<Row> rows;
  std::uint64_t openings = 0;
};

class MemoryTransaction;

// A store in memory. What it has committed stays in its file when it is destroyed; notes that no commit has
// taken along are lost.
class MemoryStore : public Store {
 public:
  // Both are borrowed.
  MemoryStore(MemoryFile& file, Disk& disk, const StoreLimits& limits);
  ~MemoryStore() override;

  void Append(std::string destination, std::string json, AppendDone done) override;
  void Submit(Work work, Done done) override;
  absl::Status Transact(const Work& work) override;
  std::unique_ptr<LazyTransaction> Begin() override;
  bool InTransaction() const override;

  absl::StatusOr<StoredLink> Link(std::string_view destination) override;
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) override;
  absl::StatusOr<std::vector<std::string>> WaitingLinks() override;
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max) override;
  absl::StatusOr<Seq> Last(std::string_view origin) override;
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max) override;
  absl::StatusOr<std::vector<QuarantineSize>> Quarantines() override;

  void NoteAcked(std::string_view destination, Seq acked) override;
  void NoteBackOff(std::string_view destination, const BackOff& backoff) override;
  void NoteCompared(std::string_view destination) override;

  absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                             std::chrono::milliseconds duration) override;
  void EndLease(std::string_view destination, std::string_view owner) override;

  void ObserveAppends(AppendObserver observer) override;

  // Writes what is only noted.
  void Flush();

 private:
  friend class MemoryTransaction;

  struct Queued {
    Work work;
    Done done;
    std::size_t bytes = 0;
  };
  struct Note {
    std::optional<Seq> acked;
    std::optional<BackOff> backoff;
  };
  struct LeaseHolder {
    std::string owner;
    std::chrono::steady_clock::time_point until;
  };

  // The writer's turn. What another transaction has completed is committed first.
  void Acquire(const MemoryTransaction* transaction);
  void Enqueue(Queued queued);
  void RunQueue();
  void NoteLater();
  StoredLink Describe(const std::string& destination, const MemoryLink& link) const;
  // The link with what is noted of it.
  MemoryLink Current(const std::string& destination, const MemoryLink& link) const;
  // With mutex_ held.
  void WriteNotes();

  MemoryFile& file_;
  Disk& disk_;
  const StoreLimits limits_;
  // The links as they were when the store was opened.
  const std::uint64_t opening_;
  const MemoryState::Map<MemoryLink> opened_;
  std::set<std::string, std::less<>> compared_;

  // One writer at a time; who waits for that.
  std::mutex writer_;
  // Has complete steps, and is busy elsewhere; guarded by writer_.
  MemoryTransaction* parked_ = nullptr;

  std::mutex& mutex_;  // the file's; guards what follows, too
  std::map<std::string, Note, std::less<>> notes_;
  bool note_posted_ = false;
  std::vector<Queued> queue_;
  std::size_t queued_bytes_ = 0;
  bool queue_posted_ = false;
  std::map<std::string, LeaseHolder, std::less<>> leases_;

  std::mutex observer_mutex_;
  AppendObserver observer_;
};

// Adds a row to the application's table inside of a transaction of a memory store, as SqliteConnection lets
// an application write tables of its own. Under the name of the peer that it is about.
absl::Status AddRow(Transaction& transaction, std::string_view peer, Row row);

}  // namespace federation::simulation
