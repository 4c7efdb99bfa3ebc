#include "simulation/surroundings.h"

#include <algorithm>
#include <utility>

namespace federation::simulation {
namespace {

// Between a post and its task.
constexpr Micros kHandOver{20};
// Timers fire late by up to so much, and never early.
constexpr Micros kTimerLateMax{2000};

}  // namespace

class SimLoop::SimTimer : public delivery::Timer {
 public:
  explicit SimTimer(SimLoop& loop) : loop_(loop) {}
  ~SimTimer() override { Cancel(); }

  void Set(std::chrono::milliseconds delay, std::function<void()> task) override {
    Cancel();
    set_ = true;
    ++loop_.timers_set_;
    const Micros late = loop_.world_.random().Between(Micros{0}, kTimerLateMax);
    token_ = loop_.world_.After(delay + late, loop_.life_, [this, task = std::move(task)] {
      Unset();
      task();
    });
  }

  void Cancel() override {
    if (!set_) return;
    Unset();
    loop_.world_.Cancel(token_);
  }

 private:
  void Unset() {
    set_ = false;
    --loop_.timers_set_;
  }

  SimLoop& loop_;
  bool set_ = false;
  World::Token token_;
};

void SimLoop::Post(std::function<void()> task) { world_.After(kHandOver, life_, std::move(task)); }

std::unique_ptr<delivery::Timer> SimLoop::MakeTimer() { return std::make_unique<SimTimer>(*this); }

void SimWorkers::Post(std::function<void()> task) { PostAfter(kHandOver, std::move(task)); }

void SimWorkers::PostAfter(Micros delay, std::function<void()> task) {
  world_.After(delay, life_, [this, task = std::move(task)]() mutable {
    const auto thread = std::min_element(free_at_.begin(), free_at_.end());
    // All are busy: it keeps its place among those that wait.
    if (*thread > world_.now()) return PostAfter(*thread - world_.now(), std::move(task));
    task();
    *thread = world_.now();
  });
}

}  // namespace federation::simulation
