#include "https/strict_head.h"

#include <algorithm>
#include <cstddef>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include "federation/host_port.h"

#include "directory/text.h"

namespace federation::https {
namespace {

using directory::ToAbsl;

constexpr std::string_view kScheme = "https://";

bool IsVisible(char byte) { return byte > ' ' && byte < '\x7f'; }

// A tab is white space in values; in names Beast refuses it.
bool IsControl(char byte) { return byte != '\t' && absl::ascii_iscntrl(static_cast<unsigned char>(byte)); }

}  // namespace

std::string_view FindByteFault(std::string_view head) {
  for (std::size_t start = 0; start < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", start), head.size());
    const std::string_view line = head.substr(start, end - start);
    if (start > 0 && (line.starts_with(' ') || line.starts_with('\t'))) return "a header line is folded";
    if (std::any_of(line.begin(), line.end(), IsControl)) return "there is a control byte in the header";
    start = end + 2;
  }
  return {};
}

std::string_view FindRequestLineFault(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  if (std::count(line.begin(), line.end(), ' ') != 2) return "want METHOD TARGET VERSION in the first line";
  if (!std::all_of(line.begin(), line.end(), [](char byte) { return byte == ' ' || IsVisible(byte); })) {
    return "want visible ASCII in the first line";
  }
  return {};
}

bool IsHost(std::string_view text) {
  const bool may_have_port = text.find(':') != std::string_view::npos;
  return (may_have_port && HostPort::Parse(text).ok()) || HostPort::Parse(std::string(text) + ":443").ok();
}

std::optional<std::string> PathOf(std::string_view method, std::string_view target, std::string_view host) {
  if (target.starts_with('/')) return std::string(target);
  if (target == "*" && method == "OPTIONS") return std::string(target);
  if (!absl::StartsWithIgnoreCase(ToAbsl(target), ToAbsl(kScheme))) return std::nullopt;
  const std::string_view rest = target.substr(kScheme.size());
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  if (!absl::EqualsIgnoreCase(ToAbsl(rest.substr(0, end)), ToAbsl(host))) return std::nullopt;
  const std::string path(rest.substr(end));
  return path.starts_with('/') ? path : "/" + path;
}

}  // namespace federation::https
