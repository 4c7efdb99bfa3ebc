// The numbers of a document, bare and in quotes.
#include <limits>
#include <string>
#include <string_view>

#include <absl/strings/charconv.h>
#include <fmt/core.h>

#include "federation/json/reader.h"
#include "federation/json/scan.h"

#include "json/integer.h"

namespace federation::json {
namespace {

// The end of the number that starts at `from`, or `from` if it is none (RFC 8259, section 6).
const char* NumberEnd(const char* from, const char* end) {
  const char* at = from;
  if (at != end && *at == '-') ++at;
  if (at == end || !IsDigit(*at)) return from;
  if (*at == '0') {
    ++at;
  } else {
    while (at != end && IsDigit(*at)) ++at;
  }
  if (at != end && *at == '.') {
    ++at;
    if (at == end || !IsDigit(*at)) return from;
    while (at != end && IsDigit(*at)) ++at;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (at == end || !IsDigit(*at)) return from;
    while (at != end && IsDigit(*at)) ++at;
  }
  return at;
}

constexpr std::string_view kWantInteger = "an integer";

}  // namespace

bool Reader::ReadNumberToken(std::string_view wanted, std::string_view* token) {
  SkipSpace();
  const char* stop = NumberEnd(at_, end_);
  if (stop == at_) return FailWant(wanted, Offset());
  *token = {at_, static_cast<std::size_t>(stop - at_)};
  at_ = stop;
  return true;
}

bool Reader::ReadNumberText(std::string_view wanted, std::string* scratch, std::string_view* text) {
  SkipSpace();
  if (at_ == end_ || *at_ != '"') return ReadNumberToken(wanted, text);
  const std::size_t start = Offset();
  if (!ReadStringPiece(wanted, scratch, text)) return false;
  if (text->empty()) return FailWant(wanted, start);
  return true;
}

bool Reader::ReadSigned(std::int64_t min, std::int64_t max, std::int64_t* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view text;
  if (!ReadNumberText(kWantInteger, &scratch, &text)) return false;
  if (NumberEnd(text.data(), text.data() + text.size()) != text.data() + text.size()) {
    return FailWant(kWantInteger, start);
  }
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::uint64_t limit =
      negative ? std::uint64_t{0} - static_cast<std::uint64_t>(min) : static_cast<std::uint64_t>(max);
  std::uint64_t magnitude = 0;
  switch (ParseMagnitude(text, &magnitude)) {
    case IntegerText::kNotAnInteger:
      return FailWant(kWantInteger, start);
    case IntegerText::kOk:
      if (magnitude <= limit) break;
      [[fallthrough]];
    case IntegerText::kTooLarge:
      return FailWant(fmt::format("an integer from {} to {}", min, max), start);
  }
  // Unsigned negation also takes the smallest number, whose magnitude has no positive counterpart.
  *value = static_cast<std::int64_t>(negative ? std::uint64_t{0} - magnitude : magnitude);
  return true;
}

bool Reader::ReadUnsigned(std::uint64_t max, std::uint64_t* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view text;
  if (!ReadNumberText(kWantInteger, &scratch, &text)) return false;
  if (NumberEnd(text.data(), text.data() + text.size()) != text.data() + text.size()) {
    return FailWant(kWantInteger, start);
  }
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const IntegerText kind = ParseMagnitude(text, value);
  if (kind == IntegerText::kNotAnInteger) return FailWant(kWantInteger, start);
  if (kind == IntegerText::kTooLarge || *value > max || (negative && *value != 0)) {
    return FailWant(fmt::format("an integer from 0 to {}", max), start);
  }
  return true;
}

// Near the end of the document, where no whole words can be looked at.
bool Reader::ReadPlainIntegerAtEnd(std::int64_t* value) {
  const char* at = at_;
  const bool negative = at != end_ && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  std::int64_t magnitude = 0;
  // Fewer digits than would overflow are left.
  for (; at != end_ && IsDigit(*at); ++at) magnitude = magnitude * 10 + (*at - '0');
  if (at == digits || at == end_ || *at == '.' || *at == 'e' || *at == 'E') return false;
  if (*digits == '0' && at - digits > 1) return false;
  *value = negative ? -magnitude : magnitude;
  at_ = at;
  return true;
}

bool Reader::ReadQuotedInteger(std::int64_t* value) {
  const char* const start = at_;
  if (at_ != end_ && *at_ == '"') {
    ++at_;
    if (ReadPlainInteger(value) && *at_ == '"') {
      ++at_;
      return true;
    }
    at_ = start;
  }
  return false;
}

bool Reader::ReadSimpleInteger(std::int64_t min, std::int64_t max, std::int64_t* value) {
  const char* const start = at_;
  if (!ReadPlainInteger(value) && !ReadQuotedInteger(value)) return false;
  if (*value >= min && *value <= max) return true;
  at_ = start;
  return false;
}

// absl::from_chars reads the rest. With its checks in front of it, it and the way through strings for
// integers in quotes took a quarter of the time of a document full of numbers (tools/bench codec, canonical).
bool Reader::ReadSimpleDecimal(double* value) {
  static constexpr double kTens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
  constexpr std::ptrdiff_t kDigitsMax = 15;  // all of them are below 2^53, and so exact
  const char* at = at_;
  const bool negative = at != end_ && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  std::int64_t mantissa = 0;
  for (; at != end_ && IsDigit(*at) && at - digits <= kDigitsMax; ++at)
    mantissa = mantissa * 10 + (*at - '0');
  const std::ptrdiff_t whole = at - digits;
  if (whole == 0 || (*digits == '0' && whole > 1)) return false;
  std::ptrdiff_t fraction = 0;
  if (at != end_ && *at == '.') {
    const char* const point = at++;
    for (; at != end_ && IsDigit(*at) && whole + fraction <= kDigitsMax; ++at, ++fraction) {
      mantissa = mantissa * 10 + (*at - '0');
    }
    if (at == point + 1) return false;
  }
  if (whole + fraction > kDigitsMax || at == end_ || *at == 'e' || *at == 'E') return false;
  const double magnitude = static_cast<double>(mantissa) / kTens[fraction];
  *value = negative ? -magnitude : magnitude;
  at_ = at;
  return true;
}

bool Reader::ReadInt32(std::int32_t* value) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  std::int64_t wide = 0;
  if (!ReadSimpleInteger(kMin, kMax, &wide) && !ReadSigned(kMin, kMax, &wide)) return false;
  *value = static_cast<std::int32_t>(wide);
  return true;
}

