#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include "federation/link_status.h"

#include "fednode/metrics/duration_histogram.h"

namespace federation::fednode {

// Pushes in both directions, of all links together, as metrics. Thread-safe; neither noting nor reading
// waits.
class TrafficMetrics final : public prometheus::Collectable {
 public:
  // For Node::OnPushed and Node::OnReceived.
  void Note(const Pushed& pushed);
  void Note(const Received& received);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Updates {
    std::atomic<std::uint64_t> strong{0};
    std::atomic<std::uint64_t> weak{0};
  };

  // By Pushed::Result.
  std::array<DurationHistogram, 4> pushed_;
  Updates pushed_updates_;
  std::atomic<std::uint64_t> pushed_bytes_{0};
  DurationHistogram answered_;
  DurationHistogram told_to_wait_;
  Updates received_updates_;
};

}  // namespace federation::fednode
