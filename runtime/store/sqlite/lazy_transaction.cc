#include "store/sqlite/lazy_transaction.h"

#include <future>
#include <memory>
#include <utility>

#include "log/log.h"

namespace federation::sqlite {

SqliteLazyTransaction::~SqliteLazyTransaction() {
  if (is_in_use_ || (!is_ended_ && writer_.Resume(*this))) writer_.Rollback();
}

absl::StatusOr<Session*> SqliteLazyTransaction::Use() {
  if (is_in_use_) return &writer_.session();
  if (is_ended_) return absl::FailedPreconditionError("store: the transaction has ended");
  const absl::StatusOr<bool> resumed = writer_.EnterAs(*this);
  if (!resumed.ok()) return resumed.status();
  is_in_use_ = true;
  // Its thread is to complete what is parked for long.
  if (!*resumed) queue_.Wake();
  absl::Status status = failed_;
  if (status.ok()) status = writer_.session().BeginStep();
  if (!status.ok()) return Fail(status);
  return &writer_.session();
}

absl::Status SqliteLazyTransaction::Fail(absl::Status status) {
  writer_.Rollback();
  is_in_use_ = false;
  return failed_ = std::move(status);
}

absl::Status SqliteLazyTransaction::Checkpoint() {
  if (is_ended_) return absl::FailedPreconditionError("store: the transaction has ended");
  if (is_in_use_) {
    absl::Status status = writer_.session().KeepStep();
    if (!status.ok()) return Fail(status);
  }
  {
    const std::lock_guard guard(mutex_);
    for (auto& [origin, last] : step_lasts_) lasts_[origin] = last;
  }
  step_lasts_.clear();
  if (std::exchange(is_in_use_, false)) writer_.Park(*this);
  return absl::OkStatus();
}

absl::Status SqliteLazyTransaction::Undo() {
  if (is_ended_) return absl::FailedPreconditionError("store: the transaction has ended");
  step_lasts_.clear();
  if (!is_in_use_) return absl::OkStatus();
  absl::Status status = writer_.session().UndoStep();
  if (!status.ok()) return Fail(status);
  is_in_use_ = false;
  writer_.Park(*this);
  return status;
}

absl::Status SqliteLazyTransaction::Commit() {
  absl::Status status = Undo();
  if (is_ended_) return status;
  const bool resumed = writer_.Resume(*this);
  is_ended_ = true;
  if (!resumed) return failed_.ok() ? CommitLasts() : failed_;
  status = WriteRest(writer_.session());
  if (status.ok()) return writer_.Commit();
  writer_.Rollback();
  return status;
}

absl::Status SqliteLazyTransaction::CommitLasts() {
  if (lasts_.empty()) return absl::OkStatus();
  // To hand it over takes two changes of threads, which is a good part of what an update takes that comes
  // alone.
  if (queue_.IsOwnThread() || queue_.IsIdle()) {
    absl::Status status = writer_.Enter(/*may_share=*/false);
    if (!status.ok()) return status;
    status = WriteRest(writer_.session());
    if (status.ok()) return writer_.Commit();
    writer_.Rollback();
    return status;
  }
  // Together with others: the sync is what costs.
  // Shared: the other thread may still be inside of it when this one goes on.
  const auto done = std::make_shared<std::promise<absl::Status>>();
  queue_.Submit([this](Transaction& transaction) { return WriteRest(static_cast<Session&>(transaction)); },
                [done](const absl::Status& status) { done->set_value(status); });
  return done->get_future().get();
}

absl::Status SqliteLazyTransaction::WriteRest(Session& session) {
  Lasts lasts;
  {
    const std::lock_guard guard(mutex_);
    lasts.swap(lasts_);
  }
  for (const auto& [origin, last] : lasts) {
    absl::Status status = session.SetLast(origin, last);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Seq> SqliteLazyTransaction::Append(std::string_view destination, std::string_view json) {
  const absl::StatusOr<Session*> session = Use();
  return session.ok() ? (*session)->Append(destination, json) : session.status();
}

absl::StatusOr<std::vector<Seq>> SqliteLazyTransaction::AppendToAll(std::span<const std::string> destinations,
                                                                    std::string_view json) {
  const absl::StatusOr<Session*> session = Use();
  if (!session.ok()) return session.status();
  return (*session)->AppendToAll(destinations, json);
}

absl::StatusOr<LinkNumbers> SqliteLazyTransaction::Renumber(std::string_view destination, Seq boundary,
                                                            Seq theirs) {
  const absl::StatusOr<Session*> session = Use();
  if (!session.ok()) return session.status();
  return (*session)->Renumber(destination, boundary, theirs);
}

absl::Status SqliteLazyTransaction::Remove(std::string_view destination, Seq first, Seq last) {
  const absl::StatusOr<Session*> session = Use();
  return session.ok() ? (*session)->Remove(destination, first, last) : session.status();
}

absl::StatusOr<Pruned> SqliteLazyTransaction::Prune(std::string_view destination, const Retention& retention,
                                                    std::size_t count_max) {
  const absl::StatusOr<Session*> session = Use();
  if (!session.ok()) return session.status();
  return (*session)->Prune(destination, retention, count_max);
}

absl::Status SqliteLazyTransaction::SetPaused(std::string_view destination, bool paused) {
  const absl::StatusOr<Session*> session = Use();
  return session.ok() ? (*session)->SetPaused(destination, paused) : session.status();
}

absl::StatusOr<Seq> SqliteLazyTransaction::Last(std::string_view origin) {
  const auto of_step = step_lasts_.find(origin);
  if (of_step != step_lasts_.end()) return of_step->second;
  // While the place is taken over, the number is neither here nor readable yet.
  const bool resumed = !is_in_use_ && !is_ended_ && writer_.Resume(*this);
  absl::StatusOr<Seq> last = Seq{0};
  bool found = false;
  {
    const std::lock_guard guard(mutex_);
    const auto of_earlier = lasts_.find(origin);
    found = of_earlier != lasts_.end();
    if (found) last = of_earlier->second;
  }
  if (resumed) writer_.Park(*this);
  return found ? last : reader_.Last(origin);
}

absl::Status SqliteLazyTransaction::SetLast(std::string_view origin, Seq last) {
  if (is_ended_) return absl::FailedPreconditionError("store: the transaction has ended");
  step_lasts_.insert_or_assign(std::string(origin), last);
  return absl::OkStatus();
}

absl::Status SqliteLazyTransaction::Quarantine(const QuarantinedUpdate& update) {
  const absl::StatusOr<Session*> session = Use();
  return session.ok() ? (*session)->Quarantine(update) : session.status();
}

absl::Status SqliteLazyTransaction::SetReason(std::string_view origin, std::int64_t id,
                                              std::string_view reason) {
  const absl::StatusOr<Session*> session = Use();
  return session.ok() ? (*session)->SetReason(origin, id, reason) : session.status();
}

absl::Status SqliteLazyTransaction::Unquarantine(std::string_view origin, std::int64_t id) {
  const absl::StatusOr<Session*> session = Use();
  return session.ok() ? (*session)->Unquarantine(origin, id) : session.status();
}

absl::StatusOr<sqlite3*> SqliteLazyTransaction::Connection() {
  const absl::StatusOr<Session*> session = Use();
  if (!session.ok()) return session.status();
  return (*session)->Connection();
}

}  // namespace federation::sqlite
