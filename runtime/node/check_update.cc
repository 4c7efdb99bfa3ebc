#include "node/check_update.h"

#include <string>

#include <fmt/core.h>

#include "federation/domain.h"
#include "federation/json/reader.h"
#include "federation/limits.h"

namespace federation::node {

static_assert(kUpdateDepthMax + 2 == json::DecodeOptions{}.depth_max,
              "an update that is sent can be read in a push");

absl::Status CheckDestination(std::string_view own_domain, std::string_view destination) {
  const absl::Status status = ValidateDomain(destination);
  if (!status.ok())
    return absl::InvalidArgumentError(fmt::format("destination: {}", std::string(status.message())));
  if (destination == own_domain) {
    return absl::InvalidArgumentError(fmt::format("destination: {} is this node itself", destination));
  }
  return absl::OkStatus();
}

absl::Status CheckUpdate(std::string_view json, std::size_t bytes_max) {
  if (json.size() > bytes_max) {
    return absl::InvalidArgumentError(
        fmt::format("update: want at most {} bytes of JSON, got {}", bytes_max, json.size()));
  }
  json::Reader in(json, {.depth_max = kUpdateDepthMax});
  if (!json.starts_with('{')) in.FailWant("an object", 0);
  if (!in.SkipValue() || !in.Finish()) {
    return absl::InvalidArgumentError(
        fmt::format("update: {}", std::string(in.error().ToStatus().message())));
  }
  return absl::OkStatus();
}

}  // namespace federation::node
