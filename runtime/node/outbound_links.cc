#include "node/outbound_links.h"

#include <optional>
#include <utility>

namespace federation::node {

OutboundLinks::OutboundLinks(LinkServices services, Peers peers, const std::vector<Store::NamedLink>& stored)
    : services_(std::move(services)), peers_(std::move(peers)) {
  for (const Store::NamedLink& link : stored) stored_.emplace(link.destination, link.numbers);
  for (const auto& [destination, address] : peers_) stored_.try_emplace(destination);
}

OutboundLink& OutboundLinks::Get(const std::string& destination) {
  std::shared_ptr<OutboundLink>& link = links_[destination];
  if (link == nullptr) {
    const auto peer = peers_.find(destination);
    std::optional<HostPort> address;
    if (peer != peers_.end()) address = peer->second;
    link = std::make_shared<OutboundLink>(services_, destination, std::move(address),
                                          stored_.try_emplace(destination).first->second);
  }
  return *link;
}

void OutboundLinks::Start() {
  for (const auto& [destination, numbers] : stored_) {
    if (numbers.assigned > numbers.acked) Get(destination).Enqueued(numbers.assigned);
  }
}

void OutboundLinks::Enqueued(const std::string& destination, Seq assigned) {
  Get(destination).Enqueued(assigned);
}

void OutboundLinks::SendWeak(const std::string& destination, std::string json, std::string replace_key) {
  Get(destination).SendWeak(std::move(json), std::move(replace_key));
}

void OutboundLinks::Heard(const std::string& origin) {
  // Anybody with a certificate may push; only for those that we deliver to is a link kept.
  if (stored_.contains(origin)) Get(origin).Heard();
}

std::vector<LinkStatus> OutboundLinks::Status() const {
  std::vector<LinkStatus> all;
  for (const auto& [destination, numbers] : stored_) {
    const auto link = links_.find(destination);
    if (link != links_.end()) {
      all.push_back(link->second->Status());
    } else {
      LinkStatus status;
      status.destination = destination;
      status.assigned = numbers.assigned;
      status.acked = numbers.acked;
      all.push_back(std::move(status));
    }
  }
  return all;
}

}  // namespace federation::node
