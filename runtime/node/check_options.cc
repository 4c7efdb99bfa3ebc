#include "node/check_options.h"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "federation/domain.h"

#include "directory/host.h"
#include "directory/well_known.h"
#include "node/access.h"
#include "node/relay_rules.h"

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
      {limits.origin.requests_per_second_max >= 1, "limits.origin.requests_per_second_max: want 1 or more"},
      {limits.origin.bytes_per_second_max >= 1, "limits.origin.bytes_per_second_max: want 1 or more"},
      {limits.origin.origins_max >= 1, "limits.origin.origins_max: want 1 or more"},
      {limits.rpc.repeat_backoff_min.count() >= 1, "limits.rpc.repeat_backoff_min: want 1 ms or more"},
      {limits.rpc.repeat_backoff_min <= limits.rpc.repeat_backoff_max,
       "limits.rpc.repeat_backoff_min: want at most repeat_backoff_max"},
      {limits.rpc.running_requests_max >= 1, "limits.rpc.running_requests_max: want 1 or more"},
      {limits.http.connections_per_peer_max >= 1, "limits.http.connections_per_peer_max: want 1 or more"},
      {limits.http.connect_attempts_max >= 1, "limits.http.connect_attempts_max: want 1 or more"},
      {limits.rpc.connections_max >= 1, "limits.rpc.connections_max: want 1 or more"},
      {limits.relay.hops_max >= 1, "limits.relay.hops_max: want 1 or more"},
      {limits.relay.push_timeout.count() >= 1, "limits.relay.push_timeout: want 1 ms or more"},
  };
  for (const Rule& rule : rules) {
    if (!rule.kept) return absl::InvalidArgumentError(rule.what);
  }
  return absl::OkStatus();
}

absl::Status CheckDiscovery(const DiscoveryOptions& options) {
  const auto fault = [](const char* name, const std::string& what) {
    return absl::InvalidArgumentError(fmt::format("discovery.{}: {}", name, what));
  };
  for (const HostPort& server : options.dns_servers) {
    if (!directory::HostIsIp(server.host) || server.port == 0) {
      return fault("dns_servers", fmt::format("want an IP address and a port, got {}", server.ToString()));
    }
  }
  if (options.dns_timeout.count() < 1) return fault("dns_timeout", "want 1 ms or more");
  if (options.dns_tries < 1) return fault("dns_tries", "want 1 or more");
  if (options.well_known_port == 0) return fault("well_known_port", "want 1 to 65535");
  if (options.well_known_timeout.count() < 1) return fault("well_known_timeout", "want 1 ms or more");
  if (options.default_port == 0) return fault("default_port", "want 1 to 65535");
  if (options.announced.size() > directory::kWellKnownEndpointsMax) {
    return fault("announced", fmt::format("want at most {} addresses", directory::kWellKnownEndpointsMax));
  }
  // Others read it as this node reads theirs.
  if (!options.announced.empty()) {
    const absl::Status status =
        directory::ParseWellKnown(directory::FormatWellKnown(options.announced)).status();
    if (!status.ok()) return fault("announced", std::string(status.message()));
  }
  return absl::OkStatus();
}

absl::Status CheckRelays(const NodeOptions& options) {
  const auto fault = [](const char* name, const std::string& what) {
    return absl::InvalidArgumentError(fmt::format("relay.{}: {}", name, what));
  };
  const RelayOptions& relay = options.relay;
  for (const auto& [destination, server] : relay.via) {
    for (const std::string* domain : {&destination, &server}) {
      const absl::Status status = ValidateDomain(*domain);
      if (!status.ok()) return fault("via", std::string(status.message()));
      if (*domain == options.domain) return fault("via", fmt::format("{} is this node itself", *domain));
    }
    if (options.peers.contains(destination)) {
      return fault("via", fmt::format("{} is one of `peers`, and so reached without a relay", destination));
    }
    if (relay.via.contains(server)) {
      return fault("via", fmt::format("{} is itself reached through {}", server, relay.via.at(server)));
    }
  }
  for (const auto& [name, rules] : {std::pair{"serves", &relay.serves}, {"trusted", &relay.trusted}}) {
    const absl::Status status = RelayRules::Parse(*rules).status();
    if (!status.ok()) return fault(name, std::string(status.message()));
    if (rules->contains(options.domain)) {
      return fault(name, fmt::format("{} is this node itself", options.domain));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOptions(const NodeOptions& options) {
  absl::Status status = ValidateDomain(options.domain);
  if (!status.ok())
    return absl::InvalidArgumentError(fmt::format("domain: {}", std::string(status.message())));
  for (const auto& [name, threads] : {std::pair{"handler_threads", options.handler_threads},
                                      {"request_threads", options.request_threads}}) {
    if (threads < 1)
      return absl::InvalidArgumentError(fmt::format("{}: want 1 or more, got {}", name, threads));
  }
  status = CheckLimits(options.limits);
  if (!status.ok()) return status;
  status = Access().Set(options.access);
  if (!status.ok()) return status;
  status = CheckDiscovery(options.discovery);
  if (!status.ok()) return status;
  status = CheckRelays(options);
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
