#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "simulation/random.h"
#include "simulation/trace.h"

namespace federation::simulation {

// Time and chance: a queue of events in the order of their times, one random generator, one trace. Everything
// that happens in a simulation is an event here, so one seed is one history.
class World {
 public:
  using Task = std::function<void()>;
  // Whose event it is: one life of a node, from its start to its crash. 0 is the world itself.
  using Life = std::uint32_t;
  // An event that has not happened yet.
  struct Token {
    std::uint32_t slot = UINT32_MAX;
    std::uint32_t generation = 0;
  };

  World(std::uint64_t seed, std::size_t trace_lines) : random_(seed), trace_(trace_lines) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The time, of which the running event may have spent some.
  Micros now() const { return now_ + spent_; }
  Random& random() { return random_; }
  Trace& trace() { return trace_; }

  Life NewLife() { return ++lives_; }
  // `task` runs after `delay`, unless its life ends before that.
  Token After(Micros delay, Life life, Task task);
  void Cancel(Token token);
  // Destroys what waits for this life. Nothing of it runs any more.
  void End(Life life);

  // The running event takes so long: what it does next happens later.
  void Spend(Micros time) { spent_ += time; }

  // Runs the next event if it comes before `end`.
  bool Step(Micros end);
  // Ends the simulation: no further event runs.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }
  std::uint64_t events() const { return events_; }
  std::size_t waiting() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    Task task;
    Life life = 0;
    std::uint32_t generation = 0;
    bool used = false;
  };
  struct Entry {
    std::int64_t time;
    std::uint64_t sequence;
    Token token;
    bool operator>(const Entry& other) const {
      return time != other.time ? time > other.time : sequence > other.sequence;
    }
  };

  void Free(std::uint32_t slot);

  Random random_;
  Trace trace_;
  Micros now_{0};
  Micros spent_{0};
  Life lives_ = 0;
  bool stopped_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace federation::simulation
