#include "simulation/checker.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace federation::simulation {
namespace {

using std::chrono::seconds;

// What the simulated machine may add to a time that is promised: hand-overs, late timers, slow disks.
constexpr Micros kSlack = seconds{8};
// How long an update may take between two healthy nodes.
constexpr Micros kHealthyLatencyMax = seconds{10};
// A `replaces` takes effect when the loop has heard of it.
constexpr Micros kReplaceDelay{1000};

}  // namespace

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

void Checker::AddNode(NodeTraits traits) {
  traits_.push_back(traits);
  went_back_.push_back(false);
  clock_was_set_.push_back(false);
  links_.resize(traits_.size() * traits_.size());
}

void Checker::Fail(Invariant invariant, std::string text) {
  world_.Stop();
  if (violation_.has_value()) return;
  world_.trace().Line(world_.now(), "VIOLATION of \"{}\": {}", NameOf(invariant), text);
  violation_ = Violation{invariant, std::move(text)};
}

// --- Updates.

std::uint64_t Checker::NewUpdate(NodeId origin, NodeId destination, bool weak, bool joined) {
  Update& update = updates_.emplace_back();
  update.origin = origin;
  update.destination = destination;
  update.weak = weak;
  update.joined = joined;
  return updates_.size() - 1;
}

std::uint64_t Checker::NewFan(NodeId origin, std::size_t nodes) {
  const std::uint64_t first = updates_.size();
  for (NodeId node = 0; node < nodes; ++node) NewUpdate(origin, node, false, false);
  return first;
}

std::optional<std::uint64_t> Checker::IdOf(NodeId destination, std::string_view json) const {
  const auto id = ParseUpdate(json, destination);
  return id.has_value() && Knows(*id) ? id : std::nullopt;
}

// --- What stores commit.

void Checker::OnCommitted(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state) {
  bool removed = false;
  bool joined = false;
  bool unquarantined = false;
  bool inbound = false;
  for (const MemoryChange& change : changes) {
    const NodeId peer = NodeOf(change.peer);
    world_.trace().Mix(static_cast<int>(change.kind), peer, Value(change.seq));
    switch (change.kind) {
      case MemoryChange::Kind::kAppended:
        Commit(node, peer, change);
        joined = true;
        break;
      case MemoryChange::Kind::kRenumbered:
        Renumber(peer, change);
        break;
      case MemoryChange::Kind::kRemoved:
        removed = true;
        break;
      case MemoryChange::Kind::kRow:
        if (change.row->kind == Row::Kind::kSent) joined = true;
        Apply(node, peer, *change.row);
        inbound = true;
        break;
      case MemoryChange::Kind::kQuarantined: {
        Number(node, peer, At(peer, node), change.seq);
        const auto id = IdOf(node, *change.json);
        if (id.has_value()) updates_[*id].quarantined = true;
        inbound = true;
        break;
      }
      case MemoryChange::Kind::kUnquarantined:
        unquarantined = true;
        break;
      case MemoryChange::Kind::kLast:
        inbound = true;
        break;
    }
  }
  if (removed) CheckRemoved(node, changes, state);
  if (joined) CheckJoined(node, changes);
  if (unquarantined) CheckUnquarantined(node, changes);
  if (!inbound) return;
  for (const MemoryChange& change : changes) {
    if (change.kind != MemoryChange::Kind::kLast && change.kind != MemoryChange::Kind::kRow) continue;
    const NodeId peer = NodeOf(change.peer);
    const auto origin = state.origins.find(change.peer);
    const Seq last = origin == state.origins.end() ? Seq{0} : origin->second->last;
    if (last != At(peer, node).numbered) {
      Fail(Invariant::kOneTransaction,
           fmt::format("{} has dealt with updates of {} up to {}, and committed with that the number {}",
                       DomainOf(node), change.peer, Value(At(peer, node).numbered), Value(last)));
    }
  }
}

