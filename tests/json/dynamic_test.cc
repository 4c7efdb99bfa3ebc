#include "json/dynamic.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/strings/match.h>
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "json/dynamic_test.pb.h"
#include "oracle/canonical_bytes.h"
#include "oracle/every_kind.pb.h"
#include "oracle/every_kind2.pb.h"
#include "oracle/random_message.h"

namespace federation::json {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageToJsonString;

absl::StatusOr<std::string> Encode(const Message& message) {
  std::string text;
  DocumentWriter out(&text);
  WriteDynamic(message, out);
  absl::Status status = out.Finish();
  if (!status.ok()) return status;
  return text;
}

absl::Status Decode(std::string_view document, Message* message, const DecodeOptions& options = {}) {
  Reader in(document, options);
  if (!ReadDynamic(in, message) || !in.Finish()) return in.error().ToStatus();
  return absl::OkStatus();
}

template <typename M>
std::string Reread(std::string_view document, const DecodeOptions& options = {}) {
  M message;
  const absl::Status read = Decode(document, &message, options);
  if (!read.ok()) return std::string(read.message());
  const absl::StatusOr<std::string> written = Encode(message);
  return written.ok() ? *written : std::string(written.status().message());
}

// A document and what comes of it: what is written of the message that was read, or an error.
using Rows = std::vector<std::pair<std::string, std::string>>;

template <typename M>
void ExpectReread(const Rows& rows) {
  for (const auto& [document, want] : rows) EXPECT_EQ(Reread<M>(document), want) << document;
}

TEST(Dynamic, ReadsEveryScalarInItsSpellings) {
  ExpectReread<oracle::Scalars>({
      {R"({"aDouble":"1e3","aFloat":1.5,"anInt32":1.0,"anInt64":-5,"aUint32":"7","aUint64":18446744073709551615})",
       R"({"aDouble":1000,"aFloat":1.5,"anInt32":1,"anInt64":"-5","aUint32":7,"aUint64":"18446744073709551615"})"},
      {R"({"aBool":true,"aString":"x","someBytes":"-_8","shade":"SHADE_DIM","leaf":{"size":1}})",
       R"({"aBool":true,"aString":"x","someBytes":"+/8=","shade":"SHADE_DARK","leaf":{"size":1}})"},
      {R"({"an_int32":1,"shade":99})", R"({"anInt32":1,"shade":99})"},
      {R"({"anInt32":0,"aBool":false,"aString":"","shade":0,"leaf":{}})", R"({"leaf":{}})"},
      {R"({"anInt32":null,"leaf":null,"shade":null})", "{}"},
      {R"({"anInt32":1,"an_int32":1})", "an_int32: duplicate key (byte 13)"},
      {R"({"anInt32":2147483648})",
       "anInt32: want an integer from -2147483648 to 2147483647, got 2147483648 (byte 11)"},
      {R"({"shade":"SHADE_GONE"})", "shade: want an enum value, got \"SHADE_GONE\" (byte 9)"},
      {R"({"leaf":{"size":[]}})", "leaf.size: want an integer, got an array (byte 16)"},
      {R"({"gone":[1,{}]})", "{}"},
  });
  EXPECT_EQ(Reread<oracle::Scalars>(R"({"gone":1})", {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse}),
            "gone: unknown key (byte 1)");
  ExpectReread<oracle::Optionals>(
      {{R"({"anInt32":0,"aBool":false,"aString":"","shade":0,"aDouble":-0})",
        R"({"aDouble":-0,"anInt32":0,"aBool":false,"aString":"","shade":"SHADE_UNSPECIFIED"})"}});
}

TEST(Dynamic, ReadsListsAndMaps) {
  ExpectReread<oracle::Lists>({
      {R"({"int32s":[1,"2"],"strings":["a",""],"shades":["SHADE_LIGHT",-1],"leaves":[{},{"size":2}],"blobs":["AQ=="]})",
       R"({"int32s":[1,2],"strings":["a",""],"blobs":["AQ=="],"shades":["SHADE_LIGHT","SHADE_BELOW"],"leaves":[{},{"size":2}]})"},
      {R"({"int32s":[],"leaves":null})", "{}"},
      {R"({"int32s":[1,null]})", "int32s[1]: want an integer, got null (byte 13)"},
      {R"({"leaves":[{},null]})", "leaves[1]: want an object, got null (byte 14)"},
      {R"({"int32s":1})", "int32s: want an array, got 1 (byte 10)"},
  });
  ExpectReread<oracle::Maps>({
      {R"({"byInt32":{"10":1,"-1":2,"9":3}})", R"({"byInt32":{"-1":2,"9":3,"10":1}})"},
      {R"({"byInt64":{"10":1,"-1":2}})", R"({"byInt64":{"-1":2,"10":1}})"},
      {R"({"byUint32":{"10":1,"9":2}})", R"({"byUint32":{"9":2,"10":1}})"},
      {R"({"byUint64":{"18446744073709551615":1,"9":2}})",
       R"({"byUint64":{"9":"2","18446744073709551615":"1"}})"},
      {R"({"byBool":{"true":{"size":1},"false":{}}})", R"({"byBool":{"false":{},"true":{"size":1}}})"},
      {R"({"byString":{"b":{"byString":{"":{}}},"a":{}}})",
       R"({"byString":{"a":{},"b":{"byString":{"":{}}}}})"},
      {R"({"bySfixed64":{"1":"SHADE_LIGHT","2":5},"bySfixed32":{"3":"AQ"}})",
       R"({"bySfixed32":{"3":"AQ=="},"bySfixed64":{"1":"SHADE_LIGHT","2":5}})"},
      {R"({"values":{"a":null,"b":[1]},"times":{"t":"1970-01-01T00:00:00+00:00"},"wrapped":{"w":5}})",
       R"({"times":{"t":"1970-01-01T00:00:00Z"},"values":{"a":null,"b":[1]},"wrapped":{"w":"5"}})"},
      {R"({"byInt32":{}})", "{}"},
      {R"({"byInt32":null})", "{}"},
      {R"({"byInt32":{"1":2,"1.0":3}})", "byInt32.1.0: duplicate key (byte 18)"},
      {R"({"byBool":{"true":{},"true":{}}})", "byBool.true: duplicate key (byte 21)"},
      {R"({"byInt32":{"x":2}})", "byInt32.x: want an integer, got \"x\" (byte 12)"},
      {R"({"byInt32":{"1":null}})", "byInt32.1: want a number, got null (byte 16)"},
      {R"({"wrapped":{"w":null}})", "wrapped.w: want an integer, got null (byte 16)"},
      {R"({"byInt32":[]})", "byInt32: want an object, got an array (byte 11)"},
  });
}

TEST(Dynamic, KeepsToTheRulesOfOneofsAndNull) {
  ExpectReread<oracle::Choices>({
      {R"({"anInt32":0})", R"({"anInt32":0})"},
      {R"({"anInt32":null,"aBool":false})", R"({"aBool":false})"},
      {R"({"anInt32":1,"aBool":true})", "aBool: another case of the same oneof is set already (byte 13)"},
      {R"({"anInt32":1,"nullValue":null})", R"({"anInt32":1,"nullValue":null})"},
      {R"({"nullValue":"NULL_VALUE"})", R"({"nullValue":null})"},
      {R"({"value":null})", R"({"value":null})"},
      {R"({"nullValue":null,"value":null})",
       "value: another case of the same oneof is set already (byte 18)"},
      {R"({"wrappedBool":null,"list":[null]})", R"({"list":[null]})"},
  });
  ExpectReread<oracle::WellKnown>({
      {R"({"nullValue":null,"value":null,"any":null,"struct":null,"empty":{}})",
       R"({"value":null,"empty":{}})"},
      {R"({"timestamp":"soon"})",
       "timestamp: want a time such as \"2026-01-31T12:00:00Z\", got \"soon\" (byte 13)"},
  });
}

TEST(Dynamic, PassesOverUnknownNamesOfEnumsWhenAsked) {
  const DecodeOptions options = {.unknown_enum_names = DecodeOptions::UnknownEnumNames::kIgnore};
  EXPECT_EQ(Reread<oracle::Optionals>(R"({"shade":"GONE","anInt32":1})", options), R"({"anInt32":1})");
  EXPECT_EQ(Reread<oracle::Lists>(R"({"shades":["SHADE_DARK","GONE","SHADE_LIGHT"]})", options),
            R"({"shades":["SHADE_DARK","SHADE_LIGHT"]})");
  EXPECT_EQ(Reread<oracle::Maps>(R"({"bySfixed64":{"1":"GONE","2":"SHADE_DARK"}})", options),
            R"({"bySfixed64":{"2":"SHADE_DARK"}})");
  EXPECT_EQ(Reread<oracle::Maps>(R"({"bySfixed64":{"1":"GONE","1":"SHADE_DARK"}})", options),
            "bySfixed64.1: duplicate key (byte 26)");
}

TEST(Dynamic, AsksForRequiredFieldsAndNamesOfClosedEnums) {
  ExpectReread<oracle::Required>({
      {R"({"mood":"MOOD_DARK","text":"","number":0})", R"({"number":0,"text":"","mood":"MOOD_DARK"})"},
      {R"({"number":0,"text":"","mood":2})", "mood: want an enum value, got 2 (byte 29)"},
      {R"({"number":0,"text":"","mood":null})", "want the key \"mood\", got none (byte 33)"},
      {R"({"number":0,"text":"","mood":1,"more":[{"number":1,"text":""}]})",
       "more[0]: want the key \"mood\", got none (byte 60)"},
  });
  oracle::Required message;
  message.set_number(1);
  message.set_text("");
  message.set_mood(oracle::MOOD_CALM);
  message.add_more()->set_number(1);
  EXPECT_EQ(Encode(message).status().message(), "more[0]: want the required key \"text\", got none");
}

TEST(Dynamic, WritesNoFieldThatHasOnlyItsDefault) {
  ExpectReread<oracle::Defaults>({{"{}", "{}"},
                                  {R"({"shade":5})", "shade: want an enum value, got 5 (byte 9)"},
                                  {R"({"anInt32":-7})", R"({"anInt32":-7})"}});
}

TEST(Dynamic, LeavesOutGroupsAndExtensions) {
  test::Old old;
  old.set_number(1);
  old.mutable_inner()->set_depth(2);
  old.mutable_needed()->set_depth(2);
  old.SetExtension(test::beyond, 3);
  EXPECT_EQ(*Encode(old), R"({"number":1})");
  EXPECT_EQ(Reread<test::Old>(R"({"number":1,"inner":{"depth":1}})"), R"({"number":1})");
}

TEST(Dynamic, WritesTheLastOfEntriesWithOneKey) {
  oracle::Maps maps;
  const google::protobuf::Reflection& reflection = *maps.GetReflection();
  const google::protobuf::FieldDescriptor& field = *maps.GetDescriptor()->FindFieldByName("by_uint32");
  for (const int value : {1, 2, 3}) {
    Message* const entry = reflection.AddMessage(&maps, &field);
    entry->GetReflection()->SetUInt32(entry, field.message_type()->map_key(), value == 2 ? 4 : 5);
    entry->GetReflection()->SetInt32(entry, field.message_type()->map_value(), value);
  }
  EXPECT_EQ(*Encode(maps), R"({"byUint32":{"4":2,"5":3}})");
}

TEST(Dynamic, IsReadOnlyAsDeepAsADocumentMayBe) {
  const auto nested = [](int depth) {
    std::string document;
    for (int i = 1; i < depth; ++i) document += R"({"left":)";
    return document + "{}" + std::string(static_cast<std::size_t>(depth - 1), '}');
  };
  EXPECT_EQ(Reread<oracle::Tree>(nested(64)), nested(64));
  EXPECT_THAT(Reread<oracle::Tree>(nested(65)), testing::HasSubstr("nested deeper than 64 (byte 512)"));
}

TEST(Dynamic, IsWrittenOnlyAsDeepAsAHundredMessages) {
  oracle::Tree tree;
  oracle::Tree* at = &tree;
  for (int i = 1; i < kDynamicDepthMax; ++i) at = at->mutable_left();
  EXPECT_TRUE(Encode(tree).ok());
  at->mutable_left();
  EXPECT_THAT(std::string(Encode(tree).status().message()),
              testing::HasSubstr("left: nested deeper than 100"));
}

TEST(Dynamic, TakesMessagesOfAnyClass) {
  google::protobuf::DynamicMessageFactory factory;
  const std::unique_ptr<Message> message(factory.GetPrototype(oracle::WellKnown::descriptor())->New());
  const std::string document =
      R"({"timestamp":"1970-01-01T00:00:01Z","mask":"aB","value":{"a":[1]},"nullValue":null,)"
      R"("any":{"@type":"a/oracle.Leaf","size":1},"wrappedInt64":"5"})";
  ASSERT_EQ(Decode(document, message.get()), absl::OkStatus());
  EXPECT_EQ(*Encode(*message), R"({"timestamp":"1970-01-01T00:00:01Z","mask":"aB","value":{"a":[1]},)"
                               R"("any":{"@type":"a/oracle.Leaf","size":1},"wrappedInt64":"5"})");
}

const Message* const kRandomTypes[] = {
    &oracle::Scalars::default_instance(),   &oracle::Optionals::default_instance(),
    &oracle::Lists::default_instance(),     &oracle::Maps::default_instance(),
    &oracle::Choices::default_instance(),   &oracle::Tree::default_instance(),
    &oracle::WellKnown::default_instance(), &oracle::WellKnownLists::default_instance(),
    &oracle::Names::default_instance(),     &oracle::Wide::default_instance(),
    &oracle::Required::default_instance(),  &oracle::Defaults::default_instance()};

std::unique_ptr<Message> RandomMessage(const Message& prototype, oracle::Random& random) {
  const std::unique_ptr<Message> filled(prototype.New());
  oracle::FillRandomly(random, 4, filled.get());
  // What protobuf makes of it: maps in which each key stands once, and no numbers that a closed enum does not
  // have, which are unknown fields.
  std::unique_ptr<Message> message(prototype.New());
  message->ParsePartialFromString(filled->SerializePartialAsString());
  message->DiscardUnknownFields();
  return message;
}

class RandomMessages : public testing::TestWithParam<const Message*> {};

TEST_P(RandomMessages, ComeBackAsTheyWere) {
  oracle::Random random(1);
  for (int i = 0; i < 500; ++i) {
    const std::unique_ptr<Message> message = RandomMessage(*GetParam(), random);
    const absl::StatusOr<std::string> text = Encode(*message);
    ASSERT_TRUE(text.ok()) << text.status() << message->DebugString();
    const std::unique_ptr<Message> read(GetParam()->New());
    const absl::Status status =
        Decode(*text, read.get(), {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse});
    ASSERT_TRUE(status.ok()) << status << *text;
    ASSERT_EQ(oracle::CanonicalBytes(*read), oracle::CanonicalBytes(*message)) << *text;
    ASSERT_EQ(*Encode(*read), *text);
  }
}

TEST_P(RandomMessages, AreReadFromWhatJsonUtilWrites) {
  oracle::Random random(2);
  for (int i = 0; i < 500; ++i) {
    const std::unique_ptr<Message> message = RandomMessage(*GetParam(), random);
    std::string text;
    if (!MessageToJsonString(*message, &text).ok()) continue;
    const std::unique_ptr<Message> read(GetParam()->New());
    const absl::Status status = Decode(text, read.get());
    // An Any whose message has a field of that name gets it twice from there.
    if (absl::StrContains(status.message(), "@type: duplicate key")) continue;
    ASSERT_TRUE(status.ok()) << status << text;
    ASSERT_EQ(*Encode(*read), *Encode(*message)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Dynamic, RandomMessages, testing::ValuesIn(kRandomTypes),
                         [](const auto& info) { return info.param->GetDescriptor()->name(); });

}  // namespace
}  // namespace federation::json
