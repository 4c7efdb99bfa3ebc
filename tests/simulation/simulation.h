#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/checker.h"
#include "simulation/liar.h"
#include "simulation/network.h"
#include "simulation/node.h"
#include "simulation/plan.h"
#include "simulation/world.h"

namespace federation::simulation {

// What came of a seed.
struct Result {
  std::optional<Checker::Violation> violation;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t updates = 0;
  std::uint64_t applied = 0;
  std::uint64_t pushes = 0;
  std::deque<std::string> trace;
};

struct Settings {
  std::chrono::minutes minutes{10};
  // How many lines of the trace to keep.
  std::size_t trace_lines = 0;
};

// Nodes, what their users and operators do, and what befalls them.
class Simulation {
 public:
  Simulation(std::uint64_t seed, const Settings& settings, std::optional<Plan> plan = std::nullopt);

  Result Run();

 private:
  // Does something again and again, so many times a second on average, until the faults end.
  void Often(double rate, std::function<void()> what);
  void Arm(double rate, std::shared_ptr<std::function<void()>> what);
  void ArmNode(NodeId node);
  void CutSomething(NodeId node);
  void GoBack(NodeId node);
  void Heal();
  void Drain();
  void Finish(Micros end);
  NodeId Other(NodeId node);
  bool Confined(NodeId node) const { return plan_.confined && !plan_.nodes[node].sick; }

  const Settings settings_;
  World world_;
  const Plan plan_;
  Checker checker_;
  Network network_;
  std::vector<std::unique_ptr<SimNode>> nodes_;  // null where there is a liar
  std::unique_ptr<Liar> liar_;
  bool healed_ = false;
};

}  // namespace federation::simulation
