#include "https/connection_admission.h"

namespace federation::https {

ConnectionAdmission::ConnectionAdmission(const HttpLimits& limits)
    : all_max_(limits.connections_max),
      peer_max_(limits.connections_per_peer_max),
      unidentified_max_(limits.unidentified_connections_max),
      address_max_(limits.unidentified_connections_per_address_max),
      held_(limits),
      unidentified_bytes_(std::make_shared<PeerHeldBytes>(held_)) {}

bool ConnectionAdmission::is_full() const { return connections_.size() >= all_max_ && unidentified_.empty(); }

std::optional<ConnectionAdmission::Number> ConnectionAdmission::Begin(Number number,
                                                                      const std::string& address) {
  Numbers& neighbours = unidentified_by_address_[address];
  std::optional<Number> oldest;
  if (neighbours.size() >= address_max_ && !neighbours.empty()) {
    oldest = *neighbours.begin();
  } else if (!unidentified_.empty() &&
             (unidentified_.size() >= unidentified_max_ || connections_.size() >= all_max_)) {
    oldest = *unidentified_.begin();
  }
  connections_[number].address = address;
  unidentified_.insert(number);
  neighbours.insert(number);
  if (oldest) End(*oldest);
  return oldest;
}

std::shared_ptr<PeerHeldBytes> ConnectionAdmission::Identify(Number number, const std::string& key) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return nullptr;
  Peer& peer = peers_[key];
  if (peer.connections.size() >= peer_max_) return nullptr;
  if (peer.held == nullptr) peer.held = std::make_shared<PeerHeldBytes>(held_);
  peer.connections.insert(number);
  found->second.peer = key;
  RemoveUnidentified(found->second.address, number);
  return peer.held;
}

void ConnectionAdmission::End(Number number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  const Connection& connection = found->second;
  if (connection.peer.empty()) {
    RemoveUnidentified(connection.address, number);
  } else if (const auto peer = peers_.find(connection.peer); peer != peers_.end()) {
    peer->second.connections.erase(number);
    if (peer->second.connections.empty()) peers_.erase(peer);
  }
  connections_.erase(found);
}

void ConnectionAdmission::RemoveUnidentified(const std::string& address, Number number) {
  unidentified_.erase(number);
  const auto found = unidentified_by_address_.find(address);
  if (found == unidentified_by_address_.end()) return;
  found->second.erase(number);
  if (found->second.empty()) unidentified_by_address_.erase(found);
}

}  // namespace federation::https
