#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace federation::json {

// How much of a peer's text an error quotes, in bytes.
inline constexpr std::size_t kQuotedBytesMax = 40;

// The text, or a piece from its start that does not end inside of a UTF-8 sequence, and three dots.
inline std::string Cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size)) + "...";
}

// The same for logs: without control characters.
inline std::string Shorten(std::string_view text, std::size_t bytes_max = kQuotedBytesMax) {
  std::string shown = Cut(text, bytes_max);
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return shown;
}

}  // namespace federation::json
