#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace federation::directory {

// Which addresses a name may resolve to. Names come from others, and must not lead this node to machines that
// only it can reach: ranges that are not global (RFC 6890: private, loopback, link-local, shared,
// documentation, multicast, reserved) are refused in every spelling, unless the operator allows them.
// Immutable, thread-safe.
class AddressPolicy {
 public:
  // Refuses every range that is not global.
  AddressPolicy() = default;
  // `allowed`: ranges such as 127.0.0.0/8 or fd00::/8. Errors: invalid argument that quotes the range.
  static absl::StatusOr<AddressPolicy> Create(const std::vector<std::string>& allowed);

  // Whether a connection to this IP address, in text form, may be made. Errors: permission denied that names
  // the address and the kind of range.
  absl::Status Check(std::string_view ip) const;

 private:
  struct Range {
    unsigned char bytes[16];  // IPv4 as ::ffff:a.b.c.d
    int prefix_bits;
  };
  std::vector<Range> allowed_;
};

}  // namespace federation::directory
