// The public functions of federation/sqlite_store.h.
#include <utility>

#include <fmt/core.h>

#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_store.h"

namespace federation {

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const StoreLimits& limits,
                                                       WallClock clock) {
  // SQLite takes these for databases in memory, of which each connection would have its own.
  if (path.empty() || path.starts_with(":memory:") || path.starts_with("file:")) {
    return absl::InvalidArgumentError(fmt::format("store: want the path of a file, got \"{}\"", path));
  }
  absl::StatusOr<sqlite::FileLock> lock = sqlite::FileLock::Take(path + ".lock");
  if (!lock.ok()) return lock.status();
  // What is in it is private.
  absl::Status status = sqlite::CreatePrivateFile(path);
  if (!status.ok()) return status;
  absl::StatusOr<sqlite::Connection> writer = sqlite::Connection::Open(path);
  if (!writer.ok()) return writer.status();
  status = sqlite::Configure(*writer);
  if (status.ok()) status = sqlite::ConfigureWriter(*writer);
  if (status.ok()) status = sqlite::CreateTables(*writer);
  if (!status.ok()) return status;
  absl::StatusOr<sqlite::Connection> reader = sqlite::Connection::Open(path);
  if (!reader.ok()) return reader.status();
  status = sqlite::Configure(*reader);
  if (!status.ok()) return status;
  auto store = std::make_unique<sqlite::SqliteStore>(*std::move(lock), path, *std::move(writer),
                                                     *std::move(reader), limits, std::move(clock));
  status = store->Start();
  if (!status.ok()) return status;
  return store;
}

absl::StatusOr<sqlite3*> SqliteConnection(Transaction& transaction) {
  auto* has_connection = dynamic_cast<sqlite::HasConnection*>(&transaction);
  if (has_connection == nullptr) {
    return absl::FailedPreconditionError("store: the transaction is not one of SQLite");
  }
  return has_connection->Connection();
}

absl::StatusOr<std::unique_ptr<Transaction>> JoinSqlite(Store& store, sqlite3* connection) {
  auto* sqlite_store = dynamic_cast<sqlite::SqliteStore*>(&store);
  if (sqlite_store == nullptr) return absl::FailedPreconditionError("store: the store is not one of SQLite");
  return sqlite_store->Join(connection);
}

}  // namespace federation
