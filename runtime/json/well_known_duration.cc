#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <google/protobuf/duration.pb.h>

#include "federation/json/well_known.h"

#include "json/well_known_fraction.h"

namespace federation::json {
namespace {

constexpr std::int64_t kSecondsMax = 315'576'000'000;
constexpr int kSecondsDigits = 12;

// What a text is told that is no such duration.
constexpr std::string_view kWantDuration = "a duration such as \"1.5s\"";
constexpr std::string_view kWantPrecision = "a duration with at most 9 digits behind the point";
constexpr std::string_view kWantRange = "a duration from -315576000000.999999999s to 315576000000.999999999s";

// A JSON number without an exponent, and "s". Returns what was wanted instead; nothing on success.
std::string_view Parse(std::string_view text, std::int64_t* seconds, std::int32_t* nanos) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  *seconds = 0;
  for (; at != end && IsDigit(*at); ++at) {
    if (at - digits < kSecondsDigits) *seconds = *seconds * 10 + (*at - '0');
  }
  const auto size = at - digits;
  if (size == 0 || (*digits == '0' && size > 1)) return kWantDuration;
  const FractionText fraction = ParseFraction(&at, end, nanos);
  if (fraction == FractionText::kMalformed || end - at != 1 || *at != 's') return kWantDuration;
  if (fraction == FractionText::kTooPrecise) return kWantPrecision;
  if (size > kSecondsDigits || *seconds > kSecondsMax) return kWantRange;
  if (negative) {
    *seconds = -*seconds;
    *nanos = -*nanos;
  }
  return {};
}

// Why the fields of a duration are none; nothing if they are one.
std::string Problem(std::int64_t seconds, std::int32_t nanos) {
  if (seconds < -kSecondsMax || seconds > kSecondsMax) {
    return fmt::format("want seconds from {} to {}, got {}", -kSecondsMax, kSecondsMax, seconds);
  }
  if (nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond) {
    return fmt::format("want nanoseconds from {} to {}, got {}", 1 - kNanosPerSecond, kNanosPerSecond - 1,
                       nanos);
  }
  if ((seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0)) {
    return fmt::format("want seconds and nanoseconds of the same sign, got {} and {}", seconds, nanos);
  }
  return {};
}

}  // namespace

Writer WriteJson(const google::protobuf::Duration& duration, Writer out) {
  std::int64_t seconds = duration.seconds();
  std::int32_t nanos = duration.nanos();
  if (const std::string problem = Problem(seconds, nanos); !problem.empty()) {
    out.Fail(problem);
    return out.Null(), out;
  }
  static_assert(sizeof "\"-s\"" + kSecondsDigits + kFractionBytesMax < Sink::kValueBytesMax);
  out.Direct([&](char* to) {
    *to++ = '"';
    if (seconds < 0 || nanos < 0) {
      *to++ = '-';
      seconds = -seconds;
      nanos = -nanos;
    }
    char digits[kSecondsDigits];
    char* from = digits + sizeof digits;
    do {
      *--from = static_cast<char>('0' + seconds % 10);
      seconds /= 10;
    } while (seconds != 0);
    while (from != digits + sizeof digits) *to++ = *from++;
    to = PutFraction(nanos, to);
    *to++ = 's';
    *to++ = '"';
    return to;
  });
  return out;
}

bool ReadJson(Reader& in, google::protobuf::Duration* duration) {
  const std::size_t start = in.NextOffset();
  std::string scratch;
  std::string_view text;
  if (!in.ReadStringPiece(kWantDuration, &scratch, &text)) return false;
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  const std::string_view wanted = Parse(text, &seconds, &nanos);
  if (!wanted.empty()) return in.FailWant(wanted, start);
  duration->set_seconds(seconds);
  duration->set_nanos(nanos);
  return true;
}

}  // namespace federation::json
