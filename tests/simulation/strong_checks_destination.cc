// What the destination of an update commits: what its handler wrote, and the number.
#include <algorithm>
#include <chrono>

#include <fmt/core.h>

#include "simulation/checker.h"
#include "simulation/strong_checks.h"

namespace federation::simulation {
namespace {

// How long an update may take between two healthy nodes.
constexpr Micros kHealthyLatencyMax = std::chrono::seconds{10};

}  // namespace

void StrongChecks::Number(NodeId node, NodeId origin, Seq seq) {
  Link& link = links_.At(origin, node);
  if (seq != Next(link.numbered)) {
    books_.Fail(Invariant::kOneTransaction, fmt::format("{} deals with {} of {} after {}", DomainOf(node),
                                                        Value(seq), DomainOf(origin), Value(link.numbered)));
  }
  link.numbered = seq;
}

void StrongChecks::Apply(NodeId node, NodeId origin, const Row& row) {
  switch (row.kind) {
    case Row::Kind::kSent:
    case Row::Kind::kGivenUp:
      return;
    case Row::Kind::kExpired:
    case Row::Kind::kUnknown:
      return Number(node, origin, row.seq);
    case Row::Kind::kReplayed: {
      Update& update = books_.At(row.id);
      if (update.applied) {
        return books_.Fail(Invariant::kNoDuplicate,
                           fmt::format("update {} is replayed after it was applied", row.id));
      }
      update.applied = true;
      return;
    }
    case Row::Kind::kApplied:
      Number(node, origin, row.seq);
      return ApplyKnown(node, origin, row);
  }
}

void StrongChecks::ApplyKnown(NodeId node, NodeId origin, const Row& row) {
  Link& link = links_.At(origin, node);
  Update& update = books_.At(row.id);
  ++applied_;
  books_.world().trace().Line(books_.now(), "{} applies update {} of {} as {}", DomainOf(node), row.id,
                              DomainOf(origin), Value(row.seq));
  if (update.applied || update.quarantined) {
    return books_.Fail(Invariant::kNoDuplicate, fmt::format("{} applies update {} of {} twice",
                                                            DomainOf(node), row.id, DomainOf(origin)));
  }
  if (!update.committed) {
    return books_.Fail(Invariant::kNumber,
                       fmt::format("update {} is applied and was never committed", row.id));
  }
  if (std::find(update.seqs.begin(), update.seqs.end(), row.seq) == update.seqs.end()) {
    return books_.Fail(Invariant::kNumber, fmt::format("update {} is applied under {}, which it never had",
                                                       row.id, Value(row.seq)));
  }
  if (link.last_place.has_value() && update.place <= *link.last_place) {
    return books_.Fail(Invariant::kOrder,
                       fmt::format("update {} is applied after update {}, which is younger", row.id,
                                   link.order[*link.last_place]));
  }
  update.applied = true;
  link.last_place = update.place;
  Advance(link);
  if (link.resolved <= update.place) {
    return books_.Fail(Invariant::kPrefix, fmt::format("update {} is applied, update {} before it is not",
                                                       row.id, link.order[link.resolved]));
  }
  const Micros took = books_.now() - update.committed_at;
  if (books_.node(node).healthy && books_.node(origin).healthy && took > kHealthyLatencyMax) {
    books_.Fail(Invariant::kIsolation,
                fmt::format("update {} took {} ms between two healthy nodes", row.id, took.count() / 1000));
  }
}

void StrongChecks::Quarantine(NodeId node, NodeId origin, const MemoryChange& change) {
  Number(node, origin, change.seq);
  if (const auto id = books_.IdOf(node, *change.json)) books_.At(*id).quarantined = true;
}

void StrongChecks::CheckUnquarantined(NodeId node, const std::vector<MemoryChange>& changes) {
  for (const MemoryChange& change : changes) {
    if (change.kind != MemoryChange::Kind::kUnquarantined) continue;
    const auto id = books_.IdOf(node, *change.json);
    if (!id.has_value()) continue;
    Update& update = books_.At(*id);
    update.quarantined = false;
    if (!update.applied && !update.dropped) {
      books_.Fail(Invariant::kQuarantine,
                  fmt::format("update {} leaves the quarantine of {} without a trace", *id, DomainOf(node)));
    }
  }
}

void StrongChecks::CheckNumbered(NodeId node, const std::vector<MemoryChange>& changes,
                                 const MemoryState& state) {
  for (const MemoryChange& change : changes) {
    if (change.kind != MemoryChange::Kind::kLast && change.kind != MemoryChange::Kind::kRow) continue;
    const Seq numbered = links_.At(NodeOf(change.peer), node).numbered;
    const auto origin = state.origins.find(change.peer);
    const Seq last = origin == state.origins.end() ? Seq{0} : origin->second->last;
    if (last != numbered) {
      books_.Fail(
          Invariant::kOneTransaction,
          fmt::format("{} has dealt with updates of {} up to {}, and committed with that the number {}",
                      DomainOf(node), change.peer, Value(numbered), Value(last)));
    }
  }
}

}  // namespace federation::simulation
