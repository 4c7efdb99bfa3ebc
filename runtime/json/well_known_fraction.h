#pragma once

#include <cstdint>

// What Timestamp and Duration have in common: digits of seconds, and nanoseconds behind the point.
#include "federation/json/scan.h"

namespace federation::json {

inline constexpr std::int32_t kNanosPerSecond = 1'000'000'000;
inline constexpr int kFractionDigitsMax = 9;
// A point and the digits.
inline constexpr int kFractionBytesMax = 1 + kFractionDigitsMax;

// Puts a point and 3, 6 or 9 digits, as few as hold the value; nothing for 0. Returns where they end.
inline char* PutFraction(std::int32_t nanos, char* to) {
  if (nanos == 0) return to;
  int digits = kFractionDigitsMax;
  for (; nanos % 1000 == 0; nanos /= 1000) digits -= 3;
  *to = '.';
  for (int i = digits; i > 0; --i, nanos /= 10) to[i] = static_cast<char>('0' + nanos % 10);
  return to + 1 + digits;
}

enum class FractionText { kOk, kMalformed, kTooPrecise };

// Reads a point and 1 to 9 digits at *at, if there is a point, and moves behind them.
inline FractionText ParseFraction(const char** at, const char* end, std::int32_t* nanos) {
  *nanos = 0;
  if (*at == end || **at != '.') return FractionText::kOk;
  const char* const digits = ++*at;
  std::int32_t unit = kNanosPerSecond;
  for (; *at != end && IsDigit(**at); ++*at) {
    unit /= 10;
    *nanos += unit * (**at - '0');
  }
  if (*at == digits) return FractionText::kMalformed;
  return *at - digits > kFractionDigitsMax ? FractionText::kTooPrecise : FractionText::kOk;
}

}  // namespace federation::json
