#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

namespace federation::fednode {

// The same moment by both clocks: one for spans of this process, one for what the store keeps.
struct Moment {
  std::chrono::steady_clock::time_point steady;
  std::chrono::system_clock::time_point wall;
};

using Clock = std::function<Moment()>;

Moment SystemNow();

// Calls `look` for metrics when somebody asks for them, one at a time, and not again before the answer is
// kCacheAge old: who asks often costs the node no more. Thread-safe.
class Collector final : public prometheus::Collectable {
 public:
  using Families = std::vector<prometheus::MetricFamily>;
  using Look = std::function<Families(const Moment&)>;
  static constexpr std::chrono::seconds kCacheAge{1};

  explicit Collector(Look look, Clock clock = SystemNow) : look_(std::move(look)), clock_(std::move(clock)) {}

  Families Collect() const override;

 private:
  const Look look_;
  const Clock clock_;
  mutable std::mutex mutex_;
  mutable Families families_;
  mutable std::optional<std::chrono::steady_clock::time_point> looked_at_;
};

}  // namespace federation::fednode
