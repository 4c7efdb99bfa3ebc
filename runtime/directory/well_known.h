#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/host_port.h"

// The document under which a domain says where its server listens (proto/PROTOCOL.md, "Discovery"): a
// federation.v1.ServerAddress in JSON.
namespace federation::directory {

inline constexpr char kWellKnownPath[] = "/.well-known/actor-federation";

// What is read of one document; further endpoints are left out.
inline constexpr std::size_t kWellKnownEndpointsMax = 16;

// The endpoints for HTTPS, the preferred one first, at least one. Those of other transports, known or not,
// are passed over. Errors: invalid argument with the place: `endpoints[1].port: want 1 to 65535, got 0`.
absl::StatusOr<std::vector<HostPort>> ParseWellKnown(std::string_view json);

// A document that ParseWellKnown reads.
std::string FormatWellKnown(const std::vector<HostPort>& addresses);

}  // namespace federation::directory
