#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federation/store.h"

#include "store/sqlite/inbox_rows.h"
#include "store/sqlite/outbox.h"
#include "store/sqlite/scope.h"

namespace federation::sqlite {

// A transaction of this store, whatever its kind.
class HasConnection {
 public:
  virtual ~HasConnection() = default;
  // For the embedder's statements; see SqliteConnection.
  virtual absl::StatusOr<sqlite3*> Connection() = 0;
};

// What is open on a connection, as a transaction. Not thread-safe. Borrows its arguments.
class Session final : public Transaction, public HasConnection {
 public:
  Session(sqlite3* connection, Shared& shared) : shared_(shared), scope_(connection) {}

  absl::Status Begin();
  // What came of it, for the observer. On failure nothing of the transaction is left. Takes the notes along.
  absl::StatusOr<std::vector<AppendedRun>> Commit();
  void Rollback();
  bool is_open() const { return scope_.is_open(); }
  sqlite3* connection() const { return scope_.connection(); }

  // Steps of the transaction, each of which is kept or undone as a whole. If KeepStep fails, it is to be
  // undone; if UndoStep does, the transaction cannot be committed any more.
  absl::Status BeginStep();
  absl::Status KeepStep();
  absl::Status UndoStep();
  // Writes what is only gathered so far.
  absl::Status Flush() { return outbox_.Flush(); }
  std::int64_t waiting_bytes_grown() const { return outbox_.waiting_bytes_grown(); }
  std::vector<AppendedRun> TakeAppended() { return outbox_.TakeAppended(); }

  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) override {
    return outbox_.Append(destination, json);
  }
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                               std::string_view json) override {
    return outbox_.AppendToAll(destinations, json);
  }
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) override {
    return outbox_.Renumber(destination, boundary, theirs);
  }
  absl::Status Remove(std::string_view destination, Seq first, Seq last) override {
    return outbox_.Remove(destination, first, last);
  }
  absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                               std::size_t count_max) override {
    return outbox_.Prune(destination, retention, count_max);
  }
  absl::Status SetPaused(std::string_view destination, bool paused) override {
    return outbox_.SetPaused(destination, paused);
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override { return inbox_.Last(origin); }
  absl::Status SetLast(std::string_view origin, Seq last) override;
  absl::Status Quarantine(const QuarantinedUpdate& update) override;
  absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason) override;
  absl::Status Unquarantine(std::string_view origin, std::int64_t id) override;
  absl::StatusOr<sqlite3*> Connection() override;

 private:
  absl::Status CountJoined();
  // A failure that changed nothing does not spoil the transaction.
  absl::Status Wrote(absl::Status status);

  Shared& shared_;
  Scope scope_;
  Outbox outbox_{scope_, shared_};
  InboxRows inbox_{scope_.connection()};
  std::int64_t data_version_ = 0;
  Statement select_version_{scope_.connection(), "PRAGMA data_version"};
  Statement select_joined_{scope_.connection(), "SELECT bytes FROM federation_joined"};
};

}  // namespace federation::sqlite
