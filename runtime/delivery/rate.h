#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace federation::delivery {

// A token bucket: lets through so many things a second on average, and as many as that at a time. Not
// thread-safe.
class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Takes `count` things in, or says in how many whole seconds to come again. What is larger than all that
  // may come at a time is taken in when nothing came for a while.
  std::optional<std::chrono::seconds> Take(std::uint64_t count, std::uint64_t per_second, Time now) {
    const double rate = static_cast<double>(per_second);
    if (!since_.has_value()) {
      left_ = rate;
    } else {
      left_ = std::min(rate, left_ + rate * std::chrono::duration<double>(now - *since_).count());
    }
    since_ = now;
    const double cost = std::min(static_cast<double>(count), rate);
    if (cost > left_) {
      return std::chrono::ceil<std::chrono::seconds>(std::chrono::duration<double>((cost - left_) / rate));
    }
    left_ -= static_cast<double>(count);
    return std::nullopt;
  }

 private:
  double left_ = 0;
  std::optional<Time> since_;
};

}  // namespace federation::delivery
