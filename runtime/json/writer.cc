#include "federation/json/writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <simdjson.h>

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <fmt/core.h>

#include "federation/json/scan.h"

#include "json/path.h"
#include "json/utf8.h"

namespace federation::json {
namespace {

constexpr std::size_t kEscapeBytesMax = 6;  // \u001f
// Longest numbers: -1.7976931348623157e+308, "-9223372036854775808", "-Infinity"; and a comma, and what is
// written eight bytes at a time.
static_assert(Sink::kValueBytesMax >= 40);

char* Comma(char* to) {
  *to = ',';
  return to + 1;
}

char* QuoteAndComma(char* to) {
  to[0] = '"';
  to[1] = ',';
  return to + 2;
}

template <typename T>
char* PutFloatingPoint(T value, char* to) {
  std::string_view name;
  if (std::isnan(value)) {
    name = "\"NaN\"";
  } else if (std::isinf(value)) {
    name = value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    return std::to_chars(to, to + 24, value).ptr;  // -1.7976931348623157e+308
  }
  std::memcpy(to, name.data(), name.size());
  return to + name.size();
}

// The numbers below 100 as two digits each; std::to_chars took half of the encoder's time.
constexpr auto kPairs = [] {
  std::array<std::uint16_t, 100> pairs{};
  for (unsigned i = 0; i < pairs.size(); ++i) {
    pairs[i] = static_cast<std::uint16_t>(('0' + i / 10) | ('0' + i % 10) << 8);
  }
  return pairs;
}();

// Each of these puts a number that has so many digits, with leading zeros or without.
inline char* PutTwo(std::uint32_t value, char* to) {
  std::memcpy(to, &kPairs[value], 2);
  return to + 2;
}

inline char* PutFour(std::uint32_t value, char* to) { return PutTwo(value % 100, PutTwo(value / 100, to)); }

inline char* PutEight(std::uint32_t value, char* to) {
  return PutFour(value % 10'000, PutFour(value / 10'000, to));
}

inline char* PutUpToTwo(std::uint32_t value, char* to) {
  if (value >= 10) return PutTwo(value, to);
  *to = static_cast<char>('0' + value);
  return to + 1;
}

// A field's numbers mostly have as many digits as the last time: branches foretell how many, so that what
// comes next need not wait for them.
inline char* PutUpToEight(std::uint32_t value, char* to) {
  if (value < 100) return PutUpToTwo(value, to);
  if (value < 10'000) return PutTwo(value % 100, PutUpToTwo(value / 100, to));
  const std::uint32_t high = value / 10'000;
  const std::uint32_t low = value % 10'000;
  if (high < 100) return PutFour(low, PutUpToTwo(high, to));
  return PutFour(low, PutTwo(high % 100, PutUpToTwo(high / 100, to)));
}

constexpr std::uint64_t kShortEnd = 100'000'000;

[[gnu::noinline]] char* PutLong(std::uint64_t value, char* to) {
  const std::uint64_t high = value / kShortEnd;
  const auto middle = static_cast<std::uint32_t>(high % kShortEnd);
  to = high < kShortEnd ? PutUpToEight(middle, to)
                        : PutEight(middle, PutUpToEight(static_cast<std::uint32_t>(high / kShortEnd), to));
  return PutEight(static_cast<std::uint32_t>(value % kShortEnd), to);
}

inline char* PutDecimal(std::uint64_t value, char* to) {
  return value < kShortEnd ? PutUpToEight(static_cast<std::uint32_t>(value), to) : PutLong(value, to);
}

inline char* PutSigned(std::int64_t value, char* to) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *to++ = '-';
    magnitude = std::uint64_t{0} - magnitude;
  }
  return PutDecimal(magnitude, to);
}

// Without branches: how many digits there are changes from number to number. There is room for 4 bytes.
inline char* PutThousandths(std::uint64_t thousandths, char* to) {
  const std::uint64_t tenths = (thousandths * 656) >> 16;  // divided by 100
  const std::uint64_t rest = thousandths - tenths * 100;
  const std::uint64_t hundredths = (rest * 103) >> 10;  // divided by 10
  const std::uint64_t last = rest - hundredths * 10;
  const std::uint64_t shown = '.' | ('0' + tenths) << 8 | ('0' + hundredths) << 16 | ('0' + last) << 24;
  std::memcpy(to, &shown, 4);
  const int digits = std::max({tenths != 0 ? 1 : 0, hundredths != 0 ? 2 : 0, last != 0 ? 3 : 0});
  return to + digits + (digits != 0 ? 1 : 0);
}

char* PutShortDouble(double value, char* to) {
  // Most numbers that people write have few digits behind the point. With at most 15 digits in all, no
  // shorter text stands for the same number.
  constexpr double kThousand = 1000;
  constexpr double kMax = 1e12;
  const double thousandths = value * kThousand;
  if (!(std::abs(value) < kMax)) return PutFloatingPoint(value, to);
  const auto whole = static_cast<std::int64_t>(thousandths);
  if (static_cast<double>(whole) != thousandths || thousandths / kThousand != value ||
      (value == 0 && std::signbit(value))) {
    return PutFloatingPoint(value, to);
  }
  if (whole < 0) *to++ = '-';
  const auto magnitude = static_cast<std::uint64_t>(whole < 0 ? -whole : whole);
  return PutThousandths(magnitude % 1000, PutDecimal(magnitude / 1000, to));
}

