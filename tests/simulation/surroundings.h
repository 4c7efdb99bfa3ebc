#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "delivery/surroundings.h"
#include "simulation/world.h"

namespace federation::simulation {

// The clocks of one machine. The steady one begins anywhere; the wall clock may be set.
class Clocks {
 public:
  explicit Clocks(World& world)
      : world_(world), boot_(world.random().Between(Micros{0}, std::chrono::hours{1000})) {}

  std::chrono::steady_clock::time_point Now() const {
    return std::chrono::steady_clock::time_point(world_.now() + boot_);
  }
  std::chrono::system_clock::time_point WallNow() const {
    return std::chrono::system_clock::time_point(kEpoch + world_.now() + set_);
  }
  void SetWall(Micros forward) { set_ += forward; }
  Micros wall_offset() const { return set_; }

 private:
  static constexpr std::chrono::hours kEpoch{480'000};  // in the year 2024

  World& world_;
  Micros boot_;
  Micros set_{0};
};

// The loop of one life of a node. Counts the timers that are set.
class SimLoop : public delivery::Loop {
 public:
  SimLoop(World& world, World::Life life, const Clocks& clocks)
      : world_(world), life_(life), clocks_(clocks) {}

  void Post(std::function<void()> task) override;
  std::unique_ptr<delivery::Timer> MakeTimer() override;
  std::chrono::steady_clock::time_point Now() const override { return clocks_.Now(); }
  std::chrono::system_clock::time_point WallNow() const override { return clocks_.WallNow(); }

  int timers_set() const { return timers_set_; }

 private:
  class SimTimer;

  World& world_;
  const World::Life life_;
  const Clocks& clocks_;
  int timers_set_ = 0;
};

// Some threads. A task runs as a whole; what it spends of the time, its thread is busy.
class SimWorkers : public delivery::Workers {
 public:
  SimWorkers(World& world, World::Life life, std::size_t threads)
      : world_(world), life_(life), free_at_(threads, Micros{0}) {}

  void Post(std::function<void()> task) override;

 private:
  void PostAfter(Micros delay, std::function<void()> task);

  World& world_;
  const World::Life life_;
  std::vector<Micros> free_at_;
};

}  // namespace federation::simulation
