#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace federation {

// Where a node listens or a peer is reached: a name or an address, and a port.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  // Parses `127.0.0.1:9880`, `[::1]:9880` or `bravo.test:9880`. Errors: invalid argument that quotes the
  // text.
  static absl::StatusOr<HostPort> Parse(std::string_view text);
  // The form that Parse reads.
  std::string ToString() const;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

}  // namespace federation
