#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include <fmt/core.h>

#include "simulation/random.h"

namespace federation::simulation {

// What happened, in order: always as a hash, and as lines of text where somebody wants to read them.
class Trace {
 public:
  // Keeps the last `lines_max` lines; with 0 none is even formatted.
  explicit Trace(std::size_t lines_max) : lines_max_(lines_max) {}

  bool readable() const { return lines_max_ > 0; }
  std::uint64_t hash() const { return hash_; }
  const std::deque<std::string>& lines() const { return lines_; }

  // Numbers that tell one history from another one.
  template <typename... Numbers>
  void Mix(Numbers... numbers) {
    ((hash_ = Random::Mix(hash_ ^ static_cast<std::uint64_t>(numbers)) + 1), ...);
  }

  template <typename... Arguments>
  void Line(Micros now, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    if (!readable()) return;
    Keep(now, fmt::format(format, std::forward<Arguments>(arguments)...));
  }

 private:
  void Keep(Micros now, const std::string& line) {
    if (lines_.size() == lines_max_) lines_.pop_front();
    const auto micros = now.count();
    lines_.push_back(fmt::format("{:>5}.{:06} {}", micros / 1'000'000, micros % 1'000'000, line));
  }

  const std::size_t lines_max_;
  std::uint64_t hash_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace federation::simulation
