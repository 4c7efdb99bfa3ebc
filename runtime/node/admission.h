#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <absl/status/status.h>

#include "federation/access.h"
#include "federation/limits.h"

#include "node/access.h"
#include "node/origin_rates.h"

namespace federation::node {

// Whether what a peer sends is looked at: who it is, and how much of it comes. Counts what is not. To be used
// on the loop only, but for AddTo.
class Admission {
 public:
  using Clock = std::function<OriginRates::Time()>;
  enum class Kind { kPush, kRequest, kOther };

  // Borrows `access`.
  Admission(const Access& access, const OriginLimits& limits, Clock clock = std::chrono::steady_clock::now)
      : access_(access), rates_(limits), clock_(std::move(clock)) {}

  // Permission denied, in words for the origin, if the node has nothing to do with it.
  absl::Status CheckOrigin(std::string_view origin, Kind kind);
  // Takes in a push or a request, or says after how long its origin may come again.
  std::optional<std::chrono::seconds> Take(std::string_view origin, Kind kind, std::size_t bytes);

  // Adds what was not looked at so far. Thread-safe.
  void AddTo(Refusals* refusals) const;

 private:
  struct Counts {
    std::atomic<std::uint64_t> denied{0};
    std::atomic<std::uint64_t> over_rate{0};
    std::atomic<std::uint64_t> over_bytes{0};
  };

  Counts& CountsOf(Kind kind) { return counts_.at(static_cast<std::size_t>(kind)); }

  const Access& access_;
  OriginRates rates_;
  const Clock clock_;
  std::array<Counts, 3> counts_;
};

}  // namespace federation::node
