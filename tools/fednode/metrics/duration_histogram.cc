#include "fednode/metrics/duration_histogram.h"

#include <algorithm>
#include <limits>

namespace federation::fednode {
namespace {

constexpr std::array kBoundsSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                       0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

double Seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

}  // namespace

void DurationHistogram::Observe(std::chrono::nanoseconds duration) {
  static_assert(kBoundsSeconds.size() == kBounds);
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  // A bound belongs to its bucket (`le`).
  const auto bound = std::lower_bound(kBoundsSeconds.begin(), kBoundsSeconds.end(), Seconds(ns));
  counts_[static_cast<std::size_t>(bound - kBoundsSeconds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_ns_.fetch_add(ns, std::memory_order_relaxed);
}

prometheus::ClientMetric::Histogram DurationHistogram::Read() const {
  prometheus::ClientMetric::Histogram histogram;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    histogram.sample_count += counts_[i].load(std::memory_order_relaxed);
    const double bound = i < kBounds ? kBoundsSeconds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = Seconds(sum_ns_.load(std::memory_order_relaxed));
  return histogram;
}

}  // namespace federation::fednode
