#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federation/store.h"

#include "store/sqlite/connection.h"
#include "store/sqlite/link_rows.h"
#include "store/sqlite/numbers_at_open.h"
#include "store/sqlite/outbox_rows.h"

namespace federation::sqlite {

// The reading half of a store, on a connection of its own: it sees what is committed. Thread-safe; everything
// as in Store.
class Reader {
 public:
  // Borrows `at_open`.
  Reader(Connection connection, const NumbersAtOpen& at_open)
      : connection_(std::move(connection)), at_open_(at_open) {}

  absl::StatusOr<StoredLink> Link(std::string_view destination);
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max);
  absl::StatusOr<std::vector<std::string>> WaitingLinks();
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max);
  absl::StatusOr<Seq> Last(std::string_view origin);
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max);
  absl::StatusOr<std::vector<Store::QuarantineSize>> Quarantines();

  // What waits on all links, and what is in it of other connections.
  struct Waiting {
    std::uint64_t bytes = 0;
    std::int64_t joined_bytes = 0;
  };
  absl::StatusOr<Waiting> WaitingTotal();

 private:
  absl::Status Complete(StoredLink& link, std::int64_t id);

  std::mutex mutex_;  // guards what follows
  Connection connection_;
  const NumbersAtOpen& at_open_;
  LinkRows links_{connection_.get()};
  OutboxRows outbox_{connection_.get()};
  Statement begin_{connection_.get(), "BEGIN"};
  Statement end_{connection_.get(), "COMMIT"};
  // Kept updates of a link that has none waiting cost a seek; a link that has none at all less.
  Statement waiting_{
      connection_.get(),
      "SELECT destination FROM federation_link AS l WHERE acked < max(assigned, ifnull("
      "(SELECT last FROM federation_outbox WHERE link = l.id ORDER BY last DESC LIMIT 1), 0), ifnull("
      "(SELECT max(r.last) FROM federation_fan AS f CROSS JOIN federation_recent AS r"
      " WHERE r.body = f.body AND r.link = l.id), 0))"};
  Statement last_{connection_.get(), "SELECT last FROM federation_inbox WHERE origin = ?1"};
  Statement quarantined_{connection_.get(),
                         "SELECT id, seq, since_ms, reason, json FROM federation_quarantine"
                         " WHERE origin = ?1 AND id > ?2 ORDER BY id LIMIT ?3"};
  Statement quarantines_{connection_.get(),
                         "SELECT origin, quarantined_updates, quarantined_bytes FROM federation_inbox"
                         " WHERE quarantined_updates > 0 ORDER BY origin"};
  Statement joined_{connection_.get(), "SELECT bytes FROM federation_joined"};
};

}  // namespace federation::sqlite
