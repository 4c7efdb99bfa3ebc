// Canonical ProtoJSON through generated code, with protobuf's own converter as the reference.
#include <cmath>
#include <limits>
#include <string>

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "federation/json/codec.h"

#include "scalars_map_to_proto_json/scalars.federation.h"

namespace golden::scalars {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string Reference(const google::protobuf::Message& message) {
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

// Reads what was written, and writes what protobuf's converter writes.
template <typename M>
void ExpectRoundTrip(const M& message) {
  const std::string json = federation::json::Encode(message).value();
  EXPECT_EQ(json, Reference(message));
  M read;
  const absl::Status status = federation::json::Decode(json, &read);
  ASSERT_TRUE(status.ok()) << status << " in " << json;
  EXPECT_TRUE(MessageDifferencer::Equals(read, message)) << json;
}

Plain FullPlain() {
  Plain plain;
  plain.set_a_double(-1.5);
  plain.set_a_float(0.25F);
  plain.set_an_int32(std::numeric_limits<std::int32_t>::min());
  plain.set_an_int64(std::numeric_limits<std::int64_t>::min());
  plain.set_a_uint32(std::numeric_limits<std::uint32_t>::max());
  plain.set_a_uint64(std::numeric_limits<std::uint64_t>::max());
  plain.set_a_sint32(-7);
  plain.set_a_sint64(-8);
  plain.set_a_fixed32(9);
  plain.set_a_fixed64(10);
  plain.set_a_sfixed32(-11);
  plain.set_a_sfixed64(-12);
  plain.set_a_bool(true);
  plain.set_a_string("\"quoted\" \\ and \n caf\xC3\xA9");
  plain.set_some_bytes(std::string("\x00\xFF\x10", 3));
  plain.set_colour(COLOUR_BLUE);
  plain.set_renamed("x");
  return plain;
}

TEST(ProtoJson, WritesEveryKindAsProtobufDoes) { ExpectRoundTrip(FullPlain()); }

TEST(ProtoJson, LeavesOutDefaultsWithoutPresence) {
  EXPECT_EQ(federation::json::Encode(Plain()).value(), "{}");
  ExpectRoundTrip(Plain());
}

TEST(ProtoJson, KeepsMinusZeroAndInfinity) {
  Plain plain;
  plain.set_a_double(-0.0);
  plain.set_a_float(-std::numeric_limits<float>::infinity());
  EXPECT_EQ(federation::json::Encode(plain).value(), R"({"aDouble":-0,"aFloat":"-Infinity"})");
  Plain read;
  ASSERT_TRUE(federation::json::Decode(R"({"aDouble":-0,"aFloat":"-Infinity"})", &read).ok());
  EXPECT_TRUE(std::signbit(read.a_double()));
  EXPECT_TRUE(std::isinf(read.a_float()));
}

TEST(ProtoJson, WritesUnknownEnumValuesAsNumbers) {
  Plain plain;
  plain.set_colour(static_cast<Colour>(77));
  ExpectRoundTrip(plain);
}

TEST(ProtoJson, ReadsOriginalNamesAndEnumNumbers) {
  Plain plain;
  ASSERT_TRUE(federation::json::Decode(R"({"an_int64":5,"renamed":"y","colour":1})", &plain).ok());
  EXPECT_EQ(plain.an_int64(), 5);
  EXPECT_EQ(plain.renamed(), "y");
  EXPECT_EQ(plain.colour(), COLOUR_RED);
}

TEST(ProtoJson, RefusesAFieldUnderBothOfItsNames) {
  Plain plain;
  const absl::Status status = federation::json::Decode(R"({"an_int64":5,"anInt64":5})", &plain);
  EXPECT_EQ(status.message(), "anInt64: duplicate key (byte 14)");
}

TEST(ProtoJson, WritesFieldsWithPresenceIfAndOnlyIfTheyAreSet) {
  Present present;
  ExpectRoundTrip(present);
  present.set_number(0);
  present.set_text("");
  present.set_colour(COLOUR_UNSPECIFIED);
  present.mutable_child();
  ExpectRoundTrip(present);
  EXPECT_EQ(federation::json::Encode(present).value(),
            R"({"number":0,"text":"","colour":"COLOUR_UNSPECIFIED","child":{}})");
}

TEST(ProtoJson, WritesTheCaseOfAOneofThatIsSet) {
  Present present;
  present.set_yes(false);
  ExpectRoundTrip(present);
  present.set_because("");
  ExpectRoundTrip(present);
  present.set_shade(Present::DARK);
  ExpectRoundTrip(present);
  *present.mutable_plain() = FullPlain();
  ExpectRoundTrip(present);
}

TEST(ProtoJson, RefusesTwoCasesOfOneOneof) {
  Present present;
  const absl::Status status = federation::json::Decode(R"({"yes":true,"because":"x"})", &present);
  EXPECT_EQ(status.message(), "because: another case of the same oneof is set already (byte 12)");
}

TEST(ProtoJson, ReadsNullAsNotSet) {
  Present present;
  ASSERT_TRUE(
      federation::json::Decode(R"({"number":null,"child":null,"yes":null,"because":"x"})", &present).ok());
  EXPECT_FALSE(present.has_number());
  EXPECT_FALSE(present.has_child());
  EXPECT_EQ(present.because(), "x");
}

TEST(ProtoJson, WritesAndReadsLists) {
  Repeated lists;
  ExpectRoundTrip(lists);
  for (const int number : {0, -1, 1 << 30}) lists.add_numbers(number);
  lists.add_flags(true);
  lists.add_flags(false);
  lists.add_ratios(0.5);
  lists.add_texts("");
  lists.add_texts("b");
  lists.add_blobs("\x01");
  lists.add_colours(COLOUR_RED);
  lists.add_colours(COLOUR_UNSPECIFIED);
  lists.add_parts()->set_size(3);
  lists.add_parts();
  ExpectRoundTrip(lists);
}

TEST(ProtoJson, NamesThePlaceInsideOfLists) {
  Repeated lists;
  EXPECT_EQ(federation::json::Decode(R"({"parts":[{},{"size":"soon"}]})", &lists).message(),
            "parts[1].size: want an integer, got \"soon\" (byte 21)");
  EXPECT_EQ(federation::json::Decode(R"({"numbers":[1,true]})", &lists).message(),
            "numbers[1]: want an integer, got true (byte 14)");
}

TEST(ProtoJson, LimitsRecursion) {
  std::string json;
  for (int i = 0; i < 64; ++i) json += R"({"child":)";
  json += "{}";
  json.append(64, '}');
  Present present;
  EXPECT_FALSE(federation::json::Decode(json, &present).ok());
  EXPECT_TRUE(federation::json::Decode(json, &present, {.depth_max = 65}).ok());
}

}  // namespace
}  // namespace golden::scalars
