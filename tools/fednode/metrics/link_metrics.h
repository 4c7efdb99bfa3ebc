#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>
#include <prometheus/metric_family.h>

#include "federation/link_status.h"

#include "fednode/metrics/collector.h"
#include "fednode/metrics/label_places.h"

namespace federation::fednode {

// What a node knows of its links, as metrics (METRICS.md has their names).
//
// Only so many links are told apart (LabelPlaces); the others are summed up. What a counter has grown by
// since the last look goes to the label that its link has now. So no counter ever goes back, but that of a
// link which lost its place and gets one again: its series ended, and the new one begins with 0.
//
// Not thread-safe: a Collector calls it.
class LinkMetrics {
 public:
  using Source = std::function<absl::StatusOr<std::vector<LinkStatus>>()>;
  // Those of LinkCounters, `pushes` to `peer_store_restored`.
  static constexpr std::size_t kCounters = 16;

  LinkMetrics(Source source, std::size_t labels_max) : source_(std::move(source)), places_(labels_max) {}

  // Asks the source. If it fails, there is nothing but the number of its errors.
  std::vector<prometheus::MetricFamily> Look(const Moment& now);

 private:
  using Counts = std::array<std::uint64_t, kCounters>;
  // What is shown under one label.
  struct Shown {
    // As of now.
    std::uint64_t pending_updates = 0;
    std::uint64_t pending_bytes = 0;
    double oldest_age_s = 0;
    std::uint64_t failing_links = 0;
    Counts counts{};
  };
  struct Gauge {
    const char* name;
    const char* help;
    double (*value)(const Shown&);
  };
  static const Gauge kGauges[];

  // Brings what is shown up to date.
  void Update(const std::vector<LinkStatus>& links, const Moment& now);
  void Add(const LinkStatus& link, const Moment& now);
  void AppendGauges(std::vector<prometheus::MetricFamily>* families) const;
  void AppendCounters(std::vector<prometheus::MetricFamily>* families) const;

  const Source source_;
  LabelPlaces places_;
  // The counters of each link at the last look.
  std::map<std::string, Counts, std::less<>> seen_;
  // By label.
  std::map<std::string, Shown, std::less<>> shown_;
  std::array<std::uint64_t, 5> links_by_state_{};
  std::uint64_t links_in_other_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace federation::fednode
