#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/link_numbers.h"
#include "federation/seq.h"

namespace federation {

struct StoredUpdate {
  Seq seq{0};
  std::string json;
};

// An update that could not be applied, as it came.
struct QuarantinedUpdate {
  std::string origin;
  Seq seq{0};
  std::string reason;
  std::string json;
};

// A write transaction of a Store. All of it is durable after the commit, or none of it.
//
// Belongs to the thread that uses it. An embedder uses it to join its own writes (see SqliteConnection in
// sqlite_store.h) with updates that it sends; the members are the runtime's.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // Outbox. Stores an update under the link's next number. Resource exhausted, with nothing changed, if too
  // many of the link's updates are not acknowledged.
  virtual absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) = 0;
  // The destination has updates up to `theirs`, more than we gave out: our store is an older copy. Gives the
  // updates after `boundary` new numbers, from the one after `theirs` on, and returns the link's new numbers.
  virtual absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) = 0;
  // Replaces an update that the destination will not take by the one that says that it is gone.
  virtual absl::Status Replace(std::string_view destination, Seq seq, std::string_view json) = 0;

  // Inbox. The highest number up to which everything of this origin is applied.
  virtual absl::StatusOr<Seq> Last(std::string_view origin) = 0;
  virtual absl::Status SetLast(std::string_view origin, Seq last) = 0;
  // Keeps an update that cannot be applied. Resource exhausted if the origin's quarantine is full.
  virtual absl::Status Quarantine(const QuarantinedUpdate& update) = 0;

  // Marks a point to which RollbackToMark undoes everything that came after it, the embedder's writes
  // included. One mark at a time: a new one takes the place of the old one.
  virtual absl::Status Mark() = 0;
  virtual absl::Status RollbackToMark() = 0;
};

// Keeps the numbers of all links, the updates that are not acknowledged, and the quarantine. Thread-safe.
//
// Promises: a transaction that was reported committed survives a crash of the process and of the machine; one
// that was not leaves nothing. Numbers of one link are given out in the order of commits, without gaps.
class Store {
 public:
  using Work = std::function<absl::Status(Transaction&)>;
  using Done = std::function<void(const absl::Status&)>;
  using AppendObserver = std::function<void(std::string_view destination, Seq assigned)>;

  virtual ~Store() = default;

  // Runs `work` in a transaction that it may share with other callers' work, and commits. If `work` fails,
  // only its own writes are undone. `done` is called on the store's thread, after the commit; it must not
  // block. `work` may be short only: everything else waits for it.
  virtual void Submit(Work work, Done done) = 0;

  // Runs `work` in a transaction on the caller's thread, and commits if it succeeds. Blocks. Other writers
  // wait meanwhile. A failed precondition inside of another transaction of the same thread.
  virtual absl::Status Transact(const Work& work) = 0;
  // Whether the calling thread is inside of a transaction of this store, where it must not wait for another
  // one.
  virtual bool InTransaction() const = 0;

  // Reads see committed data only.
  virtual absl::StatusOr<LinkNumbers> Link(std::string_view destination) = 0;
  struct NamedLink {
    std::string destination;
    LinkNumbers numbers;
  };
  virtual absl::StatusOr<std::vector<NamedLink>> Links() = 0;
  // The updates from `first` on in order, as many as fit in both limits, but at least one if there is one.
  // Numbers may be missing where updates are no longer kept.
  virtual absl::StatusOr<std::vector<StoredUpdate>> Read(std::string_view destination, Seq first,
                                                         std::size_t count_max, std::size_t bytes_max) = 0;
  virtual absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin,
                                                                     std::size_t count_max) = 0;

  // Saves that the destination has confirmed up to `acked`. Returns at once; durable with the next commit or
  // within a second. Losing it costs a repeat, never an update.
  virtual void NoteAcked(std::string_view destination, Seq acked) = 0;
  // Removes confirmed updates that were stored before `age` ago, at most `count_max` of them; returns how
  // many.
  virtual absl::StatusOr<std::size_t> Prune(std::chrono::seconds age, std::size_t count_max) = 0;

  // `observer` is called after each commit that appended updates, once for each destination, on the thread
  // that committed; it must not block. Null removes it; after the return the old one is not called any more.
  virtual void ObserveAppends(AppendObserver observer) = 0;
};

}  // namespace federation