char* PutEscaped(char c, char* to) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  *to++ = '\\';
  const std::size_t letter = kShort.find(c);
  if (letter != std::string_view::npos) {
    *to++ = kLetters[letter];
    return to;
  }
  to[0] = 'u';
  to[1] = '0';
  to[2] = '0';
  to[3] = kHex[static_cast<unsigned char>(c) >> 4];
  to[4] = kHex[static_cast<unsigned char>(c) & 15];
  return to + 5;
}

// What text must be looked at for.
enum class Content { kPlain, kNonAscii, kSpecial };

#ifdef __SSE2__
inline Content ContentOf(__m128i bytes) {
  // Compared as signed numbers, non-ASCII bytes are below the space, too.
  const __m128i others = _mm_or_si128(
      _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
      _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
  if (_mm_movemask_epi8(others) == 0) return Content::kPlain;
  return SpecialBits(bytes) == 0 ? Content::kNonAscii : Content::kSpecial;
}

inline Content ContentOf(std::uint64_t first, std::uint64_t second) {
  return ContentOf(_mm_set_epi64x(static_cast<long long>(second), static_cast<long long>(first)));
}

inline Content CopyBlock(const char* from, char* to) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  return ContentOf(bytes);
}
#else
inline Content ContentOf(std::uint64_t first, std::uint64_t second) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  if ((SpecialBytes(first) | SpecialBytes(second)) != 0) return Content::kSpecial;
  return ((first | second) & kHighBits) == 0 ? Content::kPlain : Content::kNonAscii;
}

inline Content CopyBlock(const char* from, char* to) {
  const std::uint64_t word = LoadWord(from);
  std::memcpy(to, &word, 8);
  return ContentOf(word, word);
}
#endif

// Copies fewer bytes than a block.
inline Content CopyFew(const char* from, std::size_t size, char* to) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (size >= 8) {
    first = LoadWord(from);
    last = LoadWord(from + size - 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + size - 8, &last, 8);
  } else if (size >= 4) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::memcpy(&low, from, 4);
    std::memcpy(&high, from + size - 4, 4);
    std::memcpy(to, &low, 4);
    std::memcpy(to + size - 4, &high, 4);
    first = last = low | std::uint64_t{high} << 32;
  } else if (size > 0) {
    // All of them are read first: a byte that has just been written is slow to be read.
    const auto byte_at = [from](std::size_t place) { return static_cast<unsigned char>(from[place]); };
    const std::uint32_t first_byte = byte_at(0);
    const std::uint32_t middle = byte_at(size / 2);
    const std::uint32_t last_byte = byte_at(size - 1);
    to[0] = static_cast<char>(first_byte);
    to[size / 2] = static_cast<char>(middle);
    to[size - 1] = static_cast<char>(last_byte);
    first = last = 0x2020202020000000 | first_byte | middle << 8 | last_byte << 16;
  } else {
    return Content::kPlain;
  }
  return ContentOf(first, last);
}

}  // namespace

char* Sink::Flush(char* at) {
  const char* const last = at - 1;
  if (last == buffer_) return at;
  out_->append(buffer_ + 1, static_cast<std::size_t>(last - buffer_ - 1));
  buffer_[1] = *last;
  return buffer_ + 2;
}

template <auto kPut, typename T>
[[gnu::noinline]] char* Sink::Again(char* at, T value) {
  return (this->*kPut)(Flush(at), value);
}

char* Sink::PutString(char* at, std::string_view value) {
  static_assert(kBlockBytes + 3 <= kValueBytesMax);
  if (value.size() < kBlockBytes) {
    if (IsFull(at)) return Again<&Sink::PutString>(at, value);
    if (CopyFew(value.data(), value.size(), at + 1) == Content::kPlain) {
      *at = '"';
      return QuoteAndComma(at + 1 + value.size());
    }
  }
  return PutAnyString(at, value);
}

char* Sink::PutAnyString(char* at, std::string_view value) {
  const char* from = value.data();
  const char* const stop = from + value.size();
  bool ascii = true;
  at = Room(at);
  *at++ = '"';
  while (stop - from >= kBlockBytes) {
    at = Room(at, kBlockBytes * kEscapeBytesMax);
    const Content content = CopyBlock(from, at);
    ascii &= content == Content::kPlain;
    if (content != Content::kSpecial) {
      at += kBlockBytes;
      from += kBlockBytes;
    } else {
      const std::ptrdiff_t plain = FirstSpecial(SpecialBits(from));
      from += plain;
      at = PutEscaped(*from++, at + plain);
    }
  }
  at = Room(at, kBlockBytes * kEscapeBytesMax + 2);
  const Content rest = CopyFew(from, static_cast<std::size_t>(stop - from), at);
  ascii &= rest == Content::kPlain;
  if (rest != Content::kSpecial) {
    at += stop - from;
  } else {
    for (; from != stop; ++from) {
      if (IsSpecial(*from)) {
        at = PutEscaped(*from, at);
      } else {
        *at++ = *from;
      }
    }
  }
  needs_look_ |= !ascii;
  return QuoteAndComma(at);
}

