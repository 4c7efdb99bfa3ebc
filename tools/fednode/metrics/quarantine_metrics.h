#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <absl/status/statusor.h>
#include <prometheus/metric_family.h>

#include "federation/store.h"

#include "fednode/metrics/collector.h"
#include "fednode/metrics/label_places.h"

namespace federation::fednode {

// What is in quarantine, by origin, as metrics. Origins have label values as links have. Not thread-safe: a
// Collector calls it.
class QuarantineMetrics {
 public:
  using Source = std::function<absl::StatusOr<std::vector<Store::QuarantineSize>>()>;

  QuarantineMetrics(Source source, std::size_t labels_max)
      : source_(std::move(source)), places_(labels_max) {}

  // Asks the source. If it fails, there is nothing but the number of its errors.
  std::vector<prometheus::MetricFamily> Look(const Moment& now);

 private:
  const Source source_;
  LabelPlaces places_;
  std::uint64_t errors_ = 0;
};

}  // namespace federation::fednode
