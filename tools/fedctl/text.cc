#include "fedctl/text.h"

#include <algorithm>

#include <absl/status/status.h>
#include <fmt/format.h>

namespace federation::fedctl {

std::string Counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string Span(absl::Duration span) {
  span = std::max(span, absl::ZeroDuration());
  if (span < absl::Minutes(1)) return fmt::format("{} s", absl::ToInt64Seconds(span));
  return absl::FormatDuration(absl::Trunc(span, absl::Minutes(1)));
}

std::string Printable(std::string_view text) {
  if (text.empty()) return "-";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F in UTF-8: some terminals obey these as well.
    const bool is_c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_c1) ++i;
    out.push_back(byte < 0x20 || byte == 0x7f || is_c1 ? '?' : text[i]);
  }
  return out;
}

void WriteTime(std::int64_t unix_ms, json::Writer& writer) {
  writer.String(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(unix_ms), absl::UTCTimeZone()));
}

void WriteText(std::string_view text, json::Writer& writer) {
  if (text.empty()) {
    writer.Null();
  } else {
    writer.String(text);
  }
}

void EndLine(json::DocumentWriter& writer, std::string* out) {
  if (!writer.Finish().ok()) out->append("null");
  out->push_back('\n');
}

std::string OnOneLine(std::string_view json) {
  std::string line(json);
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace federation::fedctl
