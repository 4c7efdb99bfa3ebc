#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace federation {

// Which other servers a node has to do with, by their domains. A pattern is a domain, `example.org`; every
// domain below one, `*.example.org`, but not that one itself; or `*`, every domain.
struct AccessLists {
  // None: everybody who is not denied. An empty list: nobody.
  std::optional<std::vector<std::string>> allow{};
  // Goes before `allow`.
  std::vector<std::string> deny{};
};

// What came from peers and was turned away, since the node started.
struct Refusals {
  struct Counts {
    // Of servers that AccessLists keep out: 403.
    std::uint64_t denied = 0;
    // More of one origin in a second than OriginLimits allow, by number and by bytes: told to wait.
    std::uint64_t over_rate = 0;
    std::uint64_t over_bytes = 0;
    // More updates of one origin in a second than InboxLimits allow: told to wait. Of pushes only.
    std::uint64_t over_updates = 0;
    // More of one origin that has no answer yet, or of all, than InboxLimits::queued_... allow: told to wait.
    // Of pushes only.
    std::uint64_t over_queued = 0;
    // More of one origin at a time, or of all, than RpcLimits allow: told to wait. Of requests only.
    std::uint64_t over_running = 0;
  };
  Counts pushes;
  Counts requests;
  // Of other paths.
  Counts others;
};

}  // namespace federation
