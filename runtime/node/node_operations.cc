#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "federation/domain.h"

#include "node/check_update.h"
#include "node/node_impl.h"

// What operators want to know and to change, and the calls to other servers.
namespace federation::node {

absl::StatusOr<std::shared_lock<std::shared_mutex>> NodeImpl::LockWhileRunning() {
  if (store_.InTransaction() || loop_.IsCurrentThread()) {
    return absl::FailedPreconditionError("this thread must not wait: others wait for it");
  }
  // Not waiting for Stop, which may wait for the handler that asks.
  std::shared_lock lock(running_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !running_) return absl::FailedPreconditionError("the node does not run");
  return lock;
}

absl::Status NodeImpl::CheckLink(std::string_view destination) const {
  return CheckDestination(options_.domain, destination);
}

absl::StatusOr<std::vector<LinkStatus>> NodeImpl::Links() {
  const auto lock = LockWhileRunning();
  if (!lock.ok()) return lock.status();
  auto answer = std::make_shared<std::promise<absl::StatusOr<std::vector<LinkStatus>>>>();
  delivery_.Links(
      [answer](absl::StatusOr<std::vector<LinkStatus>> links) { answer->set_value(std::move(links)); });
  absl::StatusOr<std::vector<LinkStatus>> links = answer->get_future().get();
  if (!links.ok()) return links;
  std::map<std::string, LinkStatus> all;
  for (LinkStatus& link : *links) all.emplace(link.destination, std::move(link));
  for (const auto& [peer, address] : options_.peers) all[peer].destination = peer;
  for (const auto& [destination, relay] : options_.relay.via) all[destination].destination = destination;
  links->clear();
  for (auto& [destination, link] : all) links->push_back(std::move(link));
  return links;
}

absl::Status NodeImpl::PauseLink(std::string_view destination) {
  absl::Status status = CheckLink(destination);
  if (!status.ok()) return status;
  const auto lock = LockWhileRunning();
  return lock.ok() ? delivery_.Pause(std::string(destination)) : lock.status();
}

absl::Status NodeImpl::ResumeLink(std::string_view destination) {
  absl::Status status = CheckLink(destination);
  if (!status.ok()) return status;
  const auto lock = LockWhileRunning();
  return lock.ok() ? delivery_.Resume(std::string(destination)) : lock.status();
}

absl::Status NodeImpl::WakeLink(std::string_view destination) {
  absl::Status status = CheckLink(destination);
  if (!status.ok()) return status;
  const auto lock = LockWhileRunning();
  if (lock.ok()) delivery_.Wake(std::string(destination));
  return lock.status();
}

absl::StatusOr<std::uint64_t> NodeImpl::ResetLink(std::string_view destination) {
  absl::Status status = CheckLink(destination);
  if (!status.ok()) return status;
  const auto lock = LockWhileRunning();
  if (!lock.ok()) return lock.status();
  return delivery_.Reset(std::string(destination));
}

absl::StatusOr<std::vector<Replayed>> NodeImpl::ReplayQuarantined(std::string_view origin,
                                                                  std::vector<std::int64_t> ids) {
  absl::Status status = ValidateDomain(origin);
  if (!status.ok())
    return absl::InvalidArgumentError(fmt::format("origin: {}", std::string(status.message())));
  const auto lock = LockWhileRunning();
  if (!lock.ok()) return lock.status();
  auto answer = std::make_shared<std::promise<absl::StatusOr<std::vector<Replayed>>>>();
  delivery_.Replay(
      std::string(origin), std::move(ids),
      [answer](const absl::StatusOr<std::vector<Replayed>>& replayed) { answer->set_value(replayed); });
  return answer->get_future().get();
}

absl::StatusOr<Resolution> NodeImpl::Resolve(std::string_view domain, Lookup lookup) {
  const absl::Status status = ValidateDomain(domain);
  if (!status.ok())
    return absl::InvalidArgumentError(fmt::format("domain: {}", std::string(status.message())));
  auto answer = std::make_shared<std::promise<Resolution>>();
  {
    const auto lock = LockWhileRunning();
    if (!lock.ok()) return lock.status();
    loop_.Post([this, domain = std::string(domain), lookup, answer] {
      directory_.Explain(domain, lookup, [answer](const Resolution& found) { answer->set_value(found); });
    });
  }
  // Without the lock: Stop is not to wait for others' DNS servers.
  std::future<Resolution> found = answer->get_future();
  while (found.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    if (!running_) return absl::FailedPreconditionError("the node does not run");
  }
  Resolution resolution = found.get();
  if (const auto relay = options_.relay.via.find(domain); relay != options_.relay.via.end()) {
    resolution.via = relay->second;
  }
  return resolution;
}

// --- Requests.

absl::Status NodeImpl::PostCall(RpcCall call, OutboundCalls::Done done) {
  absl::Status status = CheckPeer(call.destination);
  if (!status.ok()) return status;
  const auto deadline =
      std::chrono::steady_clock::now() + std::min(call.options.timeout, options_.limits.rpc.timeout_max);
  // Stop ends what is posted before it comes to that. Not waiting for it: it may wait for who calls.
  const std::shared_lock lock(running_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !running_) return absl::FailedPreconditionError("the node does not run");
  loop_.Post([this, deadline, call = std::move(call), done = std::move(done)]() mutable {
    repeats_.Start(std::move(call), deadline, std::move(done));
  });
  return absl::OkStatus();
}

absl::StatusOr<std::string> NodeImpl::Call(RpcCall call) {
  if (store_.InTransaction()) {
    return absl::FailedPreconditionError(
        "this thread is inside of a transaction, which others would wait for until the answer comes");
  }
  auto answer = std::make_shared<std::promise<absl::StatusOr<transport::Answer>>>();
  absl::Status status = PostCall(std::move(call), [answer](absl::StatusOr<transport::Answer> got) {
    answer->set_value(std::move(got));
  });
  if (!status.ok()) return status;
  return RpcAnswerOf(answer->get_future().get());
}

void NodeImpl::StartCall(RpcCall call, Done done) {
  const auto shared = std::make_shared<Done>(std::move(done));
  const absl::Status status =
      PostCall(std::move(call), [this, shared](absl::StatusOr<transport::Answer> got) {
        // Decoding takes time that the network has not.
        handler_workers_.Post(
            [shared, got = std::move(got)]() mutable { (*shared)(RpcAnswerOf(std::move(got))); });
      });
  if (!status.ok()) (*shared)(status);
}

}  // namespace federation::node
