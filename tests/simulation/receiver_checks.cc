#include "simulation/receiver_checks.h"

#include <algorithm>

#include <fmt/core.h>

#include "simulation/checker.h"

namespace federation::simulation {

void ReceiverChecks::OnEnded(NodeId node) {
  for (NodeId origin = 0; origin < books_.nodes(); ++origin) links_.At(origin, node) = Link{};
}

std::uint64_t ReceiverChecks::OnReceived(NodeId node, NodeId origin, std::size_t bytes) {
  links_.At(origin, node).queue.Add(++received_, bytes);
  return received_;
}

void ReceiverChecks::OnTaken(NodeId node, NodeId origin, std::uint64_t updates, Micros took) {
  Link& link = links_.At(origin, node);
  // From when it came on: what its handlers take of the time counts.
  if (!link.first_taken.has_value()) link.first_taken = books_.now() - took;
  link.taken += updates;
  link.taken_max = std::max(link.taken_max, updates);
  const std::uint64_t rate = books_.node(node).inbox.updates_per_second_max;
  const auto elapsed_s = static_cast<std::uint64_t>((books_.now() - *link.first_taken).count()) / 1'000'000;
  if (link.taken > rate * (elapsed_s + 2) + link.taken_max) {
    books_.Fail(Invariant::kReceiverBounds,
                fmt::format("{} has taken {} updates of {} in {} s", DomainOf(node), link.taken,
                            DomainOf(origin), elapsed_s));
  }
}

void ReceiverChecks::OnReply(NodeId node, NodeId origin, std::uint64_t push,
                             const std::optional<link::Answer>& answer, const MemoryState& state) {
  links_.At(origin, node).queue.Remove(push);
  CheckQueues(node, origin);
  if (!answer.has_value()) return;
  const auto stored = state.origins.find(DomainOf(origin));
  const Seq last = stored == state.origins.end() ? Seq{0} : stored->second->last;
  if (answer->kind == link::Answer::Kind::kOk && answer->seq > last) {
    books_.Fail(Invariant::kOkIsDurable,
                fmt::format("{} says ok {} to {}, and has {} on disk", DomainOf(node), Value(answer->seq),
                            DomainOf(origin), Value(last)));
  }
  // Pushes that share a transaction are answered in the end, and a liar sends what was missing behind them.
  if (answer->kind == link::Answer::Kind::kHoleDetected && answer->seq != Next(last) &&
      !books_.node(origin).liar) {
    books_.Fail(Invariant::kHoleIsHonest,
                fmt::format("{} tells {} of a hole at {}, and has {} on disk", DomainOf(node),
                            DomainOf(origin), Value(answer->seq), Value(last)));
  }
}

void ReceiverChecks::CheckQueues(NodeId node, NodeId origin) {
  const InboxLimits& limits = books_.node(node).inbox;
  const ByteQueue& queue = links_.At(origin, node).queue;
  if (queue.size() > limits.queued_pushes_max) {
    return books_.Fail(Invariant::kReceiverBounds, fmt::format("{} pushes of {} wait at {}", queue.size(),
                                                               DomainOf(origin), DomainOf(node)));
  }
  if (!queue.Fits(limits.queued_bytes_max)) {
    return books_.Fail(Invariant::kReceiverBounds, fmt::format("{} bytes of {} wait at {}", queue.bytes(),
                                                               DomainOf(origin), DomainOf(node)));
  }
  std::size_t pushes = 0;
  std::size_t bytes = 0;
  std::size_t behind_first = 0;
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    const ByteQueue& one = links_.At(peer, node).queue;
    pushes += one.size();
    bytes += one.bytes();
    behind_first += one.bytes_behind_first();
  }
  // One is always taken, and half of the room is for the first ones of their origins.
  const bool fits = pushes <= 1 || bytes <= limits.queued_bytes_total_max;
  if (!fits || behind_first > limits.queued_bytes_total_max / 2) {
    books_.Fail(Invariant::kReceiverBounds,
                fmt::format("{} bytes wait at {}, {} of them behind others of their origins", bytes,
                            DomainOf(node), behind_first));
  }
}

}  // namespace federation::simulation
