#include "fednode/metrics/traffic_metrics.h"

#include <cstddef>
#include <utility>

#include "fednode/metrics/family.h"

namespace federation::fednode {
namespace {

using prometheus::MetricType;

// In the order of Pushed::Result.
constexpr const char* kResults[] = {"acked", "hole", "wait", "failed"};

double Number(const std::atomic<std::uint64_t>& count) {
  return static_cast<double>(count.load(std::memory_order_relaxed));
}

void Add(std::atomic<std::uint64_t>& count, std::size_t more) {
  count.fetch_add(more, std::memory_order_relaxed);
}

}  // namespace

void TrafficMetrics::Note(const Pushed& pushed) {
  pushed_.at(static_cast<std::size_t>(pushed.result)).Observe(pushed.duration);
  Add(pushed_updates_.strong, pushed.strong_updates);
  Add(pushed_updates_.weak, pushed.weak_updates);
  Add(pushed_bytes_, pushed.bytes);
}

void TrafficMetrics::Note(const Received& received) {
  (received.told_to_wait ? told_to_wait_ : answered_).Observe(received.duration);
  Add(received_updates_.strong, received.strong_updates);
  Add(received_updates_.weak, received.weak_updates);
}

std::vector<prometheus::MetricFamily> TrafficMetrics::Collect() const {
  Family pushes("federation_push_duration_seconds", "From handing a push to the network to its answer",
                MetricType::Histogram);
  for (std::size_t i = 0; i < pushed_.size(); ++i) pushes.Add(pushed_[i].Read(), {"result", kResults[i]});
  Family updates("federation_pushed_updates_total",
                 "Updates in pushes that were answered or failed, repeated ones included",
                 MetricType::Counter);
  updates.Add(Number(pushed_updates_.strong), {"delivery", "strong"});
  updates.Add(Number(pushed_updates_.weak), {"delivery", "weak"});
  Family bytes("federation_pushed_bytes_total", "Bytes of these pushes", MetricType::Counter);
  bytes.Add(Number(pushed_bytes_));
  Family received("federation_received_push_duration_seconds",
                  "From the arrival of a peer's push to its answer", MetricType::Histogram);
  received.Add(answered_.Read(), {"result", "answered"});
  received.Add(told_to_wait_.Read(), {"result", "told_to_wait"});
  Family received_updates("federation_received_updates_total",
                          "Updates in pushes of peers that were answered, repeated ones included",
                          MetricType::Counter);
  received_updates.Add(Number(received_updates_.strong), {"delivery", "strong"});
  received_updates.Add(Number(received_updates_.weak), {"delivery", "weak"});
  std::vector<prometheus::MetricFamily> families;
  for (Family* family : {&pushes, &updates, &bytes, &received, &received_updates}) {
    families.push_back(std::move(*family).Take());
  }
  return families;
}

}  // namespace federation::fednode
