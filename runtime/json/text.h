#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace federation::json {

// How much of a peer's text an error quotes, in bytes.
inline constexpr std::size_t kQuotedBytesMax = 40;

// A shortened copy that does not end inside of a UTF-8 sequence and, as it goes into logs, has no control
// characters.
inline std::string Shorten(std::string_view text, std::size_t bytes_max = kQuotedBytesMax) {
  std::size_t size = text.size();
  if (size > bytes_max) {
    size = bytes_max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  }
  std::string shown(text.substr(0, size));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (size < text.size()) shown += "...";
  return shown;
}

}  // namespace federation::json
