#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/link_numbers.h"
#include "federation/seq.h"
#include "federation/update_run.h"

namespace federation {

// A link's pause after failures, as it outlives the process.
struct BackOff {
  int failures = 0;  // since the last success
  // When it ends, by the wall clock; none if the link does not wait.
  std::optional<std::chrono::system_clock::time_point> until{};

  friend bool operator==(const BackOff&, const BackOff&) = default;
};

// What a store knows of the link to one destination.
struct StoredLink {
  std::string destination;
  LinkNumbers numbers;
  // The last number that had been given out when this store was opened. If the destination has more than
  // that, the store is an older copy: what was given out since may have numbers that the destination knows.
  // Where nothing was appended since it is the same as `assigned`; after Renumber it is `theirs`.
  Seq assigned_at_open{0};
  BackOff backoff{};
  // Its operator wants nothing to be sent.
  bool paused = false;
  // JSON bytes of the updates that are not acknowledged, without the commas; roughly: acknowledged ones that
  // were stored together with waiting ones may be among them.
  std::uint64_t waiting_bytes = 0;
  // When the oldest one of them was stored.
  std::optional<std::chrono::system_clock::time_point> waiting_since{};
};

// An update that could not be applied, as it came.
struct QuarantinedUpdate {
  // Given by the store, rising for each origin in the order of arrival. The number does not do for that: an
  // origin that goes back to an older store gives numbers out again.
  std::int64_t id = 0;
  std::string origin{};
  Seq seq{0};
  std::string reason{};
  std::string json{};
  std::chrono::system_clock::time_point since{};
};

// How long updates are kept.
struct Retention {
  // Acknowledged ones, from when they were stored.
  std::chrono::seconds acked_age_max{};
  // Those that wait, in age, and in bytes of one link; older ones are given up.
  std::chrono::seconds waiting_age_max{};
  std::uint64_t waiting_bytes_max = 0;
};

// What one step of pruning did to a link.
struct Pruned {
  // How many updates it removed.
  std::size_t removed = 0;
  // Those among them that had not been acknowledged: the numbers first .. last. None if first is 0.
  Seq given_up_first{0};
  Seq given_up_last{0};
  // Whether the bound on one step left more to be removed.
  bool more = false;
};

// A write transaction of a Store. All of it is durable after the commit, or none of it.
//
// Belongs to the thread that uses it. An embedder uses it to join its own writes (see SqliteConnection in
// sqlite_store.h) with updates that it sends; the members are the runtime's.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Outbox. Stores an update under the link's next number. Resource exhausted, with nothing changed, if too
  // much of that link, or of all links together, is not acknowledged (StoreLimits).
  virtual absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) = 0;
  // The same for many destinations at once, whose bytes are stored once. Returns their numbers, in order; all
  // or nothing.
  virtual absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                                       std::string_view json) = 0;
  // The destination has updates up to `theirs`, more than we gave out: our store is an older copy. Gives the
  // updates after `boundary` new numbers, from the one after `theirs` on, and returns the link's new numbers,
  // with `theirs` acknowledged.
  virtual absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) = 0;
  // Removes the updates first .. last. Their numbers stay given out: who reads finds a gap.
  virtual absl::Status Remove(std::string_view destination, Seq first, Seq last) = 0;
  // Removes what need not be kept any longer, at most about `count_max` updates, the oldest first.
  virtual absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                                       std::size_t count_max) = 0;
  virtual absl::Status SetPaused(std::string_view destination, bool paused) = 0;

  // Inbox. The highest number up to which everything of this origin is applied.
  virtual absl::StatusOr<Seq> Last(std::string_view origin) = 0;
  virtual absl::Status SetLast(std::string_view origin, Seq last) = 0;
  // Keeps an update that cannot be applied; the store gives it its `id`. Resource exhausted, with nothing
  // changed, if the origin's quarantine is full.
  virtual absl::Status Quarantine(const QuarantinedUpdate& update) = 0;
  // Gives a quarantined update another reason, or takes it out. Not found if there is none with this id.
  virtual absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason) = 0;
  virtual absl::Status Unquarantine(std::string_view origin, std::int64_t id) = 0;
};

// A transaction that begins when something is first written in it: who has one and is busy with other things
// holds up nobody. For a series of steps (the updates of a push), each of which is done or undone as a whole.
//
//   for (each update) {
//     if (Apply(update, *transaction)) transaction->SetLast(origin, seq); else transaction->Undo();
//     transaction->Checkpoint();
//   }
//   status = transaction->Commit();
//
// Destroying it without Commit undoes what nobody has committed meanwhile.
class LazyTransaction : public Transaction {
 public:
  // All steps up to here are complete. From now until the next write the store may commit them, if somebody
  // else waits for it. If this fails, the transaction has failed with all that was not committed.
  virtual absl::Status Checkpoint() = 0;
  // Undoes what came after the last Checkpoint, the embedder's writes included.
  virtual absl::Status Undo() = 0;
  // Everything up to the last Checkpoint is durable when this is ok, and what came after it is undone. If it
  // fails, the steps that are durable are a prefix of what was done; only a new look at the store tells how
  // many. Once.
  virtual absl::Status Commit() = 0;
};

