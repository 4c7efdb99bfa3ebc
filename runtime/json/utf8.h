#pragma once

#include <cstddef>
#include <cstdint>
#include <simdjson.h>
#include <string_view>

#include "federation/json/scan.h"

namespace federation::json {

inline bool IsUtf8(std::string_view text) {
  // Short documents are mostly ASCII, which takes less time to see than to call a library.
  constexpr std::size_t kShort = 1024;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  if (text.size() <= kShort) {
    std::uint64_t seen = 0;
    std::size_t at = 0;
    for (; text.size() - at >= 8; at += 8) seen |= LoadWord(text.data() + at);
    for (; at < text.size(); ++at) seen |= static_cast<unsigned char>(text[at]);
    if ((seen & kHighBits) == 0) return true;
  }
  return simdjson::validate_utf8(text.data(), text.size());
}

// Where the first ill-formed sequence starts (Unicode 15, table 3-7). Only for text that is known to have
// one.
inline std::size_t FindInvalidUtf8(std::string_view text) {
  // A prefix that ends inside of a sequence is invalid too, so whole sequences are stepped over one by one.
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at + size > text.size() || !simdjson::validate_utf8(text.data() + at, size)) return at;
    at += size;
  }
  return at;
}

}  // namespace federation::json
