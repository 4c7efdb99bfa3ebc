#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "simulation/checker.h"
#include "simulation/network.h"
#include "simulation/plan.h"
#include "simulation/wire.h"
#include "simulation/world.h"

namespace federation::simulation {

// A peer with a valid certificate and bad manners: it answers what comes to its mind, or the same few things
// again and again, and pushes nonsense.
class Liar : public Server {
 public:
  Liar(World& world, Network& network, const Plan& plan, NodeId id);

  void Start();
  // From now on it wants nothing, and pushes nothing.
  void Heal() { healed_ = true; }

  void OnPush(delivery::InboundPush push, std::function<void(const WireAnswer&)> reply) override;

 private:
  // What may be said to any push.
  struct Lie {
    enum class Kind { kOk, kHole, kWait, kStatus };
    // What its number is counted from.
    enum class Base { kZero, kFirst, kLast, kSaidBefore };
    Kind kind = Kind::kOk;
    Base base = Base::kZero;
    std::int64_t number = 0;
  };
  Lie NewLie();
  Lie NextLie();
  WireAnswer Say(const Lie& lie, const PushOnWire& push);
  std::string NonsensePush();
  void PushLater();

  World& world_;
  Network& network_;
  const Plan& plan_;
  const NodeId id_;
  World::Life life_ = 0;
  bool healed_ = false;
  // What it says in turn, until it has had enough of that; none if it says something new each time.
  std::vector<Lie> habit_;
  std::size_t turn_ = 0;
  Micros habit_end_{0};
  std::uint64_t last_said_ = 0;
  std::uint64_t last_sent_ = 0;
};

}  // namespace federation::simulation
