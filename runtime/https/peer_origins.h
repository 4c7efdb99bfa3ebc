#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "federation/limits.h"

namespace federation::https {

// Who peers have spoken for whose certificates are good for any number of names: an origin has limits of its
// own and leaves traces that stay, and to think of another one costs nothing
// (HttpLimits::origins_per_peer_max). Not thread-safe.
class PeerOrigins {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit PeerOrigins(const HttpLimits& limits);

  // `peer`, as PeerIdentity::Key, speaks for `origin`. When to come again, at least 1 s, if those are too
  // many.
  std::optional<std::chrono::seconds> Take(const std::string& peer, const std::string& origin, Time now);

  // How many peers are remembered.
  std::size_t size() const { return peers_.size(); }

 private:
  struct Peer {
    std::string key;
    Time asked;
    // Since when each is spoken for, or was the last time.
    std::map<std::string, Time, std::less<>> origins{};
  };
  using Peers = std::list<Peer>;

  Peer& Find(const std::string& key, Time now);
  void ForgetLast();

  const std::size_t origins_max_;
  const std::size_t peers_max_;
  const std::chrono::seconds age_max_;
  // The one that asked last is the first.
  Peers peers_;
  std::unordered_map<std::string_view, Peers::iterator> by_key_;
};

}  // namespace federation::https
