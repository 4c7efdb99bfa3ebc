#include "federation/json/reader.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::json {
namespace {

// Reads one whole document with `read`; yields the error's text, or "" on success.
template <typename Read>
std::string ErrorOf(std::string_view document, Read read) {
  Reader in(document);
  if (read(in) && in.Finish()) return "";
  return std::string(in.error().ToStatus().message());
}

std::string SkipError(std::string_view document) {
  return ErrorOf(document, [](Reader& in) { return in.SkipValue(); });
}

TEST(Reader, TakesEveryKindOfValue) {
  for (const char* document :
       {"null", "true", "false", "0", "-0", "12", "-1.5e+10", "1E-2", "\"\"", "\"a\\u00e9\\n\"", "[]",
        "[1,[2],{}]", " { \"a\" : [ 1 , null ] , \"b\" : { } } ", "\"\\ud83d\\ude00\""}) {
    EXPECT_EQ(SkipError(document), "") << document;
  }
}

struct Malformed {
  std::string document;
  std::string error;
};

class RefusesMalformed : public testing::TestWithParam<Malformed> {};

TEST_P(RefusesMalformed, AndNamesThePlace) { EXPECT_EQ(SkipError(GetParam().document), GetParam().error); }

INSTANTIATE_TEST_SUITE_P(
    Reader, RefusesMalformed,
    testing::Values(
        Malformed{"", "want a value, got the end of the document (byte 0)"},
        Malformed{"nul", "want a value, got nul (byte 0)"},
        Malformed{"True", "want a value, got True (byte 0)"},
        Malformed{"01", "want the end of the document, got 1 (byte 1)"},
        Malformed{"-", "want a value, got - (byte 0)"}, Malformed{"1.", "want a value, got 1. (byte 0)"},
        Malformed{".5", "want a value, got .5 (byte 0)"}, Malformed{"1e", "want a value, got 1e (byte 0)"},
        Malformed{"+1", "want a value, got +1 (byte 0)"}, Malformed{"NaN", "want a value, got NaN (byte 0)"},
        Malformed{"[1,]", "[1]: want a value, got ] (byte 3)"},
        Malformed{"[1 2]", "want a comma or the end of the array, got 2 (byte 3)"},
        Malformed{"[", "[0]: want a value, got the end of the document (byte 1)"},
        Malformed{"{\"a\":1,}", "want a key, got } (byte 7)"},
        Malformed{"{a:1}", "want a key, got a (byte 1)"},
        Malformed{"{\"a\" 1}", "want a colon, got 1 (byte 5)"},
        Malformed{"{\"a\":{\"b\":[1,tru]}}", "a.b[1]: want true or false, got tru (byte 13)"},
        Malformed{"{\"a\":1,\"a\":2}", "a: duplicate key (byte 7)"},
        Malformed{"{\"ab\":1,\"\\u0061b\":2}", "ab: duplicate key (byte 8)"},
        Malformed{"{\"\\u0061\":{\"\\u0062\":tru}}", "a.b: want true or false, got tru (byte 20)"},
        Malformed{"\"abc", "string without an end (byte 0)"},
        Malformed{"\"a\nb\"", "control character in a string (byte 2)"},
        Malformed{"\"\\x\"", "invalid escape in a string (byte 1)"},
        Malformed{"\"\\u12g4\"", "invalid \\u escape in a string (byte 1)"},
        Malformed{"\"\\ud800\"", "lone surrogate in a string (byte 1)"},
        Malformed{"\"\\ud800\\u0041\"", "lone surrogate in a string (byte 1)"},
        Malformed{"\"\\udc00\"", "lone surrogate in a string (byte 1)"},
        Malformed{"\"\\", "string without an end (byte 1)"},
        Malformed{"1 2", "want the end of the document, got 2 (byte 2)"},
        Malformed{"{} x", "want the end of the document, got x (byte 3)"},
        Malformed{"\"\xff\"", "invalid UTF-8 (byte 1)"}, Malformed{"\"ab\xc3\"", "invalid UTF-8 (byte 3)"},
        Malformed{"\"\xed\xa0\x80\"", "invalid UTF-8 (byte 1)"},
        Malformed{"\"\xc0\xaf\"", "invalid UTF-8 (byte 1)"},
        Malformed{"\xef\xbb\xbf{}", "want a value, got \xef\xbb\xbf (byte 0)"}));

TEST(Reader, RefusesWhatIsNestedTooDeep) {
  const std::string fits = std::string(64, '[') + std::string(64, ']');
  EXPECT_EQ(SkipError(fits), "");
  const std::string deeper = std::string(65, '[') + std::string(65, ']');
  EXPECT_THAT(SkipError(deeper), testing::HasSubstr("nested deeper than 64 (byte 64)"));
  // What was closed no longer counts.
  EXPECT_EQ(SkipError("[" + std::string(63, '[') + std::string(63, ']') + ",[[]]]"), "");
}

TEST(Reader, FindsDuplicatesAmongManyKeysInLinearTime) {
  std::string document = "{";
  for (int i = 0; i < 200'000; ++i) document += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(SkipError(document + "\"z\":0}"), "");
  EXPECT_THAT(SkipError(document + "\"k7\":0}"), testing::StartsWith("k7: duplicate key"));
}

template <typename T, bool (Reader::*Read)(T*)>
std::string ReadAs(std::string_view document, T* value) {
  return ErrorOf(document, [value](Reader& in) { return (in.*Read)(value); });
}

TEST(Reader, ReadsIntegersInEverySpelling) {
  for (const auto& [document, want] :
       std::vector<std::pair<std::string, std::int64_t>>{{"0", 0},
                                                         {"-0", 0},
                                                         {"42", 42},
                                                         {"\"42\"", 42},
                                                         {"1.0", 1},
                                                         {"1e3", 1000},
                                                         {"\"1e3\"", 1000},
                                                         {"12.50e1", 125},
                                                         {"-100e-2", -1},
                                                         {"0e99999999999999", 0},
                                                         {"0.000e5", 0},
                                                         {"9223372036854775807", INT64_MAX},
                                                         {"\"-9223372036854775808\"", INT64_MIN},
                                                         {"9.223372036854775807e18", INT64_MAX},
                                                         {"90071992547409930e-1", 9007199254740993}}) {
    std::int64_t value = -7;
    EXPECT_EQ((ReadAs<std::int64_t, &Reader::ReadInt64>(document, &value)), "") << document;
    EXPECT_EQ(value, want) << document;
  }
}

TEST(Reader, RefusesWhatIsNoIntegerInRange) {
  for (const auto& [document, error] : std::vector<std::pair<std::string, std::string>>{
           {"\"soon\"", "want an integer, got \"soon\" (byte 0)"},
           {"1.5", "want an integer, got 1.5 (byte 0)"},
           {"1e-1", "want an integer, got 1e-1 (byte 0)"},
           {"\"\"", "want an integer, got \"\" (byte 0)"},
           {"\" 1\"", "want an integer, got \" 1\" (byte 0)"},
           {"\"0x10\"", "want an integer, got \"0x10\" (byte 0)"},
           {"\"01\"", "want an integer, got \"01\" (byte 0)"},
           {"true", "want an integer, got true (byte 0)"},
           {"[1]", "want an integer, got an array (byte 0)"},
           {"{}", "want an integer, got an object (byte 0)"},
           {"2147483648", "want an integer from -2147483648 to 2147483647, got 2147483648 (byte 0)"},
           {"1e99999999999999",
            "want an integer from -2147483648 to 2147483647, got 1e99999999999999 (byte 0)"},
           {"-2147483649", "want an integer from -2147483648 to 2147483647, got -2147483649 (byte 0)"}}) {
    std::int32_t value = 0;
    EXPECT_EQ((ReadAs<std::int32_t, &Reader::ReadInt32>(document, &value)), error);
  }
  std::uint64_t value = 0;
  EXPECT_EQ((ReadAs<std::uint64_t, &Reader::ReadUint64>("18446744073709551615", &value)), "");
  EXPECT_EQ(value, UINT64_MAX);
  for (const char* document : {"18446744073709551616", "-1", "1e20"}) {
    EXPECT_THAT((ReadAs<std::uint64_t, &Reader::ReadUint64>(document, &value)),
                testing::StartsWith("want an integer from 0 to 18446744073709551615, got "));
  }
}

TEST(Reader, ReadsFloatingPointNumbers) {
  double value = 0;
  EXPECT_EQ((ReadAs<double, &Reader::ReadDouble>("\"-Infinity\"", &value)), "");
  EXPECT_EQ(value, -std::numeric_limits<double>::infinity());
  EXPECT_EQ((ReadAs<double, &Reader::ReadDouble>("\"NaN\"", &value)), "");
  EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ((ReadAs<double, &Reader::ReadDouble>("\"1.5\"", &value)), "");
  EXPECT_EQ(value, 1.5);
  EXPECT_EQ((ReadAs<double, &Reader::ReadDouble>("1e-400", &value)), "");
  EXPECT_EQ(value, 0.0);
  EXPECT_EQ((ReadAs<double, &Reader::ReadDouble>("1e400", &value)),
            "want a number that a double holds, got 1e400 (byte 0)");
  EXPECT_EQ((ReadAs<double, &Reader::ReadDouble>("\"1.\"", &value)), "want a number, got \"1.\" (byte 0)");
  float narrow = 0;
  EXPECT_EQ((ReadAs<float, &Reader::ReadFloat>("3.4028234e38", &narrow)), "");
  EXPECT_EQ((ReadAs<float, &Reader::ReadFloat>("3.5e38", &narrow)),
            "want a number that a float holds, got 3.5e38 (byte 0)");
}

TEST(Reader, ReadsBase64OfBothAlphabets) {
  std::string value;
  for (const char* document : {"\"+/+/\"", "\"-_-_\""}) {
    EXPECT_EQ((ReadAs<std::string, &Reader::ReadBytes>(document, &value)), "") << document;
    EXPECT_EQ(value, "\xfb\xff\xbf") << document;
  }
  for (const char* document : {"\"AQ==\"", "\"AQ\""}) {
    EXPECT_EQ((ReadAs<std::string, &Reader::ReadBytes>(document, &value)), "") << document;
    EXPECT_EQ(value, "\x01") << document;
  }
  for (const char* document : {"\"A\"", "\"A Q=\"", "\"AQ=A\"", "\"AQ..\"", "\"!\"", "7"}) {
    EXPECT_THAT((ReadAs<std::string, &Reader::ReadBytes>(document, &value)),
                testing::StartsWith("want base64, got "));
  }
}

TEST(Reader, ReadsEnums) {
  static constexpr EnumName kNames[] = {{"private", 1}, {"group", 2}};
  const auto read = [](std::string_view document, Reader::EnumKind kind, int* value) {
    return ErrorOf(document, [&](Reader& in) { return in.ReadEnum(kNames, kind, value); });
  };
  int value = 0;
  EXPECT_EQ(read("\"group\"", Reader::EnumKind::kOpen, &value), "");
  EXPECT_EQ(value, 2);
  EXPECT_EQ(read("1", Reader::EnumKind::kClosed, &value), "");
  EXPECT_EQ(value, 1);
  EXPECT_EQ(read("9", Reader::EnumKind::kOpen, &value), "");
  EXPECT_EQ(value, 9);
  EXPECT_EQ(read("9", Reader::EnumKind::kClosed, &value), "want an enum value, got 9 (byte 0)");
  EXPECT_EQ(read("\"Group\"", Reader::EnumKind::kOpen, &value), "want an enum value, got \"Group\" (byte 0)");
}

TEST(Reader, QuotesWhatCameInBoundedLengthAndWithoutControlCharacters) {
  std::string value;
  const std::string error =
      ErrorOf("[" + std::string(10'000, ' ') + "\"" + std::string(9'000, 'x') + "\n", [&](Reader& in) {
        ArrayReader array(in);
        std::int32_t number = 0;
        return array.Next() && in.ReadInt32(&number);
      });
  EXPECT_LT(error.size(), 120U);
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(Reader, KeepsTheFirstErrorOnly) {
  Reader in("[1");
  EXPECT_FALSE(in.SkipValue());
  const std::string first = in.error().what;
  EXPECT_FALSE(in.SkipValue());
  EXPECT_FALSE(in.Finish());
  EXPECT_EQ(in.error().what, first);
}

// Escapes are undone in a buffer, whose end may fall into any of them.
TEST(Reader, UndoesEscapesOfStringsOfEveryLength) {
  for (std::size_t plain = 480; plain < 530; ++plain) {
    for (const std::string_view tail : {"", "x", "0123456789", "0123456789abcdefghij"}) {
      const std::string prefix(plain, 'p');
      const std::string json = "\"" + prefix + R"(\ud83d\ude00\u20ac\n)" + std::string(tail) + "\"";
      Reader in(json);
      std::string value;
      ASSERT_TRUE(in.ReadString(&value) && in.Finish()) << json;
      ASSERT_EQ(value, prefix + "\xf0\x9f\x98\x80\xe2\x82\xac\n" + std::string(tail)) << plain;
    }
  }
}

}  // namespace
}  // namespace federation::json
