#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

// Looking at text many bytes at a time: what generated code runs through inline. simdjson's own string
// scanner is no part of its interface.
namespace federation::json {

static_assert(std::endian::native == std::endian::little, "the first byte of a word is its lowest one");

inline std::uint64_t LoadWord(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// What cannot stand in a JSON string as it is (RFC 8259, section 7): the quote, the backslash, and everything
// below the space.
inline bool IsSpecial(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The high bit of each special byte of a word. The first one is exact; a borrow may add bytes behind it.
constexpr std::uint64_t SpecialBytes(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  return (((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) | ((backslash - kOnes) & ~backslash)) &
         (kOnes * 0x80);
}

// Looks at kBlockBytes bytes at once.
#ifdef __SSE2__
inline constexpr std::ptrdiff_t kBlockBytes = 16;

// A bit for each byte of the block that is special, the first byte's the lowest one.
inline unsigned SpecialBits(__m128i bytes) {
  const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls)));
}

inline unsigned SpecialBits(const char* block) {
  return SpecialBits(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block)));
}

// The place of the first special byte, given that there is one.
inline std::ptrdiff_t FirstSpecial(unsigned bits) { return std::countr_zero(bits); }
#else
inline constexpr std::ptrdiff_t kBlockBytes = 8;

inline std::uint64_t SpecialBits(const char* block) { return SpecialBytes(LoadWord(block)); }

inline std::ptrdiff_t FirstSpecial(std::uint64_t bits) { return std::countr_zero(bits) / 8; }
#endif

// The first special byte in [from, end), or end.
inline const char* FindSpecial(const char* from, const char* end) {
  while (end - from >= kBlockBytes) {
    const auto bits = SpecialBits(from);
    if (bits != 0) return from + FirstSpecial(bits);
    from += kBlockBytes;
  }
  while (from != end && !IsSpecial(*from)) ++from;
  return from;
}

inline constexpr std::uint64_t kPowersOfTen[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000};

// How many of the word's first bytes are digits.
inline int LeadingDigits(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  // The high half of a byte is 3 for ':' to '?' too; adding 6 tells those from digits.
  const std::uint64_t others = ((word & (kOnes * 0xF0)) ^ (kOnes * 0x30)) |
                               (((word + kOnes * 0x06) & (kOnes * 0xF0)) ^ (kOnes * 0x30));
  return others == 0 ? 8 : std::countr_zero(others) / 8;
}

// The number that the word's first `digits` bytes spell, 1 to 8 of them.
inline std::uint64_t DigitsValue(std::uint64_t word, int digits) {
  // Puts zeros in front, then adds up pairs, pairs of pairs, and so on.
  word = (word & 0x0F0F0F0F0F0F0F0F) << (64 - 8 * digits);
  word = word * 10 + (word >> 8);
  return (((word & 0x000000FF000000FF) * 0x000F424000000064) +
          (((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >>
         32;
}

// A piece of text that a schema fixes, with its ends as words: where a document mostly has it, it is compared
// without a loop. Made at compile time; with a constant token, Match is a few compares with constants.
class Token {
 public:
  // The text is `prefix`, `name`, `suffix`. Texts beyond the words are compared with `name`, which is
  // borrowed.
  constexpr Token(std::string_view prefix, std::string_view name, std::string_view suffix)
      : name_(name), prefix_bytes_(prefix.size()), bytes_(prefix.size() + name.size() + suffix.size()) {
    for (std::size_t i = 0; i < bytes_ && i < 8; ++i) {
      first_ |= std::uint64_t{static_cast<unsigned char>(At(prefix, suffix, i))} << (8 * i);
      mask_ |= std::uint64_t{0xFF} << (8 * i);
    }
    for (std::size_t i = 0; i < 8 && bytes_ >= 8; ++i) {
      last_ |= std::uint64_t{static_cast<unsigned char>(At(prefix, suffix, bytes_ - 8 + i))} << (8 * i);
    }
  }

  constexpr std::size_t bytes() const { return bytes_; }

  // Whether the text is two words at most.
  bool IsShort() const { return bytes_ <= 16; }
  // Writes a short text; `to` has room for 16 bytes. Returns its end.
  char* PutShort(char* to) const {
    std::memcpy(to, &first_, 8);
    if (bytes_ > 8) std::memcpy(to + bytes_ - 8, &last_, 8);
    return to + bytes_;
  }

  // Whether a word is what the text, or a longer one, begins with: worth a Match.
  bool Begins(std::uint64_t word) const { return (word & mask_) == first_; }

  // Whether [at, end) begins with the text. May say no where fewer than 8 bytes are left.
  bool Match(const char* at, const char* end) const {
    return end - at >= 8 && Begins(LoadWord(at)) && MatchRest(at, end);
  }
  // The same where the first word is known to match.
  bool MatchRest(const char* at, const char* end) const {
    if (static_cast<std::size_t>(end - at) < bytes_) return false;
    if (bytes_ <= 8) return true;
    if (LoadWord(at + bytes_ - 8) != last_) return false;
    return bytes_ <= 16 || MatchMiddle(at);
  }

 private:
  // A loop rather than a call, for which callers would have to save what they hold in registers.
  bool MatchMiddle(const char* at) const {
    const char* const name = at + prefix_bytes_;
    for (std::size_t i = 0; i < name_.size(); ++i) {
      if (name[i] != name_[i]) return false;
    }
    return true;
  }
  constexpr char At(std::string_view prefix, std::string_view suffix, std::size_t i) const {
    if (i < prefix.size()) return prefix[i];
    i -= prefix.size();
    return i < name_.size() ? name_[i] : suffix[i - name_.size()];
  }

  std::string_view name_;
  std::size_t prefix_bytes_;
  std::size_t bytes_;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t mask_ = 0;
};

}  // namespace federation::json
