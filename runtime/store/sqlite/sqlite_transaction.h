#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "federation/limits.h"
#include "federation/store.h"

#include "store/sqlite/connection.h"

namespace federation::sqlite {

// The write connection with its prepared statements, as the transaction that is open on it. Used by one
// thread at a time.
class SqliteTransaction final : public Transaction {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteTransaction>> Create(Connection connection,
                                                                   const StoreLimits& limits);

  absl::Status Begin();
  // On failure nothing of the transaction is left.
  absl::Status Commit();
  void Rollback();
  // A unit of work inside of the transaction, of which everything or nothing stays. Not nested.
  absl::Status BeginUnit();
  absl::Status KeepUnit();
  void UndoUnit();
  absl::Status SaveAcked(std::string_view destination, Seq acked);
  // The links that got updates since Begin, with their last number. Of what was undone nothing is among them.
  const std::map<std::string, Seq, std::less<>>& appended() const { return appended_; }

  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) override;
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) override;
  absl::Status Replace(std::string_view destination, Seq seq, std::string_view json) override;
  absl::StatusOr<Seq> Last(std::string_view origin) override;
  absl::Status SetLast(std::string_view origin, Seq last) override;
  absl::Status Quarantine(const QuarantinedUpdate& update) override;
  absl::Status Mark() override;
  absl::Status RollbackToMark() override;

  sqlite3* connection() const { return connection_.get(); }
  Connection& raw() { return connection_; }

 private:
  using Appended = std::map<std::string, Seq, std::less<>>;

  SqliteTransaction(Connection connection, const StoreLimits& limits)
      : connection_(std::move(connection)), limits_(limits) {}
  absl::Status PrepareAll();
  absl::Status CheckOpen() const;

  Connection connection_;
  StoreLimits limits_;
  Appended appended_;
  // What appended_ was when the unit, or the mark, was set.
  Appended appended_at_unit_;
  Appended appended_at_mark_;
  bool marked_ = false;

  Statement begin_, commit_, rollback_;
  Statement begin_unit_, keep_unit_, undo_unit_;
  Statement mark_, undo_to_mark_, release_mark_;
  Statement next_seq_, insert_, acked_;
  Statement last_, set_last_, quarantined_, count_quarantined_, quarantine_;
  Statement link_, new_link_, renumber_, end_renumber_, set_numbers_, replace_;
};

}  // namespace federation::sqlite
