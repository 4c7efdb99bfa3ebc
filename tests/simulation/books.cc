#include "simulation/books.h"

#include <utility>

#include "simulation/checker.h"

namespace federation::simulation {

Books::Books(World& world, std::vector<NodeBooks> nodes) : world_(world), nodes_(std::move(nodes)) {}

std::uint64_t Books::NewUpdate(NodeId origin, NodeId destination, bool weak, bool joined) {
  Update& update = updates_.emplace_back();
  update.origin = origin;
  update.destination = destination;
  update.weak = weak;
  update.joined = joined;
  return updates_.size() - 1;
}

std::uint64_t Books::NewFan(NodeId origin) {
  const std::uint64_t first = updates_.size();
  for (NodeId node = 0; node < nodes(); ++node) NewUpdate(origin, node, false, false);
  return first;
}

std::optional<std::uint64_t> Books::IdOf(NodeId destination, std::string_view json) const {
  const auto id = ParseUpdate(json, destination);
  return id.has_value() && Knows(*id) ? id : std::nullopt;
}

void Books::Fail(Invariant invariant, std::string text) {
  world_.Stop();
  if (violation_.has_value()) return;
  world_.trace().Line(now(), "VIOLATION of \"{}\": {}", NameOf(invariant), text);
  violation_ = Violation{invariant, std::move(text)};
}

}  // namespace federation::simulation
