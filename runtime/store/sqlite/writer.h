#pragma once

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "federation/store.h"

#include "store/sqlite/connection.h"
#include "store/sqlite/gate.h"
#include "store/sqlite/session.h"
#include "store/sqlite/wal_file.h"

namespace federation::sqlite {

// A transaction that is between two steps, as who takes its place sees it.
class Parked : public Gate::Guest {
 public:
  virtual ~Parked() = default;
  // Writes what the transaction would have written at its commit.
  virtual absl::Status WriteRest(Session& session) = 0;
  // What came of the commit.
  virtual void Completed(const absl::Status& status) = 0;
};

// The writing connection, its turns, and who is told of what is committed. Thread-safe; what stands between
// entering and leaving belongs to the thread that entered.
class Writer {
 public:
  // Borrows `shared`.
  Writer(Connection connection, Shared& shared)
      : connection_(std::move(connection)), session_(connection_.get(), shared), wal_(connection_.get()) {}

  // Waits for its turn and begins a transaction. `may_share`: it may be committed together with what another
  // one has left; so it must not be rolled back. Nothing is entered on failure: failed precondition (this
  // thread is inside already), unavailable.
  absl::Status Enter(bool may_share);
  // Both end the turn.
  absl::Status Commit();
  void Rollback();

  // The same for a transaction that parks. True if it is back at what it had left; otherwise that is
  // complete.
  absl::StatusOr<bool> EnterAs(Parked& self);
  // Whether it is back where it had parked, to end its turn.
  bool Resume(Parked& self) { return gate_.Resume(self); }
  void Park(Parked& self) { gate_.Park(self); }
  // Completes what has been parked for so long.
  void CompleteParked(std::chrono::milliseconds age);
  // Whether one is parked, or may be soon.
  bool HasGuest() const { return gate_.has_guest(); }
  // Whether nobody writes, or waits to.
  bool IsFree() const { return gate_.is_free(); }

  Session& session() { return session_; }

  void Observe(Store::AppendObserver observer);
  // Tells the observer what `look` finds, in turn with what is committed meanwhile.
  template <typename Look>
  void Tell(const Look& look) {
    const std::lock_guard guard(observer_mutex_);
    if (observer_) look(observer_);
  }

 private:
  absl::Status CommitAndTell();
  // Commits what another one has left, if its rest was written.
  void Settle(Parked& left, absl::Status status);
  absl::Status Begin();
  void Leave(const absl::Status& status);

  Connection connection_;
  Gate gate_;
  // Guarded by the gate.
  Session session_;
  WalFile wal_;
  Parked* shares_ = nullptr;

  std::mutex observer_mutex_;
  Store::AppendObserver observer_;
};

}  // namespace federation::sqlite
