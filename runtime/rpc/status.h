#pragma once

#include <chrono>

#include <absl/status/status.h>

namespace federation::rpc {

// A failure that says when to come again; a wait out of kRpcWaitMin and kRpcWaitMax is taken as the nearest.
absl::Status WithRetryAfter(absl::Status status, std::chrono::seconds delay);

}  // namespace federation::rpc
