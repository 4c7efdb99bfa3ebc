#include <memory>
#include <utility>

#include <fmt/core.h>

#include "node/check_update.h"
#include "node/node_impl.h"

// What the application sends: checked here, kept by the store, delivered by delivery.
namespace federation::node {

absl::Status NodeImpl::CheckSend(std::string_view destination, std::string_view json) const {
  absl::Status status = CheckPeer(destination);
  if (!status.ok()) return status;
  return CheckUpdate(json, options_.limits.outbox.update_bytes_max);
}

absl::Status NodeImpl::CheckSendToAll(std::span<const std::string> destinations,
                                      std::string_view json) const {
  for (const std::string& destination : destinations) {
    absl::Status status = CheckPeer(destination);
    if (!status.ok()) return status;
  }
  return CheckUpdate(json, options_.limits.outbox.update_bytes_max);
}

absl::Status NodeImpl::CheckMayBlock() const {
  if (!store_.InTransaction()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this thread is inside of a transaction, which others would wait for: send with it, as in "
      "SendStrong(*context.transaction, ...)");
}

absl::Status NodeImpl::SubmitAndWait(Store::Work work) {
  // Shared: the other thread may still be inside of it when this one goes on.
  const auto committed = std::make_shared<std::promise<absl::Status>>();
  store_.Submit(std::move(work), [committed](const absl::Status& status) { committed->set_value(status); });
  return committed->get_future().get();
}

absl::StatusOr<Seq> NodeImpl::SendStrong(std::string_view destination, std::string_view json) {
  absl::Status status = CheckMayBlock();
  if (status.ok()) status = CheckSend(destination, json);
  if (!status.ok()) return status;
  const auto appended = std::make_shared<std::promise<absl::StatusOr<Seq>>>();
  store_.Append(std::string(destination), std::string(json),
                [appended](const absl::StatusOr<Seq>& seq) { appended->set_value(seq); });
  return appended->get_future().get();
}

absl::StatusOr<Seq> NodeImpl::SendStrong(Transaction& transaction, std::string_view destination,
                                         std::string_view json) {
  absl::Status status = CheckSend(destination, json);
  if (!status.ok()) return status;
  return transaction.Append(destination, json);
}

void NodeImpl::SendStrongAsync(std::string_view destination, std::string_view json, SendDone done) {
  const absl::Status status = CheckSend(destination, json);
  if (!status.ok()) return done(status);
  store_.Append(std::string(destination), std::string(json), std::move(done));
}

absl::StatusOr<std::vector<Seq>> NodeImpl::SendStrongToAll(std::span<const std::string> destinations,
                                                           std::string_view json) {
  absl::Status status = CheckMayBlock();
  if (status.ok()) status = CheckSendToAll(destinations, json);
  if (!status.ok()) return status;
  absl::StatusOr<std::vector<Seq>> numbers;
  status = SubmitAndWait([&](Transaction& transaction) {
    numbers = transaction.AppendToAll(destinations, json);
    return numbers.status();
  });
  if (!status.ok()) return status;
  return numbers;
}

absl::StatusOr<std::vector<Seq>> NodeImpl::SendStrongToAll(Transaction& transaction,
                                                           std::span<const std::string> destinations,
                                                           std::string_view json) {
  absl::Status status = CheckSendToAll(destinations, json);
  if (!status.ok()) return status;
  return transaction.AppendToAll(destinations, json);
}

absl::Status NodeImpl::SendWeak(std::string_view destination, std::string_view json,
                                std::string_view replace_key) {
  absl::Status status = CheckSend(destination, json);
  if (!status.ok()) return status;
  const std::size_t bytes_max = options_.limits.outbox.update_bytes_max;
  if (replace_key.size() > bytes_max) {
    return absl::InvalidArgumentError(
        fmt::format("replace_key: want at most {} bytes, got {}", bytes_max, replace_key.size()));
  }
  return delivery_.SendWeak(destination, json, replace_key);
}

}  // namespace federation::node
