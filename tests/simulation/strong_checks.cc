#include "simulation/strong_checks.h"

#include <algorithm>

#include <fmt/core.h>

#include "simulation/checker.h"

namespace federation::simulation {

bool StrongChecks::HasWork(NodeId node, NodeId destination) {
  Link& link = links_.At(node, destination);
  Advance(link);
  return link.resolved < link.order.size();
}

void StrongChecks::Advance(Link& link) {
  while (link.resolved < link.order.size() && books_.At(link.order[link.resolved]).resolved())
    ++link.resolved;
}

void StrongChecks::OnCommitted(NodeId node, const std::vector<MemoryChange>& changes,
                               const MemoryState& state) {
  for (const MemoryChange& change : changes) {
    const NodeId peer = NodeOf(change.peer);
    books_.world().trace().Mix(static_cast<int>(change.kind), peer, Value(change.seq));
    switch (change.kind) {
      case MemoryChange::Kind::kAppended:
        Commit(node, peer, change);
        break;
      case MemoryChange::Kind::kRenumbered:
        Renumber(peer, change);
        break;
      case MemoryChange::Kind::kRow:
        Apply(node, peer, *change.row);
        break;
      case MemoryChange::Kind::kQuarantined:
        Quarantine(node, peer, change);
        break;
      case MemoryChange::Kind::kRemoved:
      case MemoryChange::Kind::kUnquarantined:
      case MemoryChange::Kind::kLast:
        break;
    }
  }
  CheckRemoved(node, changes, state);
  CheckJoined(node, changes);
  CheckUnquarantined(node, changes);
  CheckNumbered(node, changes, state);
}

// --- What others are told.

void StrongChecks::OnSendReported(std::uint64_t id) {
  if (!books_.At(id).committed) {
    books_.Fail(Invariant::kNoLoss, fmt::format("update {} is reported as stored, and is not", id));
  }
}

void StrongChecks::OnToldOfApplied(NodeId node, NodeId origin, std::uint64_t id) {
  if (books_.node(origin).liar || !books_.Knows(id) || books_.At(id).origin != origin) return;
  if (!books_.At(id).applied) {
    books_.Fail(
        Invariant::kOkIsDurable,
        fmt::format("{} is told that update {} is applied, and it is not on disk", DomainOf(node), id));
  }
}

void StrongChecks::OnNotedAcked(NodeId node, NodeId destination, Seq acked) {
  const Link& link = links_.At(node, destination);
  if (books_.node(destination).liar || books_.node(destination).went_back) return;
  if (acked > link.numbered) {
    books_.Fail(Invariant::kAckIsTrue,
                fmt::format("{} holds {} for confirmed by {}, which has {}", DomainOf(node), Value(acked),
                            DomainOf(destination), Value(link.numbered)));
  }
}

// --- Older copies of a store.

StrongChecks::Mark StrongChecks::OnBackup(NodeId node) const {
  Mark mark;
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    const Link& link = links_.At(node, peer);
    mark.push_back(link.restored_at.value_or(link.order.size()));
  }
  return mark;
}

void StrongChecks::OnRestored(NodeId node, const Mark& mark, const MemoryState& state) {
  books_.node(node).went_back = true;
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    Link& sent = links_.At(node, peer);
    for (std::size_t i = mark[peer]; i < sent.order.size(); ++i) books_.At(sent.order[i]).lost = true;
    sent.restored_at = sent.order.size();
    sent.starts_since_restored = 0;
  }
  for (Update& update : books_.updates()) {
    if (update.destination != node) continue;
    update.applied = false;
    update.quarantined = false;
  }
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    Link& link = links_.At(peer, node);
    link.resolved = 0;
    link.last_place.reset();
    const auto origin = state.origins.find(DomainOf(peer));
    link.numbered = origin == state.origins.end() ? Seq{0} : origin->second->last;
    if (origin == state.origins.end()) continue;
    for (const Row* row = origin->second->rows; row != nullptr; row = row->before) {
      if (row->kind != Row::Kind::kApplied && row->kind != Row::Kind::kReplayed) continue;
      Update& update = books_.At(row->id);
      update.applied = true;
      if (row->kind == Row::Kind::kApplied) {
        link.last_place = std::max(link.last_place.value_or(0), update.place);
      }
    }
    for (const auto& kept : origin->second->quarantine) {
      if (const auto id = books_.IdOf(node, kept->json)) books_.At(*id).quarantined = true;
    }
  }
}

void StrongChecks::OnStarted(NodeId node) {
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    Link& link = links_.At(node, peer);
    if (!link.restored_at.has_value() || ++link.starts_since_restored == 1) continue;
    // A process that ended before its peer had answered has not found out, and the next one cannot tell its
    // updates from older ones.
    for (std::size_t i = *link.restored_at; i < link.order.size(); ++i) books_.At(link.order[i]).lost = true;
  }
}

// --- The end.

std::size_t StrongChecks::Undelivered() const {
  std::size_t count = 0;
  for (const Link& link : links_.all()) {
    for (std::size_t i = link.resolved; i < link.order.size(); ++i) {
      const Update& update = books_.At(link.order[i]);
      if (!update.resolved() && !books_.node(update.destination).liar) ++count;
    }
  }
  return count;
}

void StrongChecks::OnEnd() {
  for (Link& link : links_.all()) {
    Advance(link);
    if (link.resolved == link.order.size()) continue;
    const std::uint64_t id = link.order[link.resolved];
    const Update& update = books_.At(id);
    if (books_.node(update.destination).liar) continue;
    // What comes behind it has not come either, or the prefix would have been violated.
    return books_.Fail(link.last_place.value_or(0) > update.place ? Invariant::kNoLoss : Invariant::kDrains,
                       fmt::format("update {} of {} for {} is not delivered", id, DomainOf(update.origin),
                                   DomainOf(update.destination)));
  }
}

}  // namespace federation::simulation
