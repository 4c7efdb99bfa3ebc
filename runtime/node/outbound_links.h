#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "federation/host_port.h"
#include "federation/store.h"

#include "node/outbound_link.h"

namespace federation::node {

// The links of a node to all destinations. A link that has nothing to do exists in the store only. To be used
// on the loop only, except for the constructor.
class OutboundLinks {
 public:
  using Peers = std::map<std::string, HostPort, std::less<>>;

  // `stored` are the links as they are in the store before any update is given out.
  OutboundLinks(LinkServices services, Peers peers, const std::vector<Store::NamedLink>& stored);

  // Begins to deliver what waits.
  void Start();
  void Enqueued(const std::string& destination, Seq assigned);
  void SendWeak(const std::string& destination, std::string json, std::string replace_key);
  void Heard(const std::string& origin);
  std::vector<LinkStatus> Status() const;
  // Ends all links.
  void Clear() { links_.clear(); }

 private:
  OutboundLink& Get(const std::string& destination);

  LinkServices services_;
  Peers peers_;
  std::map<std::string, LinkNumbers> stored_;
  std::map<std::string, std::shared_ptr<OutboundLink>> links_;
};

}  // namespace federation::node
