#include "fednode/metrics/refusal_metrics.h"

#include <utility>

#include "fednode/metrics/family.h"

namespace federation::fednode {
namespace {

struct Limit {
  const char* name;
  std::uint64_t Refusals::Counts::* count;
};

struct Kind {
  const char* name;
  Refusals::Counts Refusals::* counts;
  // That it can be told to wait for.
  std::vector<Limit> limits;
};

std::vector<Kind> Kinds() {
  const Limit rate{"rate", &Refusals::Counts::over_rate};
  const Limit bytes{"bytes", &Refusals::Counts::over_bytes};
  return {{"push",
           &Refusals::pushes,
           {rate,
            bytes,
            {"updates", &Refusals::Counts::over_updates},
            {"queued", &Refusals::Counts::over_queued}}},
          {"request", &Refusals::requests, {rate, bytes, {"running", &Refusals::Counts::over_running}}},
          {"other", &Refusals::others, {}}};
}

}  // namespace

std::vector<prometheus::MetricFamily> RefusalMetrics(const Refusals& refusals) {
  Family denied("federation_denied_total", "What came from peers that are kept out, answered with 403",
                prometheus::MetricType::Counter);
  Family limited("federation_limited_total", "What was more than an origin may send, answered with wait",
                 prometheus::MetricType::Counter);
  for (const Kind& kind : Kinds()) {
    const Refusals::Counts& counts = refusals.*kind.counts;
    denied.Add(static_cast<double>(counts.denied), {"what", kind.name});
    for (const Limit& limit : kind.limits) {
      limited.Add(static_cast<double>(counts.*limit.count), {"what", kind.name}, {"limit", limit.name});
    }
  }
  std::vector<prometheus::MetricFamily> families;
  families.push_back(std::move(denied).Take());
  families.push_back(std::move(limited).Take());
  return families;
}

}  // namespace federation::fednode
