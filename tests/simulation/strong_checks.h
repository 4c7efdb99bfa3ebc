#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "federation/seq.h"

#include "simulation/books.h"
#include "simulation/memory_state.h"

namespace federation::simulation {

// Strong updates, from the commit at their origin to the one at their destination: what stores make durable.
class StrongChecks {
 public:
  explicit StrongChecks(Books& books) : books_(books), links_(books.nodes()) {}

  // Whether something that was committed is still to be delivered.
  bool HasWork(NodeId node, NodeId destination);
  void OnCommitted(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state);

  // What others are told: a sender that its update is stored, the application that one is applied, a link
  // that its destination has so many.
  void OnSendReported(std::uint64_t id);
  void OnToldOfApplied(NodeId node, NodeId origin, std::uint64_t id);
  void OnNotedAcked(NodeId node, NodeId destination, Seq acked);

  // --- Older copies of a store.
  // How many updates for each destination survive a return to a backup: those that it has, but for numbers
  // that the destination may know as those of others.
  using Mark = std::vector<std::size_t>;
  Mark OnBackup(NodeId node) const;
  void OnRestored(NodeId node, const Mark& mark, const MemoryState& state);
  void OnStarted(NodeId node);
  // A push with strong updates is on its way: numbers have been compared.
  void OnStrongPush(NodeId from, NodeId to) { links_.At(from, to).restored_at.reset(); }

  // --- Reasons to give up what waits.
  void OnReset(NodeId node, NodeId destination) { links_.At(node, destination).reset = true; }
  // Nothing waits any more; all that did was given up.
  void OnWasReset(NodeId node, NodeId destination, const MemoryState& state);
  void OnTooLarge(NodeId node, NodeId destination) { links_.At(node, destination).too_large = true; }
  // The operator takes it out of the quarantine.
  void OnUnquarantine(std::uint64_t id) { books_.At(id).dropped = true; }

  // --- The end.
  // How many updates are still to be delivered.
  std::size_t Undelivered() const;
  void OnEnd();
  std::uint64_t applied() const { return applied_; }

 private:
  struct Link {
    // At the origin: updates in the order of their commits.
    std::vector<std::uint64_t> order;
    bool reset = false;
    bool too_large = false;
    // Since the origin went back to a backup: where `order` was then, until it has compared numbers.
    std::optional<std::size_t> restored_at;
    int starts_since_restored = 0;
    // At the destination, as it is durable.
    std::size_t resolved = 0;  // all in `order` before this are dealt with
    std::optional<std::uint32_t> last_place;
    Seq numbered{0};
  };

  void Advance(Link& link);
  // At the origin.
  void Commit(NodeId node, NodeId destination, const MemoryChange& change);
  void Renumber(NodeId destination, const MemoryChange& change);
  void CheckRemoved(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state);
  void CheckReason(NodeId node, NodeId destination, std::uint64_t id, std::uint64_t waiting_bytes);
  void CheckJoined(NodeId node, const std::vector<MemoryChange>& changes);
  // At the destination.
  void Number(NodeId node, NodeId origin, Seq seq);
  void Apply(NodeId node, NodeId origin, const Row& row);
  void ApplyKnown(NodeId node, NodeId origin, const Row& row);
  void Quarantine(NodeId node, NodeId origin, const MemoryChange& change);
  void CheckUnquarantined(NodeId node, const std::vector<MemoryChange>& changes);
  void CheckNumbered(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state);

  Books& books_;
  PerLink<Link> links_;
  std::uint64_t applied_ = 0;
};

}  // namespace federation::simulation
