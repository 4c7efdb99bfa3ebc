#include "store/sqlite/schema.h"

#include <fmt/core.h>

namespace federation::sqlite {
namespace {

constexpr std::int64_t kVersion = 1;

// Every name starts with federation_: the embedder may keep its own tables in the same file.
constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS federation_version (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS federation_link (
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL UNIQUE,
  assigned INTEGER NOT NULL DEFAULT 0,
  acked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS federation_outbox (
  link INTEGER NOT NULL REFERENCES federation_link (id),
  seq INTEGER NOT NULL,
  stored_at_s INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (link, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS federation_inbox (
  origin TEXT PRIMARY KEY,
  last INTEGER NOT NULL,
  quarantined_updates INTEGER NOT NULL DEFAULT 0,
  quarantined_bytes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS federation_quarantine (
  origin TEXT NOT NULL,
  seq INTEGER NOT NULL,
  reason TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (origin, seq)
) WITHOUT ROWID;
)sql";

}  // namespace

absl::Status Configure(Connection& connection) {
  // FULL syncs the log at every commit: what is acked has to survive a crash of the machine.
  return connection.Execute(
      "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys "
      "= ON;");
}

absl::Status CreateTables(Connection& connection) {
  absl::Status status = connection.Execute("BEGIN IMMEDIATE");
  if (status.ok()) status = connection.Execute(kTables);
  if (!status.ok()) return status;
  absl::StatusOr<Statement> select = connection.Prepare("SELECT version FROM federation_version");
  if (!select.ok()) return select.status();
  const absl::StatusOr<bool> found = select->Step();
  if (!found.ok()) return found.status();
  if (!*found) {
    status = connection.Execute(fmt::format("INSERT INTO federation_version VALUES ({})", kVersion).c_str());
    if (!status.ok()) return status;
  } else if (select->Integer(0) != kVersion) {
    return absl::FailedPreconditionError(
        fmt::format("store: want tables of version {}, got {}", kVersion, select->Integer(0)));
  }
  select->Reset();
  return connection.Execute("COMMIT");
}

}  // namespace federation::sqlite
