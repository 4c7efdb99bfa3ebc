#include "simulation/network.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "delivery/ack_codec.h"

namespace federation::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Micros kConnectTimeout = seconds{15};
constexpr Micros kIdleMin = seconds{2};
constexpr Micros kLateMax = seconds{40};

}  // namespace

WireAnswer AckOf(const link::Answer& ack) {
  WireAnswer answer;
  answer.http.status = 200;
  answer.ack = ack;
  if (ack.kind == link::Answer::Kind::kWait) answer.ack->wait = std::max(ack.wait, seconds{1});
  answer.http.body = delivery::FormatAnswer(ack);
  return answer;
}

WireAnswer StatusOnly(int status) {
  WireAnswer answer;
  answer.http.status = status;
  answer.http.body = fmt::format(R"({{"title":"No","status":{},"detail":"simulated"}})", status);
  return answer;
}

Network::Network(World& world, Checker& checker, const Plan& plan)
    : world_(world),
      checker_(checker),
      plan_(plan),
      nodes_(plan.nodes.size()),
      current_(plan.nodes.size() * plan.nodes.size()),
      cut_(plan.nodes.size() * plan.nodes.size(), false) {}

void Network::Up(NodeId node, World::Life life, Server* server) { nodes_[node] = {server, life, 0}; }

void Network::Down(NodeId node) {
  nodes_[node].server = nullptr;
  for (const auto& weak : all_) {
    const Wire wire = weak.lock();
    if (wire == nullptr) continue;
    if (wire->from == node && wire->client_open) {
      wire->client_open = false;
      wire->pending.clear();
      wire->unsent.clear();
      // What the kernel has taken is sent all the same, often.
      if (world_.random().Chance(0.4)) wire->server_open = false;
    }
    if (wire->to == node && (wire->server_open || !wire->connected)) {
      wire->server_open = false;
      wire->slots.clear();
      // A machine that dies says nothing: then the client finds out by its timeout.
      if (wire->client_open && world_.random().Chance(0.7)) BreakLater(wire, Latency(node, wire->from));
    }
  }
  Forget();
}

void Network::Forget() {
  std::erase_if(all_, [](const auto& weak) { return weak.expired(); });
}

void Network::Cut(NodeId from, NodeId to, bool cut) {
  cut_[from * plan_.nodes.size() + to] = cut;
  if (cut) return;
  for (const auto& weak : all_) {
    const Wire wire = weak.lock();
    if (wire == nullptr || wire->from != from || wire->to != to) continue;
    std::deque<std::string> held;
    held.swap(wire->held);
    for (std::string& body : held) Arrive(wire, std::move(body));
  }
}

void Network::Heal() {
  healed_ = true;
  for (NodeId from = 0; from < nodes_.size(); ++from) {
    for (NodeId to = 0; to < nodes_.size(); ++to) Cut(from, to, false);
  }
}

const NetworkFaults& Network::Faults(NodeId from, NodeId to) const {
  if (healed_) return calm_;
  if (plan_.nodes[from].sick) return plan_.nodes[from].network;
  return plan_.nodes[to].sick ? plan_.nodes[to].network : calm_;
}

Micros Network::Latency(NodeId from, NodeId to) {
  const NetworkFaults& faults = Faults(from, to);
  return world_.random().Between(faults.latency_min, std::max(faults.latency_min, faults.latency_max));
}

