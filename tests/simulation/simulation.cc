#include "simulation/simulation.h"

#include <cmath>
#include <utility>
#include <vector>

namespace federation::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// How long nothing at all may arrive when nothing goes wrong any more: the longest pauses are an hour.
constexpr Micros kStallMax = std::chrono::hours{8};
constexpr Micros kRestMax = minutes{5};

std::vector<NodeBooks> BooksOf(const Plan& plan) {
  std::vector<NodeBooks> books;
  for (const NodePlan& node : plan.nodes) {
    NodeBooks& one = books.emplace_back();
    one.outbox = node.outbox;
    one.inbox = node.inbox;
    one.store = node.store;
    one.liar = node.liar;
    one.healthy = plan.confined && !node.sick;
  }
  return books;
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, const Settings& settings, std::optional<Plan> plan)
    : settings_(settings),
      world_(Random::Mix(seed + 1), settings.trace_lines),
      plan_(plan.has_value() ? *std::move(plan) : MakePlan(world_.random())),
      checker_(world_, BooksOf(plan_)),
      network_(world_, checker_, plan_) {
  for (NodeId i = 0; i < plan_.nodes.size(); ++i) {
    if (plan_.nodes[i].liar) {
      liar_ = std::make_unique<Liar>(world_, network_, plan_, i);
      nodes_.push_back(nullptr);
      liar_->Start();
    } else {
      nodes_.push_back(std::make_unique<SimNode>(world_, checker_, network_, plan_, i));
      nodes_.back()->Start();
    }
  }
  for (NodeId i = 0; i < plan_.nodes.size(); ++i) {
    if (nodes_[i] != nullptr) ArmNode(i);
  }
}

NodeId Simulation::Other(NodeId node) {
  const NodeId other = world_.random().Below(plan_.nodes.size() - 1);
  return other < node ? other : other + 1;
}

void Simulation::Often(double rate, std::function<void()> what) {
  if (rate > 0) Arm(rate, std::make_shared<std::function<void()>>(std::move(what)));
}

void Simulation::Arm(double rate, std::shared_ptr<std::function<void()>> what) {
  const double wait_s = -std::log(1 - world_.random().Unit()) / rate;
  world_.After(Micros(static_cast<std::int64_t>(wait_s * 1e6)), 0, [this, rate, what = std::move(what)] {
    if (healed_) return;
    (*what)();
    Arm(rate, what);
  });
}

void Simulation::ArmNode(NodeId id) {
  SimNode* node = nodes_[id].get();
  const Rates& rates = plan_.rates;
  Often(rates.send, [this, node, id] {
    if (plan_.nodes.size() > 2 && world_.random().Chance(0.1)) return node->SendToAll();
    if (world_.random().Chance(0.1)) return node->SendJoined(Other(id));
    node->Send(Other(id));
  });
  Often(rates.burst, [this, node, id, most = rates.burst_max] {
    const NodeId to = Other(id);
    for (std::uint64_t i = world_.random().Below(most); i > 0; --i) node->Send(to);
  });
  Often(rates.weak, [this, node, id] {
    const NodeId to = Other(id);
    for (std::uint64_t i = world_.random().Below(4); i > 0; --i) node->SendWeak(to);
  });
  Often(0.05, [node] { node->CheckStatus(); });
  if (Confined(id)) return;
  Often(rates.crash, [this, node] {
    if (!node->running()) return;
    if (world_.random().Chance(0.7)) return node->Crash();
    node->Stop();
    world_.After(world_.random().Between(Micros{0}, Micros{seconds{10}}), 0, [node] {
      if (!node->running()) node->Start();
    });
  });
  Often(rates.cut, [this, id] { CutSomething(id); });
  Often(rates.restore, [this, id] { GoBack(id); });
  Often(rates.clock, [this, node] {
    const Micros jump =
        world_.random().Between(Micros{0}, Micros{std::chrono::hours{world_.random().Chance(0.2) ? 100 : 1}});
    node->SetWall(world_.random().Chance(0.5) ? jump : -jump);
  });
  Often(rates.pause, [this, id] { PauseForAWhile(id, Other(id)); });
  Often(rates.reset, [this, node, id] { node->Reset(Other(id)); });
  Often(rates.wake, [this, node, id] { node->Wake(Other(id)); });
  Often(rates.replay, [this, node, id] {
    if (world_.random().Chance(0.1)) return node->DropQuarantined(Other(id));
    node->Replay(Other(id));
  });
  Often(rates.disk_trouble, [this, node] {
    node->SetDiskFull(true);
    world_.After(world_.random().Between(Micros{0}, Micros{seconds{30}}), 0,
                 [node] { node->SetDiskFull(false); });
  });
}

