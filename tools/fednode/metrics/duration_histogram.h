#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <prometheus/client_metric.h>

namespace federation::fednode {

// How long something took, in buckets from 1 ms to 60 s. Thread-safe, and without locks: the network's thread
// must not wait for somebody who reads.
class DurationHistogram {
 public:
  void Observe(std::chrono::nanoseconds duration);
  // The sum may lag behind the counts.
  prometheus::ClientMetric::Histogram Read() const;

 private:
  static constexpr std::size_t kBounds = 15;

  std::array<std::atomic<std::uint64_t>, kBounds + 1> counts_{};
  std::atomic<std::uint64_t> sum_ns_{0};
};

}  // namespace federation::fednode
