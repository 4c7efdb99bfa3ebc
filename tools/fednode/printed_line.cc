#include "fednode/printed_line.h"

#include <algorithm>

#include <fmt/format.h>

namespace federation::fednode {

std::string PrintedLine(const Applied& applied, std::string_view destination) {
  // A domain needs no escapes.
  std::string line = "{";
  if (!destination.empty()) line += fmt::format("\"destination\":\"{}\",", destination);
  line += fmt::format("\"origin\":\"{}\"", applied.origin);
  if (applied.seq) line += fmt::format(",\"seq\":{}", Value(*applied.seq));
  line += fmt::format(",\"update\":{}}}", applied.json);
  // Strings cannot hold bare line breaks (RFC 8259, section 7), so these stand between tokens.
  std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  line.push_back('\n');
  return line;
}

}  // namespace federation::fednode