void Checker::Commit(NodeId node, NodeId destination, const MemoryChange& change) {
  const auto id = IdOf(destination, *change.json);
  if (!id.has_value()) return;
  Update& update = updates_[*id];
  if (update.committed) {
    return Fail(Invariant::kNoDuplicate, fmt::format("update {} is stored for sending twice", *id));
  }
  Link& link = At(node, destination);
  Advance(link);
  if (link.resolved == link.order.size() && link.try_until.has_value()) {
    link.try_until = std::max(*link.try_until, world_.now() + kSlack);  // until now there was nothing to try
  }
  update.committed = true;
  update.committed_at = world_.now();
  update.place = static_cast<std::uint32_t>(link.order.size());
  update.seqs[update.seq_count++ % update.seqs.size()] = change.seq;
  link.order.push_back(*id);
  world_.trace().Line(world_.now(), "{} stores update {} for {} as {}", DomainOf(node), *id,
                      DomainOf(destination), Value(change.seq));
}

void Checker::Renumber(NodeId destination, const MemoryChange& change) {
  const auto id = IdOf(destination, *change.json);
  if (!id.has_value()) return;
  Update& update = updates_[*id];
  update.seqs[update.seq_count++ % update.seqs.size()] = change.seq;
  At(update.origin, destination).restored_at.reset();
  world_.trace().Line(world_.now(), "{} renumbers update {} for {}: {}", DomainOf(update.origin), *id,
                      DomainOf(destination), Value(change.seq));
}

bool Checker::Resolved(const Update& update) const {
  return update.applied || update.quarantined || update.dropped || update.given_up || update.lost;
}

void Checker::Advance(Link& link) {
  while (link.resolved < link.order.size() && Resolved(updates_[link.order[link.resolved]])) ++link.resolved;
}

void Checker::Number(NodeId node, NodeId origin, Link& link, Seq seq) {
  if (seq != Next(link.numbered)) {
    Fail(Invariant::kOneTransaction, fmt::format("{} deals with {} of {} after {}", DomainOf(node),
                                                 Value(seq), DomainOf(origin), Value(link.numbered)));
  }
  link.numbered = seq;
}

void Checker::Apply(NodeId node, NodeId origin, const Row& row) {
  Link& link = At(origin, node);
  switch (row.kind) {
    case Row::Kind::kSent:
    case Row::Kind::kGivenUp:
      return;
    case Row::Kind::kExpired:
    case Row::Kind::kUnknown:
      return Number(node, origin, link, row.seq);
    case Row::Kind::kReplayed: {
      Update& update = updates_[row.id];
      if (update.applied) {
        return Fail(Invariant::kNoDuplicate,
                    fmt::format("update {} is replayed after it was applied", row.id));
      }
      update.applied = true;
      return;
    }
    case Row::Kind::kApplied:
      Number(node, origin, link, row.seq);
      ApplyKnown(node, origin, link, row);
      return;
  }
}

void Checker::ApplyKnown(NodeId node, NodeId origin, Link& link, const Row& row) {
  Update& update = updates_[row.id];
  ++applied_;
  world_.trace().Line(world_.now(), "{} applies update {} of {} as {}", DomainOf(node), row.id,
                      DomainOf(origin), Value(row.seq));
  if (update.applied || update.quarantined) {
    return Fail(Invariant::kNoDuplicate,
                fmt::format("{} applies update {} of {} twice", DomainOf(node), row.id, DomainOf(origin)));
  }
  if (!update.committed) {
    return Fail(Invariant::kNumber, fmt::format("update {} is applied and was never committed", row.id));
  }
  if (std::find(update.seqs.begin(), update.seqs.end(), row.seq) == update.seqs.end()) {
    return Fail(Invariant::kNumber,
                fmt::format("update {} is applied under {}, which it never had", row.id, Value(row.seq)));
  }
  if (link.last_place.has_value() && update.place <= *link.last_place) {
    return Fail(Invariant::kOrder, fmt::format("update {} is applied after update {}, which is younger",
                                               row.id, link.order[*link.last_place]));
  }
  update.applied = true;
  link.last_place = update.place;
  Advance(link);
  if (link.resolved <= update.place) {
    return Fail(Invariant::kPrefix, fmt::format("update {} is applied, update {} before it is not", row.id,
                                                link.order[link.resolved]));
  }
  const Micros took = world_.now() - update.committed_at;
  if (traits_[node].healthy && traits_[origin].healthy && took > kHealthyLatencyMax) {
    Fail(Invariant::kIsolation,
         fmt::format("update {} took {} ms between two healthy nodes", row.id, took.count() / 1000));
  }
}

