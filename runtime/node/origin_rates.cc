#include "node/origin_rates.h"

#include <algorithm>

namespace federation::node {
namespace {

// How long an origin is remembered whose buckets are full: to make it anew for each of its pushes costs more.
constexpr std::chrono::seconds kRemembered{2};

OriginRates::Time::duration TimeFor(std::size_t count, std::uint64_t per_second) {
  const std::chrono::duration<double> time(static_cast<double>(count) / static_cast<double>(per_second));
  return std::chrono::ceil<OriginRates::Time::duration>(time);
}

}  // namespace

std::optional<OriginRates::Excess> OriginRates::Take(std::string_view origin, std::size_t bytes, Time now) {
  Origin& state = Find(origin, now);
  if (const auto wait = state.number.Take(1, limits_.requests_per_second_max, now)) {
    return Excess{Excess::Kind::kNumber, *wait};
  }
  state.full = std::max(state.full, now) + TimeFor(1, limits_.requests_per_second_max);
  if (const auto wait = state.bytes.Take(bytes, limits_.bytes_per_second_max, now)) {
    return Excess{Excess::Kind::kBytes, *wait};
  }
  state.full += TimeFor(bytes, limits_.bytes_per_second_max);
  return std::nullopt;
}

OriginRates::Origin& OriginRates::Find(std::string_view name, Time now) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    origins_.splice(origins_.begin(), origins_, found->second);
    return origins_.front();
  }
  Forget(now);
  Origin& origin = origins_.emplace_front();
  origin.name = name;
  by_name_.emplace(origin.name, origins_.begin());
  return origin;
}

// With each new one two old ones go, so that what a crowd has left behind goes, too. At the bound somebody is
// forgotten whose buckets are not full, and may send as much again as in a second.
void OriginRates::Forget(Time now) {
  for (int i = 0; i < 2 && !origins_.empty(); ++i) {
    const Origin& oldest = origins_.back();
    if (oldest.full + kRemembered > now && origins_.size() < limits_.origins_max) return;
    by_name_.erase(oldest.name);
    origins_.pop_back();
  }
}

}  // namespace federation::node
