#include "directory/well_known.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "federation/json/codec.h"
#include "federation/v1/address.federation.h"

#include "directory/text.h"

namespace federation::directory {
namespace {

absl::StatusOr<HostPort> AddressOf(const v1::Endpoint& endpoint, int index) {
  const auto fault = [index](const char* field, const std::string& what) {
    return absl::InvalidArgumentError(absl::StrCat("endpoints[", index, "].", field, ": ", what));
  };
  const std::uint32_t port = endpoint.port();
  if (port == 0 || port > 65535) return fault("port", absl::StrCat("want 1 to 65535, got ", port));
  const bool ipv6 = endpoint.host().find(':') != std::string::npos;
  const std::string bracketed = ipv6 ? absl::StrCat("[", endpoint.host(), "]") : endpoint.host();
  // What has brackets of its own is no host.
  absl::StatusOr<HostPort> address = HostPort::Parse(absl::StrCat(bracketed, ":", port));
  if (!address.ok() || (!ipv6 && address->host.find(':') != std::string::npos)) {
    return fault("host", absl::StrCat("want a name or an IP address, got ", Quote(endpoint.host())));
  }
  return address;
}

}  // namespace

absl::StatusOr<std::vector<HostPort>> ParseWellKnown(std::string_view json) {
  v1::ServerAddress document;
  // A transport of later times must not hide the others.
  const json::DecodeOptions options{.unknown_enum_names = json::DecodeOptions::UnknownEnumNames::kIgnore};
  if (absl::Status status = json::Decode(json, &document, options); !status.ok()) return status;
  std::vector<HostPort> addresses;
  for (int i = 0; i < document.endpoints_size(); ++i) {
    const v1::Endpoint& endpoint = document.endpoints(i);
    if (endpoint.transport() != v1::TRANSPORT_HTTPS) continue;
    absl::StatusOr<HostPort> address = AddressOf(endpoint, i);
    if (!address.ok()) return address.status();
    if (addresses.size() < kWellKnownEndpointsMax) addresses.push_back(*std::move(address));
  }
  if (addresses.empty()) {
    return absl::InvalidArgumentError("endpoints: want at least one with the transport \"https\"");
  }
  return addresses;
}

std::string FormatWellKnown(const std::vector<HostPort>& addresses) {
  v1::ServerAddress document;
  for (const HostPort& address : addresses) {
    v1::Endpoint& endpoint = *document.add_endpoints();
    endpoint.set_transport(v1::TRANSPORT_HTTPS);
    endpoint.set_host(address.host);
    endpoint.set_port(address.port);
  }
  // Hosts are ASCII: there is nothing that could not be written.
  return json::Encode(document).value_or("");
}

}  // namespace federation::directory