void Checker::CheckRemoved(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state) {
  std::map<NodeId, std::uint64_t> waiting;  // bytes, with what is removed from the one at hand on
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (change->kind != MemoryChange::Kind::kRemoved) continue;
    const NodeId peer = NodeOf(change->peer);
    const auto id = IdOf(peer, *change->json);
    if (!id.has_value()) continue;
    Update& update = updates_[*id];
    update.given_up = true;
    if (change->acked) continue;
    world_.trace().Line(world_.now(), "{} gives up update {} for {}: {}", DomainOf(node), *id, DomainOf(peer),
                        Value(change->seq));
    const bool told = std::any_of(changes.begin(), changes.end(), [&](const MemoryChange& other) {
      return other.kind == MemoryChange::Kind::kRow && other.row->kind == Row::Kind::kGivenUp &&
             other.peer == change->peer && other.row->seq <= change->seq && change->seq <= other.row->last;
    });
    if (!told) {
      return Fail(Invariant::kGivenUpAloud,
                  fmt::format("{} gives update {} up, and tells nobody", DomainOf(node), *id));
    }
    const Link& link = At(node, peer);
    const OutboxLimits& limits = traits_[node].outbox;
    const auto stored = state.links.find(change->peer);
    auto [bytes, first] = waiting.try_emplace(peer, 0);
    if (first) bytes->second = stored->second->log.BytesAfter(stored->second->numbers.acked);
    bytes->second += change->json->size();
    const bool old = world_.now() - update.committed_at + kSlack >= Micros{limits.waiting_age_max};
    const bool much = bytes->second > limits.waiting_bytes_max;
    if (!old && !much && !link.reset && !link.too_large && !clock_was_set_[node]) {
      return Fail(Invariant::kGivenUpAloud,
                  fmt::format("{} gives update {} up without a reason: {} bytes wait, {} s", DomainOf(node),
                              *id, bytes->second, (world_.now() - update.committed_at).count() / 1'000'000));
    }
  }
}

void Checker::CheckJoined(NodeId node, const std::vector<MemoryChange>& changes) {
  const auto has = [&](MemoryChange::Kind kind, std::uint64_t id) {
    return std::any_of(changes.begin(), changes.end(), [&](const MemoryChange& change) {
      if (change.kind != kind) return false;
      if (kind == MemoryChange::Kind::kRow)
        return change.row->kind == Row::Kind::kSent && change.row->id == id;
      return IdOf(NodeOf(change.peer), *change.json) == id;
    });
  };
  for (const MemoryChange& change : changes) {
    if (change.kind == MemoryChange::Kind::kAppended) {
      const auto id = IdOf(NodeOf(change.peer), *change.json);
      if (id.has_value() && updates_[*id].joined && !has(MemoryChange::Kind::kRow, *id)) {
        Fail(Invariant::kJoined,
             fmt::format("{} sends update {} without what it tells of", DomainOf(node), *id));
      }
    } else if (change.kind == MemoryChange::Kind::kRow && change.row->kind == Row::Kind::kSent &&
               !has(MemoryChange::Kind::kAppended, change.row->id)) {
      Fail(Invariant::kJoined, fmt::format("{} does not send update {}", DomainOf(node), change.row->id));
    }
  }
}

void Checker::CheckUnquarantined(NodeId node, const std::vector<MemoryChange>& changes) {
  for (const MemoryChange& change : changes) {
    if (change.kind != MemoryChange::Kind::kUnquarantined) continue;
    const auto id = IdOf(node, *change.json);
    if (!id.has_value()) continue;
    Update& update = updates_[*id];
    update.quarantined = false;
    if (!update.applied && !update.dropped) {
      Fail(Invariant::kQuarantine,
           fmt::format("update {} leaves the quarantine of {} without a trace", *id, DomainOf(node)));
    }
  }
}

