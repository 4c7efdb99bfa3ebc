#pragma once

#include "store/sqlite/connection.h"

namespace federation::sqlite {

// Sets how a connection syncs and waits: write-ahead log, synchronous=FULL.
absl::Status Configure(Connection& connection);
// The same for the connection that writes: how long the log gets, and how much is cached.
absl::Status ConfigureWriter(Connection& connection);

// Creates the store's tables where they do not exist. Failed precondition if they were made by another
// version.
absl::Status CreateTables(Connection& connection);

}  // namespace federation::sqlite
