#include "https/deadline.h"

namespace federation::https {

void Deadline::Set(std::chrono::milliseconds from_now) {
  due_ = Clock::now() + from_now;
  if (due_ < fires_) Arm(from_now);
}

void Deadline::Clear() { due_ = Clock::time_point::max(); }

void Deadline::Arm(Clock::duration delay) {
  fires_ = Clock::now() + delay;
  timer_.Set(std::chrono::ceil<std::chrono::milliseconds>(delay), [this] { Fire(); });
}

void Deadline::Fire() {
  fires_ = Clock::time_point::max();
  if (due_ == Clock::time_point::max()) return;
  const Clock::duration left = due_ - Clock::now();
  if (left > Clock::duration::zero()) {
    Arm(left);
    return;
  }
  due_ = Clock::time_point::max();
  passed_();
}

}  // namespace federation::https
