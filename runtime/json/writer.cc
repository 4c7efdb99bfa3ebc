#include "federation/json/writer.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <simdjson.h>

#include <absl/strings/escaping.h>
#include <fmt/core.h>

#include "federation/json/scan.h"

#include "json/path.h"
#include "json/utf8.h"

namespace federation::json {
namespace {

constexpr std::size_t kEscapeBytesMax = 6;  // \u001f

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

// The eight digits of a number below 10^8 as a word, the first digit in its lowest byte; std::to_chars took
// half of the encoder's time.
std::uint64_t EightDigits(std::uint64_t value) {
  // Splits off halves: 4 and 4 digits, then 2 and 2 in each, then 1 and 1. The multiplications divide by 100
  // and by 10.
  const std::uint64_t fours = value / 10'000 + ((value % 10'000) << 32);
  const std::uint64_t hundreds = ((fours * 10'486) >> 20) & 0x0000007F0000007F;
  const std::uint64_t twos = hundreds + ((fours - hundreds * 100) << 16);
  const std::uint64_t tens = ((twos * 103) >> 10) & 0x000F000F000F000F;
  return tens + ((twos - tens * 10) << 8) + 0x3030303030303030;
}

// A number below 10^8. There is room for 8 bytes.
char* PutShort(std::uint64_t value, char* to) {
  if (value < 100) {
    const std::uint64_t tens = (value * 103) >> 10;
    *to = static_cast<char>('0' + tens);
    to += value < 10 ? 0 : 1;
    *to = static_cast<char>('0' + value - tens * 10);
    return to + 1;
  }
  // Counted apart from the digits, so that what comes next need not wait for them: log10(2) is 1233 / 4096.
  static constexpr std::uint32_t kTens[] = {1,       10,        100,        1000,       10'000,
                                            100'000, 1'000'000, 10'000'000, 100'000'000};
  const auto tens = static_cast<std::size_t>(std::bit_width(value) * 1233) >> 12;
  const std::size_t size = tens + (value >= kTens[tens] ? 1 : 0);
  const std::uint64_t shown = EightDigits(value) >> (64 - 8 * size);
  std::memcpy(to, &shown, 8);
  return to + size;
}

char* PutEight(std::uint64_t value, char* to) {
  const std::uint64_t digits = EightDigits(value);
  std::memcpy(to, &digits, 8);
  return to + 8;
}

char* PutDecimal(std::uint64_t value, char* to) {
  constexpr std::uint64_t kEight = 100'000'000;
  if (value < kEight) return PutShort(value, to);
  const std::uint64_t high = value / kEight;
  to = high < kEight ? PutShort(high, to) : PutEight(high % kEight, PutShort(high / kEight, to));
  return PutEight(value % kEight, to);
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

// Copying text, and what is seen of it on the way.
struct Copied {
  // Where the first special byte is; kBlockBytes and more: there is none.
  std::ptrdiff_t plain = kBlockBytes;
  bool ascii = true;
};

#ifdef __SSE2__
inline Copied CopyBlock(const char* from, char* to) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
  const unsigned bits = SpecialBits(bytes);
  return {bits == 0 ? kBlockBytes : FirstSpecial(bits), _mm_movemask_epi8(bytes) == 0};
}

inline bool HasSpecial(std::uint64_t first, std::uint64_t second) {
  return SpecialBits(_mm_set_epi64x(static_cast<long long>(second), static_cast<long long>(first))) != 0;
}
#else
inline Copied CopyBlock(const char* from, char* to) {
  const std::uint64_t word = LoadWord(from);
  std::memcpy(to, &word, 8);
  const auto bits = SpecialBytes(word);
  return {bits == 0 ? kBlockBytes : FirstSpecial(bits), (word & 0x8080808080808080) == 0};
}

inline bool HasSpecial(std::uint64_t first, std::uint64_t second) {
  return (SpecialBytes(first) | SpecialBytes(second)) != 0;
}
#endif

// Copies fewer bytes than a block, if none of them is special.
Copied CopyFew(const char* from, std::size_t size, char* to) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
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
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
    first = last = 0x2020202020000000 | static_cast<unsigned char>(to[0]) |
                   std::uint64_t{static_cast<unsigned char>(to[size / 2])} << 8 |
                   std::uint64_t{static_cast<unsigned char>(to[size - 1])} << 16;
  } else {
    return {};
  }
  return {HasSpecial(first, last) ? 0 : kBlockBytes, ((first | last) & kHighBits) == 0};
}

}  // namespace

char* Sink::Flush(char* at) {
  const char* const last = at - 1;
  if (last == buffer_) return at;
  out_->append(buffer_ + 1, static_cast<std::size_t>(last - buffer_ - 1));
  buffer_[1] = *last;
  return buffer_ + 2;
}

