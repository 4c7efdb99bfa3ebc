#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federation/store.h"

#include "store/sqlite/inside.h"
#include "store/sqlite/queue.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/writer.h"

namespace federation::sqlite {

// A transaction that takes its turn on the writing connection when it writes, and parks there after each
// step. The numbers of origins stay in memory until the commit, as most steps write nothing else.
class SqliteLazyTransaction final : public LazyTransaction, public HasConnection, public Parked {
 public:
  // Borrows its arguments. `store` is what Inside knows it by.
  SqliteLazyTransaction(const void* store, Writer& writer, Queue& queue, Reader& reader)
      : inside_(store), writer_(writer), queue_(queue), reader_(reader) {}
  ~SqliteLazyTransaction() override;

  absl::Status Checkpoint() override;
  absl::Status Undo() override;
  absl::Status Commit() override;

  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) override;
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                               std::string_view json) override;
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) override;
  absl::Status Remove(std::string_view destination, Seq first, Seq last) override;
  absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                               std::size_t count_max) override;
  absl::Status SetPaused(std::string_view destination, bool paused) override;
  absl::StatusOr<Seq> Last(std::string_view origin) override;
  absl::Status SetLast(std::string_view origin, Seq last) override;
  absl::Status Quarantine(const QuarantinedUpdate& update) override;
  absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason) override;
  absl::Status Unquarantine(std::string_view origin, std::int64_t id) override;
  absl::StatusOr<sqlite3*> Connection() override;

  absl::Status WriteRest(Session& session) override;
  void Completed(const absl::Status& status) override { failed_ = status; }

 private:
  using Lasts = std::map<std::string, Seq, std::less<>>;

  // The session, in a step of this transaction.
  absl::StatusOr<Session*> Use();
  absl::Status CommitLasts();
  // Gives up all that is not committed.
  absl::Status Fail(absl::Status status);

  const Inside inside_;
  Writer& writer_;
  Queue& queue_;
  Reader& reader_;
  bool is_ended_ = false;
  // The current step has begun on the writing connection.
  bool is_in_use_ = false;
  // Written by who takes the place; guarded by the gate.
  absl::Status failed_;
  Lasts step_lasts_;
  // Of the steps that are complete and not committed.
  std::mutex mutex_;
  Lasts lasts_;
};

}  // namespace federation::sqlite
