#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/limits.h"
#include "federation/seq.h"

#include "simulation/wire.h"
#include "simulation/world.h"

namespace federation::simulation {

enum class Invariant;  // checker.h

// An update as the checker sees it.
struct Update {
  NodeId origin = 0;
  NodeId destination = 0;
  bool weak = false;
  bool joined = false;  // sent together with a row of the application

  // Strong, at the origin.
  bool committed = false;
  bool lost = false;      // the origin went back to a backup from before
  bool given_up = false;  // reported, or no longer kept after it was acknowledged
  std::uint32_t place = 0;
  Micros committed_at{0};
  std::array<Seq, 4> seqs{};  // numbers that it was given, the latest ones
  std::uint8_t seq_count = 0;

  // Strong, at the destination, as it is durable there now.
  bool applied = false;
  bool quarantined = false;
  bool dropped = false;  // out of the quarantine, by the operator
  std::uint16_t tries = 0;

  // Weak.
  Micros sent_at{0};
  std::optional<Micros> replaced_at;
  std::uint8_t pushed = 0;
  std::uint8_t delivered = 0;

  bool resolved() const { return applied || quarantined || dropped || given_up || lost; }
};

// What the checker knows of a node.
struct NodeBooks {
  OutboxLimits outbox;
  InboxLimits inbox;
  StoreLimits store;
  bool liar = false;
  // Neither this node nor what it is connected to has faults of its own.
  bool healthy = false;

  // So far.
  bool went_back = false;
  bool clock_was_set = false;
};

// What the parts of the checker share: the nodes, the updates, and what was found.
class Books {
 public:
  Books(World& world, std::vector<NodeBooks> nodes);

  std::size_t nodes() const { return nodes_.size(); }
  NodeBooks& node(NodeId node) { return nodes_[node]; }
  const NodeBooks& node(NodeId node) const { return nodes_[node]; }
  World& world() { return world_; }
  Micros now() const { return world_.now(); }

  // --- Updates. References to them end with the next new one.
  std::uint64_t NewUpdate(NodeId origin, NodeId destination, bool weak, bool joined);
  // The first of one for each node; what is sent to several carries its id.
  std::uint64_t NewFan(NodeId origin);
  Update& At(std::uint64_t id) { return updates_[id]; }
  const Update& At(std::uint64_t id) const { return updates_[id]; }
  bool Knows(std::uint64_t id) const { return id < updates_.size(); }
  std::optional<std::uint64_t> IdOf(NodeId destination, std::string_view json) const;
  std::vector<Update>& updates() { return updates_; }
  std::size_t size() const { return updates_.size(); }

  // --- What was found. The first violation counts, and ends the simulation.
  struct Violation {
    Invariant invariant;
    std::string text;
  };
  void Fail(Invariant invariant, std::string text);
  const std::optional<Violation>& violation() const { return violation_; }

 private:
  World& world_;
  std::vector<NodeBooks> nodes_;
  std::vector<Update> updates_;
  std::optional<Violation> violation_;
};

// Something for each link from one node to another one.
template <typename Link>
class PerLink {
 public:
  explicit PerLink(std::size_t nodes) : nodes_(nodes), links_(nodes * nodes) {}

  Link& At(NodeId from, NodeId to) { return links_[from * nodes_ + to]; }
  const Link& At(NodeId from, NodeId to) const { return links_[from * nodes_ + to]; }
  std::vector<Link>& all() { return links_; }
  const std::vector<Link>& all() const { return links_; }

 private:
  std::size_t nodes_;
  std::vector<Link> links_;
};

}  // namespace federation::simulation
