#include "federation/json/writer.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <gtest/gtest.h>

#include "federation/json/reader.h"

namespace federation::json {
namespace {

template <typename Write>
std::string Written(Write write) {
  std::string out;
  DocumentWriter writer(&out);
  write(writer);
  EXPECT_TRUE(writer.Finish().ok());
  return out;
}

TEST(Writer, PutsCommasBetweenValuesOnly) {
  EXPECT_EQ(Written([](Writer& out) {
              out.BeginObject();
              out.Key("a");
              out.BeginArray();
              out.Int32(1);
              out.BeginObject();
              out.EndObject();
              out.BeginArray();
              out.EndArray();
              out.EndArray();
              out.Key("b");
              out.Null();
              out.EndObject();
            }),
            R"({"a":[1,{},[]],"b":null})");
}

TEST(Writer, WritesNumbers) {
  EXPECT_EQ(Written([](Writer& out) {
              out.BeginArray();
              out.Int32(std::numeric_limits<std::int32_t>::min());
              out.Uint32(4294967295U);
              out.Int64(-5);
              out.Uint64(5);
              out.Int64Number(std::numeric_limits<std::int64_t>::min());
              out.Uint64Number(std::numeric_limits<std::uint64_t>::max());
              out.Double(0.1);
              out.Double(-1e300);
              out.Float(0.1F);
              out.Double(std::numeric_limits<double>::quiet_NaN());
              out.Float(-std::numeric_limits<float>::infinity());
              out.Bool(true);
              out.EndArray();
            }),
            "[-2147483648,4294967295,\"-5\",\"5\",-9223372036854775808,18446744073709551615,0.1,-1e+300,0.1,"
            "\"NaN\","
            "\"-Infinity\",true]");
}

// Those with few digits take a way of their own, both ways.
TEST(Writer, WritesDoublesSoThatTheyAreReadAsTheyWere) {
  std::mt19937_64 random(7);
  std::vector<double> values = {0.0,     -0.0,  0.001,  -0.125, 1e-3,   0.1 + 0.2, 999999999999.999,
                                1e12,    1e15,  100000, 1.5,    123.45, 1e-4,      0.007,
                                2.0 / 3, -7.25, 1e22,   5e-324};
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(static_cast<double>(static_cast<std::int64_t>(random() >> 20)) / 1000);
    values.push_back(std::bit_cast<double>(random()));
  }
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    const std::string json = Written([&](Writer& out) { out.Double(value); });
    char shortest[40];
    const std::string reference(shortest, std::to_chars(shortest, shortest + sizeof shortest, value).ptr);
    ASSERT_LE(json.size(), reference.size() + 3) << json << " for " << reference;
    Reader in(json);
    double back = 1;
    ASSERT_TRUE(in.ReadDouble(&back) && in.Finish()) << json;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << json;
    // And in front of something else.
    const std::string array = "[" + json + "]";
    Reader in_array(array);
    ArrayReader elements(in_array);
    ASSERT_TRUE(elements.Next() && in_array.ReadDouble(&back)) << json;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << json;
  }
  EXPECT_EQ(Written([](Writer& out) { out.Double(100000); }), "100000");
  EXPECT_EQ(Written([](Writer& out) { out.Double(-0.0); }), "-0");
  EXPECT_EQ(Written([](Writer& out) { out.Double(0.05); }), "0.05");
}

TEST(Writer, EscapesWhatJsonWants) {
  EXPECT_EQ(
      Written([](Writer& out) { out.String(std::string_view("a\"b\\c\n\t\r\b\f\x01\x1f/\xc3\xa9\0z", 17)); }),
      "\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u0001\\u001f/\xc3\xa9\\u0000z\"");
}

TEST(Writer, WritesBase64) {
  EXPECT_EQ(Written([](Writer& out) { out.Bytes("\xfb\xff\xbf\x01"); }), "\"+/+/AQ==\"");
}

