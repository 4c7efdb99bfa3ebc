#pragma once

#include <functional>
#include <string>

#include "simulation/checker.h"
#include "simulation/network.h"
#include "simulation/plan.h"
#include "simulation/wire.h"
#include "simulation/world.h"

namespace federation::simulation {

// A peer with a valid certificate and bad manners: it answers what comes to its mind, and pushes nonsense.
class Liar : public Server {
 public:
  Liar(World& world, Network& network, const Plan& plan, NodeId id);

  void Start();
  // From now on it wants nothing, and pushes nothing.
  void Heal() { healed_ = true; }

  void OnPush(delivery::InboundPush push, std::function<void(const WireAnswer&)> reply) override;

 private:
  WireAnswer Nonsense(const PushOnWire& push);
  std::string NonsensePush();
  void PushLater();

  World& world_;
  Network& network_;
  const Plan& plan_;
  const NodeId id_;
  World::Life life_ = 0;
  bool healed_ = false;
  std::uint64_t last_said_ = 0;
  std::uint64_t most_said_ = 0;
  std::uint64_t last_sent_ = 0;
};

}  // namespace federation::simulation
