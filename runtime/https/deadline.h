#pragma once

#include <chrono>
#include <functional>

#include "https/event_loop.h"

namespace federation::https {

// A time by which something has to be done, which is moved often and passes rarely: moving it further costs
// no timer. To be used on the loop only.
class Deadline {
 public:
  // `passed` is called once for each Set whose time passes.
  Deadline(EventLoop& loop, std::function<void()> passed) : timer_(loop), passed_(std::move(passed)) {}

  void Set(std::chrono::milliseconds from_now);
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  void Arm(Clock::duration delay);
  void Fire();

  EventLoop::Timer timer_;
  std::function<void()> passed_;
  Clock::time_point due_ = Clock::time_point::max();
  // When the timer fires; max if it is not set.
  Clock::time_point fires_ = Clock::time_point::max();
};

}  // namespace federation::https