bool Reader::ReadUint32(std::uint32_t* value) {
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint32_t>::max();
  std::int64_t plain = 0;
  std::uint64_t wide = 0;
  if (ReadSimpleInteger(0, kMax, &plain)) {
    wide = static_cast<std::uint64_t>(plain);
  } else if (!ReadUnsigned(kMax, &wide)) {
    return false;
  }
  *value = static_cast<std::uint32_t>(wide);
  return true;
}

bool Reader::ReadUint64(std::uint64_t* value) {
  std::int64_t plain = 0;
  if (!ReadSimpleInteger(0, std::numeric_limits<std::int64_t>::max(), &plain)) {
    return ReadUnsigned(std::numeric_limits<std::uint64_t>::max(), value);
  }
  *value = static_cast<std::uint64_t>(plain);
  return true;
}

template <typename T>
bool Reader::ReadFloatingPoint(T* value) {
  const std::size_t start = NextOffset();
  std::string scratch;
  std::string_view text;
  if (!ReadNumberText("a number", &scratch, &text)) return false;
  if (begin_[start] == '"') {
    using Limits = std::numeric_limits<T>;
    if (text == "NaN") return *value = Limits::quiet_NaN(), true;
    if (text == "Infinity") return *value = Limits::infinity(), true;
    if (text == "-Infinity") return *value = -Limits::infinity(), true;
  }
  const char* stop = text.data() + text.size();
  if (NumberEnd(text.data(), stop) != stop) return FailWant("a number", start);
  const absl::from_chars_result result = absl::from_chars(text.data(), stop, *value);
  // Too small a number becomes the nearest one, which may be zero; too large a number has none.
  if (result.ec == std::errc::result_out_of_range && (*value > T{1} || *value < T{-1})) {
    return FailWant(sizeof(T) == 4 ? "a number that a float holds" : "a number that a double holds", start);
  }
  return true;
}

bool Reader::ReadDouble(double* value) { return ReadSimpleDecimal(value) || ReadFloatingPoint(value); }
bool Reader::ReadFloat(float* value) { return ReadFloatingPoint(value); }

}  // namespace federation::json
