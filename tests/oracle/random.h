#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace oracle {

// Choices that follow from a seed alone.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t Bits() { return engine_(); }
  // What std::shuffle wants of a generator.
  using result_type = std::uint64_t;
  static constexpr std::uint64_t min() { return std::mt19937_64::min(); }
  static constexpr std::uint64_t max() { return std::mt19937_64::max(); }
  std::uint64_t operator()() { return Bits(); }
  // A number below `bound`, which is not 0.
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool OneIn(std::size_t n) { return Below(n) == 0; }
  template <typename T, std::size_t N>
  const T& Pick(const T (&choices)[N]) {
    return choices[Below(N)];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace oracle
