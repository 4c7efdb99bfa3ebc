#include "store/sqlite/schema.h"

#include <fmt/core.h>

namespace federation::sqlite {
namespace {

constexpr std::int64_t kVersion = 3;

constexpr const char* kVersionTable =
    "CREATE TABLE IF NOT EXISTS federation_version (version INTEGER NOT NULL)";

// Every name starts with federation_: the embedder may keep its own tables in the same file.
//
// A row of the outbox is a run of updates that were committed together: the numbers last - count + 1 .. last,
// in the form of UpdateRun. `sizes` has their sizes, see run_codec.h; null where there is one. `body` points
// to both where rows of several links share them, and where they are long, and the row's own are null then: a
// search in a table without rowids reads each row that it compares with, all of it, if that does not fit on
// the page. `bytes` is the JSON of the row without commas, `total_bytes` that of all rows of the link up to
// this one: what lies between two of them comes from two seeks.
//
// federation_link.assigned is a lower bound, so that appending need not write it: rows of the outbox tell the
// rest. Who deletes rows saves it first.
//
// What is sent to many destinations at once would change a page of the outbox for each of them. Its rows go
// to federation_recent first, one behind the other, and from there to the outbox when there are many: by then
// a page gets several. federation_fan has the bodies that they have; as these are few, the rows of a link are
// found by them. Who changes rows moves them first.
//
// federation_joined counts the bytes that transactions of other connections have appended.
constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS federation_link (
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL UNIQUE,
  assigned INTEGER NOT NULL DEFAULT 0,
  acked INTEGER NOT NULL DEFAULT 0,
  paused INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  until_ms INTEGER
);
CREATE TABLE IF NOT EXISTS federation_outbox (
  link INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  stored_at_s INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  body INTEGER,
  sizes BLOB,
  json TEXT,
  PRIMARY KEY (link, last)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS federation_body (
  id INTEGER PRIMARY KEY,
  uses INTEGER NOT NULL,
  sizes BLOB,
  json TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS federation_fan (body INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS federation_recent (
  body INTEGER NOT NULL,
  link INTEGER NOT NULL,
  last INTEGER NOT NULL,
  stored_at_s INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  PRIMARY KEY (body, link, last)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS federation_joined (bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS federation_inbox (
  origin TEXT PRIMARY KEY,
  last INTEGER NOT NULL,
  quarantined_updates INTEGER NOT NULL DEFAULT 0,
  quarantined_bytes INTEGER NOT NULL DEFAULT 0,
  quarantine_id INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS federation_quarantines ON federation_inbox (origin) WHERE quarantined_updates > 0;
CREATE TABLE IF NOT EXISTS federation_quarantine (
  origin TEXT NOT NULL,
  id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  reason TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (origin, id)
) WITHOUT ROWID;
)sql";

}  // namespace

absl::Status Configure(Connection& connection) {
  // FULL syncs the log at every commit: what is acked has to survive a crash of the machine.
  return connection.Execute(
      "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys "
      "= ON;");
}

absl::Status ConfigureWriter(Connection& connection) {
  // The pages that an update for many destinations changes are not read again for the next one.
  return connection.Execute("PRAGMA cache_size = -16000;");
}

absl::Status CreateTables(Connection& connection) {
  absl::Status status = connection.Execute("BEGIN IMMEDIATE");
  if (status.ok()) status = connection.Execute(kVersionTable);
  if (!status.ok()) return status;
  Statement select(connection.get(), "SELECT version FROM federation_version");
  const absl::StatusOr<bool> found = select.Step();
  if (!found.ok()) return found.status();
  if (*found && select.Integer(0) != kVersion) {
    return absl::FailedPreconditionError(
        fmt::format("store: want tables of version {}, got {}", kVersion, select.Integer(0)));
  }
  select.Reset();
  if (!*found) {
    status = connection.Execute(kTables);
    if (status.ok()) status = connection.Execute("INSERT INTO federation_joined VALUES (0)");
    if (!status.ok()) return status;
    status = connection.Execute(fmt::format("INSERT INTO federation_version VALUES ({})", kVersion).c_str());
    if (!status.ok()) return status;
  }
  return connection.Execute("COMMIT");
}

}  // namespace federation::sqlite