void Checker::OnToldOfApplied(NodeId node, NodeId origin, std::uint64_t id) {
  if (traits_[origin].liar || !Knows(id) || updates_[id].origin != origin) return;
  if (!updates_[id].applied) {
    Fail(Invariant::kOkIsDurable,
         fmt::format("{} is told that update {} is applied, and it is not on disk", DomainOf(node), id));
  }
}

void Checker::OnNotedAcked(NodeId node, NodeId destination, Seq acked) {
  const Link& link = At(node, destination);
  if (traits_[destination].liar || went_back_[destination]) return;
  if (acked > link.numbered) {
    Fail(Invariant::kAckIsTrue, fmt::format("{} holds {} for confirmed by {}, which has {}", DomainOf(node),
                                            Value(acked), DomainOf(destination), Value(link.numbered)));
  }
}

void Checker::OnSendReported(std::uint64_t id) {
  const Update& update = updates_[id];
  if (!update.committed) {
    Fail(Invariant::kNoLoss, fmt::format("update {} is reported as stored, and is not", id));
  }
}

Checker::Mark Checker::OnBackup(NodeId node) const {
  Mark mark;
  for (NodeId peer = 0; peer < traits_.size(); ++peer) {
    const Link& link = At(node, peer);
    mark.committed.push_back(link.order.size());
    mark.sure.push_back(link.restored_at.value_or(link.order.size()));
  }
  return mark;
}

void Checker::OnRestored(NodeId node, const Mark& mark, const MemoryState& state) {
  went_back_[node] = true;
  for (NodeId peer = 0; peer < traits_.size(); ++peer) {
    Link& sent = At(node, peer);
    for (std::size_t i = mark.sure[peer]; i < sent.order.size(); ++i) updates_[sent.order[i]].lost = true;
    sent.restored_at = sent.order.size();
    sent.starts_since_restored = 0;
  }
  for (Update& update : updates_) {
    if (update.destination != node) continue;
    update.applied = false;
    update.quarantined = false;
  }
  for (NodeId peer = 0; peer < traits_.size(); ++peer) {
    Link& link = At(peer, node);
    link.resolved = 0;
    link.last_place.reset();
    const auto origin = state.origins.find(DomainOf(peer));
    link.numbered = origin == state.origins.end() ? Seq{0} : origin->second->last;
    if (origin == state.origins.end()) continue;
    for (const Row* row = origin->second->rows; row != nullptr; row = row->before) {
      if (row->kind != Row::Kind::kApplied && row->kind != Row::Kind::kReplayed) continue;
      Update& update = updates_[row->id];
      update.applied = true;
      if (row->kind == Row::Kind::kApplied) {
        link.last_place = std::max(link.last_place.value_or(0), update.place);
      }
    }
    for (const auto& kept : origin->second->quarantine) {
      if (const auto id = IdOf(node, kept->json)) updates_[*id].quarantined = true;
    }
  }
}

// --- The sender's end of the wire.

void Checker::OnStarted(NodeId node) {
  for (NodeId peer = 0; peer < traits_.size(); ++peer) {
    Link& link = At(node, peer);
    if (link.restored_at.has_value() && ++link.starts_since_restored > 1) {
      // A process that ended before its peer had answered has not found out, and the next one cannot tell its
      // updates from older ones.
      for (std::size_t i = *link.restored_at; i < link.order.size(); ++i) updates_[link.order[i]].lost = true;
    }
    link.pushes = 0;
    link.probed = false;
    link.flights.clear();
    link.abandoned = 0;
    link.bytes_in_flight = 0;
    link.paused = false;
    link.quiet_until.reset();
    link.try_until.reset();
    link.longest_pause.reset();
    link.failing = true;  // it may have been, before the start
    link.idle_pushes = 0;
    link.idle_since = world_.now();
    Link& other = At(peer, node);
    other.queued = 0;
    other.queued_bytes = 0;
  }
}