void Network::Push(NodeId from, delivery::PushCall call, delivery::Transport::Done done) {
  const NodeId to = NodeOf(call.destination);
  const PushOnWire scan = ScanPush(call.body, to);
  world_.trace().Mix(1001, from, to, scan.strong, Value(scan.seq), scan.weak.size());
  world_.trace().Line(world_.now(), "{} -> {}: push of {} strong up to {}, {} weak", DomainOf(from),
                      DomainOf(to), scan.strong, Value(scan.seq), scan.weak.size());
  checker_.OnPush(from, to, scan);
  Wire& wire = Current(from, to);
  if (wire != nullptr && wire->client_open && wire->connected && wire->pending.empty() &&
      world_.now() - wire->used > kIdleMin && world_.random().Chance(Faults(from, to).stale)) {
    // It was closed meanwhile. The push may be the last thing that the other end took, or not.
    if (world_.random().Chance(0.5)) {
      ArriveLater(wire, call.body, Latency(from, to));
    } else {
      wire->silent = true;
    }
    wire->pending.push_back({std::move(done), {}});
    world_.After(Latency(from, to), wire->life,
                 [this, wire = wire] { Break(wire, absl::AbortedError("the connection was closed")); });
    return;
  }
  if (wire == nullptr || !wire->client_open || wire->life != nodes_[from].life) {
    wire = std::make_shared<Connection>();
    wire->from = from;
    wire->to = to;
    wire->life = nodes_[from].life;
    all_.push_back(wire);
    Connect(wire);
  }
  const World::Token timeout = world_.After(call.timeout, wire->life, [this, wire = wire] {
    Break(wire, absl::DeadlineExceededError("no answer in time"));
  });
  wire->pending.push_back({std::move(done), timeout});
  if (wire->connected) {
    Send(wire, std::move(call.body));
  } else {
    wire->unsent.push_back(std::move(call.body));
  }
}

void Network::Connect(const Wire& wire) {
  const Micros delay = Latency(wire->from, wire->to) + Latency(wire->to, wire->from);
  world_.After(delay, wire->life, [this, wire] {
    if (!wire->client_open) return;
    if (IsCut(wire->from, wire->to) || IsCut(wire->to, wire->from)) return BreakLater(wire, kConnectTimeout);
    Node& server = nodes_[wire->to];
    if (server.server == nullptr) {
      return BreakLater(wire, world_.random().Chance(0.8) ? Micros{0} : kConnectTimeout);
    }
    wire->connected = true;
    wire->server_open = true;
    wire->number = ++server.accepted;
    wire->used = world_.now();
    std::deque<std::string> unsent;
    unsent.swap(wire->unsent);
    for (std::string& body : unsent) Send(wire, std::move(body));
  });
}

void Network::Send(const Wire& wire, std::string body) {
  const NetworkFaults& faults = Faults(wire->from, wire->to);
  Random& random = world_.random();
  if (wire->silent) return;
  if (random.Chance(faults.silence)) {
    wire->silent = true;
    return;
  }
  if (random.Chance(faults.lost)) {
    wire->silent = true;
    return BreakLater(wire, Latency(wire->from, wire->to));
  }
  if (random.Chance(faults.late)) {
    BreakLater(wire, random.Between(Micros{0}, milliseconds{200}));
    return ArriveLater(wire, std::move(body), random.Between(Micros{0}, kLateMax));
  }
  ArriveLater(wire, std::move(body), Micros{0});
}

void Network::ArriveLater(const Wire& wire, std::string body, Micros extra) {
  wire->last_in = std::max(wire->last_in, world_.now() + Latency(wire->from, wire->to) + extra);
  world_.After(wire->last_in - world_.now(), 0,
               [this, wire, body = std::move(body)]() mutable { Arrive(wire, std::move(body)); });
}

void Network::Arrive(const Wire& wire, std::string body) {
  if (!wire->server_open) return;
  if (IsCut(wire->from, wire->to)) return wire->held.push_back(std::move(body));
  Node& node = nodes_[wire->to];
  wire->slots.push_back(std::make_shared<Slot>());
  const std::shared_ptr<Slot> slot = wire->slots.back();
  const auto reply = [this, wire, slot](const WireAnswer& answer) {
    if (slot->answer.has_value() || !wire->server_open) return;
    slot->answer = answer;
    SendAnswers(wire);
  };
  if (const auto answer = FrontAnswer(wire)) return reply(*answer);
  delivery::InboundPush push;
  push.origin = DomainOf(wire->from);
  push.connection = wire->number;
  push.body = std::move(body);
  node.server->OnPush(std::move(push), reply);
}

