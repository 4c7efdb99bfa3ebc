#include "oracle/random_text.h"

#include <string_view>

namespace oracle {

using std::string_view_literals::operator""sv;

std::string RandomText(Random& random) {
  constexpr std::string_view kPieces[] = {"a"sv,
                                          "plain text "sv,
                                          "eight by"sv,
                                          "\""sv,
                                          "\\"sv,
                                          "/"sv,
                                          "\b\f\n\r\t"sv,
                                          "\0"sv,
                                          "\x1F"sv,
                                          "\x7F"sv,
                                          "<script>&'="sv,
                                          "\xC2\x80"sv,
                                          "\xDF\xBF"sv,
                                          "\xE0\xA0\x80"sv,
                                          "caf\xC3\xA9"sv,
                                          "\xE2\x80\xA8"sv,
                                          "\xEF\xBF\xBF"sv,
                                          "\xEF\xBB\xBF"sv,
                                          "\xF0\x9F\x98\x81"sv,
                                          "\xF4\x8F\xBF\xBF"sv,
                                          "NaN"sv,
                                          "-1"sv,
                                          "null"sv,
                                          "1e3"sv};
  std::string text;
  for (std::size_t n = random.Below(5); n > 0; --n) text += random.Pick(kPieces);
  return text;
}

}  // namespace oracle
