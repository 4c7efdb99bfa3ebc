#include "federation/json/writer.h"

#include <algorithm>
#include <array>
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

// Longest: -1.7976931348623157e+308, -9223372036854775808, "-Infinity".
constexpr std::size_t kNumberBytesMax = 24;
constexpr std::size_t kEscapeBytesMax = 6;  // \u001f
// A string's first growth: most documents fit.
constexpr std::size_t kFirstBytes = 512;

template <typename T>
char* PutFloatingPoint(T value, char* to) {
  std::string_view name;
  if (std::isnan(value)) {
    name = "\"NaN\"";
  } else if (std::isinf(value)) {
    name = value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    return std::to_chars(to, to + kNumberBytesMax, value).ptr;
  }
  std::memcpy(to, name.data(), name.size());
  return to + name.size();
}

// Two digits at a time from the end; std::to_chars took half of the encoder's time.
char* PutDecimal(std::uint64_t value, char* to) {
  static constexpr auto kPairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
      pairs[2 * i] = static_cast<char>('0' + i / 10);
      pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
  }();
  char digits[20];
  char* from = digits + sizeof digits;
  while (value >= 100) {
    from -= 2;
    std::memcpy(from, &kPairs[2 * (value % 100)], 2);
    value /= 100;
  }
  if (value >= 10) {
    from -= 2;
    std::memcpy(from, &kPairs[2 * value], 2);
  } else {
    *--from = static_cast<char>('0' + value);
  }
  const auto size = static_cast<std::size_t>(digits + sizeof digits - from);
  std::memcpy(to, from, size);
  return to + size;
}

char* PutDecimal(std::int64_t value, char* to) {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *to++ = '-';
    magnitude = std::uint64_t{0} - magnitude;
  }
  return PutDecimal(magnitude, to);
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

}  // namespace

void Writer::Grow(std::size_t bytes) {
  const auto used = static_cast<std::size_t>(at_ - out_->data());
  out_->resize(std::max(2 * out_->size(), used + bytes + kFirstBytes));
  Place(used);
}

void Writer::String(std::string_view value) {
  const char* from = value.data();
  const char* const end = from + value.size();
  char* to = Room(value.size() + 3);
  *to++ = '"';
  for (; end - from >= 8; from += 8, to += 8) {
    const std::uint64_t word = LoadWord(from);
    if (SpecialBytes(word) != 0) {
      at_ = to;
      return StringSlow(from, end);
    }
    std::memcpy(to, &word, 8);
  }
  for (; from != end; ++from, ++to) {
    if (IsSpecial(*from)) {
      at_ = to;
      return StringSlow(from, end);
    }
    *to = *from;
  }
  to[0] = '"';
  to[1] = ',';
  at_ = to + 2;
}

void Writer::StringSlow(const char* from, const char* end) {
  while (true) {
    const char* const special = FindSpecial(from, end);
    const auto plain = static_cast<std::size_t>(special - from);
    char* to = Room(plain + kEscapeBytesMax + 2);
    std::memcpy(to, from, plain);
    to += plain;
    if (special == end) {
      to[0] = '"';
      to[1] = ',';
      at_ = to + 2;
      return;
    }
    at_ = PutEscaped(*special, to);
    from = special + 1;
  }
}

void Writer::Bytes(std::string_view value) {
  std::string text;
  absl::Base64Escape(absl::string_view(value.data(), value.size()), &text);
  String(text);
}

void Writer::Double(double value) {
  at_ = PutFloatingPoint(value, Room(kNumberBytesMax + 1));
  *at_++ = ',';
}

void Writer::Float(float value) {
  at_ = PutFloatingPoint(value, Room(kNumberBytesMax + 1));
  *at_++ = ',';
}

void Writer::Int64(std::int64_t value) {
  char* to = Room(kNumberBytesMax + 3);
  *to++ = '"';
  to = PutDecimal(value, to);
  *to++ = '"';
  *to++ = ',';
  at_ = to;
}

void Writer::Uint64(std::uint64_t value) {
  char* to = Room(kNumberBytesMax + 3);
  *to++ = '"';
  to = PutDecimal(value, to);
  *to++ = '"';
  *to++ = ',';
  at_ = to;
}

void Writer::Int64Number(std::int64_t value) {
  at_ = PutDecimal(value, Room(kNumberBytesMax + 1));
  *at_++ = ',';
}

void Writer::Uint64Number(std::uint64_t value) {
  at_ = PutDecimal(value, Room(kNumberBytesMax + 1));
  *at_++ = ',';
}

void Writer::Enum(std::span<const EnumName> names, int value) {
  for (const EnumName& entry : names) {
    if (entry.number == value) return String(entry.name);
  }
  Int32(value);
}

void Writer::Close() {
  auto used = static_cast<std::size_t>(at_ - out_->data());
  if (used > start_ && at_[-1] == ',') --used;
  out_->resize(used);
}

void Writer::Fail(std::string_view what) {
  if (!error_.empty()) return;
  const std::string_view written(out_->data() + start_,
                                 static_cast<std::size_t>(at_ - out_->data()) - start_);
  const std::string path = PathAtEnd(written);
  error_ = fmt::format("{}{}{}", path, path.empty() ? "" : ": ", what);
}

absl::Status Writer::Finish() {
  Close();
  const std::string_view written = std::string_view(*out_).substr(start_);
  if (error_.empty() && simdjson::validate_utf8(written.data(), written.size())) return absl::OkStatus();
  if (error_.empty()) {
    const std::size_t offset = FindInvalidUtf8(written);
    const std::string path = PathAtEnd(written.substr(0, offset));
    error_ = fmt::format("{}{}want UTF-8, got the byte 0x{:02x}", path, path.empty() ? "" : ": ",
                         static_cast<unsigned char>(written[offset]));
  }
  out_->resize(start_);
  return absl::InvalidArgumentError(error_);
}

}  // namespace federation::json
