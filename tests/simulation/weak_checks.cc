#include "simulation/weak_checks.h"

#include <fmt/core.h>

#include "simulation/checker.h"

namespace federation::simulation {
namespace {

// A `replaces` takes effect when the loop has heard of it.
constexpr Micros kReplaceDelay{1000};

}  // namespace

void WeakChecks::OnSent(std::uint64_t id, std::uint64_t key) {
  Update& update = books_.At(id);
  update.sent_at = books_.now();
  if (key == 0) return;
  Link& link = links_.At(update.origin, update.destination);
  const auto [older, first] = link.latest.try_emplace(key, id);
  if (first) return;
  books_.At(older->second).replaced_at = books_.now();
  older->second = id;
}

void WeakChecks::OnPush(NodeId from, const PushOnWire& push) {
  const Micros age_max{books_.node(from).outbox.weak_age_max};
  for (const std::uint64_t id : push.weak) {
    if (!books_.Knows(id)) continue;
    Update& update = books_.At(id);
    if (++update.pushed > 1) {
      return books_.Fail(Invariant::kWeakOnce, fmt::format("weak update {} is sent again", id));
    }
    const Micros age = books_.now() - update.sent_at;
    if (age > age_max + age_max / 100 + kReplaceDelay) {
      return books_.Fail(Invariant::kWeakFresh,
                         fmt::format("weak update {} is {} ms old when it is sent", id, age.count() / 1000));
    }
    if (update.replaced_at.has_value() && books_.now() > *update.replaced_at + kReplaceDelay) {
      return books_.Fail(Invariant::kWeakFresh,
                         fmt::format("weak update {} is sent after the one in its place", id));
    }
  }
}

void WeakChecks::OnHandled(NodeId node, NodeId origin, std::uint64_t id) {
  Update& update = books_.At(id);
  books_.world().trace().Line(books_.now(), "{} takes weak update {} of {}", DomainOf(node), id,
                              DomainOf(origin));
  if (++update.delivered > 1) {
    return books_.Fail(Invariant::kWeakOnce, fmt::format("weak update {} is delivered twice", id));
  }
  Link& link = links_.At(origin, node);
  if (link.last_handled.has_value() && id < *link.last_handled) {
    return books_.Fail(Invariant::kWeakOrder,
                       fmt::format("weak update {} arrives behind {}", id, *link.last_handled));
  }
  link.last_handled = id;
}

}  // namespace federation::simulation
