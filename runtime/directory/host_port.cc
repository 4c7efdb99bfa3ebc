#include "federation/host_port.h"

#include <optional>

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include "federation/domain.h"

#include "directory/host.h"
#include "directory/text.h"

namespace federation {
namespace {

bool IsIpv4(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// Digits only: no sign, no white space, no leading zero.
std::optional<std::uint16_t> ParsePort(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  unsigned port = 0;
  for (const char digit : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    port = port * 10 + static_cast<unsigned>(digit - '0');
  }
  if (port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

}  // namespace

bool directory::HostIsIp(const std::string& host) { return IsIpv4(host) || IsIpv6(host); }

absl::StatusOr<HostPort> HostPort::Parse(std::string_view text) {
  const auto fault = [text](const char* what) {
    return absl::InvalidArgumentError(
        absl::StrCat("want HOST:PORT, got ", directory::Quote(text), ": ", what));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fault("there is no port");
  const std::optional<std::uint16_t> port = ParsePort(text.substr(colon + 1));
  if (!port) return fault("the port is no number from 0 to 65535");

  const std::string_view host = text.substr(0, colon);
  // inet_pton reads up to a NUL byte only.
  if (host.find('\0') != std::string_view::npos) return fault("the host has a NUL byte");
  if (!host.empty() && host.front() == '[') {
    if (host.back() != ']') return fault("the bracket is not closed");
    std::string address(host.substr(1, host.size() - 2));
    if (!IsIpv6(address)) return fault("there is no IPv6 address in the brackets");
    return HostPort{std::move(address), *port};
  }
  std::string name = absl::AsciiStrToLower(directory::ToAbsl(host));
  if (IsIpv6(name)) return fault("an IPv6 address stands in brackets: [::1]:9880");
  if (!IsIpv4(name) && !ValidateDomain(name).ok()) return fault("the host is no name and no IP address");
  return HostPort{std::move(name), *port};
}

std::string HostPort::ToString() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return ipv6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

}  // namespace federation
