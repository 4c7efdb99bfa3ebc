#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/store.h"

struct sqlite3;

namespace federation {

// Opens, and creates where it does not exist, a store in an SQLite database file (write-ahead log,
// synchronous=FULL). One process at a time: a second one gets a failed precondition. The store's own tables
// start with `federation_`; the embedder may keep its tables in the same file.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                                       const StoreLimits& limits = {});

// The connection on which `transaction`, of a store that OpenSqliteStore made, runs: for the embedder's own
// statements inside of it. They must not end the transaction. Valid as long as the transaction.
sqlite3* SqliteConnection(Transaction& transaction);

}  // namespace federation
