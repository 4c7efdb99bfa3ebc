#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Looking at text eight bytes at a time: what generated code runs through inline.
namespace federation::json {

inline std::uint64_t LoadWord(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// The bytes of a word that cannot stand in a JSON string as they are (RFC 8259, section 7: the quote, the
// backslash, and everything below the space): the high bit of each such byte. The first one is exact; a
// borrow may add bytes behind it.
constexpr std::uint64_t SpecialBytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  return (((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) &
         (kOnes * 0x80);
}

inline bool IsSpecial(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// The first special byte in [from, end), or end.
inline const char* FindSpecial(const char* from, const char* end) {
  static_assert(std::endian::native == std::endian::little, "the first byte of a word is its lowest one");
  while (end - from >= 8) {
    const std::uint64_t special = SpecialBytes(LoadWord(from));
    if (special != 0) return from + std::countr_zero(special) / 8;
    from += 8;
  }
  while (from != end && !IsSpecial(*from)) ++from;
  return from;
}

// The first and the last eight bytes of a name, to compare text with it by words.
class NameEnds {
 public:
  constexpr explicit NameEnds(std::string_view name) {
    for (std::size_t i = 0; i < name.size() && i < 8; ++i) {
      first_ |= std::uint64_t{static_cast<unsigned char>(name[i])} << (8 * i);
      mask_ |= std::uint64_t{0xFF} << (8 * i);
    }
    for (std::size_t i = 0; i < 8 && name.size() >= 8; ++i) {
      last_ |= std::uint64_t{static_cast<unsigned char>(name[name.size() - 8 + i])} << (8 * i);
    }
  }

  // Whether the text at `at`, of which `size` bytes are there, begins with `name`, the name that this was
  // made from.
  bool Match(const char* at, std::size_t size, std::string_view name) const {
    if (size < 8) return size >= name.size() && std::memcmp(at, name.data(), name.size()) == 0;
    if ((LoadWord(at) & mask_) != first_) return false;
    if (name.size() <= 8) return true;
    if (size < name.size() || LoadWord(at + name.size() - 8) != last_) return false;
    return name.size() <= 16 || std::memcmp(at + 8, name.data() + 8, name.size() - 16) == 0;
  }

 private:
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t mask_ = 0;
};

}  // namespace federation::json