void Simulation::PauseForAWhile(NodeId node, NodeId to) {
  nodes_[node]->Pause(to, true);
  world_.After(world_.random().Between(Micros{0}, Micros{seconds{40}}), 0, [this, node, to] {
    nodes_[node]->Pause(to, false);
    if (healed_ || !world_.random().Chance(0.4)) return;
    // Changes his mind while the link begins to send.
    world_.After(world_.random().Between(Micros{0}, Micros{milliseconds{10}}), 0,
                 [this, node, to] { PauseForAWhile(node, to); });
  });
}

void Simulation::CutSomething(NodeId node) {
  const NodeId other = Other(node);
  const bool out = world_.random().Chance(0.7);
  const bool in = !out || world_.random().Chance(0.5);
  if (out) network_.Cut(node, other, true);
  if (in) network_.Cut(other, node, true);
  world_.After(world_.random().Between(Micros{0}, Micros{seconds{90}}), 0, [this, node, other] {
    network_.Cut(node, other, false);
    network_.Cut(other, node, false);
  });
}

void Simulation::GoBack(NodeId id) {
  SimNode* node = nodes_[id].get();
  if (!node->has_backup() || world_.random().Chance(0.4)) return node->Backup();
  if (!node->running()) return;
  node->Stop();
  if (node->running()) return;
  node->Restore();
  world_.After(world_.random().Between(Micros{0}, Micros{seconds{10}}), 0, [node] {
    if (!node->running()) node->Start();
  });
}

void Simulation::Finish(Micros end) {
  while (world_.Step(end)) {
  }
}

void Simulation::Heal() {
  healed_ = true;
  network_.Heal();
  if (liar_ != nullptr) liar_->Heal();
  for (const auto& node : nodes_) {
    if (node == nullptr) continue;
    node->Heal();
    if (!node->running()) node->Start();
    for (NodeId other = 0; other < nodes_.size(); ++other) {
      if (other != node->id()) node->Pause(other, false);
    }
  }
}

void Simulation::Drain() {
  Heal();
  // A last word on each link: who went back to an older store, or was not told of a commit, hears of it now.
  Finish(settings_.minutes + seconds{30});
  for (const auto& node : nodes_) {
    if (node == nullptr) continue;
    if (!node->running()) node->Start();
    for (NodeId other = 0; other < nodes_.size(); ++other) {
      if (other == node->id()) continue;
      node->Pause(other, false);
      // One after the other: there may be no room for all at once.
      world_.After(milliseconds{100} * other, 0, [node = node.get(), other] { node->Send(other); });
    }
  }
  Micros end = settings_.minutes + minutes{1};
  Finish(end);
  Micros progress = end;
  std::size_t left = checker_.strong().Undelivered();
  while (left > 0 && end < progress + kStallMax && !world_.stopped()) {
    end += minutes{1};
    Finish(end);
    const std::size_t before = std::exchange(left, checker_.strong().Undelivered());
    if (left < before) progress = end;
  }
  if (world_.stopped()) return;
  checker_.strong().OnEnd();
  if (world_.stopped()) return;
  Finish(world_.now() + kRestMax);
  for (const auto& node : nodes_) {
    if (node != nullptr) node->CheckStatus();
    if (node != nullptr) node->CheckRest();
  }
  Finish(world_.now() + seconds{10});
}

Result Simulation::Run() {
  Finish(settings_.minutes);
  if (!world_.stopped()) Drain();
  Result result;
  result.violation = checker_.books().violation();
  result.hash = world_.trace().hash();
  result.events = world_.events();
  result.updates = checker_.books().size();
  result.applied = checker_.strong().applied();
  result.pushes = checker_.pushes();
  result.trace = world_.trace().lines();
  return result;
}

}  // namespace federation::simulation
