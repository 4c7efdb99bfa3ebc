#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/store.h"

struct sqlite3;

namespace federation {

// The wall clock, by which a store dates what it keeps; null stands for the system's.
using WallClock = std::function<std::chrono::system_clock::time_point()>;

// Opens, and creates where it does not exist, a store in an SQLite database file (write-ahead log,
// synchronous=FULL). The store's own tables start with `federation_`; the embedder may keep its tables in the
// same file. Beside it stand PATH.lock, PATH-wal and PATH-shm, which belong to it. Errors: invalid argument
// (the path is empty, or none of a file), failed precondition (another process has it; its tables are of
// another version), unavailable (it cannot be opened), internal (it is no database).
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                                       const StoreLimits& limits = {},
                                                       WallClock clock = nullptr);

// The connection on which `transaction`, of a store that OpenSqliteStore made, runs: for the embedder's own
// statements inside of it. They must not end the transaction. Valid until the handler, or the work, returns.
// A handler's transaction begins with this call; that may fail (unavailable: another writer does not end, the
// disk is full), and then the handler says Outcome::Later.
absl::StatusOr<sqlite3*> SqliteConnection(Transaction& transaction);

// Lets updates be sent as part of a transaction that the embedder has open on a connection of its own to the
// same file:
//
//   sqlite3_exec(mine, "BEGIN IMMEDIATE", ...);
//   sqlite3_exec(mine, "UPDATE room SET ...", ...);
//   auto joined = federation::JoinSqlite(*store, mine);
//   sender.SendMessage(**joined, "b.example", message);
//   sqlite3_exec(mine, "COMMIT", ...);
//   joined->reset();  // now the store looks what there is to send
//
// The commit is as durable as the connection's own `PRAGMA synchronous` makes it; SQLite's default, FULL, is
// what the store has. Destroy it after the commit (or the rollback), on the same thread; if that is forgotten
// the updates are as safe, and leave with the link's next one. Errors: failed precondition (no transaction is
// open on `connection`, or it is open on another file).
absl::StatusOr<std::unique_ptr<Transaction>> JoinSqlite(Store& store, sqlite3* connection);

}  // namespace federation
