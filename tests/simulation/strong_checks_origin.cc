// What the origin of an update commits: the update itself, its numbers, and its end.
#include <algorithm>
#include <map>
#include <optional>

#include <fmt/core.h>

#include "simulation/checker.h"
#include "simulation/expected_pause.h"
#include "simulation/strong_checks.h"

namespace federation::simulation {

void StrongChecks::Commit(NodeId node, NodeId destination, const MemoryChange& change) {
  const auto id = books_.IdOf(destination, *change.json);
  if (!id.has_value()) return;
  Update& update = books_.At(*id);
  if (update.committed) {
    return books_.Fail(Invariant::kNoDuplicate, fmt::format("update {} is stored for sending twice", *id));
  }
  Link& link = links_.At(node, destination);
  update.committed = true;
  update.committed_at = books_.now();
  update.place = static_cast<std::uint32_t>(link.order.size());
  update.seqs[update.seq_count++ % update.seqs.size()] = change.seq;
  link.order.push_back(*id);
  books_.world().trace().Line(books_.now(), "{} stores update {} for {} as {}", DomainOf(node), *id,
                              DomainOf(destination), Value(change.seq));
}

void StrongChecks::Renumber(NodeId destination, const MemoryChange& change) {
  const auto id = books_.IdOf(destination, *change.json);
  if (!id.has_value()) return;
  Update& update = books_.At(*id);
  update.seqs[update.seq_count++ % update.seqs.size()] = change.seq;
  links_.At(update.origin, destination).restored_at.reset();
  books_.world().trace().Line(books_.now(), "{} renumbers update {} for {}: {}", DomainOf(update.origin), *id,
                              DomainOf(destination), Value(change.seq));
}

void StrongChecks::CheckRemoved(NodeId node, const std::vector<MemoryChange>& changes,
                                const MemoryState& state) {
  std::map<NodeId, std::uint64_t> waiting;  // bytes, with what is removed from the one at hand on
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->kind != MemoryChange::Kind::kRemoved) continue;
    const NodeId peer = NodeOf(change->peer);
    const auto id = books_.IdOf(peer, *change->json);
    if (!id.has_value()) continue;
    books_.At(*id).given_up = true;
    if (change->acked) continue;
    books_.world().trace().Line(books_.now(), "{} gives up update {} for {}: {}", DomainOf(node), *id,
                                DomainOf(peer), Value(change->seq));
    const bool told = std::any_of(changes.begin(), changes.end(), [&](const MemoryChange& other) {
      return other.kind == MemoryChange::Kind::kRow && other.row->kind == Row::Kind::kGivenUp &&
             other.peer == change->peer && other.row->seq <= change->seq && change->seq <= other.row->last;
    });
    if (!told) {
      return books_.Fail(Invariant::kGivenUpAloud,
                         fmt::format("{} gives update {} up, and tells nobody", DomainOf(node), *id));
    }
    const MemoryLink& stored = *state.links.find(change->peer)->second;
    const auto [bytes, first] = waiting.try_emplace(peer, 0);
    if (first) bytes->second = stored.log.BytesAfter(stored.numbers.acked);
    bytes->second += change->json->size();
    CheckReason(node, peer, *id, bytes->second);
  }
}

void StrongChecks::CheckReason(NodeId node, NodeId destination, std::uint64_t id,
                               std::uint64_t waiting_bytes) {
  const Link& link = links_.At(node, destination);
  const OutboxLimits& limits = books_.node(node).outbox;
  const Micros age = books_.now() - books_.At(id).committed_at;
  if (age + kSlack >= Micros{limits.waiting_age_max} || waiting_bytes > limits.waiting_bytes_max) return;
  if (link.reset || link.too_large || books_.node(node).clock_was_set) return;
  books_.Fail(Invariant::kGivenUpAloud,
              fmt::format("{} gives update {} up without a reason: {} bytes wait, {} s", DomainOf(node), id,
                          waiting_bytes, age.count() / 1'000'000));
}

void StrongChecks::OnWasReset(NodeId node, NodeId destination, const MemoryState& state) {
  const auto stored = state.links.find(DomainOf(destination));
  if (stored == state.links.end()) return;
  const std::uint64_t bytes = stored->second->log.BytesAfter(stored->second->numbers.acked);
  if (bytes > 0) {
    books_.Fail(Invariant::kGivenUpAloud,
                fmt::format("{} was to give up all that waits for {}, and {} bytes are left", DomainOf(node),
                            DomainOf(destination), bytes));
  }
}

void StrongChecks::CheckJoined(NodeId node, const std::vector<MemoryChange>& changes) {
  const auto is_sent_row = [](const MemoryChange& change) {
    return change.kind == MemoryChange::Kind::kRow && change.row->kind == Row::Kind::kSent;
  };
  const auto id_of_append = [&](const MemoryChange& change) -> std::optional<std::uint64_t> {
    if (change.kind != MemoryChange::Kind::kAppended) return std::nullopt;
    return books_.IdOf(NodeOf(change.peer), *change.json);
  };
  for (const MemoryChange& change : changes) {
    if (is_sent_row(change)) {
      const bool sent = std::any_of(changes.begin(), changes.end(), [&](const MemoryChange& other) {
        return id_of_append(other) == change.row->id;
      });
      if (sent) continue;
      books_.Fail(Invariant::kJoined,
                  fmt::format("{} does not send update {}", DomainOf(node), change.row->id));
    } else if (const auto id = id_of_append(change); id.has_value() && books_.At(*id).joined) {
      const bool written = std::any_of(changes.begin(), changes.end(), [&](const MemoryChange& other) {
        return is_sent_row(other) && other.row->id == *id;
      });
      if (written) continue;
      books_.Fail(Invariant::kJoined,
                  fmt::format("{} sends update {} without what it tells of", DomainOf(node), *id));
    }
  }
}

}  // namespace federation::simulation
