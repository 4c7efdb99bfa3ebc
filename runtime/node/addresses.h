#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "federation/host_port.h"

#include "transport/message.h"

namespace federation::node {

// Where calls go. Immutable, thread-safe.
class Addresses {
 public:
  using Peers = std::map<std::string, HostPort, std::less<>>;
  // Relays by destination, as RelayOptions::via.
  using Relays = std::map<std::string, std::string, std::less<>>;

  // Borrows both maps. `finds_others`: whether the client finds servers that are not configured.
  Addresses(const Peers& peers, const Relays& relays, bool finds_others)
      : peers_(peers), relays_(relays), finds_others_(finds_others) {}

  // The domain whose server updates for a destination are handed to; null where that is its own.
  const std::string* RelayTo(std::string_view destination) const {
    const auto relay = relays_.find(destination);
    return relay == relays_.end() ? nullptr : &relay->second;
  }

  // Says in a call which server it is posted to, and where that is. False if nobody can know where.
  bool Direct(transport::Call* call) const {
    if (const std::string* relay = RelayTo(call->destination)) call->relay = *relay;
    std::optional<HostPort> address = Of(call->server());
    if (!address) return false;
    call->address = *std::move(address);
    return true;
  }

  // As transport::Call::address: without a host if the client has to find out. None if nobody can know.
  std::optional<HostPort> Of(const std::string& destination) const {
    const auto peer = peers_.find(destination);
    if (peer != peers_.end()) return peer->second;
    if (finds_others_) return HostPort{};
    return std::nullopt;
  }

 private:
  const Peers& peers_;
  const Relays& relays_;
  const bool finds_others_;
};

}  // namespace federation::node
