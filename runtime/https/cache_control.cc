#include "https/cache_control.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include <absl/strings/ascii.h>

#include "directory/text.h"

namespace federation::https {
namespace {

// Longer times are taken as this (RFC 9111, section 1.2.2).
constexpr std::int64_t kSecondsMax = std::int64_t{1} << 31;

std::string_view Stripped(std::string_view text) {
  const absl::string_view stripped = absl::StripAsciiWhitespace(directory::ToAbsl(text));
  return {stripped.data(), stripped.size()};
}

// Digits, with or without quotes (RFC 9111, section 5.2).
std::optional<std::int64_t> ParseSeconds(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.empty()) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char digit : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    seconds = std::min(seconds * 10 + (digit - '0'), kSecondsMax);
  }
  return seconds;
}

}  // namespace

std::optional<std::chrono::seconds> FreshFor(std::string_view cache_control, std::string_view age) {
  std::optional<std::int64_t> fresh;
  while (!cache_control.empty()) {
    const std::size_t comma = std::min(cache_control.find(','), cache_control.size());
    const std::string_view directive = Stripped(cache_control.substr(0, comma));
    cache_control.remove_prefix(std::min(comma + 1, cache_control.size()));
    const std::size_t equals = std::min(directive.find('='), directive.size());
    const std::string name = absl::AsciiStrToLower(directory::ToAbsl(Stripped(directive.substr(0, equals))));
    if (name == "no-store" || name == "no-cache") return std::chrono::seconds{0};
    if (name != "max-age") continue;
    // Twice, or no number: what is meant is not known.
    if (fresh || equals == directive.size()) return std::chrono::seconds{0};
    fresh = ParseSeconds(Stripped(directive.substr(equals + 1)));
    if (!fresh) return std::chrono::seconds{0};
  }
  if (!fresh) return std::nullopt;
  const std::int64_t spent = ParseSeconds(Stripped(age)).value_or(0);
  return std::chrono::seconds{std::max<std::int64_t>(*fresh - spent, 0)};
}

}  // namespace federation::https
