#include "fednode/metrics/quarantine_metrics.h"

#include <map>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "fednode/metrics/family.h"

namespace federation::fednode {
namespace {

using prometheus::MetricType;

struct Sum {
  std::uint64_t updates = 0;
  std::uint64_t bytes = 0;
};

}  // namespace

std::vector<prometheus::MetricFamily> QuarantineMetrics::Look(const Moment& now) {
  const absl::StatusOr<std::vector<Store::QuarantineSize>> sizes = source_();
  std::vector<prometheus::MetricFamily> families;
  if (sizes.ok()) {
    std::vector<LabelPlaces::Candidate> candidates;
    for (const Store::QuarantineSize& size : *sizes)
      candidates.push_back({size.origin, {false, size.updates}});
    places_.Assign(std::move(candidates), now.steady);
    std::map<std::string, Sum, std::less<>> shown;
    for (const Store::QuarantineSize& size : *sizes) {
      Sum& sum = shown[places_.Has(size.origin) ? size.origin : std::string(kOtherLabel)];
      sum.updates += size.updates;
      sum.bytes += size.bytes;
    }
    Family updates("federation_quarantined_updates", "Updates of peers that could not be applied",
                   MetricType::Gauge);
    Family bytes("federation_quarantined_bytes", "JSON bytes of these updates", MetricType::Gauge);
    for (const auto& [label, sum] : shown) {
      updates.Add(static_cast<double>(sum.updates), {"origin", label});
      bytes.Add(static_cast<double>(sum.bytes), {"origin", label});
    }
    families.push_back(std::move(updates).Take());
    families.push_back(std::move(bytes).Take());
  } else {
    ++errors_;
    spdlog::warn("metrics: the quarantine cannot be read: {}", std::string(sizes.status().message()));
  }
  Family errors("federation_quarantine_scrape_errors_total",
                "How often the quarantine could not be read for metrics", MetricType::Counter);
  errors.Add(static_cast<double>(errors_));
  families.push_back(std::move(errors).Take());
  return families;
}

}  // namespace federation::fednode
