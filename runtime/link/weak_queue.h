#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "federation/limits.h"

namespace federation::link {

// Weak updates that wait for a link, the oldest first. Bounded in number, bytes and age: what does not fit is
// forgotten, the oldest first. Not thread-safe.
class WeakQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit WeakQueue(const OutboxLimits& limits) : limits_(limits) {}

  void Add(std::string json, Time now);
  // Removes and returns what is not too old, as much as fits.
  std::vector<std::string> Take(Time now, std::size_t bytes_max);
  bool empty() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::string json;
    Time since;
  };

  void DropOldest();

  OutboxLimits limits_;
  std::deque<Waiting> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace federation::link