char* Sink::PutString(char* at, std::string_view value) {
  if (value.size() >= kBlockBytes) return PutLongString(at, value);
  at = Room(at, kBlockBytes + 3);
  const Copied copied = CopyFew(value.data(), value.size(), at + 1);
  if (copied.plain != kBlockBytes) return PutLongString(at, value);
  ascii_ &= copied.ascii;
  *at++ = '"';
  at += value.size();
  at[0] = '"';
  at[1] = ',';
  return at + 2;
}

char* Sink::PutLongString(char* at, std::string_view value) {
  const char* from = value.data();
  const char* const stop = from + value.size();
  bool ascii = true;
  at = Room(at, 1);
  *at++ = '"';
  while (stop - from >= kBlockBytes) {
    at = Room(at, kBlockBytes + kEscapeBytesMax);
    const Copied copied = CopyBlock(from, at);
    ascii &= copied.ascii;
    at += copied.plain;
    from += copied.plain;
    if (copied.plain != kBlockBytes) at = PutEscaped(*from++, at);
  }
  at = Room(at, kBlockBytes * kEscapeBytesMax + 2);
  const Copied rest = CopyFew(from, static_cast<std::size_t>(stop - from), at);
  ascii &= rest.ascii;
  if (rest.plain == kBlockBytes) {
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
  at[0] = '"';
  at[1] = ',';
  ascii_ &= ascii;
  return at + 2;
}

char* Sink::PutBytes(char* at, std::string_view value) {
  std::string text;
  absl::Base64Escape(absl::string_view(value.data(), value.size()), &text);
  return PutString(at, text);
}

char* Sink::PutRaw(char* at, std::string_view json) {
  constexpr std::size_t kPiece = kBufferBytes / 2;
  ascii_ = false;
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

void Sink::Fail(const char* at, std::string_view what) {
  if (!error_.empty()) return;
  std::string written = out_->substr(start_);
  written.append(buffer_ + 1, static_cast<std::size_t>(at - buffer_) - 1);
  const std::string path = PathAtEnd(written);
  error_ = fmt::format("{}{}{}", path, path.empty() ? "" : ": ", what);
}

void Sink::Close(char* at) {
  const std::size_t size = static_cast<std::size_t>(at - buffer_) - 1;
  out_->append(buffer_ + 1, size > 0 && at[-1] == ',' ? size - 1 : size);
}

absl::Status Sink::Finish(char* at) {
  Close(at);
  if (ascii_ && error_.empty()) return absl::OkStatus();
  const std::string_view written = std::string_view(*out_).substr(start_);
  const bool valid = simdjson::validate_utf8(written.data(), written.size());
  if (valid && error_.empty()) return absl::OkStatus();
  if (error_.empty()) {
    const std::size_t offset = FindInvalidUtf8(written);
    const std::string path = PathAtEnd(written.substr(0, offset));
    error_ = fmt::format("{}{}want UTF-8, got the byte 0x{:02x}", path, path.empty() ? "" : ": ",
                         static_cast<unsigned char>(written[offset]));
  }
  out_->resize(start_);
  return absl::InvalidArgumentError(error_);
}

char* Writer::PutUnsigned(char* to, std::uint64_t value) { return PutDecimal(value, to); }

char* Writer::PutSigned(char* to, std::int64_t value) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *to++ = '-';
    magnitude = std::uint64_t{0} - magnitude;
  }
  return PutDecimal(magnitude, to);
}

char* Writer::PutDouble(char* to, double value) {
  // Most numbers that people write have few digits behind the point. With at most 15 digits in all, no
  // shorter text stands for the same number.
  constexpr double kThousand = 1000;
  constexpr double kMax = 1e12;
  const double thousandths = value * kThousand;
  if (!(std::abs(value) < kMax) || thousandths != std::trunc(thousandths) ||
      thousandths / kThousand != value || (value == 0 && std::signbit(value))) {
    return PutFloatingPoint(value, to);
  }
  if (value < 0) *to++ = '-';
  const auto magnitude = static_cast<std::uint64_t>(std::abs(thousandths));
  to = PutDecimal(magnitude / 1000, to);
  const std::uint64_t fraction = magnitude % 1000;
  if (fraction == 0) return to;
  *to++ = '.';
  *to++ = static_cast<char>('0' + fraction / 100);
  if (fraction % 100 == 0) return to;
  *to++ = static_cast<char>('0' + fraction / 10 % 10);
  if (fraction % 10 == 0) return to;
  *to++ = static_cast<char>('0' + fraction % 10);
  return to;
}

char* Writer::PutFloat(char* to, float value) { return PutFloatingPoint(value, to); }

const EnumName* Writer::Find(std::span<const EnumName> names, int value) {
  for (const EnumName& entry : names) {
    if (entry.number == value) return &entry;
  }
  return nullptr;
}

}  // namespace federation::json
