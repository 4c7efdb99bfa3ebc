#include "simulation/sender_checks.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "simulation/checker.h"

namespace federation::simulation {
namespace {

// `expired` in the place of updates that are gone is no longer than this.
constexpr std::size_t kExpiredBytes = 24;

}  // namespace

SenderChecks::SenderChecks(Books& books)
    : books_(books), links_(books.nodes()), handed_over_(books.nodes()) {}

void SenderChecks::OnStarted(NodeId node) {
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    Link& link = links_.At(node, peer);
    link = Link{};
    StartCounting(link);
  }
}

void SenderChecks::CheckHandedOver(NodeId node) {
  if (handed_over_[node].Fits(books_.node(node).store.queued_bytes_max)) return;
  books_.Fail(Invariant::kSenderBounds, fmt::format("{} bytes of updates wait for their commit at {}",
                                                    handed_over_[node].bytes(), DomainOf(node)));
}

void SenderChecks::OnWork(NodeId node, NodeId destination) {
  links_.At(node, destination).pause.MayTryFrom(books_.now());
}

// --- Pushes, and what comes back.

void SenderChecks::OnPush(NodeId from, NodeId to, const PushOnWire& push) {
  Link& link = links_.At(from, to);
  CheckMayPush(from, to, link, push);
  if (link.in_flight() == 0) CheckCalm(from, to, link);
  link.flights.push_back({push.strong, push.bytes, push.seq});
  link.bytes_in_flight += push.bytes;
  link.pause.Forget();
}

void SenderChecks::CheckMayPush(NodeId from, NodeId to, const Link& link, const PushOnWire& push) {
  const OutboxLimits& limits = books_.node(from).outbox;
  const auto fail = [&](Invariant invariant, std::string_view what) {
    books_.Fail(invariant, fmt::format("push of {} to {} with {} strong updates up to {}: {}", DomainOf(from),
                                       DomainOf(to), push.strong, Value(push.seq), what));
  };
  const std::optional<Micros> quiet_until = link.pause.quiet_until();
  if (quiet_until.has_value() && books_.now() < *quiet_until) {
    return fail(Invariant::kWaitIsObeyed,
                fmt::format("too early by {} ms", (*quiet_until - books_.now()).count() / 1000));
  }
  if (link.paused) return fail(Invariant::kPauseIsObeyed, "the link is paused");
  if (!link.probed && (push.strong > 0 || !push.weak.empty() || link.in_flight() > 0)) {
    return fail(Invariant::kProbe, "the first one was not answered yet");
  }
  if (push.strong > limits.push_updates_max || push.weak.size() > limits.weak_updates_max) {
    return fail(Invariant::kSenderBounds, "too many updates");
  }
  // `expired` in the place of updates that are gone is not counted in bytes.
  const bool expired = push.strong_bytes <= push.strong * kExpiredBytes;
  if (push.strong > 1 && push.strong_bytes > limits.push_bytes_max && !expired) {
    return fail(Invariant::kSenderBounds, "too many bytes");
  }
  if (link.in_flight() >= limits.pushes_in_flight_max || link.bytes_in_flight >= limits.bytes_in_flight_max) {
    return fail(Invariant::kSenderBounds, "too much is on its way");
  }
  // One push of each link is on its way however much there is of others.
  std::size_t all = 0;
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    const Link& other = links_.At(from, peer);
    if (other.in_flight() > 0) all += other.bytes_in_flight - other.flights.back().bytes;
  }
  if (all >= limits.bytes_in_flight_total_max) {
    return fail(Invariant::kSenderBounds, "too much is on its way on all links");
  }
}

bool SenderChecks::OnHeard(NodeId from, NodeId to, const Heard& heard) {
  Link& link = links_.At(from, to);
  const OutboxLimits& limits = books_.node(from).outbox;
  const Flight flight = link.flights.front();
  link.flights.pop_front();
  const std::optional<std::chrono::seconds> wait = WaitOf(heard);
  // Asked of whoever sends on this link next.
  if (wait.has_value()) link.pause.KeepQuiet(books_.now(), *wait, limits);
  if (link.abandoned > 0) {
    --link.abandoned;
    return false;
  }
  link.bytes_in_flight -= flight.bytes;
  if (wait.has_value()) {
    link.pause.Waits(books_.now());
  } else if (heard.answer.has_value()) {
    OnAck(to, link, flight, *heard.answer);
  } else if (heard.stale || heard.status == 413) {
    link.pause.Struggles(/*perhaps_refused=*/heard.status == 413);
  } else {
    link.pause.Fails(heard.status >= 400 && heard.status < 500 && heard.status != 429, limits);
  }
  if (link.flights.empty()) link.pause.AllAnswered(books_.now());
  return true;
}

std::optional<std::chrono::seconds> SenderChecks::WaitOf(const Heard& heard) {
  if (heard.status == 429 || heard.status == 503) return heard.retry_after;
  if (!heard.answer.has_value() || heard.answer->kind != link::Answer::Kind::kWait) return std::nullopt;
  return heard.answer->wait;
}

void SenderChecks::OnAck(NodeId to, Link& link, const Flight& flight, const link::Answer& answer) {
  if (answer.kind == link::Answer::Kind::kOk) {
    link.probed = true;
    if (answer.seq > link.confirmed || flight.strong == 0) link.pause.Succeeds();
    return OnConfirmed(to, link, flight, answer.seq);
  }
  link.pause.Struggles(/*perhaps_refused=*/false);
  if (answer.seq == Seq{0}) return;
  link.probed = true;
  OnConfirmed(to, link, flight, Seq{Value(answer.seq) - 1});
}

