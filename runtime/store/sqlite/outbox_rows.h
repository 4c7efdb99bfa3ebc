#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/update_run.h"

#include "store/sqlite/connection.h"

namespace federation::sqlite {

// A row of updates without their JSON.
struct RunRow {
  Seq first{1};
  Seq last{0};
  std::int64_t stored_at_s = 0;
  // Of this row, and of all rows of the link up to this one.
  std::uint64_t bytes = 0;
  std::uint64_t total_bytes = 0;

  std::uint64_t bytes_before() const { return total_bytes - bytes; }
};

// The table of updates, and the bodies that rows share, on any connection. Not thread-safe.
class OutboxRows {
 public:
  explicit OutboxRows(sqlite3* connection) : connection_(connection) {}

  // The row with the highest numbers.
  absl::StatusOr<std::optional<RunRow>> Newest(std::int64_t link);
  // The first row that has a number above `seq`; it may begin before.
  absl::StatusOr<std::optional<RunRow>> FirstAfter(std::int64_t link, Seq seq);
  // Reads on from the number `first`, as Store::Read.
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max);

  absl::Status Insert(std::int64_t link, const UpdateRun& run, std::int64_t stored_at_s,
                      std::uint64_t total_bytes);
  // A body for `uses` rows; returns its id.
  absl::StatusOr<std::int64_t> InsertBody(std::string_view sizes, std::string_view json, std::size_t uses);
  absl::Status InsertWithBody(std::int64_t link, const RunRow& row, std::int64_t body);
  // The same for one of many links that get the body, which InsertFan has announced. Rows that stand together
  // come in the order of links.
  absl::Status InsertFan(std::int64_t body);
  absl::Status InsertRecent(std::int64_t link, const RunRow& row, std::int64_t body);
  // How many of those there are.
  struct Recent {
    std::size_t bodies = 0;
    std::size_t rows = 0;
  };
  absl::StatusOr<bool> HasRecent();
  absl::StatusOr<Recent> CountRecent();
  // Puts them where the others are; what follows wants them there.
  absl::Status MoveRecent();

  // Sees to it that no row has numbers on both sides of the border behind `seq`.
  absl::Status Split(std::int64_t link, Seq seq);
  // Deletes the rows whose last number is above `after` and at most `last`.
  absl::Status Delete(std::int64_t link, Seq after, Seq last);
  // Counts the updates after .. last out of what waits: they have gone from between waiting ones. What is
  // behind them is more, so it is the rows in front, those behind `acked`, that get a higher total.
  absl::Status CloseGap(std::int64_t link, Seq acked, Seq after, Seq last);
  // Adds `shift` to the numbers of the rows behind `after`, which is a border.
  absl::Status Shift(std::int64_t link, Seq after, std::uint64_t shift);
  // How many bytes at the start of the row with this last number must go for `excess` of them to be gone:
  // returns the last number that goes.
  absl::StatusOr<Seq> LastOfBytes(std::int64_t link, const RunRow& row, std::uint64_t excess);

 private:
  static RunRow RowOf(const Statement& statement);
  static void BindNumbers(Statement& statement, std::int64_t link, const RunRow& row);
  absl::StatusOr<std::optional<RunRow>> Find(Statement& statement);
  // Whichever of both is for the rows that are there.
  absl::StatusOr<Statement*> Choose(Statement& of_outbox, Statement& of_all);
  absl::StatusOr<UpdateRun> Load(std::int64_t link, const RunRow& row);

