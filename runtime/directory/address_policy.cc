#include "directory/address_policy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include "directory/text.h"

namespace federation::directory {
namespace {

using Address = std::array<unsigned char, 16>;  // IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2)

constexpr int kMappedPrefixBits = 96;

// How an IPv6 address carries an IPv4 address that the packets end up at.
enum class Embedding { kNone, kLast32Bits, k6to4, kTeredo };

struct RefusedRange {
  const char* prefix;
  int prefix_bits;
  const char* kind;
  Embedding embedding = Embedding::kNone;
};

// The IANA special-purpose address registries (RFC 6890 and its updates). The anycast addresses that they
// list as global inside of 192.0.0.0/24 and 2001::/23 are refused with the rest: no server of the federation
// listens there.
constexpr RefusedRange kRefusedIpv4[] = {
    {"0.0.0.0", 8, "this network"},            // RFC 791
    {"10.0.0.0", 8, "private"},                // RFC 1918
    {"100.64.0.0", 10, "shared"},              // RFC 6598
    {"127.0.0.0", 8, "loopback"},              // RFC 1122
    {"169.254.0.0", 16, "link-local"},         // RFC 3927
    {"172.16.0.0", 12, "private"},             // RFC 1918
    {"192.0.0.0", 24, "protocol assignment"},  // RFC 6890
    {"192.0.2.0", 24, "documentation"},        // RFC 5737
    {"192.88.99.0", 24, "6to4 relay"},         // RFC 7526
    {"192.168.0.0", 16, "private"},            // RFC 1918
    {"198.18.0.0", 15, "benchmarking"},        // RFC 2544
    {"198.51.100.0", 24, "documentation"},     // RFC 5737
    {"203.0.113.0", 24, "documentation"},      // RFC 5737
    {"224.0.0.0", 4, "multicast"},             // RFC 1112
    {"240.0.0.0", 4, "reserved"},              // RFC 1112; 255.255.255.255, too
};

constexpr RefusedRange kRefusedIpv6[] = {
    {"::", 128, "unspecified"},                                  // RFC 4291
    {"::1", 128, "loopback"},                                    // RFC 4291
    {"::", 96, "IPv4-compatible", Embedding::kLast32Bits},       // RFC 4291
    {"64:ff9b::", 96, "NAT64", Embedding::kLast32Bits},          // RFC 6052
    {"64:ff9b:1::", 48, "local NAT64", Embedding::kLast32Bits},  // RFC 8215
    {"100::", 64, "discard-only"},                               // RFC 6666
    {"2001::", 32, "Teredo", Embedding::kTeredo},                // RFC 4380
    {"2001::", 23, "protocol assignment"},                       // RFC 2928
    {"2001:db8::", 32, "documentation"},                         // RFC 3849
    {"2002::", 16, "6to4", Embedding::k6to4},                    // RFC 3056
    {"3fff::", 20, "documentation"},                             // RFC 9637
    {"5f00::", 16, "segment routing"},                           // RFC 9602
    {"fc00::", 7, "unique local"},                               // RFC 4193
    {"fe80::", 10, "link-local"},                                // RFC 4291
    {"fec0::", 10, "site-local"},                                // RFC 3879
    {"ff00::", 8, "multicast"},                                  // RFC 4291
    // Everything outside of 2000::/3, the only range from which global unicast addresses are given out (RFC
    // 4291).
    {"::", 3, "reserved"},
    {"4000::", 2, "reserved"},
    {"8000::", 1, "reserved"},
};

Address MapIpv4(std::span<const unsigned char, 4> ipv4) {
  Address address{};
  address[10] = address[11] = 0xff;
  std::memcpy(address.data() + 12, ipv4.data(), 4);
  return address;
}

// Dotted decimal with four parts, or the forms of RFC 4291, section 2.2. Not the shorter, octal and
// hexadecimal spellings that inet_aton takes.
std::optional<Address> ParseAddress(const std::string& text) {
  std::array<unsigned char, 4> ipv4;
  if (inet_pton(AF_INET, text.c_str(), ipv4.data()) == 1) return MapIpv4(ipv4);
  Address ipv6;
  if (inet_pton(AF_INET6, text.c_str(), ipv6.data()) == 1) return ipv6;
  return std::nullopt;
}

std::optional<int> ParsePrefixBits(std::string_view text, int bits_max) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  int bits = 0;
  for (const char digit : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    bits = bits * 10 + (digit - '0');
  }
  if (bits > bits_max) return std::nullopt;
  return bits;
}

bool HasPrefix(const unsigned char* address, const unsigned char* prefix, int bits) {
  const std::size_t whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address, prefix, whole) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

bool IsMappedIpv4(const Address& address) {
  static constexpr Address kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return HasPrefix(address.data(), kMapped.data(), kMappedPrefixBits);
}

// The IPv4 addresses that packets to `address` reach.
std::vector<Address> Embedded(const Address& address, Embedding embedding) {
  const auto at = [&address](std::size_t offset) {
    return MapIpv4(std::span<const unsigned char, 4>(address.data() + offset, 4));
  };
  switch (embedding) {
    case Embedding::kNone:
      return {};
    case Embedding::kLast32Bits:
      return {at(12)};
    case Embedding::k6to4:
      return {at(2)};
    case Embedding::kTeredo: {
      // The relay's server, and the client with all bits inverted.
      Address client = at(12);
      for (std::size_t i = 12; i < client.size(); ++i) client[i] = static_cast<unsigned char>(~client[i]);
      return {at(4), client};
    }
  }
  return {};
}

bool Matches(const Address& address, const RefusedRange& range, int prefix_offset_bits) {
  const std::optional<Address> prefix = ParseAddress(range.prefix);
  return HasPrefix(address.data(), prefix->data(), range.prefix_bits + prefix_offset_bits);
}

// The first refused range that holds `address`; null if it is global.
const RefusedRange* FindRefused(const Address& address) {
  const bool ipv4 = IsMappedIpv4(address);
  const std::span<const RefusedRange> table =
      ipv4 ? std::span<const RefusedRange>(kRefusedIpv4) : kRefusedIpv6;
  for (const RefusedRange& range : table) {
    if (Matches(address, range, ipv4 ? kMappedPrefixBits : 0)) return &range;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<AddressPolicy> AddressPolicy::Create(const std::vector<std::string>& allowed) {
  AddressPolicy policy;
  for (const std::string& text : allowed) {
    const auto fault = [&text](const char* what) {
      return absl::InvalidArgumentError(
          absl::StrCat("want a range such as 127.0.0.0/8 or fd00::/8, got ", Quote(text), ": ", what));
    };
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) return fault("there is no /");
    const std::optional<Address> address = ParseAddress(text.substr(0, slash));
    if (!address) return fault("there is no IP address before the /");
    const bool ipv4 = text.find(':') == std::string::npos;
    const std::optional<int> bits = ParsePrefixBits(text.substr(slash + 1), ipv4 ? 32 : 128);
    if (!bits) return fault(ipv4 ? "want 0 to 32 after the /" : "want 0 to 128 after the /");
    Range range;
    std::memcpy(range.bytes, address->data(), address->size());
    range.prefix_bits = *bits + (ipv4 ? kMappedPrefixBits : 0);
    policy.allowed_.push_back(range);
  }
  return policy;
}

absl::Status AddressPolicy::Check(std::string_view ip) const {
  const auto refused = [ip](const std::string& what) {
    return absl::PermissionDeniedError(absl::StrCat("address ", Quote(ip), " is refused: ", what));
  };
  // A zone names an interface of this machine (RFC 4007): only local addresses have one.
  if (ip.find('%') != std::string_view::npos) return refused("it has a zone");
  const std::string text(ip);
  const std::optional<Address> parsed =
      text.find('\0') == std::string::npos ? ParseAddress(text) : std::nullopt;
  if (!parsed) return refused("it is no IP address");

  const auto is_allowed = [this](const Address& address) {
    return std::any_of(allowed_.begin(), allowed_.end(), [&address](const Range& range) {
      return HasPrefix(address.data(), range.bytes, range.prefix_bits);
    });
  };
  // An IPv4 address inside of an allowed IPv6 address has to be allowed, too; it holds no further one.
  std::vector<Address> pending = {*parsed};
  while (!pending.empty()) {
    const Address address = pending.back();
    pending.pop_back();
    const RefusedRange* range = FindRefused(address);
    if (range == nullptr) continue;
    if (!is_allowed(address)) {
      return refused(absl::StrCat(range->kind, " (", range->prefix, "/", range->prefix_bits, ")"));
    }
    for (const Address& embedded : Embedded(address, range->embedding)) pending.push_back(embedded);
  }
  return absl::OkStatus();
}

}  // namespace federation::directory
