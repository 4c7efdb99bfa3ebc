#include "https/peer_origins.h"

#include <algorithm>

namespace federation::https {

PeerOrigins::PeerOrigins(const HttpLimits& limits)
    : origins_max_(limits.origins_per_peer_max),
      peers_max_(std::max<std::size_t>(limits.origin_peers_max, 1)),
      age_max_(limits.origin_age_max) {}

std::optional<std::chrono::seconds> PeerOrigins::Take(const std::string& peer, const std::string& origin,
                                                      Time now) {
  auto& origins = Find(peer, now).origins;
  if (const auto known = origins.find(origin); known != origins.end()) {
    known->second = now;
    return std::nullopt;
  }
  if (origins.size() >= origins_max_) {
    std::erase_if(origins, [&](const auto& each) { return each.second + age_max_ <= now; });
  }
  if (origins.size() >= origins_max_) {
    Time oldest = now;
    for (const auto& [name, spoke] : origins) oldest = std::min(oldest, spoke);
    return std::max(std::chrono::ceil<std::chrono::seconds>(oldest + age_max_ - now),
                    std::chrono::seconds(1));
  }
  origins.emplace(origin, now);
  return std::nullopt;
}

PeerOrigins::Peer& PeerOrigins::Find(const std::string& key, Time now) {
  // Of those, each origin is older than that.
  while (!peers_.empty() && peers_.back().asked + age_max_ <= now) ForgetLast();
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    peers_.splice(peers_.begin(), peers_, found->second);
  } else {
    if (peers_.size() >= peers_max_) ForgetLast();
    peers_.push_front({.key = key, .asked = now});
    by_key_.emplace(peers_.front().key, peers_.begin());
  }
  peers_.front().asked = now;
  return peers_.front();
}

void PeerOrigins::ForgetLast() {
  by_key_.erase(peers_.back().key);
  peers_.pop_back();
}

}  // namespace federation::https