void Checker::OnReceiverEnded(NodeId node) {
  for (NodeId peer = 0; peer < traits_.size(); ++peer) {
    At(peer, node).queued = 0;
    At(peer, node).queued_bytes = 0;
    At(peer, node).first_taken = Micros{-1};
    At(peer, node).taken = 0;
  }
}

void Checker::OnPush(NodeId from, NodeId to, const PushOnWire& push) {
  ++pushes_;
  Link& link = At(from, to);
  if (traits_[from].liar) return;
  const OutboxLimits& limits = traits_[from].outbox;
  const auto fail = [&](Invariant invariant, std::string_view what) {
    Fail(invariant, fmt::format("push of {} to {} with {} strong updates up to {}: {}", DomainOf(from),
                                DomainOf(to), push.strong, Value(push.seq), what));
  };
  if (link.quiet_until.has_value() && world_.now() < *link.quiet_until) {
    return fail(Invariant::kWaitIsObeyed,
                fmt::format("too early by {} ms", (*link.quiet_until - world_.now()).count() / 1000));
  }
  if (link.paused) return fail(Invariant::kPauseIsObeyed, "the link is paused");
  const std::size_t in_flight = link.flights.size() - link.abandoned;
  if (!link.probed && (push.strong > 0 || !push.weak.empty() || in_flight > 0)) {
    return fail(Invariant::kProbe, "the first one was not answered yet");
  }
  if (push.strong > limits.push_updates_max || push.weak.size() > limits.weak_updates_max) {
    return fail(Invariant::kSenderBounds, "too many updates");
  }
  if (push.strong > 1 && push.strong_bytes > limits.push_bytes_max) {
    // `expired` in the place of updates that are gone is small, and not counted in bytes.
    const bool expired = push.strong_bytes <= push.strong * 24;
    if (!expired) return fail(Invariant::kSenderBounds, "too many bytes");
  }
  if (in_flight >= limits.pushes_in_flight_max || link.bytes_in_flight >= limits.bytes_in_flight_max) {
    return fail(Invariant::kSenderBounds, "too much is on its way");
  }
  if (push.strong > 0) link.restored_at.reset();
  link.flights.push_back({push.strong, push.bytes});
  link.bytes_in_flight += push.bytes;
  ++link.pushes;
  link.try_until.reset();
  link.longest_pause.reset();
  CheckWeakOnWire(from, to, push);
  CheckCalm(from, to, link);
}

void Checker::CheckWeakOnWire(NodeId from, NodeId to, const PushOnWire& push) {
  (void)to;
  for (const std::uint64_t id : push.weak) {
    if (!Knows(id)) continue;
    Update& update = updates_[id];
    if (++update.pushed > 1)
      return Fail(Invariant::kWeakOnce, fmt::format("weak update {} is sent again", id));
    const Micros slack = traits_[from].outbox.weak_age_max / 100 + kReplaceDelay;
    if (world_.now() - update.sent_at > Micros{traits_[from].outbox.weak_age_max} + slack) {
      return Fail(Invariant::kWeakFresh, fmt::format("weak update {} is {} ms old when it is sent", id,
                                                     (world_.now() - update.sent_at).count() / 1000));
    }
    if (update.replaced_at.has_value() && world_.now() > *update.replaced_at + kReplaceDelay) {
      return Fail(Invariant::kWeakFresh,
                  fmt::format("weak update {} is sent after the one in its place", id));
    }
  }
}

void Checker::CheckCalm(NodeId from, NodeId to, Link& link) {
  const std::uint64_t elapsed_s =
      static_cast<std::uint64_t>((world_.now() - link.idle_since).count()) / 1'000'000;
  const std::uint64_t allowed = 40 + 6 * traits_[from].outbox.pushes_in_flight_max + elapsed_s * 3 / 2;
  if (++link.idle_pushes > allowed) {
    Fail(Invariant::kCalm, fmt::format("{} has pushed {} times to {} in {} s, and got nowhere",
                                       DomainOf(from), link.idle_pushes, DomainOf(to), elapsed_s));
  }
}

