#pragma once

#include <chrono>
#include <optional>

#include <absl/status/status.h>

#include "federation/limits.h"

namespace federation::rpc {

// A call that has failed, and may reach its destination twice.
struct FailedTry {
  const absl::Status& failure;
  // Tries so far, and how many there may be.
  int tries = 1;
  int tries_max = 1;
  // Until the call's deadline.
  std::chrono::milliseconds left{0};
};

// The pause before it is made again; none if that is of no use, too often, or too late. Where the destination
// has asked for a pause it is no shorter; else it is a random time below a ceiling (full jitter), so that
// those who failed together do not come again together. `random` is from [0, 1).
std::optional<std::chrono::milliseconds> PauseBeforeRepeat(const FailedTry& failed, const RpcLimits& limits,
                                                           double random);

}  // namespace federation::rpc
