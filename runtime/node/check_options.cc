#include "node/check_options.h"

#include <string>

#include <fmt/core.h>

#include "federation/domain.h"

namespace federation::node {
namespace {

// The relations of limits.h, for limits that are not the defaults.
absl::Status CheckLimits(const Limits& limits) {
  struct Rule {
    bool kept;
    const char* what;
  };
  const OutboxLimits& outbox = limits.outbox;
  const Rule rules[] = {
      {outbox.push_updates_max >= 1, "limits.outbox.push_updates_max: want 1 or more"},
      {outbox.update_bytes_max <= outbox.push_bytes_max,
       "limits.outbox.update_bytes_max: want at most push_bytes_max, or an update fits into no push"},
      {outbox.pushes_in_flight_max >= 1, "limits.outbox.pushes_in_flight_max: want 1 or more"},
      {outbox.lease >= std::chrono::seconds(1), "limits.outbox.lease: want 1 s or more"},
      {outbox.backoff_min.count() >= 1, "limits.outbox.backoff_min: want 1 ms or more"},
      {outbox.backoff_min <= outbox.backoff_max, "limits.outbox.backoff_min: want at most backoff_max"},
      {outbox.wait_max >= std::chrono::seconds(1), "limits.outbox.wait_max: want 1 s or more"},
      {limits.inbox.updates_per_second_max >= 1, "limits.inbox.updates_per_second_max: want 1 or more"},
      {limits.inbox.handler_tries_max >= 1, "limits.inbox.handler_tries_max: want 1 or more"},
      {limits.rpc.running_requests_max >= 1, "limits.rpc.running_requests_max: want 1 or more"},
      {limits.rpc.connections_max >= 1, "limits.rpc.connections_max: want 1 or more"},
  };
  for (const Rule& rule : rules) {
    if (!rule.kept) return absl::InvalidArgumentError(rule.what);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOptions(const NodeOptions& options) {
  absl::Status status = ValidateDomain(options.domain);
  if (!status.ok())
    return absl::InvalidArgumentError(fmt::format("domain: {}", std::string(status.message())));
  if (options.handler_threads < 1) {
    return absl::InvalidArgumentError(
        fmt::format("handler_threads: want 1 or more, got {}", options.handler_threads));
  }
  status = CheckLimits(options.limits);
  if (!status.ok()) return status;
  for (const auto& [peer, address] : options.peers) {
    status = ValidateDomain(peer);
    if (!status.ok())
      return absl::InvalidArgumentError(fmt::format("peers: {}", std::string(status.message())));
    if (peer == options.domain)
      return absl::InvalidArgumentError(fmt::format("peers: {} is this node itself", peer));
  }
  return absl::OkStatus();
}

}  // namespace federation::node
