#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// What reading and writing share: finding the bytes of a string that cannot stand in JSON as they are.
namespace federation::json {

// Whether a byte of a JSON string ends it, escapes, or must be escaped (RFC 8259, section 7).
inline bool IsSpecial(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// The first special byte in [from, end), or end. Looks at eight bytes at a time.
inline const char* FindSpecial(const char* from, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  while (end - from >= 8) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    // In each lane the high bit is set if the byte is below 0x20, or equal to the quote, or to the backslash.
    // A borrow can set a lane behind a true one only, so "none" is exact.
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    const std::uint64_t found =
        ((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash);
    if ((found & kHighs) != 0) break;
    from += 8;
  }
  while (from != end && !IsSpecial(*from)) ++from;
  return from;
}

// How much of a peer's text an error quotes, in bytes.
inline constexpr std::size_t kQuotedBytesMax = 40;

// A shortened copy that does not end inside of a UTF-8 sequence and, as it goes into logs, has no control
// characters.
inline std::string Shorten(std::string_view text) {
  std::size_t size = text.size();
  if (size > kQuotedBytesMax) {
    size = kQuotedBytesMax;
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
