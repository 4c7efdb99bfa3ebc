#include "fednode/metrics/link_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "fednode/metrics/family.h"

namespace federation::fednode {
namespace {

using prometheus::MetricType;

constexpr std::string_view kDestination = "destination";

// A counter of a link. Rows of one name follow each other: they are a family, told apart by a second label.
struct CounterRow {
  std::uint64_t LinkCounters::* value;
  const char* name;
  const char* help;
  Family::Label label{};
};

constexpr char kFailures[] = "federation_link_failures_total";
constexpr char kFailuresHelp[] = "Pushes that failed";
constexpr char kWeak[] = "federation_link_weak_updates_total";
constexpr char kWeakHelp[] = "Weak updates that were sent, or dropped as too old, too many or replaced";
constexpr char kRestored[] = "federation_link_restored_stores_total";
constexpr char kRestoredHelp[] = "Restored stores that were noticed: this node's own, and the peer's";

constexpr CounterRow kCounterRows[] = {
    {&LinkCounters::pushes, "federation_link_pushes_total", "Pushes that were answered or failed"},
    {&LinkCounters::acked_updates, "federation_link_acked_updates_total", "Strong updates acknowledged"},
    {&LinkCounters::repeated_updates, "federation_link_repeated_updates_total",
     "Strong updates sent once more"},
    {&LinkCounters::holes, "federation_link_holes_total", "Answers `hole_detected`"},
    {&LinkCounters::waits, "federation_link_waits_total", "Answers `wait`"},
    {&LinkCounters::expired_updates, "federation_link_expired_updates_total", "Updates sent as `expired`"},
    {&LinkCounters::given_up_updates, "federation_link_given_up_updates_total",
     "Updates given up: too old, too much, too large, or dropped by the operator"},
    {&LinkCounters::weak_sent, kWeak, kWeakHelp, {"fate", "sent"}},
    {&LinkCounters::weak_dropped, kWeak, kWeakHelp, {"fate", "dropped"}},
    {&LinkCounters::unreachable, kFailures, kFailuresHelp, {"kind", "unreachable"}},
    {&LinkCounters::busy, kFailures, kFailuresHelp, {"kind", "busy"}},
    {&LinkCounters::refused, kFailures, kFailuresHelp, {"kind", "refused"}},
    {&LinkCounters::too_large, kFailures, kFailuresHelp, {"kind", "too_large"}},
    {&LinkCounters::contradictions, kFailures, kFailuresHelp, {"kind", "contradiction"}},
    {&LinkCounters::own_store_restored, kRestored, kRestoredHelp, {"store", "own"}},
    {&LinkCounters::peer_store_restored, kRestored, kRestoredHelp, {"store", "peer"}},
};
static_assert(std::size(kCounterRows) == LinkMetrics::kCounters);
static_assert(sizeof(LinkCounters) == LinkMetrics::kCounters * sizeof(std::uint64_t),
              "every counter of a link is a metric");

// In the order of LinkStatus::State.
constexpr const char* kStates[] = {"idle", "sending", "waiting", "refused", "paused"};

LabelPlaces::Need NeedOf(const LinkStatus& link) { return {link.failures > 0, link.pending()}; }

double AgeSeconds(const LinkStatus& link, const Moment& now) {
  if (!link.pending_since) return 0;
  const std::chrono::duration<double> age = now.wall - *link.pending_since;
  return std::max(age.count(), 0.0);
}

}  // namespace

const LinkMetrics::Gauge LinkMetrics::kGauges[] = {
    {"federation_link_pending_updates", "Strong updates that are not acknowledged",
     [](const Shown& shown) { return static_cast<double>(shown.pending_updates); }},
    {"federation_link_pending_bytes", "JSON bytes of the strong updates that are not acknowledged",
     [](const Shown& shown) { return static_cast<double>(shown.pending_bytes); }},
    {"federation_link_oldest_pending_age_seconds",
     "How long the oldest strong update has waited that is not acknowledged; the longest time in `other`",
     [](const Shown& shown) { return shown.oldest_age_s; }},
    {"federation_link_failing", "1 if the latest push has failed; in `other` the number of such links",
     [](const Shown& shown) { return static_cast<double>(shown.failing_links); }},
};

std::vector<prometheus::MetricFamily> LinkMetrics::Look(const Moment& now) {
  const absl::StatusOr<std::vector<LinkStatus>> links = source_();
  std::vector<prometheus::MetricFamily> families;
  if (links.ok()) {
    Update(*links, now);
    AppendGauges(&families);
    AppendCounters(&families);
  } else {
    ++errors_;
    spdlog::warn("metrics: the links cannot be read: {}", std::string(links.status().message()));
  }
  Family errors("federation_link_scrape_errors_total", "How often the links could not be read for metrics",
                MetricType::Counter);
  errors.Add(static_cast<double>(errors_));
  families.push_back(std::move(errors).Take());
  return families;
}

void LinkMetrics::Update(const std::vector<LinkStatus>& links, const Moment& now) {
  std::vector<LabelPlaces::Candidate> candidates;
  candidates.reserve(links.size());
  for (const LinkStatus& link : links) candidates.push_back({link.destination, NeedOf(link)});
  places_.Assign(std::move(candidates), now.steady);
  // What is summed up stays for good: a counter must not vanish because every link has a place for once.
  std::erase_if(
      shown_, [this](const auto& shown) { return shown.first != kOtherLabel && !places_.Has(shown.first); });
  for (auto& [label, shown] : shown_) shown = {.counts = shown.counts};
  links_by_state_ = {};
  links_in_other_ = 0;
  for (const LinkStatus& link : links) Add(link, now);
}

void LinkMetrics::Add(const LinkStatus& link, const Moment& now) {
  const bool has_place = places_.Has(link.destination);
  if (!has_place) ++links_in_other_;
  ++links_by_state_.at(static_cast<std::size_t>(link.state));
  Shown& shown = shown_[has_place ? link.destination : std::string(kOtherLabel)];
  shown.pending_updates += link.pending();
  shown.pending_bytes += link.pending_bytes;
  shown.oldest_age_s = std::max(shown.oldest_age_s, AgeSeconds(link, now));
  if (link.failures > 0) ++shown.failing_links;
  Counts& seen = seen_[link.destination];
  for (std::size_t i = 0; i < kCounters; ++i) {
    const std::uint64_t count = link.counters.*kCounterRows[i].value;
    shown.counts[i] += count - std::min(seen[i], count);
    seen[i] = count;
  }
}

void LinkMetrics::AppendGauges(std::vector<prometheus::MetricFamily>* families) const {
  Family states("federation_links", "Links by state", MetricType::Gauge);
  for (std::size_t i = 0; i < links_by_state_.size(); ++i) {
    states.Add(static_cast<double>(links_by_state_[i]), {"state", kStates[i]});
  }
  families->push_back(std::move(states).Take());
  Family in_other("federation_links_in_other", "Links that are summed up as `other`", MetricType::Gauge);
  in_other.Add(static_cast<double>(links_in_other_));
  families->push_back(std::move(in_other).Take());
  for (const Gauge& gauge : kGauges) {
    Family family(gauge.name, gauge.help, MetricType::Gauge);
    for (const auto& [label, shown] : shown_) family.Add(gauge.value(shown), {kDestination, label});
    families->push_back(std::move(family).Take());
  }
}

void LinkMetrics::AppendCounters(std::vector<prometheus::MetricFamily>* families) const {
  for (std::size_t first = 0; first < kCounters;) {
    Family family(kCounterRows[first].name, kCounterRows[first].help, MetricType::Counter);
    std::size_t i = first;
    for (; i < kCounters && kCounterRows[i].name == family.name(); ++i) {
      for (const auto& [label, shown] : shown_) {
        family.Add(static_cast<double>(shown.counts[i]), {kDestination, label}, kCounterRows[i].label);
      }
    }
    families->push_back(std::move(family).Take());
    first = i;
  }
}

}  // namespace federation::fednode