  sqlite3* connection_;
  Statement newest_{connection_,
                    "SELECT last, count, stored_at_s, bytes, total_bytes FROM federation_outbox"
                    " WHERE link = ?1 ORDER BY last DESC LIMIT 1"};
  Statement first_after_{connection_,
                         "SELECT last, count, stored_at_s, bytes, total_bytes FROM federation_outbox"
                         " WHERE link = ?1 AND last > ?2 ORDER BY last LIMIT 1"};
  Statement read_{connection_,
                  "SELECT o.last, o.count, o.body IS NULL, o.sizes, o.json, b.sizes, b.json"
                  " FROM federation_outbox AS o"
                  " LEFT JOIN federation_body AS b ON b.id = o.body"
                  " WHERE o.link = (SELECT id FROM federation_link WHERE destination = ?1) AND o.last >= ?2"
                  " ORDER BY o.last"};
  // The same three where there are recent rows.
  Statement newest_of_all_{
      connection_,
      "SELECT last, count, stored_at_s, bytes, total_bytes FROM federation_outbox WHERE link = ?1"
      " UNION ALL SELECT r.last, 1, r.stored_at_s, r.bytes, r.total_bytes"
      " FROM federation_fan AS f CROSS JOIN federation_recent AS r WHERE r.body = f.body AND r.link = ?1"
      " ORDER BY 1 DESC LIMIT 1"};
  Statement first_of_all_after_{connection_,
                                "SELECT last, count, stored_at_s, bytes, total_bytes FROM federation_outbox"
                                " WHERE link = ?1 AND last > ?2"
                                " UNION ALL SELECT r.last, 1, r.stored_at_s, r.bytes, r.total_bytes"
                                " FROM federation_fan AS f CROSS JOIN federation_recent AS r"
                                " WHERE r.body = f.body AND r.link = ?1 AND r.last > ?2 ORDER BY 1 LIMIT 1"};
  Statement read_all_{
      connection_,
      "SELECT o.last, o.count, o.body IS NULL, o.sizes, o.json, b.sizes, b.json"
      " FROM federation_outbox AS o"
      " LEFT JOIN federation_body AS b ON b.id = o.body"
      " WHERE o.link = (SELECT id FROM federation_link WHERE destination = ?1) AND o.last >= ?2"
      " UNION ALL SELECT r.last, 1, 0, NULL, NULL, b.sizes, b.json"
      " FROM federation_fan AS f CROSS JOIN federation_recent AS r CROSS JOIN federation_body AS b"
      " WHERE r.body = f.body AND b.id = f.body"
      " AND r.link = (SELECT id FROM federation_link WHERE destination = ?1) AND r.last >= ?2 ORDER BY 1"};
  Statement has_recent_{connection_, "SELECT EXISTS (SELECT 1 FROM federation_fan)"};
  Statement count_recent_{
      connection_, "SELECT (SELECT count(*) FROM federation_fan), (SELECT count(*) FROM federation_recent)"};
  Statement insert_fan_{connection_, "INSERT INTO federation_fan (body) VALUES (?1)"};
  Statement insert_recent_{connection_,
                           "INSERT INTO federation_recent"
                           " (link, last, stored_at_s, bytes, total_bytes, body)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
  Statement move_recent_{
      connection_,
      "INSERT INTO federation_outbox (link, last, count, stored_at_s, bytes, total_bytes, body)"
      " SELECT link, last, 1, stored_at_s, bytes, total_bytes, body FROM federation_recent"
      " ORDER BY link, last"};
  Statement clear_recent_{connection_, "DELETE FROM federation_recent"};
  Statement clear_fan_{connection_, "DELETE FROM federation_fan"};
  Statement load_{connection_,
                  "SELECT ifnull(b.sizes, o.sizes), ifnull(b.json, o.json) FROM federation_outbox AS o"
                  " LEFT JOIN federation_body AS b ON b.id = o.body WHERE o.link = ?1 AND o.last = ?2"};
  Statement insert_{connection_,
                    "INSERT INTO federation_outbox"
                    " (link, last, count, stored_at_s, bytes, total_bytes, sizes, json)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"};
  Statement insert_body_{connection_, "INSERT INTO federation_body (uses, sizes, json) VALUES (?1, ?2, ?3)"};
  Statement insert_with_body_{connection_,
                              "INSERT INTO federation_outbox"
                              " (link, last, count, stored_at_s, bytes, total_bytes, body)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
  Statement release_bodies_{connection_,
                            "UPDATE federation_body SET uses = uses - gone.links FROM"
                            " (SELECT body, count(*) AS links FROM federation_outbox"
                            " WHERE link = ?1 AND last > ?2 AND last <= ?3 AND body IS NOT NULL"
                            " GROUP BY body) AS gone WHERE id = gone.body"};
  Statement delete_bodies_{connection_,
                           "DELETE FROM federation_body WHERE uses <= 0 AND id IN"
                           " (SELECT body FROM federation_outbox"
                           " WHERE link = ?1 AND last > ?2 AND last <= ?3 AND body IS NOT NULL)"};
  Statement delete_{connection_,
                    "DELETE FROM federation_outbox WHERE link = ?1 AND last > ?2 AND last <= ?3"};
  Statement newest_until_{connection_,
                          "SELECT last, count, stored_at_s, bytes, total_bytes FROM federation_outbox"
                          " WHERE link = ?1 AND last > ?2 AND last <= ?3 ORDER BY last DESC LIMIT 1"};
  Statement raise_{connection_,
                   "UPDATE federation_outbox SET total_bytes = total_bytes + ?4"
                   " WHERE link = ?1 AND last > ?2 AND last <= ?3"};
  Statement shift_{connection_,
                   "UPDATE federation_outbox SET last = -(last + ?3) WHERE link = ?1 AND last > ?2"};
  Statement end_shift_{connection_, "UPDATE federation_outbox SET last = -last WHERE link = ?1 AND last < 0"};
};

}  // namespace federation::sqlite