void SenderChecks::OnPeerSpoke(NodeId node, NodeId peer) {
  Link& link = links_.At(node, peer);
  link.pause.PeerSpoke(books_.now(), !link.flights.empty(), books_.node(node).outbox);
}

// --- Who gets nowhere keeps calm.

void SenderChecks::CheckCalm(NodeId from, NodeId to, Link& link) {
  const auto elapsed_s = static_cast<std::uint64_t>((books_.now() - link.rounds_since).count()) / 1'000'000;
  if (++link.rounds > 40 + elapsed_s * 3 / 2) {
    books_.Fail(Invariant::kCalm, fmt::format("{} has begun {} times in {} s to push to {}, and got nowhere",
                                              DomainOf(from), link.rounds, elapsed_s, DomainOf(to)));
  }
}

void SenderChecks::OnConfirmed(NodeId to, Link& link, const Flight& flight, Seq theirs) {
  const Seq confirmed = std::exchange(link.confirmed, theirs);
  // Who is no liar has a reason to go back, and seldom.
  if (!books_.node(to).liar) link.furthest = confirmed;
  // A number that was not sent is made up.
  theirs = std::min(theirs, flight.seq);
  if (theirs > link.furthest) {
    link.furthest = theirs;
    StartCounting(link);
  } else if (link.rounds > 0 && (theirs > confirmed || flight.strong == 0)) {
    // What it takes for the second time gets nobody anywhere; but that push was not in vain.
    --link.rounds;
  }
}

void SenderChecks::StartCounting(Link& link) {
  link.rounds = 0;
  link.rounds_since = books_.now();
}

// --- What the operator does, and another process.

void SenderChecks::OnPaused(NodeId node, NodeId destination, bool paused) {
  Link& link = links_.At(node, destination);
  if (link.paused && !paused) link.pause.MayTryFrom(books_.now());
  link.paused = paused;
}

void SenderChecks::OnWoken(NodeId node, NodeId destination) {
  Link& link = links_.At(node, destination);
  StartCounting(link);
  link.pause.Wake(books_.now(), !link.flights.empty());
}

void SenderChecks::OnReset(NodeId node, NodeId destination) {
  Link& link = links_.At(node, destination);
  StartCounting(link);
  link.pause.NeedNotBeQuiet();
}

void SenderChecks::OnLeaseLost(NodeId node, NodeId destination) {
  Link& link = links_.At(node, destination);
  link.abandoned = link.flights.size();
  link.bytes_in_flight = 0;
  link.confirmed = Seq{0};
  link.furthest = Seq{0};
  link.pause.Forget();
}

// --- What it says of itself.

void SenderChecks::CheckTries(NodeId node, Micros disk_trouble_at, const MemoryState& state) {
  // A link that is read from the store has the end of its pause by the wall clock.
  if (books_.node(node).clock_was_set) return;
  for (NodeId peer = 0; peer < books_.nodes(); ++peer) {
    const Link& link = links_.At(node, peer);
    const std::optional<Micros> since = link.pause.OverdueSince(books_.now());
    // Of a liar nobody knows what its words come to.
    if (!since.has_value() || link.paused || books_.node(peer).liar) continue;
    if (disk_trouble_at >= *since - kSlack) continue;
    const auto stored = state.links.find(DomainOf(peer));
    if (stored == state.links.end()) continue;
    if (stored->second->numbers.assigned <= stored->second->numbers.acked) continue;
    books_.Fail(Invariant::kBackOff,
                fmt::format("{} has not tried {} again since {} s", DomainOf(node), DomainOf(peer),
                            (books_.now() - *since).count() / 1'000'000));
  }
}

void SenderChecks::OnStatus(NodeId node, const std::vector<LinkStatus>& links, const MemoryState& state) {
  for (const LinkStatus& status : links) {
    const auto stored = state.links.find(status.destination);
    const auto fail = [&](std::string_view what) {
      books_.Fail(Invariant::kCounters,
                  fmt::format("link of {} to {}: {}", DomainOf(node), status.destination, what));
    };
    if (stored == state.links.end()) return fail("is not in the store");
    if (status.acked > status.assigned) {
      fail(fmt::format("acked {}, assigned {}", Value(status.acked), Value(status.assigned)));
    }
    const NodeBooks& peer = books_.node(NodeOf(status.destination));
    if (peer.liar) continue;
    if (status.counters.own_store_restored == 0 && status.assigned > stored->second->numbers.assigned) {
      fail(fmt::format("assigned {}, stored {}", Value(status.assigned),
                       Value(stored->second->numbers.assigned)));
    }
    if (!peer.went_back && !books_.node(node).went_back &&
        (status.counters.own_store_restored > 0 || status.counters.peer_store_restored > 0)) {
      fail("nobody went back to an older store");
    }
  }
}

void SenderChecks::OnRest(NodeId node, const std::vector<LinkStatus>& links, int timers) {
  const auto busy =
      std::count_if(links.begin(), links.end(), [](const LinkStatus& link) { return link.pending() > 0; });
  // That of the retention comes on top.
  if (timers > busy + 1) {
    books_.Fail(Invariant::kIdleIsQuiet,
                fmt::format("{} has {} timers with {} links that have something to do", DomainOf(node),
                            timers, busy));
  }
}

}  // namespace federation::simulation
