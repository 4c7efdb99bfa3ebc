#include "json/integer.h"

#include <charconv>
#include <string>

namespace federation::json {
namespace {

// Exponents beyond this make any number that is not zero either no integer or too large: no text of a
// document is as long as that.
constexpr long kExponentMax = 1'000'000'000;

long ParseExponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  long exponent = 0;
  for (const char c : text) {
    exponent = exponent * 10 + (c - '0');
    if (exponent > kExponentMax) exponent = kExponentMax;
  }
  return negative ? -exponent : exponent;
}

// `digits` times ten to the power of `exponent`.
IntegerText Scale(std::string digits, long exponent, std::uint64_t* value) {
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  digits.erase(0, digits.find_first_not_of('0'));
  *value = 0;
  if (digits.empty()) return IntegerText::kOk;
  if (exponent < 0) return IntegerText::kNotAnInteger;
  constexpr long kDigitsMax = 20;  // of 2^64 - 1
  if (static_cast<long>(digits.size()) + exponent > kDigitsMax) return IntegerText::kTooLarge;
  digits.append(static_cast<std::size_t>(exponent), '0');
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  return result.ec == std::errc() ? IntegerText::kOk : IntegerText::kTooLarge;
}

}  // namespace

IntegerText ParseMagnitude(std::string_view text, std::uint64_t* value) {
  const char* end = text.data() + text.size();
  const auto plain = std::from_chars(text.data(), end, *value);
  if (plain.ptr == end) return plain.ec == std::errc() ? IntegerText::kOk : IntegerText::kTooLarge;

  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  long exponent = e == std::string_view::npos ? 0 : ParseExponent(text.substr(e + 1));
  const std::size_t dot = mantissa.find('.');
  std::string digits(mantissa.substr(0, dot));
  if (dot != std::string_view::npos) {
    digits += mantissa.substr(dot + 1);
    exponent -= static_cast<long>(mantissa.size() - dot - 1);
  }
  return Scale(std::move(digits), exponent, value);
}

}  // namespace federation::json