char* Sink::PutBytes(char* at, std::string_view value) {
  std::string text;
  absl::Base64Escape(absl::string_view(value.data(), value.size()), &text);
  return PutString(at, text);
}

char* Sink::PutRaw(char* at, std::string_view json) {
  constexpr std::size_t kPiece = kBufferBytes / 2;
  needs_look_ = true;
  for (; json.size() >= kPiece; json.remove_prefix(kPiece)) {
    at = Room(at, kPiece);
    std::memcpy(at, json.data(), kPiece);
    at += kPiece;
  }
  at = Room(at, json.size() + 1);
  std::memcpy(at, json.data(), json.size());
  at[json.size()] = ',';
  return at + json.size() + 1;
}

char* Sink::PutDouble(char* at, double value) {
  if (IsFull(at)) return Again<&Sink::PutDouble>(at, value);
  return Comma(PutShortDouble(value, at));
}

char* Sink::PutFloat(char* at, float value) {
  if (IsFull(at)) return Again<&Sink::PutFloat>(at, value);
  return Comma(PutFloatingPoint(value, at));
}

char* Sink::PutInt64Number(char* at, std::int64_t value) {
  if (IsFull(at)) return Again<&Sink::PutInt64Number>(at, value);
  return Comma(PutSigned(value, at));
}

char* Sink::PutUint64Number(char* at, std::uint64_t value) {
  if (IsFull(at)) return Again<&Sink::PutUint64Number>(at, value);
  return Comma(PutDecimal(value, at));
}

char* Sink::PutInt64(char* at, std::int64_t value) {
  if (IsFull(at)) return Again<&Sink::PutInt64>(at, value);
  *at = '"';
  return QuoteAndComma(PutSigned(value, at + 1));
}

char* Sink::PutUint64(char* at, std::uint64_t value) {
  if (IsFull(at)) return Again<&Sink::PutUint64>(at, value);
  *at = '"';
  return QuoteAndComma(PutDecimal(value, at + 1));
}

char* Sink::PutEnum(char* at, const EnumName* names, std::size_t size, int value) {
  // Mostly an enum's values are numbered as they are counted, and have names of a few letters.
  const auto index = static_cast<std::size_t>(value);
  if (index < size && names[index].number == value && names[index].token.IsShort() && !IsFull(at)) {
    return Comma(names[index].token.PutShort(at));
  }
  return PutAnyEnum(at, names, size, value);
}

char* Sink::PutAnyEnum(char* at, const EnumName* names, std::size_t size, int value) {
  const EnumName* const end = names + size;
  const EnumName* const name =
      std::find_if(names, end, [value](const EnumName& entry) { return entry.number == value; });
  return name == end ? PutInt64Number(at, value) : PutString(at, name->name);
}

void Sink::Fail(const char* at, std::string_view what) {
  needs_look_ = true;
  if (error_ != nullptr) return;
  std::string written = out_->substr(start_);
  written.append(buffer_ + 1, static_cast<std::size_t>(at - buffer_) - 1);
  const std::string path = PathAtEnd(written);
  error_ = std::make_unique<std::string>(fmt::format("{}{}{}", path, path.empty() ? "" : ": ", what));
}

inline void Sink::Append(const char* at) {
  // In front of the buffer is no comma.
  const std::ptrdiff_t size = at - buffer_ - (at[-1] == ',' ? 2 : 1);
  out_->append(buffer_ + 1, static_cast<std::size_t>(size));
}

void Sink::Close(const char* at) { Append(at); }

absl::Status Sink::Finish(const char* at) {
  Append(at);
  return needs_look_ ? Look() : absl::OkStatus();
}

absl::Status DocumentWriter::Finish() { return document_.Finish(at_); }

absl::Status Sink::Look() {
  const std::string_view written = std::string_view(*out_).substr(start_);
  const bool valid = simdjson::validate_utf8(written.data(), written.size());
  if (valid && error_ == nullptr) return absl::OkStatus();
  if (error_ == nullptr) {
    const std::size_t offset = FindInvalidUtf8(written);
    const std::string path = PathAtEnd(written.substr(0, offset));
    error_ = std::make_unique<std::string>(fmt::format("{}{}want UTF-8, got the byte 0x{:02x}", path,
                                                       path.empty() ? "" : ": ",
                                                       static_cast<unsigned char>(written[offset])));
  }
  out_->resize(start_);
  return absl::InvalidArgumentError(*error_);
}

}  // namespace federation::json
