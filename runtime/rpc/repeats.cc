#include "rpc/repeats.h"

#include <algorithm>

#include "federation/rpc.h"

namespace federation::rpc {
namespace {

using std::chrono::milliseconds;

milliseconds BackOff(int tries, const RpcLimits& limits, double random) {
  milliseconds ceiling = limits.repeat_backoff_min;
  for (int i = 1; i < tries && ceiling < limits.repeat_backoff_max; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, limits.repeat_backoff_max);
  return milliseconds(static_cast<milliseconds::rep>(random * static_cast<double>(ceiling.count())));
}

}  // namespace

std::optional<milliseconds> PauseBeforeRepeat(const FailedTry& failed, const RpcLimits& limits,
                                              double random) {
  if (!CanRetry(failed.failure) || failed.tries >= failed.tries_max) return std::nullopt;
  const std::optional<std::chrono::seconds> asked = RetryAfter(failed.failure);
  const milliseconds pause = asked ? milliseconds(*asked) : BackOff(failed.tries, limits, random);
  if (pause >= failed.left) return std::nullopt;
  return pause;
}

}  // namespace federation::rpc
