// Whatever bytes a web server sends as the document that says where a domain's server is: they are refused
// with words, or every place in it can be written, read again, and checked.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "federation/host_port.h"

#include "directory/address_policy.h"
#include "directory/host.h"
#include "directory/well_known.h"
#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace federation;
  using fuzz::Require;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<HostPort>> addresses = directory::ParseWellKnown(body);
  if (!addresses.ok()) {
    Require(absl::IsInvalidArgument(addresses.status()) && !addresses.status().message().empty());
    return 0;
  }
  Require(!addresses->empty() && addresses->size() <= directory::kWellKnownEndpointsMax);
  const directory::AddressPolicy policy;
  for (const HostPort& address : *addresses) {
    Require(address.port != 0 && HostPort::Parse(address.ToString()).value() == address);
    // What is no IP address is looked up as a name, and must not pass for one of them.
    Require(directory::HostIsIp(address.host) || absl::IsPermissionDenied(policy.Check(address.host)));
  }
  const absl::StatusOr<std::vector<HostPort>> again =
      directory::ParseWellKnown(directory::FormatWellKnown(*addresses));
  Require(again.ok() && *again == *addresses);
  return 0;
}
