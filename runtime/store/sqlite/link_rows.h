#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/store.h"

#include "store/sqlite/connection.h"

namespace federation::sqlite {

// What the store dates is kept in seconds, or in milliseconds where somebody waits for it.
inline std::int64_t Seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}
inline std::chrono::system_clock::time_point FromSeconds(std::int64_t seconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(seconds));
}
inline std::int64_t Milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
inline std::chrono::system_clock::time_point FromMilliseconds(std::int64_t milliseconds) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds));
}

// The row of a link.
struct LinkRow {
  std::int64_t id = 0;
  // `assigned` is a lower bound.
  LinkNumbers numbers;
  bool paused = false;
  BackOff backoff{};
};

// The table of links, on any connection. Not thread-safe.
class LinkRows {
 public:
  explicit LinkRows(sqlite3* connection) : connection_(connection) {}

  absl::StatusOr<std::optional<LinkRow>> Find(std::string_view destination);
  // Returns the new row's id.
  absl::StatusOr<std::int64_t> Create(std::string_view destination);
  // Raises the lower bound, for who is about to delete rows of updates.
  absl::Status SaveAssigned(std::int64_t link, Seq assigned);
  absl::Status SaveNumbers(std::int64_t link, const LinkNumbers& numbers);
  absl::Status SavePaused(std::int64_t link, bool paused);
  absl::Status SaveBackOff(std::int64_t link, const BackOff& backoff);

  // Calls `visit` with each link behind `after`, in order, until it says false.
  template <typename Visit>
  absl::Status ForEach(std::string_view after, const Visit& visit) {
    all_.Bind(1, after);
    while (true) {
      const absl::StatusOr<bool> row = all_.Step();
      if (!row.ok()) return row.status();
      if (!*row) return absl::OkStatus();
      if (visit(all_.Text(6), RowOf(all_))) continue;
      all_.Reset();
      return absl::OkStatus();
    }
  }

 private:
  static LinkRow RowOf(const Statement& statement);

  sqlite3* connection_;
  Statement find_{connection_,
                  "SELECT id, assigned, acked, paused, failures, until_ms FROM federation_link"
                  " WHERE destination = ?1"};
  Statement all_{connection_,
                 "SELECT id, assigned, acked, paused, failures, until_ms, destination FROM federation_link"
                 " WHERE destination > ?1 ORDER BY destination"};
  Statement create_{connection_, "INSERT INTO federation_link (destination) VALUES (?1)"};
  Statement save_assigned_{connection_,
                           "UPDATE federation_link SET assigned = ?2 WHERE id = ?1 AND assigned < ?2"};
  Statement save_numbers_{connection_, "UPDATE federation_link SET assigned = ?2, acked = ?3 WHERE id = ?1"};
  Statement save_paused_{connection_, "UPDATE federation_link SET paused = ?2 WHERE id = ?1"};
  Statement save_backoff_{connection_,
                          "UPDATE federation_link SET failures = ?2, until_ms = ?3 WHERE id = ?1"};
};

}  // namespace federation::sqlite
