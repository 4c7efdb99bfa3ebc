#pragma once

#include <cstdlib>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/core.h>

namespace federation::bench {

// A benchmark that cannot go on ends with the reason.
inline void Require(const absl::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "{}\n", status.ToString());
  std::abort();
}

template <typename T>
T Require(absl::StatusOr<T> value) {
  Require(value.status());
  return *std::move(value);
}

}  // namespace federation::bench
