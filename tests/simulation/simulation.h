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

// A seed is a world: two to seven nodes with limits, faults and users of their own, for ten minutes and then
// in peace until all is delivered. The code of the nodes is the real one down to delivery/surroundings.h and
// federation/store.h; time, threads, network and disk are simulated, in one thread and in one order, so that
// the same seed does the same again, event by event.
//
//   simulation --seeds 1:2000 --threads 2     runs the worlds 1 to 2000
//   simulation --seeds 17 --trace             all that happens in the world 17; the end says what is violated
//   simulation --seeds 1:100000 --stop        until something is found
//   mutants                                   whether planted bugs are found: mutants.txt
//
// What must be true is in checker.h: the checker hears of every commit, push and answer, and keeps its own
// books of what they come to; each of its parts, *_checks.h, looks at something else. To add a fault: give it
// a chance or a rate in plan.h, set that for some of the seeds in plan.cc, and let it happen where it
// belongs: network.cc, node.cc (the disk, handlers, operators), liar.cc, or Simulation::ArmNode for what
// befalls a node now and then. Whatever it decides comes from World::random(), and what the outside could see
// of it goes to World::trace(). Then add a mutant that only this fault can find.

// What came of a seed.
struct Result {
  std::optional<Books::Violation> violation;
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
  void PauseForAWhile(NodeId node, NodeId to);
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
