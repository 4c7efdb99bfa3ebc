#include "rpc/status.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <absl/strings/cord.h>
#include <absl/strings/numbers.h>
#include <fmt/core.h>

#include "federation/rpc.h"

namespace federation {
namespace {

// Where a status keeps what it says beside its code.
constexpr char kRetryAfter[] = "federation.rpc/retry_after_s";
constexpr char kCanRetry[] = "federation.rpc/can_retry";
constexpr char kYes[] = "yes";
constexpr char kNo[] = "no";

}  // namespace

absl::Status rpc::WithRetryAfter(absl::Status status, std::chrono::seconds delay) {
  const std::chrono::seconds wait = std::clamp(delay, kRpcWaitMin, kRpcWaitMax);
  status.SetPayload(kRetryAfter, absl::Cord(fmt::format("{}", wait.count())));
  return WithCanRetry(std::move(status), true);
}

absl::Status Wait(std::chrono::seconds delay) {
  const std::chrono::seconds wait = std::clamp(delay, kRpcWaitMin, kRpcWaitMax);
  return rpc::WithRetryAfter(absl::UnavailableError(fmt::format("told to wait {} s", wait.count())), wait);
}

std::optional<std::chrono::seconds> RetryAfter(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRetryAfter);
  std::int64_t wait_s = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &wait_s)) return std::nullopt;
  return std::chrono::seconds(wait_s);
}

absl::Status WithCanRetry(absl::Status status, bool can_retry) {
  status.SetPayload(kCanRetry, absl::Cord(can_retry ? kYes : kNo));
  return status;
}

bool CanRetry(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kCanRetry);
  if (!payload.has_value()) return absl::IsUnavailable(status);
  return *payload == kYes;
}

}  // namespace federation
