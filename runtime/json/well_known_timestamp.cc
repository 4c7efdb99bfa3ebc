#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <google/protobuf/timestamp.pb.h>

#include "federation/json/well_known.h"

#include "json/well_known_fraction.h"

namespace federation::json {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kSecondsMin = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kSecondsMax = 253'402'300'799;  // 9999-12-31T23:59:59Z

// What a text is told that is no such time.
constexpr std::string_view kWantTime = "a time such as \"2026-01-31T12:00:00Z\"";
constexpr std::string_view kWantExisting = "a day and a time that exist";
constexpr std::string_view kWantPrecision = "a time with at most 9 digits behind the point";
constexpr std::string_view kWantRange = "a time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";

// Whether [at, end) begins with digits where the pattern has 0, and with the same characters elsewhere.
bool Matches(const char* at, const char* end, std::string_view pattern) {
  if (end - at < static_cast<std::ptrdiff_t>(pattern.size())) return false;
  for (const char c : pattern) {
    if (c == '0' ? !IsDigit(*at) : *at != c) return false;
    ++at;
  }
  return true;
}

int TwoDigits(const char* at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

char* PutTwoDigits(unsigned value, char* to) {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
  return to + 2;
}

// Reads "Z", "+08:00" or "-08:00" at the end of a time: how far local time is ahead of UTC.
std::string_view ParseOffset(const char* at, const char* end, int* seconds) {
  *seconds = 0;
  if (end - at == 1 && *at == 'Z') return {};
  const bool ahead = Matches(at, end, "+00:00");
  if (end - at != 6 || !(ahead || Matches(at, end, "-00:00"))) return kWantTime;
  const int hours = TwoDigits(at + 1);
  const int minutes = TwoDigits(at + 4);
  if (hours > 23 || minutes > 59) return kWantExisting;
  *seconds = (ahead ? 60 : -60) * (hours * 60 + minutes);
  return {};
}

// RFC 3339, section 5.6, without lower case. Returns what was wanted instead; nothing on success.
std::string_view Parse(std::string_view text, std::int64_t* seconds, std::int32_t* nanos) {
  constexpr std::string_view kPattern = "0000-00-00T00:00:00";
  const char* at = text.data();
  const char* const end = at + text.size();
  if (!Matches(at, end, kPattern)) return kWantTime;
  const std::chrono::year_month_day day(std::chrono::year(TwoDigits(at) * 100 + TwoDigits(at + 2)),
                                        std::chrono::month(static_cast<unsigned>(TwoDigits(at + 5))),
                                        std::chrono::day(static_cast<unsigned>(TwoDigits(at + 8))));
  const int hours = TwoDigits(at + 11);
  const int minutes = TwoDigits(at + 14);
  const int seconds_of_minute = TwoDigits(at + 17);
  at += kPattern.size();

  const FractionText fraction = ParseFraction(&at, end, nanos);
  if (fraction == FractionText::kMalformed) return kWantTime;
  int offset_seconds = 0;
  const std::string_view wanted = ParseOffset(at, end, &offset_seconds);
  if (!wanted.empty()) return wanted;
  if (fraction == FractionText::kTooPrecise) return kWantPrecision;
  if (!day.ok() || hours > 23 || minutes > 59 || seconds_of_minute > 59) return kWantExisting;

  const int second_of_day = (hours * 60 + minutes) * 60 + seconds_of_minute;
  *seconds =
      std::chrono::sys_days(day).time_since_epoch().count() * kSecondsPerDay + second_of_day - offset_seconds;
  return *seconds < kSecondsMin || *seconds > kSecondsMax ? kWantRange : std::string_view();
}

// Why the fields of a time are none; nothing if they are one.
std::string Problem(std::int64_t seconds, std::int32_t nanos) {
  if (seconds < kSecondsMin || seconds > kSecondsMax) {
    return fmt::format("want seconds from {} to {}, got {}", kSecondsMin, kSecondsMax, seconds);
  }
  if (nanos < 0 || nanos >= kNanosPerSecond) {
    return fmt::format("want nanoseconds from 0 to {}, got {}", kNanosPerSecond - 1, nanos);
  }
  return {};
}

// Puts a time without its fraction and its offset. Returns where it ends.
char* PutTime(std::int64_t seconds, char* to) {
  // Counted from year 1, so that nothing is negative and the remainder is what is meant.
  const std::int64_t from_min = seconds - kSecondsMin;
  const std::chrono::days days(kSecondsMin / kSecondsPerDay + from_min / kSecondsPerDay);
  const std::chrono::year_month_day day{std::chrono::sys_days(days)};
  const auto year = static_cast<unsigned>(static_cast<int>(day.year()));
  const auto second_of_day = static_cast<unsigned>(from_min % kSecondsPerDay);
  to = PutTwoDigits(year / 100, to);
  to = PutTwoDigits(year % 100, to);
  *to++ = '-';
  to = PutTwoDigits(static_cast<unsigned>(day.month()), to);
  *to++ = '-';
  to = PutTwoDigits(static_cast<unsigned>(day.day()), to);
  *to++ = 'T';
  to = PutTwoDigits(second_of_day / 3600, to);
  *to++ = ':';
  to = PutTwoDigits(second_of_day / 60 % 60, to);
  *to++ = ':';
  return PutTwoDigits(second_of_day % 60, to);
}

}  // namespace

Writer WriteJson(const google::protobuf::Timestamp& time, Writer out) {
  if (const std::string problem = Problem(time.seconds(), time.nanos()); !problem.empty()) {
    out.Fail(problem);
    return out.Null(), out;
  }
  static_assert(sizeof "\"0000-00-00T00:00:00Z\"" + kFractionBytesMax < Sink::kValueBytesMax);
  out.Direct([&](char* to) {
    *to++ = '"';
    to = PutTime(time.seconds(), to);
    to = PutFraction(time.nanos(), to);
    *to++ = 'Z';
    *to++ = '"';
    return to;
  });
  return out;
}

bool ReadJson(Reader& in, google::protobuf::Timestamp* time) {
  const std::size_t start = in.NextOffset();
  std::string scratch;
  std::string_view text;
  if (!in.ReadStringPiece(kWantTime, &scratch, &text)) return false;
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  const std::string_view wanted = Parse(text, &seconds, &nanos);
  if (!wanted.empty()) return in.FailWant(wanted, start);
  time->set_seconds(seconds);
  time->set_nanos(nanos);
  return true;
}

}  // namespace federation::json
