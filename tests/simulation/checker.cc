#include "simulation/checker.h"

namespace federation::simulation {

std::string_view NameOf(Invariant invariant) {
  constexpr std::string_view kNames[] = {"no loss",         "no duplicate",
                                         "order",           "prefix",
                                         "number",          "one transaction",
                                         "joined",          "ok is durable",
                                         "hole is honest",  "wait is obeyed",
                                         "pause is obeyed", "back-off",
                                         "probe",           "sender bounds",
                                         "receiver bounds", "isolation",
                                         "weak once",       "weak fresh",
                                         "weak order",      "given up aloud",
                                         "quarantine",      "ack is true",
                                         "idle is quiet",   "counters",
                                         "drains",          "calm"};
  return kNames[static_cast<std::size_t>(invariant)];
}

void Checker::OnStarted(NodeId node) {
  strong_.OnStarted(node);
  sender_.OnStarted(node);
}

void Checker::OnEnded(NodeId node) {
  sender_.OnEnded(node);
  receiver_.OnEnded(node);
}

void Checker::OnCommitted(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state) {
  for (const MemoryChange& change : changes) {
    const NodeId peer = NodeOf(change.peer);
    if (change.kind == MemoryChange::Kind::kAppended && !strong_.HasWork(node, peer))
      sender_.OnWork(node, peer);
  }
  strong_.OnCommitted(node, changes, state);
}

void Checker::OnStored(NodeId node, std::uint64_t id, bool stored) {
  sender_.OnStored(node, id);
  if (stored) strong_.OnSendReported(id);
}

void Checker::OnReset(NodeId node, NodeId destination) {
  strong_.OnReset(node, destination);
  sender_.OnReset(node, destination);
}

void Checker::OnPush(NodeId from, NodeId to, const PushOnWire& push) {
  ++pushes_;
  if (books_.node(from).liar) return;
  sender_.OnPush(from, to, push);
  weak_.OnPush(from, push);
  if (push.strong > 0) strong_.OnStrongPush(from, to);
}

void Checker::OnHeard(NodeId from, NodeId to, const SenderChecks::Heard& heard) {
  if (books_.node(from).liar) return;
  if (sender_.OnHeard(from, to, heard) && heard.status == 413) strong_.OnTooLarge(from, to);
}

std::uint64_t Checker::OnReceived(NodeId node, NodeId origin, std::size_t bytes) {
  sender_.OnPeerSpoke(node, origin);
  return receiver_.OnReceived(node, origin, bytes);
}

}  // namespace federation::simulation