TEST(Writer, WritesEnumsByNameOrNumber) {
  static constexpr EnumName kNames[] = {{"group", 2}};
  EXPECT_EQ(Written([](Writer& out) {
              out.BeginArray();
              out.Enum(kNames, 2);
              out.Enum(kNames, 3);
              out.EndArray();
            }),
            R"(["group",3])");
}

TEST(Writer, LeavesNothingBehindWhenAStringIsNotUtf8) {
  std::string out = "before";
  DocumentWriter writer(&out);
  writer.String("ab\xff");
  const absl::Status status = writer.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "want UTF-8, got the byte 0xff");
  EXPECT_EQ(out, "before");
}

TEST(Writer, NamesThePlaceOfWhatHasNoJson) {
  std::string out;
  DocumentWriter writer(&out);
  writer.BeginObject();
  writer.Key("first");
  writer.BeginObject();
  writer.EndObject();
  writer.Key("strong");
  writer.BeginArray();
  writer.Int32(1);
  writer.BeginObject();
  writer.Key("te\\\"xt");
  writer.String("[{");
  writer.Key("at");
  writer.Fail("want a time, got none");
  writer.Fail("want nothing else");
  writer.Null();
  writer.EndObject();
  writer.EndArray();
  writer.EndObject();
  EXPECT_EQ(writer.Finish().message(), "strong[1].at: want a time, got none");
  EXPECT_EQ(out, "");
}

TEST(Writer, FindsTextThatIsNotUtf8) {
  for (const std::size_t size : {0, 5, 20, 600, 5000}) {
    std::string out;
    DocumentWriter writer(&out);
    writer.BeginObject();
    writer.Key("names");
    writer.BeginArray();
    writer.String(std::string(size, 'x'));
    writer.String(std::string(size, 'x') + "\xc3");
    writer.EndArray();
    writer.EndObject();
    EXPECT_EQ(writer.Finish().message(), "names[1]: want UTF-8, got the byte 0xc3") << size;
  }
}

TEST(Writer, WritesDocumentsThatAreLongerThanItsBuffer) {
  std::string expected = "[";
  std::string out;
  DocumentWriter writer(&out);
  writer.BeginArray();
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string text(i * 7 % 1500, static_cast<char>('a' + i % 26));
    writer.BeginObject();
    writer.Key("text");
    writer.String(text);
    writer.Key("raw");
    writer.Raw("\"" + text + "\"");
    writer.EndObject();
    expected += "{\"text\":\"" + text + "\",\"raw\":\"" + text + "\"},";
  }
  writer.EndArray();
  ASSERT_TRUE(writer.Finish().ok());
  expected.back() = ']';
  EXPECT_EQ(out, expected);
}

TEST(Writer, WritesEveryLengthOfNumber) {
  std::uint64_t value = 1;
  for (int digits = 1; digits <= 20; ++digits, value *= 10) {
    for (const std::uint64_t number : {value - 1, value, value + 1, value / 10 * 7 + 3}) {
      EXPECT_EQ(Written([&](Writer& out) { out.Uint64Number(number); }), std::to_string(number));
      const auto negative = -static_cast<std::int64_t>(number / 2);
      EXPECT_EQ(Written([&](Writer& out) { out.Int64Number(negative); }), std::to_string(negative));
    }
  }
}

// Strings of every length around the eight bytes that are looked at together, with a byte to escape at every
// place.
TEST(Writer, IsUndoneByTheReader) {
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const char special : {'"', '\\', '\n', '\x1f', '\x7f', ' ', '!', '#'}) {
        std::string text(size, 'x');
        if (at < size) text[at] = special;
        const std::string json = Written([&](Writer& out) { out.String(text); });
        Reader in(json);
        std::string back;
        ASSERT_TRUE(in.ReadString(&back) && in.Finish()) << json;
        ASSERT_EQ(back, text);
      }
    }
  }
}

}  // namespace
}  // namespace federation::json
