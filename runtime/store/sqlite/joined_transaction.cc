#include "store/sqlite/joined_transaction.h"

#include <map>
#include <utility>

#include "log/log.h"

namespace federation::sqlite {
namespace {

absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace

JoinedTransaction::~JoinedTransaction() {
  std::map<std::string, Seq> last;
  for (const AppendedRun& run : session_.TakeAppended()) last[run.destination] = run.assigned;
  if (last.empty()) return;
  writer_.Tell([&](const Store::AppendObserver& observer) {
    for (const auto& [destination, assigned] : last) {
      const absl::StatusOr<StoredLink> link = reader_.Link(destination);
      if (!link.ok()) {
        Log().warn("{}", link.status().ToString());
      } else if (link->numbers.assigned >= assigned) {
        observer({destination, link->numbers.assigned, nullptr});
      }
    }
  });
}

absl::Status JoinedTransaction::CountGrown() {
  const std::int64_t grown = session_.waiting_bytes_grown() - counted_;
  if (grown == 0) return absl::OkStatus();
  absl::Status status = count_.Bind(1, grown).Run();
  if (status.ok()) counted_ += grown;
  return status;
}

template <typename Do>
auto JoinedTransaction::InStep(const Do& work) -> decltype(work()) {
  absl::Status status = session_.BeginStep();
  if (!status.ok()) return status;
  auto result = work();
  status = StatusOf(result);
  const std::int64_t counted = counted_;
  if (status.ok()) status = session_.Flush();
  if (status.ok()) status = CountGrown();
  if (status.ok()) status = session_.KeepStep();
  if (status.ok()) return result;
  counted_ = counted;
  const absl::Status undone = session_.UndoStep();
  if (!undone.ok()) Log().error("{}", undone.ToString());
  return status;
}

absl::StatusOr<Seq> JoinedTransaction::Append(std::string_view destination, std::string_view json) {
  return InStep([&] { return session_.Append(destination, json); });
}

absl::StatusOr<std::vector<Seq>> JoinedTransaction::AppendToAll(std::span<const std::string> destinations,
                                                                std::string_view json) {
  return InStep([&] { return session_.AppendToAll(destinations, json); });
}

absl::StatusOr<LinkNumbers> JoinedTransaction::Renumber(std::string_view destination, Seq boundary,
                                                        Seq theirs) {
  return InStep([&] { return session_.Renumber(destination, boundary, theirs); });
}

absl::Status JoinedTransaction::Remove(std::string_view destination, Seq first, Seq last) {
  return InStep([&] { return session_.Remove(destination, first, last); });
}

absl::StatusOr<Pruned> JoinedTransaction::Prune(std::string_view destination, const Retention& retention,
                                                std::size_t count_max) {
  return InStep([&] { return session_.Prune(destination, retention, count_max); });
}

absl::Status JoinedTransaction::SetPaused(std::string_view destination, bool paused) {
  return InStep([&] { return session_.SetPaused(destination, paused); });
}

absl::Status JoinedTransaction::SetLast(std::string_view origin, Seq last) {
  return InStep([&] { return session_.SetLast(origin, last); });
}

absl::Status JoinedTransaction::Quarantine(const QuarantinedUpdate& update) {
  return InStep([&] { return session_.Quarantine(update); });
}

absl::Status JoinedTransaction::SetReason(std::string_view origin, std::int64_t id, std::string_view reason) {
  return InStep([&] { return session_.SetReason(origin, id, reason); });
}

absl::Status JoinedTransaction::Unquarantine(std::string_view origin, std::int64_t id) {
  return InStep([&] { return session_.Unquarantine(origin, id); });
}

}  // namespace federation::sqlite
