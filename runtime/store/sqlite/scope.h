#pragma once

#include <absl/status/status.h>

#include "store/sqlite/connection.h"

namespace federation::sqlite {

// The transaction that is open on a connection, and a step inside of it: a savepoint that is set only when
// something is written. Not thread-safe.
//
// What fails half-way spoils the step, or the transaction where there is no step: it can only be undone.
class Scope {
 public:
  explicit Scope(sqlite3* connection) : connection_(connection) {}

  absl::Status Begin();
  // On failure nothing of the transaction is left.
  absl::Status Commit();
  void Rollback();
  // Whether SQLite has a transaction open.
  bool is_open() const { return sqlite3_get_autocommit(connection_) == 0; }

  void BeginStep();
  absl::Status KeepStep();
  // On failure the transaction is spoiled.
  absl::Status UndoStep();
  bool in_step() const { return in_step_; }

  // OK if the transaction goes on. SQLite ends one by itself after some failures (a full disk, an I/O error).
  // A statement after that would commit alone: an update's number without what the handler wrote, for
  // instance.
  absl::Status Check() const;
  // To be called before something is written.
  absl::Status Ready();
  // Passes on the status of something that writes; a failure spoils.
  absl::Status Wrote(absl::Status status);

  sqlite3* connection() const { return connection_; }

 private:
  sqlite3* connection_;
  bool in_step_ = false;
  bool saved_ = false;  // the savepoint is set
  absl::Status spoiled_;
  Statement begin_{connection_, "BEGIN IMMEDIATE"};
  Statement commit_{connection_, "COMMIT"};
  Statement rollback_{connection_, "ROLLBACK"};
  Statement save_{connection_, "SAVEPOINT federation_step"};
  Statement release_{connection_, "RELEASE federation_step"};
  Statement undo_{connection_, "ROLLBACK TO federation_step"};
};

}  // namespace federation::sqlite
