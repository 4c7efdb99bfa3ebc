#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "simulation/books.h"

namespace federation::simulation {

// Weak updates, at both ends.
class WeakChecks {
 public:
  explicit WeakChecks(Books& books) : books_(books), links_(books.nodes()) {}

  // `key` is 0 if it replaces nothing.
  void OnSent(std::uint64_t id, std::uint64_t key);
  void OnPush(NodeId from, const PushOnWire& push);
  void OnHandled(NodeId node, NodeId origin, std::uint64_t id);

 private:
  struct Link {
    std::map<std::uint64_t, std::uint64_t> latest;  // of each key
    std::optional<std::uint64_t> last_handled;
  };

  Books& books_;
  PerLink<Link> links_;
};

}  // namespace federation::simulation