// What the server, or something before it, says without asking the node.
std::optional<WireAnswer> Network::FrontAnswer(const Wire& wire) {
  const NetworkFaults& faults = Faults(wire->from, wire->to);
  Random& random = world_.random();
  if (random.Chance(faults.truncated)) return StatusOnly(400);
  if (random.Chance(faults.refused)) return StatusOnly(403);
  if (random.Chance(faults.too_large)) return StatusOnly(413);
  if (random.Chance(faults.server_error)) return StatusOnly(500);
  if (random.Chance(faults.busy)) {
    WireAnswer answer = StatusOnly(random.Chance(0.5) ? 429 : 503);
    if (random.Chance(0.5)) answer.http.retry_after = seconds(random.Below(30));
    return answer;
  }
  if (random.Chance(faults.garbage)) {
    WireAnswer answer = StatusOnly(200);
    if (random.Chance(0.5)) answer.http.body = R"({"receive":"ok","se)";
    return answer;
  }
  return std::nullopt;
}

void Network::SendAnswers(const Wire& wire) {
  while (!wire->slots.empty() && wire->slots.front()->answer.has_value()) {
    const WireAnswer answer = *wire->slots.front()->answer;
    wire->slots.pop_front();
    if (!wire->client_open) continue;
    if (world_.random().Chance(Faults(wire->from, wire->to).answer_lost)) {
      wire->server_open = false;
      return BreakLater(wire, Latency(wire->to, wire->from));
    }
    wire->last_out = std::max(wire->last_out, world_.now() + Latency(wire->to, wire->from));
    world_.After(wire->last_out - world_.now(), wire->life,
                 [this, wire, answer] { AnswerArrives(wire, answer); });
  }
}

void Network::AnswerArrives(const Wire& wire, const WireAnswer& answer) {
  if (!wire->client_open || wire->pending.empty()) return;
  // What a cut swallows breaks the order of what comes behind it: nothing comes any more, until the timeout.
  if (wire->deaf || IsCut(wire->to, wire->from)) {
    wire->deaf = true;
    return;
  }
  Pending pending = std::move(wire->pending.front());
  wire->pending.pop_front();
  world_.Cancel(pending.timeout);
  wire->used = world_.now();
  world_.trace().Mix(1002, wire->from, wire->to, answer.http.status);
  world_.trace().Line(world_.now(), "{} <- {}: {} {}", DomainOf(wire->from), DomainOf(wire->to),
                      answer.http.status, answer.http.body);
  checker_.OnHeard(wire->from, wire->to, {answer.http.status, answer.ack, answer.http.retry_after, false});
  pending.done(answer.http);
}

void Network::BreakLater(const Wire& wire, Micros delay) {
  world_.After(delay, wire->life,
               [this, wire] { Break(wire, absl::UnavailableError("the connection broke")); });
}

void Network::Break(const Wire& wire, const absl::Status& status) {
  if (!wire->client_open) return;
  wire->client_open = false;
  // What is on its way may be lost with it, or not.
  if (world_.random().Chance(0.5)) wire->server_open = false;
  const bool stale = absl::IsAborted(status);
  world_.trace().Mix(1003, wire->from, wire->to, wire->pending.size());
  world_.trace().Line(world_.now(), "{} <- {}: {}, {} pushes without an answer", DomainOf(wire->from),
                      DomainOf(wire->to), std::string(status.message()), wire->pending.size());
  std::deque<Pending> pending;
  pending.swap(wire->pending);
  wire->unsent.clear();
  for (Pending& one : pending) world_.Cancel(one.timeout);
  for (Pending& one : pending) {
    checker_.OnHeard(wire->from, wire->to, {0, std::nullopt, std::nullopt, stale});
    one.done(status);
  }
}

}  // namespace federation::simulation
