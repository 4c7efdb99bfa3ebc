#include "federation/json/well_known.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include "federation/json/codec.h"
#include "federation/json/object_reader.h"

namespace federation::json {
namespace {

using google::protobuf::Duration;
using google::protobuf::FieldMask;
using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Timestamp;
using google::protobuf::Value;
using google::protobuf::util::TimeUtil;

// A document and what comes of it: what is written of the message that was read, or an error.
using Rows = std::vector<std::pair<std::string, std::string>>;

template <typename M>
std::string Reread(std::string_view document) {
  M message;
  const absl::Status read = Decode(document, &message);
  if (!read.ok()) return std::string(read.message());
  const absl::StatusOr<std::string> written = Encode(message);
  return written.ok() ? *written : std::string(written.status().message());
}

template <typename M>
void ExpectReread(const Rows& rows) {
  for (const auto& [document, want] : rows) EXPECT_EQ(Reread<M>(document), want) << document;
}

template <typename M>
std::string Written(const M& message) {
  const absl::StatusOr<std::string> written = Encode(message);
  return written.ok() ? *written : std::string(written.status().message());
}

Timestamp Time(std::int64_t seconds, std::int32_t nanos) {
  Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

Duration Span(std::int64_t seconds, std::int32_t nanos) {
  Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

TEST(Timestamp, IsWrittenInUtcWithThreeSixOrNineDigits) {
  ExpectReread<Timestamp>({
      {R"("1970-01-01T00:00:00Z")", R"("1970-01-01T00:00:00Z")"},
      {R"("0001-01-01T00:00:00Z")", R"("0001-01-01T00:00:00Z")"},
      {R"("9999-12-31T23:59:59.999999999Z")", R"("9999-12-31T23:59:59.999999999Z")"},
      {R"("1993-02-10T00:00:00.000Z")", R"("1993-02-10T00:00:00Z")"},
      {R"("1970-01-01T00:00:00.010000000Z")", R"("1970-01-01T00:00:00.010Z")"},
      {R"("1970-01-01T00:00:00.000010000Z")", R"("1970-01-01T00:00:00.000010Z")"},
      {R"("1970-01-01T00:00:00.000000010Z")", R"("1970-01-01T00:00:00.000000010Z")"},
      {R"("1970-01-01T00:00:00.5Z")", R"("1970-01-01T00:00:00.500Z")"},
      {R"("1969-12-31T23:59:59.12345678Z")", R"("1969-12-31T23:59:59.123456780Z")"},
      {R"("2000-02-29T12:34:56Z")", R"("2000-02-29T12:34:56Z")"},
      {R"("2024-02-29T00:00:00Z")", R"("2024-02-29T00:00:00Z")"},
      {R"( "19\u00370-01-01T00:00:00Z" )", R"("1970-01-01T00:00:00Z")"},
  });
}

TEST(Timestamp, IsReadWithAnyOffset) {
  ExpectReread<Timestamp>({
      {R"("1970-01-01T08:00:01+08:00")", R"("1970-01-01T00:00:01Z")"},
      {R"("1969-12-31T16:00:01-08:00")", R"("1970-01-01T00:00:01Z")"},
      {R"("1970-01-01T00:00:00.25+23:59")", R"("1969-12-31T00:01:00.250Z")"},
      {R"("1970-01-01T00:00:00-00:00")", R"("1970-01-01T00:00:00Z")"},
      {R"("0001-01-01T00:00:00-00:01")", R"("0001-01-01T00:01:00Z")"},
  });
}

TEST(Timestamp, RefusesOtherText) {
  const std::string want = "want a time such as \"2026-01-31T12:00:00Z\", got ";
  for (const char* document : {R"("soon")",
                               R"("")",
                               R"("0001-01-01T00:00:00")",
                               R"("0001-01-01 00:00:00Z")",
                               R"("0001-01-01T00:00:00z")",
                               R"("0001-01-01t00:00:00Z")",
                               R"("10000-01-01T00:00:00Z")",
                               R"("970-01-01T00:00:00Z")",
                               R"("1970-1-01T00:00:00Z")",
                               R"("1970-01-01T00:00Z")",
                               R"("1970-01-01T00:00:00.Z")",
                               R"("1970-01-01T00:00:00,5Z")",
                               R"("1970-01-01T00:00:00+08")",
                               R"("1970-01-01T00:00:00+0800")",
                               R"("1970-01-01T00:00:00+08:0")",
                               R"("1970-01-01T00:00:00+08:000")",
                               R"("1970-01-01T00:00:00ZZ")",
                               R"(" 1970-01-01T00:00:00Z")",
                               R"("1970-01-01T00:00:00Z ")",
                               R"("-970-01-01T00:00:00Z")",
                               R"("1970-01-01T00:00:00.1.2Z")",
                               "0",
                               "null",
                               "true",
                               "-1e5"}) {
    EXPECT_EQ(Reread<Timestamp>(document), want + document + " (byte 0)");
  }
  EXPECT_EQ(Reread<Timestamp>(" {}"), want + "an object (byte 1)");
  EXPECT_EQ(Reread<Timestamp>(R"("1970-01-01\u005400:00:0aZ")"),
            want + R"("1970-01-01\u005400:00:0aZ" (byte 0))");
}

TEST(Timestamp, RefusesWhatNoCalendarAndNoClockHas) {
  for (const char* document :
       {R"("1900-02-29T00:00:00Z")", R"("2023-02-29T00:00:00Z")", R"("2026-04-31T00:00:00Z")",
        R"("2026-00-01T00:00:00Z")", R"("2026-13-01T00:00:00Z")", R"("2026-01-00T00:00:00Z")",
        R"("2026-01-32T00:00:00Z")", R"("2026-01-01T24:00:00Z")", R"("2026-01-01T00:60:00Z")",
        R"("2016-12-31T23:59:60Z")", R"("2026-01-01T00:00:00+24:00")", R"("2026-01-01T00:00:00-00:60")"}) {
    EXPECT_EQ(Reread<Timestamp>(document),
              std::string("want a day and a time that exist, got ") + document + " (byte 0)");
  }
}

TEST(Timestamp, RefusesMoreDigitsThanNanoseconds) {
  EXPECT_EQ(
      Reread<Timestamp>(R"("1970-01-01T00:00:00.0000000000Z")"),
      "want a time with at most 9 digits behind the point, got \"1970-01-01T00:00:00.0000000000Z\" (byte 0)");
}

TEST(Timestamp, RefusesWhatIsOutOfRangeBothWays) {
  const std::string want = "want a time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, got ";
  for (const char* document : {R"("0000-01-01T00:00:00Z")", R"("0000-12-31T23:59:59.999Z")",
                               R"("0001-01-01T00:00:00+00:01")", R"("9999-12-31T23:59:59-00:01")"}) {
    EXPECT_EQ(Reread<Timestamp>(document), want + document + " (byte 0)");
  }
  const std::string seconds = "want seconds from -62135596800 to 253402300799, got ";
  EXPECT_EQ(Written(Time(-62'135'596'801, 0)), seconds + "-62135596801");
  EXPECT_EQ(Written(Time(253'402'300'800, 0)), seconds + "253402300800");
  EXPECT_EQ(Written(Time(INT64_MIN, 0)), seconds + "-9223372036854775808");
  const std::string nanos = "want nanoseconds from 0 to 999999999, got ";
  EXPECT_EQ(Written(Time(0, -1)), nanos + "-1");
  EXPECT_EQ(Written(Time(0, 1'000'000'000)), nanos + "1000000000");
}

TEST(Duration, IsWrittenWithThreeSixOrNineDigits) {
  ExpectReread<Duration>({
      {R"("0s")", R"("0s")"},
      {R"("-0s")", R"("0s")"},
      {R"("1.5s")", R"("1.500s")"},
      {R"("-1.5s")", R"("-1.500s")"},
      {R"("-0.000001s")", R"("-0.000001s")"},
      {R"("1.000000000s")", R"("1s")"},
      {R"("1.010000000s")", R"("1.010s")"},
      {R"("1.000010000s")", R"("1.000010s")"},
      {R"("1.000000010s")", R"("1.000000010s")"},
      {R"("315576000000.999999999s")", R"("315576000000.999999999s")"},
      {R"("-315576000000.999999999s")", R"("-315576000000.999999999s")"},
      {R"("1\u0073")", R"("1s")"},
  });
  EXPECT_EQ(Written(Span(-3, 0)), R"("-3s")");
}

TEST(Duration, RefusesOtherText) {
  const std::string want = "want a duration such as \"1.5s\", got ";
  for (const char* document :
       {R"("soon")", R"("")",    R"("1")",     R"("s")",   R"("-s")",   R"("1S")",     R"("1 s")",
        R"("+1s")",  R"("1.s")", R"(".5s")",   R"("01s")", R"("1e3s")", R"("1.5.5s")", R"("--1s")",
        R"("1sx")",  R"("1m")",  R"("1.-5s")", "1",        "1.5",       "null"}) {
    EXPECT_EQ(Reread<Duration>(document), want + document + " (byte 0)");
  }
}

TEST(Duration, RefusesMoreDigitsThanNanoseconds) {
  EXPECT_EQ(Reread<Duration>(R"("0.1234567890s")"),
            "want a duration with at most 9 digits behind the point, got \"0.1234567890s\" (byte 0)");
}

TEST(Duration, RefusesWhatIsOutOfRangeBothWays) {
  const std::string want = "want a duration from -315576000000.999999999s to 315576000000.999999999s, got ";
  for (const char* document : {R"("315576000001s")", R"("-315576000001.000000000s")", R"("1000000000000s")",
                               R"("9999999999999999999999s")"}) {
    EXPECT_EQ(Reread<Duration>(document), want + document + " (byte 0)");
  }
  const std::string seconds = "want seconds from -315576000000 to 315576000000, got ";
  EXPECT_EQ(Written(Span(315'576'000'001, 0)), seconds + "315576000001");
  EXPECT_EQ(Written(Span(-315'576'000'001, 0)), seconds + "-315576000001");
  const std::string nanos = "want nanoseconds from -999999999 to 999999999, got ";
  EXPECT_EQ(Written(Span(0, 1'000'000'000)), nanos + "1000000000");
  EXPECT_EQ(Written(Span(0, -1'000'000'000)), nanos + "-1000000000");
  const std::string sign = "want seconds and nanoseconds of the same sign, got ";
  EXPECT_EQ(Written(Span(1, -1)), sign + "1 and -1");
  EXPECT_EQ(Written(Span(-1, 1)), sign + "-1 and 1");
}

// Seconds of any magnitude, and fractions of each number of digits.
class RandomTimes {
 public:
  std::int64_t Seconds(std::int64_t min, std::int64_t max) {
    const auto bits = static_cast<std::int64_t>(random_() >> 1 >> (random_() % 63));
    return random_() % 2 == 0 ? std::max(min, -bits) : std::min(max, bits);
  }
  std::int32_t Nanos() {
    constexpr std::int32_t kUnits[] = {1, 1000, 1'000'000, 500'000'000};
    const std::int32_t unit = kUnits[random_() % 4];
    return unit * static_cast<std::int32_t>(random_() % static_cast<std::uint64_t>(1'000'000'000 / unit));
  }

 private:
  std::mt19937_64 random_{20260131};
};

TEST(Timestamp, AgreesWithProtobufsTimeUtil) {
  RandomTimes random;
  for (int i = 0; i < 100'000; ++i) {
    const Timestamp time =
        Time(random.Seconds(TimeUtil::kTimestampMinSeconds, TimeUtil::kTimestampMaxSeconds), random.Nanos());
    const std::string text = TimeUtil::ToString(time);
    ASSERT_EQ(Written(time), '"' + text + '"');
    Timestamp read;
    ASSERT_TRUE(Decode('"' + text + '"', &read).ok()) << text;
    ASSERT_EQ(read.seconds(), time.seconds()) << text;
    ASSERT_EQ(read.nanos(), time.nanos()) << text;
  }
}

TEST(Duration, AgreesWithProtobufsTimeUtil) {
  RandomTimes random;
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t seconds = random.Seconds(TimeUtil::kDurationMinSeconds, TimeUtil::kDurationMaxSeconds);
    const std::int32_t nanos = random.Nanos();
    const Duration duration = Span(seconds, seconds < 0 ? -nanos : nanos);
    const std::string text = TimeUtil::ToString(duration);
    ASSERT_EQ(Written(duration), '"' + text + '"');
    Duration read;
    ASSERT_TRUE(Decode('"' + text + '"', &read).ok()) << text;
    ASSERT_EQ(read.seconds(), duration.seconds()) << text;
    ASSERT_EQ(read.nanos(), duration.nanos()) << text;
  }
}

TEST(Timestamp, ReadsEveryDayOfTheCalendar) {
  // From 0001-01-01 to 9999-12-31, at noon.
  for (std::int64_t seconds = -62'135'596'800 + 43'200; seconds < 253'402'300'800; seconds += 86'400) {
    Timestamp read;
    ASSERT_TRUE(Decode(Written(Time(seconds, 0)), &read).ok());
    ASSERT_EQ(read.seconds(), seconds);
  }
}

TEST(FieldMask, IsWrittenInLowerCamelCase) {
  ExpectReread<FieldMask>({
      {R"("")", R"("")"},
      {R"("foo,barBaz")", R"("foo,barBaz")"},
      {R"("user.displayName,a1.b2C")", R"("user.displayName,a1.b2C")"},
      {R"("Foo")", R"("Foo")"},
  });
  FieldMask mask;
  ASSERT_TRUE(Decode(R"("foo,barBaz.q,ABC")", &mask).ok());
  EXPECT_THAT(mask.paths(), testing::ElementsAre("foo", "bar_baz.q", "_a_b_c"));
}

TEST(FieldMask, RefusesWhatIsNoPath) {
  const std::string want = "want paths of fields such as \"user.displayName,photo\", got ";
  for (const char* document : {R"("foo,bar_bar")", R"(",")", R"("foo,")", R"(",foo")", R"("foo,,bar")",
                               R"("foo, bar")", R"("foo..bar")", R"(".foo")", R"("foo.")", R"("1a")",
                               R"("a.1")", R"("*")", R"("a-b")", R"("\u00e9")", "null", "1"}) {
    EXPECT_EQ(Reread<FieldMask>(document), want + document + " (byte 0)");
  }
}

TEST(FieldMask, RefusesToWriteWhatTheSpellingDoesNotKeep) {
  for (const char* path :
       {"fooBar", "foo_3_bar", "foo__bar", "foo_", "_", "", "a,b", "a.", "*", "a b", "1", "a_B"}) {
    FieldMask mask;
    mask.add_paths("fine");
    mask.add_paths(path);
    EXPECT_EQ(Written(mask),
              std::string("want paths of fields that lowerCamelCase keeps, got \"") + path + '"');
  }
}

TEST(FieldMask, WritesOnlyWhatItReadsAgain) {
  // All paths of up to four characters out of those that matter.
  constexpr std::string_view kAlphabet = "ab_B.1,";
  std::vector<std::string> paths = {""};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (const char c : kAlphabet) {
      if (paths[i].size() < 4) paths.push_back(paths[i] + c);
    }
    FieldMask mask;
    mask.add_paths(paths[i]);
    const absl::StatusOr<std::string> written = Encode(mask);
    FieldMask read;
    if (!written.ok() || !Decode(*written, &read).ok()) {
      EXPECT_FALSE(written.ok()) << paths[i];
      continue;
    }
    EXPECT_THAT(read.paths(), testing::ElementsAre(paths[i]));
  }
}

TEST(Value, IsAnyJson) {
  ExpectReread<Value>({
      {"null", "null"},
      {"true", "true"},
      {" false", "false"},
      {"1", "1"},
      {"-1.50", "-1.5"},
      {"12345678901234567890", "12345678901234567168"},
      {R"("1")", R"("1")"},
      {R"("NaN")", R"("NaN")"},
      {R"([0,"hello",[],{},null])", R"([0,"hello",[],{},null])"},
      {R"({"b":1,"a":{"x":null},"":2,"\u00e9":3,"B":[4]})",
       "{\"\":2,\"B\":[4],\"a\":{\"x\":null},\"b\":1,\"\xc3\xa9\":3}"},
  });
}

TEST(Value, SaysWhereAndWhyItIsRefused) {
  ExpectReread<Value>({
      {"nul", "want a value, got nul (byte 0)"},
      {"", "want a value, got the end of the document (byte 0)"},
      {"NaN", "want a value, got NaN (byte 0)"},
      {"1e999", "want a number that a double holds, got 1e999 (byte 0)"},
      {R"({"a":[1,{"b":tru}]})", "a[1].b: want true or false, got tru (byte 13)"},
      {R"({"a":1,"\u0061":2})", "a: duplicate key (byte 7)"},
      {R"({"a":{"b":1,"b":2}})", "a.b: duplicate key (byte 12)"},
  });
}

TEST(Value, IsReadOnlyAsDeepAsADocumentMayBe) {
  const auto nested = [](std::string_view open, std::string_view close, int depth) {
    std::string document;
    for (int i = 0; i < depth; ++i) document += open;
    document += "1";
    for (int i = 0; i < depth; ++i) document += close;
    return document;
  };
  EXPECT_EQ(Reread<Value>(nested("[", "]", 64)), nested("[", "]", 64));
  EXPECT_THAT(Reread<Value>(nested("[", "]", 65)), testing::HasSubstr("nested deeper than 64 (byte 64)"));
  EXPECT_EQ(Reread<Value>(nested(R"({"a":)", "}", 64)), nested(R"({"a":)", "}", 64));
  EXPECT_THAT(Reread<Value>(nested(R"({"a":)", "}", 100'000)),
              testing::HasSubstr("nested deeper than 64 (byte 320)"));
}

TEST(Value, HasNoJsonWithoutAKindOrAFiniteNumber) {
  EXPECT_EQ(Written(Value()), "want a value, got one without a kind");
  using Limits = std::numeric_limits<double>;
  for (const double number : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
    Struct object;
    (*object.mutable_fields())["a"].set_number_value(1);
    (*object.mutable_fields())["b"].mutable_list_value()->add_values()->set_number_value(number);
    EXPECT_EQ(Written(object), "b[0]: want a finite number, got NaN or an infinity");
  }
}

TEST(Struct, IsAnObjectAndListValueAnArray) {
  ExpectReread<Struct>({{"{}", "{}"},
                        {R"({"a":[]})", R"({"a":[]})"},
                        {"[]", "want an object, got an array (byte 0)"},
                        {"null", "want an object, got null (byte 0)"}});
  ExpectReread<ListValue>({{"[]", "[]"},
                           {"[null,[null]]", "[null,[null]]"},
                           {"{}", "want an array, got an object (byte 0)"},
                           {"[1,}", "[1]: want a value, got } (byte 3)"}});
}

TEST(Struct, IsReadWithManyKeysInLinearTime) {
  std::string document = "{";
  for (int i = 0; i < 200'000; ++i) document += "\"k" + std::to_string(i) + "\":0,";
  Struct object;
  EXPECT_TRUE(Decode(document + "\"z\":0}", &object).ok());
  EXPECT_EQ(object.fields().size(), 200'001U);
  EXPECT_EQ(Decode(document + "\"k7\":0}", &object).message().substr(0, 17), "k7: duplicate key");
}

TEST(NullValue, IsNullAndReadFromItsOldSpellings) {
  for (const char* document : {"null", R"("NULL_VALUE")", "0"}) {
    Reader in(document);
    auto value = static_cast<google::protobuf::NullValue>(7);
    EXPECT_TRUE(ReadJson(in, &value) && in.Finish()) << document;
    EXPECT_EQ(value, google::protobuf::NULL_VALUE);
  }
  for (const char* document : {R"("NULL")", "1", "false", "{}"}) {
    Reader in(document);
    google::protobuf::NullValue value{};
    EXPECT_FALSE(ReadJson(in, &value)) << document;
  }
  std::string text;
  DocumentWriter out(&text);
  out = WriteJson(google::protobuf::NULL_VALUE, out);
  EXPECT_TRUE(out.Finish().ok());
  EXPECT_EQ(text, "null");
}

TEST(Wrappers, AreTheValueThatTheyWrap) {
  ExpectReread<google::protobuf::DoubleValue>(
      {{"0", "0"}, {"1.5", "1.5"}, {R"("NaN")", R"("NaN")"}, {"null", "want a number, got null (byte 0)"}});
  ExpectReread<google::protobuf::FloatValue>(
      {{R"("-Infinity")", R"("-Infinity")"},
       {"1e39", "want a number that a float holds, got 1e39 (byte 0)"}});
  ExpectReread<google::protobuf::Int64Value>({{"-9223372036854775808", R"("-9223372036854775808")"},
                                              {R"("1e3")", R"("1000")"},
                                              {"1.5", "want an integer, got 1.5 (byte 0)"}});
  ExpectReread<google::protobuf::UInt64Value>(
      {{"18446744073709551615", R"("18446744073709551615")"},
       {"-1", "want an integer from 0 to 18446744073709551615, got -1 (byte 0)"}});
  ExpectReread<google::protobuf::Int32Value>(
      {{R"("-7")", "-7"},
       {"2147483648", "want an integer from -2147483648 to 2147483647, got 2147483648 (byte 0)"}});
  ExpectReread<google::protobuf::UInt32Value>(
      {{"4294967295", "4294967295"}, {"-1", "want an integer from 0 to 4294967295, got -1 (byte 0)"}});
  ExpectReread<google::protobuf::BoolValue>(
      {{"false", "false"}, {"true", "true"}, {R"("true")", "want true or false, got \"true\" (byte 0)"}});
  ExpectReread<google::protobuf::StringValue>(
      {{R"("")", R"("")"}, {R"("a\n")", R"("a\n")"}, {"1", "want a string, got 1 (byte 0)"}});
  ExpectReread<google::protobuf::BytesValue>(
      {{R"("-_8")", R"("+/8=")"}, {R"("!")", "want base64, got \"!\" (byte 0)"}});
}

TEST(Empty, IsAnObjectWithoutFields) {
  ExpectReread<google::protobuf::Empty>({{"{}", "{}"},
                                         {R"( { "a" : [1] } )", "{}"},
                                         {R"({"a":1,"a":1})", "a: duplicate key (byte 7)"},
                                         {"[]", "want an object, got an array (byte 0)"}});
  google::protobuf::Empty empty;
  EXPECT_EQ(Decode(R"({"a":1})", &empty, {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse}).message(),
            "a: unknown key (byte 1)");
}

}  // namespace
}  // namespace federation::json
