// Maps and well-known types through generated code.
#include <string>
#include <string_view>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "federation/json/codec.h"

#include "maps_and_well_known_types_map_to_proto_json/reading.federation.h"

namespace golden::reading {
namespace {

using federation::json::Decode;
using federation::json::Encode;

std::string ErrorOf(std::string_view json) {
  Reading reading;
  return std::string(Decode(json, &reading).message());
}

TEST(Maps, AreWrittenInTheOrderOfTheirKeys) {
  const std::string json = R"({"labels":{"":"e","a":"1","b":"\"2\"","ä":"3"},)"
                           R"("levels":{"-7":"LEVEL_LOW","0":"LEVEL_HIGH","10":7},)"
                           R"("parts":{"18446744073709551615":{"labels":{"x":"y"}}},)"
                           R"("ratios":{"false":0.5,"true":"NaN"},)"
                           R"("seenAt":{"u":"2026-01-31T12:00:00Z"}})";
  Reading reading;
  const absl::Status status = Decode(json, &reading);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Encode(reading).value(), json);
  // Protobuf's own converter has no such order, and reads it as well.
  Reading same;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &same).ok());
  EXPECT_EQ(Encode(same).value(), json);
}

TEST(Maps, RefuseWhatIsNoEntry) {
  EXPECT_EQ(ErrorOf(R"({"labels":{"a":"1","a":"2"}})"), "labels.a: duplicate key (byte 19)");
  EXPECT_EQ(ErrorOf(R"({"levels":{"1":"LEVEL_LOW","01":"LEVEL_LOW"}})"),
            "levels.01: want an integer, got \"01\" (byte 27)");
  EXPECT_EQ(ErrorOf(R"({"levels":{"1":1,"1e0":1}})"), "levels.1e0: duplicate key (byte 17)");
  EXPECT_EQ(ErrorOf(R"({"levels":{"soon":1}})"), "levels.soon: want an integer, got \"soon\" (byte 11)");
  EXPECT_EQ(ErrorOf(R"({"labels":{"a":null}})"), "labels.a: want a string, got null (byte 15)");
  EXPECT_EQ(ErrorOf(R"({"ratios":{"yes":1}})"),
            "ratios.yes: want \"true\" or \"false\", got \"yes\" (byte 11)");
  EXPECT_EQ(ErrorOf(R"({"labels":[]})"), "labels: want an object, got an array (byte 10)");
  EXPECT_EQ(ErrorOf(R"({"parts":{"1":{"labels":{"a":1}}}})"),
            "parts.1.labels.a: want a string, got 1 (byte 29)");
}

TEST(HiddenStrings, AreReachedByReflection) {
  const std::string json = R"({"chosenCord":"","cord":"text","pieces":["AQ==","Ag=="],"optionalCord":""})";
  Reading reading;
  const absl::Status status = Decode(json, &reading);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(reading.choice_case(), Reading::kChosenCord);
  EXPECT_EQ(reading.pieces_size(), 2);
  EXPECT_EQ(Encode(reading).value(), json);
  EXPECT_EQ(Encode(Reading()).value(), "{}");
  EXPECT_EQ(Encode(AlwaysThere()).value(), R"({"what??/":"","pieces":[]})");
  EXPECT_EQ(ErrorOf(R"({"cord":1})"), "cord: want a string, got 1 (byte 8)");
  EXPECT_EQ(ErrorOf(R"({"pieces":["AQ==","?"]})"), "pieces[1]: want base64, got \"?\" (byte 18)");
}

TEST(WellKnownTypes, HaveFormsOfTheirOwn) {
  const std::string json =
      R"({"takenAt":"2026-01-31T12:00:00.250Z","lasted":"1.500s","pauses":["-3s"],)"
      R"("extra":{"a":[1,null,"x",{"b":true}]},"value":null,"list":[1,[]],)"
      R"("note":"by hand","count":"7","mask":"takenAt,note","empty":{},)"
      R"("any":{"@type":"type.googleapis.com/golden.reading.Reading","note":"inner"},"none":null})";
  Reading reading;
  const absl::Status status = Decode(json, &reading);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(reading.has_value());
  EXPECT_EQ(reading.choice_case(), Reading::kNone);
  EXPECT_EQ(Encode(reading).value(), json);
}

TEST(WellKnownTypes, ReadNullAsTheirValueOnlyWhereItIsOne) {
  Reading reading;
  ASSERT_TRUE(
      Decode(R"({"takenAt":null,"note":null,"some":null,"anyValue":null,"nothing":null,"extra":null})",
             &reading)
          .ok());
  EXPECT_FALSE(reading.has_taken_at() || reading.has_note() || reading.has_extra());
  EXPECT_EQ(reading.choice_case(), Reading::kAnyValue);
  EXPECT_EQ(reading.any_value().kind_case(), google::protobuf::Value::kNullValue);
  EXPECT_EQ(ErrorOf(R"({"none":null,"some":"x"})"),
            "some: another case of the same oneof is set already (byte 13)");
}

TEST(WellKnownTypes, NameThePlaceOfWhatIsWrong) {
  EXPECT_EQ(ErrorOf(R"({"seenAt":{"u":"soon"}})").substr(0, 8), "seenAt.u");
  EXPECT_EQ(ErrorOf(R"({"pauses":["1s","2"]})").substr(0, 9), "pauses[1]");
  Reading reading;
  reading.mutable_taken_at()->set_nanos(-1);
  EXPECT_EQ(std::string(Encode(reading).status().message()).substr(0, 8), "takenAt:");
}

}  // namespace
}  // namespace golden::reading