// Keeps the numbers of all links, the updates that are not acknowledged, and the quarantine. Thread-safe.
//
// Promises, which tests/store attacks for every store: a transaction that was reported committed survives a
// crash of the process and of the machine; one that was not, leaves nothing, or all of it where the failure
// was in telling. Numbers of one link are given out in the order of commits, without gaps. After any error
// that is not internal, the store goes on.
class Store {
 public:
  using Work = std::function<absl::Status(Transaction&)>;
  using Done = std::function<void(const absl::Status&)>;
  using AppendDone = std::function<void(const absl::StatusOr<Seq>&)>;

  virtual ~Store() = default;

  // --- Writing. Several of these wait for a commit together: it is what costs.

  // Stores an update. `done` is called with its number on the store's thread, after the commit; it must not
  // block. Errors as Transaction::Append, and unavailable if the store failed; resource exhausted also if too
  // much is queued, and then `done` is called on this thread, before the return. Of one thread's calls, those
  // for one destination get their numbers in the order of the calls.
  virtual void Append(std::string destination, std::string json, AppendDone done) = 0;
  // Runs `work` in a transaction that it may share with other callers' work, and commits. If `work` fails,
  // only its own writes are undone. `done` as above. `work` may be short only: everything else waits for it.
  virtual void Submit(Work work, Done done) = 0;
  // Runs `work` in a transaction on the caller's thread, and commits if it succeeds. Blocks. Other writers
  // wait meanwhile. A failed precondition inside of another transaction of the same thread.
  virtual absl::Status Transact(const Work& work) = 0;
  // A transaction that holds nobody up until it is used. From now until its end InTransaction() says true on
  // this thread.
  virtual std::unique_ptr<LazyTransaction> Begin() = 0;
  // Whether the calling thread has a transaction of this store, so that it must not wait for another one.
  virtual bool InTransaction() const = 0;

  // --- Reading. Committed data only.

  // A link that has never been used has the numbers 0.
  virtual absl::StatusOr<StoredLink> Link(std::string_view destination) = 0;
  // Every link in the order of destinations, from the one after `after` on, at most so many.
  virtual absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) = 0;
  // The destinations for which updates wait. Costs nothing for the other ones.
  virtual absl::StatusOr<std::vector<std::string>> WaitingLinks() = 0;
  // Updates that follow each other without a gap, from the first one that is kept with the number `first` or
  // a higher one on; as many as fit in both limits, but at least one if there is one.
  virtual absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                         std::size_t bytes_max) = 0;
  virtual absl::StatusOr<Seq> Last(std::string_view origin) = 0;
  // Of one origin, by rising ids, from the one after `after` on.
  virtual absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin,
                                                                     std::int64_t after,
                                                                     std::size_t count_max) = 0;
  // Every origin that has updates in quarantine.
  struct QuarantineSize {
    std::string origin;
    std::uint64_t updates = 0;
    std::uint64_t bytes = 0;
  };
  virtual absl::StatusOr<std::vector<QuarantineSize>> Quarantines() = 0;

  // --- Notes: durable with the next commit or within a second. They return at once.

  // The destination has confirmed up to `acked`. Losing it costs a repeat, never an update.
  virtual void NoteAcked(std::string_view destination, Seq acked) = 0;
  virtual void NoteBackOff(std::string_view destination, const BackOff& backoff) = 0;
  // Our numbers were compared with the destination's, or given anew: as far as StoredLink::assigned_at_open
  // is concerned this store has only just been opened, for this link. Not durable.
  virtual void NoteCompared(std::string_view destination) = 0;

  // --- Who may send. Where several processes share a store, only one at a time sends on a link.

  // Makes `owner` the one that sends on the link for `duration` from now on, or for that much longer if it is
  // already; false if another one is. A lease ends with its time, and with the process where the store is one
  // process's own.
  virtual absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                                     std::chrono::milliseconds duration) = 0;
  virtual void EndLease(std::string_view destination, std::string_view owner) = 0;

  // --- News.

  struct Appended {
    std::string_view destination;
    // The link's last number now; the last one of the run, where more of them follow.
    Seq assigned{0};
    // What was appended, where the store still has it at hand; may be null. A large commit comes as several
    // runs, in order.
    std::shared_ptr<const UpdateRun> run;
  };
  using AppendObserver = std::function<void(const Appended&)>;
  // `observer` is called after each commit that appended updates, for each destination, for one destination
  // in the order of numbers, on the thread that committed; it must not block. Null removes it; after the
  // return the old one is not called any more.
  virtual void ObserveAppends(AppendObserver observer) = 0;
};

}  // namespace federation
