#include <utility>

#include "node/check_update.h"
#include "node/node_impl.h"

// Whom the node has to do with.
namespace federation::node {

absl::Status AccessTransport::Check(const std::string& destination) const {
  absl::Status status = access_.Check(destination);
  const std::string* relay = addresses_.RelayTo(destination);
  if (relay != nullptr) status.Update(access_.Check(*relay));
  return status;
}

void AccessTransport::Push(delivery::PushCall call, Done done) {
  absl::Status status = Check(call.destination);
  if (status.ok()) return inner_.Push(std::move(call), std::move(done));
  kept_out_.insert(std::move(call.destination));
  loop_.Post([status = absl::NotFoundError(status.message()), done = std::move(done)] { done(status); });
}

std::vector<std::string> AccessTransport::TakeAllowed() {
  std::vector<std::string> allowed;
  for (const std::string& destination : kept_out_) {
    if (Check(destination).ok()) allowed.push_back(destination);
  }
  for (const std::string& destination : allowed) kept_out_.erase(destination);
  return allowed;
}

absl::Status NodeImpl::SetAccess(const AccessLists& lists) {
  absl::Status status = access_.Set(lists);
  if (!status.ok()) return status;
  const std::shared_lock lock(running_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !running_) return absl::OkStatus();
  loop_.Post([this] {
    // What has waited for them need not wait for the end of a back-off.
    for (const std::string& destination : allowed_transport_.TakeAllowed()) delivery_.Wake(destination);
  });
  return absl::OkStatus();
}

Refusals NodeImpl::CountRefusals() const {
  Refusals refusals;
  admission_.AddTo(&refusals);
  refusals.pushes.over_updates += delivery_.over_updates();
  refusals.pushes.over_queued += delivery_.over_queued();
  if (requests_ != nullptr) refusals.requests.over_running += requests_->over_running();
  return refusals;
}

absl::Status NodeImpl::CheckPeer(std::string_view destination) const {
  absl::Status status = CheckDestination(options_.domain, destination);
  if (!status.ok()) return status;
  return access_.Check(destination);
}

}  // namespace federation::node