void Checker::Progress(Link& link) {
  link.failing = false;
  link.idle_pushes = 0;
  link.idle_since = world_.now();
}

void Checker::Failed(NodeId from, Link& link, bool refused) {
  const OutboxLimits& limits = traits_[from].outbox;
  const Micros first = refused ? limits.refused_backoff_min : limits.backoff_min;
  // Smaller troubles before may have doubled it.
  const Micros longest =
      link.failing ? Micros{limits.backoff_max} : std::min(Micros{limits.backoff_max}, first * 4);
  link.failing = true;
  link.longest_pause = longest;
  AwaitTry(link);
}

void Checker::AwaitTry(Link& link) {
  // What is still on its way holds up the next try.
  if (!link.longest_pause.has_value() || !link.flights.empty()) return;
  link.failed_at = world_.now();
  link.try_until = world_.now() + *link.longest_pause + kSlack;
  // What the peer has asked for may be longer.
  if (link.quiet_until.has_value()) link.try_until = std::max(*link.try_until, *link.quiet_until + kSlack);
}

void Checker::OnHeard(NodeId from, NodeId to, const Heard& heard) {
  if (traits_[from].liar) return;
  Link& link = At(from, to);
  const Link::Flight flight = link.flights.front();
  link.flights.pop_front();
  if (link.abandoned > 0) {
    --link.abandoned;
    return;
  }
  link.bytes_in_flight -= flight.bytes;
  AwaitTry(link);
  const OutboxLimits& limits = traits_[from].outbox;
  std::optional<std::chrono::seconds> wait;
  if (heard.status == 413) link.too_large = true;
  if (heard.status == 429 || heard.status == 503) wait = heard.retry_after;
  if (heard.answer.has_value()) {
    switch (heard.answer->kind) {
      case link::Answer::Kind::kWait:
        wait = heard.answer->wait;
        break;
      case link::Answer::Kind::kOk:
        link.probed = true;
        if (heard.answer->seq > link.confirmed || flight.strong == 0) Progress(link);
        link.confirmed = heard.answer->seq;
        break;
      case link::Answer::Kind::kHoleDetected:
        link.probed = link.probed || heard.answer->seq > Seq{0};
        link.failing = true;
        break;
    }
  }
  if (wait.has_value()) {
    const std::chrono::seconds taken =
        std::clamp(*wait, seconds{1}, std::chrono::duration_cast<seconds>(limits.wait_max));
    const Micros until = world_.now() + Micros{taken};
    if (!link.quiet_until.has_value() || until > *link.quiet_until) link.quiet_until = until;
    link.failing = true;
    link.longest_pause = limits.wait_max;
    AwaitTry(link);
    return;
  }
  if (heard.answer.has_value()) return;
  if (heard.stale || heard.status == 413) {
    link.failing = true;
    return;
  }
  Failed(from, link, heard.status >= 400 && heard.status < 500 && heard.status != 429);
}

void Checker::OnReset(NodeId node, NodeId destination) {
  Link& link = At(node, destination);
  link.reset = true;
  link.quiet_until.reset();
  OnWoken(node, destination);
}

void Checker::OnPaused(NodeId node, NodeId destination, bool paused) {
  Link& link = At(node, destination);
  if (link.paused && !paused && link.try_until.has_value()) {
    link.try_until = std::max(*link.try_until, world_.now() + kSlack);
  }
  link.paused = paused;
}

void Checker::OnWasReset(NodeId node, NodeId destination, const MemoryState& state) {
  const auto stored = state.links.find(DomainOf(destination));
  if (stored == state.links.end()) return;
  const std::uint64_t bytes = stored->second->log.BytesAfter(stored->second->numbers.acked);
  if (bytes > 0) {
    Fail(Invariant::kGivenUpAloud,
         fmt::format("{} was to give up all that waits for {}, and {} bytes are left", DomainOf(node),
                     DomainOf(destination), bytes));
  }
}

