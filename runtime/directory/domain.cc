#include "federation/domain.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "directory/text.h"

namespace federation {
namespace {

constexpr std::size_t kDomainBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool IsLabelByte(char byte) {
  const auto letter = static_cast<unsigned char>(byte);
  return absl::ascii_islower(letter) || absl::ascii_isdigit(letter) || byte == '-';
}

// What is wrong with a label; empty if nothing.
std::string_view LabelFault(std::string_view label) {
  if (label.empty()) return "a label is empty";
  if (label.size() > kLabelBytesMax) return "a label is longer than 63 bytes";
  if (label.front() == '-' || label.back() == '-') return "a label starts or ends with a hyphen";
  for (const char byte : label) {
    if (!IsLabelByte(byte)) return "only lower case letters, digits, hyphens and dots are allowed";
  }
  return {};
}

// No top-level domain is a number, but the last part of an IPv4 address is (RFC 3696, section 2), in some
// resolvers' eyes also one in hexadecimal digits (inet_aton).
bool IsNumber(std::string_view label) {
  if (label.starts_with("0x")) {
    return std::all_of(label.begin() + 2, label.end(),
                       [](unsigned char byte) { return absl::ascii_isxdigit(byte); });
  }
  return std::all_of(label.begin(), label.end(),
                     [](unsigned char byte) { return absl::ascii_isdigit(byte); });
}

std::string_view DomainFault(std::string_view domain) {
  if (domain.empty()) return "it is empty";
  if (domain.size() > kDomainBytesMax) return "it is longer than 253 bytes";
  std::string_view last;
  for (std::size_t start = 0; start <= domain.size(); start += last.size() + 1) {
    last = domain.substr(start, domain.find('.', start) - start);
    if (const std::string_view fault = LabelFault(last); !fault.empty()) return fault;
  }
  return IsNumber(last) ? "the last label is a number, as in an IP address" : std::string_view();
}

}  // namespace

absl::Status ValidateDomain(std::string_view domain) {
  const std::string_view fault = DomainFault(domain);
  if (fault.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("want a domain name, got ", directory::Quote(domain), ": ", directory::ToAbsl(fault)));
}

}  // namespace federation
