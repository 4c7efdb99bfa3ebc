#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/seq.h"
#include "federation/store.h"
#include "federation/update.h"

struct sqlite3;
struct sqlite3_stmt;

namespace federation::fednode {

// What fednode does with the strong updates that it applies, and with those that it sends: a row each in the
// table fednode_history, written in the transaction in which the update's number advances. So the table holds
// every update exactly once, in order for each origin and for each destination. Rows of what was sent have a
// `destination`.
//
// Keeps the newest rows: never more than `rows_max`, and at least nine tenths of that. Thread-safe. Borrows
// the store, an SQLite one, and must end before it.
class History {
 public:
  // Makes the table where it is not there or older than this code, and removes the rows that are too many.
  static absl::StatusOr<std::unique_ptr<History>> Open(Store& store, std::uint64_t rows_max);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // Adds a row for a strong update, as part of the context's transaction.
  absl::Status Record(std::string_view json, const UpdateContext& context);
  // Adds a row for one that `origin`, this node, sends.
  absl::Status RecordSent(Transaction& transaction, std::string_view origin, std::string_view destination,
                          Seq seq, std::string_view json);

 private:
  explicit History(std::uint64_t rows_max);

  absl::Status CreateTable(sqlite3* connection);
  absl::Status Prepare(sqlite3* connection);
  struct Row {
    std::string_view origin;
    std::string_view destination;
    Seq seq{0};
    std::string_view json;
  };
  absl::Status Add(Transaction& transaction, const Row& row);
  absl::Status Insert(sqlite3* connection, const Row& row);
  absl::Status PruneAfter(std::int64_t id);
  void Finalize();

  const std::uint64_t rows_max_;
  // After every so many rows the table is pruned: one DELETE for many inserts is cheap.
  const std::uint64_t prune_interval_rows_;
  // How many rows pruning leaves: until the next time, the table stays within the bound.
  const std::uint64_t pruned_rows_;
  std::mutex mutex_;
  sqlite3* prepared_on_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* prune_ = nullptr;
};

// Hands updates to `inner`, which decodes, checks and handles them, and records the strong ones that it
// applied. Borrows both.
class RecordingReceiver final : public UpdateReceiver {
 public:
  RecordingReceiver(UpdateReceiver& inner, History& history) : inner_(inner), history_(history) {}
  Outcome Receive(std::string_view json, const UpdateContext& context) override;

 private:
  UpdateReceiver& inner_;
  History& history_;
};

}  // namespace federation::fednode