void Checker::OnWoken(NodeId node, NodeId destination) {
  Link& link = At(node, destination);
  link.idle_pushes = 0;
  link.idle_since = world_.now();
}

void Checker::OnLeaseLost(NodeId node, NodeId destination) {
  Link& link = At(node, destination);
  link.abandoned = link.flights.size();
  link.bytes_in_flight = 0;
  link.quiet_until.reset();
  link.try_until.reset();
  link.longest_pause.reset();
}

void Checker::CheckTries(NodeId node, Micros disk_trouble_at, const MemoryState& state) {
  for (NodeId peer = 0; peer < traits_.size(); ++peer) {
    Link& link = At(node, peer);
    // Of a liar nobody knows what its words come to.
    if (traits_[peer].liar) continue;
    // A link that is read from the store has the end of its pause by the wall clock.
    if (clock_was_set_[node]) continue;
    if (!link.try_until.has_value() || world_.now() <= *link.try_until || link.paused) continue;
    if (disk_trouble_at >= link.failed_at - kSlack) continue;
    const auto stored = state.links.find(DomainOf(peer));
    if (stored == state.links.end()) continue;
    if (stored->second->numbers.assigned <= stored->second->numbers.acked) continue;
    Fail(Invariant::kBackOff,
         fmt::format("{} has not tried {} again since {} s", DomainOf(node), DomainOf(peer),
                     (world_.now() - link.failed_at).count() / 1'000'000));
  }
}

void Checker::OnStatus(NodeId node, const std::vector<LinkStatus>& links, const MemoryState& state) {
  for (const LinkStatus& status : links) {
    const auto stored = state.links.find(status.destination);
    const auto fail = [&](std::string_view what) {
      Fail(Invariant::kCounters,
           fmt::format("link of {} to {}: {}", DomainOf(node), status.destination, what));
    };
    if (stored == state.links.end()) return fail("is not in the store");
    const NodeId peer = NodeOf(status.destination);
    if (status.acked > status.assigned) {
      fail(fmt::format("acked {}, assigned {}", Value(status.acked), Value(status.assigned)));
    }
    if (!traits_[peer].liar && status.counters.diverged == 0 &&
        status.assigned > stored->second->numbers.assigned) {
      fail(fmt::format("assigned {}, stored {}", Value(status.assigned),
                       Value(stored->second->numbers.assigned)));
    }
    if (!traits_[peer].liar && !went_back_[peer] && !went_back_[node] &&
        (status.counters.diverged > 0 || status.counters.peer_went_back > 0)) {
      fail("nobody went back to an older store");
    }
  }
}

void Checker::OnRest(NodeId node, const std::vector<LinkStatus>& links, int timers) {
  const auto busy =
      std::count_if(links.begin(), links.end(), [](const LinkStatus& link) { return link.pending() > 0; });
  // That of the retention comes on top.
  if (timers > busy + 1) {
    Fail(Invariant::kIdleIsQuiet, fmt::format("{} has {} timers with {} links that have something to do",
                                              DomainOf(node), timers, busy));
  }
}

// --- The receiver's end.

void Checker::OnReceived(NodeId node, NodeId origin, std::size_t bytes, const MemoryState& state) {
  (void)state;
  Link& link = At(origin, node);
  ++link.queued;
  link.queued_bytes += bytes;
  link.largest = std::max(link.largest, bytes);
}

void Checker::OnTaken(NodeId node, NodeId origin, std::uint64_t updates) {
  Link& link = At(origin, node);
  if (link.first_taken < Micros{0}) link.first_taken = world_.now();
  link.taken += updates;
  link.taken_max = std::max(link.taken_max, updates);
  const std::uint64_t rate = traits_[node].inbox.updates_per_second_max;
  // A handler that takes its time spends it before the others have come so far.
  const auto elapsed = std::max(world_.now() - link.first_taken, Micros{0});
  const auto elapsed_s = static_cast<std::uint64_t>(elapsed.count() / 1'000'000);
  if (link.taken > rate * (elapsed_s + 2) + link.taken_max) {
    Fail(Invariant::kReceiverBounds, fmt::format("{} has taken {} updates of {} in {} s", DomainOf(node),
                                                 link.taken, DomainOf(origin), elapsed_s));
  }
}

