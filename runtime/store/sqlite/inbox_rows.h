#pragma once

#include <cstdint>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/store.h"

#include "store/sqlite/connection.h"

namespace federation::sqlite {

// The tables of origins and of quarantined updates, on any connection. Not thread-safe. Functions that write
// are as those of Transaction; what failed with another error than resource exhausted or not found may be
// half done.
class InboxRows {
 public:
  explicit InboxRows(sqlite3* connection) : connection_(connection) {}

  absl::StatusOr<Seq> Last(std::string_view origin);
  absl::Status SetLast(std::string_view origin, Seq last);
  absl::Status Quarantine(const QuarantinedUpdate& update, const StoreLimits& limits);
  absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason);
  absl::Status Unquarantine(std::string_view origin, std::int64_t id);

 private:
  sqlite3* connection_;
  Statement last_{connection_, "SELECT last FROM federation_inbox WHERE origin = ?1"};
  Statement set_last_{connection_,
                      "INSERT INTO federation_inbox (origin, last) VALUES (?1, ?2)"
                      " ON CONFLICT (origin) DO UPDATE SET last = ?2"};
  // The number that was given to the last one stays with the origin, so that none is given twice.
  Statement count_{connection_,
                   "INSERT INTO federation_inbox"
                   " (origin, last, quarantined_updates, quarantined_bytes, quarantine_id)"
                   " VALUES (?1, 0, 1, ?2, 1)"
                   " ON CONFLICT (origin) DO UPDATE SET quarantined_updates = quarantined_updates + 1,"
                   " quarantined_bytes = quarantined_bytes + ?2, quarantine_id = quarantine_id + 1"
                   " RETURNING quarantine_id"};
  Statement sums_{connection_,
                  "SELECT quarantined_updates, quarantined_bytes FROM federation_inbox WHERE origin = ?1"};
  Statement insert_{connection_,
                    "INSERT INTO federation_quarantine (origin, id, seq, since_ms, reason, json)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
  Statement set_reason_{connection_,
                        "UPDATE federation_quarantine SET reason = ?3 WHERE origin = ?1 AND id = ?2"};
  Statement remove_{connection_,
                    "DELETE FROM federation_quarantine WHERE origin = ?1 AND id = ?2"
                    " RETURNING length(CAST(json AS BLOB))"};
  Statement uncount_{connection_,
                     "UPDATE federation_inbox SET quarantined_updates = quarantined_updates - 1,"
                     " quarantined_bytes = quarantined_bytes - ?2 WHERE origin = ?1"};
};

}  // namespace federation::sqlite