void Checker::OnReply(NodeId node, NodeId origin, std::size_t bytes,
                      const std::optional<link::Answer>& answer, const MemoryState& state) {
  Link& link = At(origin, node);
  if (link.queued > 0) --link.queued;
  link.queued_bytes -= std::min(bytes, link.queued_bytes);
  const InboxLimits& limits = traits_[node].inbox;
  // The one that runs, and the one that was just refused.
  if (link.queued > limits.queued_pushes_max + 2) {
    return Fail(Invariant::kReceiverBounds,
                fmt::format("{} pushes of {} wait at {}", link.queued, DomainOf(origin), DomainOf(node)));
  }
  if (link.queued_bytes > std::max(limits.queued_bytes_max, link.largest)) {
    return Fail(Invariant::kReceiverBounds, fmt::format("{} bytes of {} wait at {}", link.queued_bytes,
                                                        DomainOf(origin), DomainOf(node)));
  }
  if (!answer.has_value()) return;
  const auto stored = state.origins.find(DomainOf(origin));
  const Seq last = stored == state.origins.end() ? Seq{0} : stored->second->last;
  if (answer->kind == link::Answer::Kind::kOk && answer->seq > last) {
    Fail(Invariant::kOkIsDurable, fmt::format("{} says ok {} to {}, and has {} on disk", DomainOf(node),
                                              Value(answer->seq), DomainOf(origin), Value(last)));
  }
  // Pushes that share a transaction are answered in the end, and a liar sends what was missing behind them.
  if (answer->kind == link::Answer::Kind::kHoleDetected && answer->seq != Next(last) &&
      !traits_[origin].liar) {
    Fail(Invariant::kHoleIsHonest,
         fmt::format("{} tells {} of a hole at {}, and has {} on disk", DomainOf(node), DomainOf(origin),
                     Value(answer->seq), Value(last)));
  }
}

// --- Weak updates.

void Checker::OnWeakSent(std::uint64_t id, std::uint64_t key) {
  Update& update = updates_[id];
  update.sent_at = world_.now();
  if (key == 0) return;
  Link& link = At(update.origin, update.destination);
  const auto [older, first] = link.weak_keys.try_emplace(key, id);
  if (first) return;
  updates_[older->second].replaced_at = world_.now();
  older->second = id;
}

void Checker::OnWeakHandled(NodeId node, NodeId origin, std::uint64_t id) {
  Update& update = updates_[id];
  world_.trace().Line(world_.now(), "{} takes weak update {} of {}", DomainOf(node), id, DomainOf(origin));
  if (++update.delivered > 1) {
    return Fail(Invariant::kWeakOnce, fmt::format("weak update {} is delivered twice", id));
  }
  Link& link = At(origin, node);
  if (link.last_weak.has_value() && id < *link.last_weak) {
    return Fail(Invariant::kWeakOrder, fmt::format("weak update {} arrives behind {}", id, *link.last_weak));
  }
  link.last_weak = id;
}

// --- The end.

bool Checker::Drained() const {
  for (const Link& link : links_) {
    for (std::size_t i = link.resolved; i < link.order.size(); ++i) {
      const Update& update = updates_[link.order[i]];
      if (!Resolved(update) && !traits_[update.destination].liar) return false;
    }
  }
  return true;
}

void Checker::OnEnd() {
  for (Link& link : links_) {
    Advance(link);
    if (link.resolved == link.order.size()) continue;
    const std::uint64_t id = link.order[link.resolved];
    const Update& update = updates_[id];
    if (traits_[update.destination].liar) continue;
    // What comes behind it has not come either, or the prefix would have been violated.
    return Fail(link.last_place.value_or(0) > update.place ? Invariant::kNoLoss : Invariant::kDrains,
                fmt::format("update {} of {} for {} is not delivered", id, DomainOf(update.origin),
                            DomainOf(update.destination)));
  }
}

}  // namespace federation::simulation
