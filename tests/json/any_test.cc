#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include "federation/json/codec.h"
#include "federation/json/well_known.h"

#include "json/dynamic_test.pb.h"
#include "oracle/every_kind.pb.h"
#include "oracle/every_kind2.pb.h"

namespace federation::json {
namespace {

using google::protobuf::Any;

std::string Reread(std::string_view document, const DecodeOptions& options = {}) {
  Any any;
  const absl::Status read = Decode(document, &any, options);
  if (!read.ok()) return std::string(read.message());
  const absl::StatusOr<std::string> written = Encode(any);
  return written.ok() ? *written : std::string(written.status().message());
}

std::string Written(const Any& any) {
  const absl::StatusOr<std::string> written = Encode(any);
  return written.ok() ? *written : std::string(written.status().message());
}

// Puts the type of a message in front of its fields.
std::string Object(std::string_view type, std::string_view rest) {
  return "{\"@type\":\"type.googleapis.com/" + std::string(type) + "\"" + std::string(rest) + "}";
}

TEST(Any, HasTheFieldsOfItsMessageBesideItsType) {
  oracle::Leaf leaf;
  leaf.set_size(7);
  Any any;
  any.PackFrom(leaf);
  EXPECT_EQ(Written(any), Object("oracle.Leaf", R"(,"size":7)"));
  Any read;
  ASSERT_TRUE(Decode(Object("oracle.Leaf", R"(,"size":7)"), &read).ok());
  EXPECT_EQ(read.SerializeAsString(), any.SerializeAsString());
}

TEST(Any, HasWhatHasAFormOfItsOwnUnderValue) {
  for (const std::string& document :
       {Object("google.protobuf.Int32Value", R"(,"value":12345)"),
        Object("google.protobuf.Int64Value", R"(,"value":"12345")"),
        Object("google.protobuf.UInt32Value", R"(,"value":12345)"),
        Object("google.protobuf.UInt64Value", R"(,"value":"12345")"),
        Object("google.protobuf.DoubleValue", R"(,"value":1.5)"),
        Object("google.protobuf.FloatValue", R"(,"value":"NaN")"),
        Object("google.protobuf.BoolValue", R"(,"value":false)"),
        Object("google.protobuf.StringValue", R"(,"value":"")"),
        Object("google.protobuf.BytesValue", R"(,"value":"AQI=")"),
        Object("google.protobuf.Duration", R"(,"value":"1.500s")"),
        Object("google.protobuf.Timestamp", R"(,"value":"1970-01-01T00:00:00Z")"),
        Object("google.protobuf.FieldMask", R"(,"value":"foo,barBaz")"),
        Object("google.protobuf.Struct", R"(,"value":{"foo":1})"),
        Object("google.protobuf.ListValue", R"(,"value":[null])"),
        Object("google.protobuf.Value", R"(,"value":{"foo":1})"),
        Object("google.protobuf.Value", R"(,"value":1)"), Object("google.protobuf.Value", R"(,"value":null)"),
        Object("google.protobuf.Any", R"(,"value":{})"),
        Object("google.protobuf.Any", ",\"value\":" + Object("oracle.Leaf", R"(,"size":1)"))}) {
    EXPECT_EQ(Reread(document), document);
  }
}

TEST(Any, MayLackTheValueThatHasNoBytes) {
  EXPECT_EQ(Reread(Object("google.protobuf.Duration", "")),
            Object("google.protobuf.Duration", R"(,"value":"0s")"));
  EXPECT_EQ(Reread(Object("google.protobuf.StringValue", "")),
            Object("google.protobuf.StringValue", R"(,"value":"")"));
  const std::string document = Object("google.protobuf.Empty", "");
  EXPECT_EQ(Reread(document), document);
  EXPECT_EQ(Reread(Object("google.protobuf.Empty", R"(,"value":{})"),
                   {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse}),
            document);
}

TEST(Any, FindsItsTypeAtAnyPlace) {
  const std::string wanted = Object("oracle.Tree", R"(,"label":"a","left":{"label":"@type"})");
  for (
      const char* document :
      {R"({"label":"a","@type":"type.googleapis.com/oracle.Tree","left":{"label":"@type"}})",
       R"({"label":"a","left":{"label":"@type"},"@type":"type.googleapis.com/oracle.Tree"})",
       R"( { "left" : {"label":"@type"}, "label":"a", "@t\u0079pe" : "type.googleapis.com/oracl\u0065.Tree" } )"}) {
    EXPECT_EQ(Reread(document), wanted);
  }
  EXPECT_EQ(Reread(R"({"value":"1s","@type":"type.googleapis.com/google.protobuf.Duration"})"),
            Object("google.protobuf.Duration", R"(,"value":"1s")"));
}

TEST(Any, KeepsTheWholeTypeUrl) {
  for (const char* document : {R"({"@type":"/oracle.Leaf","size":1})",
                               R"({"@type":"https://example.org/a/b/oracle.Leaf","size":1})"}) {
    EXPECT_EQ(Reread(document), document);
  }
}

TEST(Any, IsAnEmptyObjectWhereItIsNotSet) {
  EXPECT_EQ(Reread("{}"), "{}");
  EXPECT_EQ(Reread(" { } "), "{}");
}

TEST(Any, SaysWhereAndWhyItIsRefused) {
  const std::string want_url = "want a type URL such as \"type.googleapis.com/full.Name\", got ";
  const std::string want_known = "want the type URL of a message that is compiled into this program, got ";
  for (const auto& [document, error] : std::vector<std::pair<std::string, std::string>>{
           {"null", "want an object, got null (byte 0)"},
           {"[]", "want an object, got an array (byte 0)"},
           {R"( {"size":1})", "want the key \"@type\", got none (byte 1)"},
           {R"({"value":{}})", "want the key \"@type\", got none (byte 0)"},
           {R"({"@type":null})", "@type: want a string, got null (byte 9)"},
           {R"({"a":1,"@type":7})", "@type: want a string, got 7 (byte 15)"},
           {R"({"@type":""})", "@type: " + want_url + "\"\" (byte 9)"},
           {R"({"@type":"oracle.Leaf"})", "@type: " + want_url + "\"oracle.Leaf\" (byte 9)"},
           {R"({"@type":"a.b/"})", "@type: " + want_url + "\"a.b/\" (byte 9)"},
           {R"({"size":1, "@type":"a/oracle.Gone"})", "@type: " + want_known + "\"a/oracle.Gone\" (byte 19)"},
           {R"({"@type":"a/oracle"})", "@type: " + want_known + "\"a/oracle\" (byte 9)"},
           {R"({"@type":"a/oracle.Shade"})", "@type: " + want_known + "\"a/oracle.Shade\" (byte 9)"},
           {R"({"@type":"a/oracle.Leaf.size"})", "@type: " + want_known + "\"a/oracle.Leaf.size\" (byte 9)"},
           {R"({"@type":"a/oracle.Maps.ByBoolEntry"})",
            "@type: " + want_known + "\"a/oracle.Maps.ByBoolEntry\" (byte 9)"},
           {R"({"@type":"a/oracle.Leaf","size":"x"})", "size: want an integer, got \"x\" (byte 32)"},
           {R"({"@type":"a/oracle.Leaf","@type":"a/oracle.Leaf"})", "@type: duplicate key (byte 25)"},
           {R"({"@type":"a/oracle.Leaf","size":1,"size":1})", "size: duplicate key (byte 34)"},
           {R"({"@type":"a/google.protobuf.Value"})", "want the key \"value\", got none (byte 34)"},
           {R"({"@type":"a/google.protobuf.Duration","value":"x"})",
            "value: want a duration such as \"1.5s\", got \"x\" (byte 46)"},
           {R"({"@type":"a/google.protobuf.Duration","value":null})",
            "value: want a duration such as \"1.5s\", got null (byte 46)"},
           {R"({"@type":"a/google.protobuf.Duration","value":"1s","value":"1s"})",
            "value: duplicate key (byte 51)"},
           {R"({"@type":"a/google.protobuf.Any","value":{"@type":"a/b"}})",
            "value.@type: " + want_known + "\"a/b\" (byte 50)"},
           {R"({"@type":"a/oracle.Required","number":1,"mood":1})",
            "want the key \"text\", got none (byte 48)"},
           {R"({"@type":"a/oracle.Leaf","size":1)",
            "want a comma or the end of the object, got the end of the document (byte 33)"}}) {
    EXPECT_EQ(Reread(document), error) << document;
  }
}

TEST(Any, MarksAnUnknownTypeAsWhatANewerProgramMayKnow) {
  Reader in(R"({"@type":"a/oracle.Gone"})");
  Any any;
  EXPECT_FALSE(ReadJson(in, &any));
  EXPECT_EQ(in.error().kind, DecodeError::Kind::kUnknownTag);
  EXPECT_EQ(in.error().pointer, "/@type");
}

TEST(Any, HoldsItsContentToTheReadersOptions) {
  const std::string document = Object("oracle.Leaf", R"(,"colour":[1])");
  EXPECT_EQ(Reread(document), Object("oracle.Leaf", ""));
  EXPECT_EQ(Reread(document, {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse}),
            "colour: unknown key (byte 43)");
  const std::string wrapper = Object("google.protobuf.BoolValue", R"(,"value":true,"colour":[1])");
  EXPECT_EQ(Reread(wrapper), Object("google.protobuf.BoolValue", R"(,"value":true)"));
  EXPECT_EQ(Reread(wrapper, {.unknown_keys = DecodeOptions::UnknownKeys::kRefuse}),
            "colour: unknown key (byte 70)");
}

TEST(Any, IsReadOnlyAsDeepAsADocumentMayBe) {
  for (const bool type_first : {true, false}) {
    const auto nested = [type_first](int depth) {
      const std::string type = R"("@type":"type.googleapis.com/google.protobuf.Any")";
      std::string document;
      for (int i = 1; i < depth; ++i) document += type_first ? "{" + type + R"(,"value":)" : R"({"value":)";
      document += "{}";
      for (int i = 1; i < depth; ++i) document += type_first ? "}" : "," + type + "}";
      return document;
    };
    EXPECT_THAT(Reread(nested(64)), testing::StartsWith("{"));
    EXPECT_THAT(Reread(nested(65)), testing::HasSubstr("nested deeper than 64"));
    EXPECT_THAT(Reread(nested(50'000)), testing::HasSubstr("nested deeper than 64"));
  }
}

TEST(Any, IsWrittenOnlyAsDeepAsAHundredMessages) {
  Any any;
  for (int i = 0; i < 100; ++i) {
    Any outer;
    outer.PackFrom(any);
    any = outer;
  }
  EXPECT_THAT(Written(any), testing::StartsWith("{"));
  Any outer;
  outer.PackFrom(any);
  EXPECT_THAT(Written(outer), testing::HasSubstr("value.@type: nested deeper than 100"));
}

TEST(Any, HasNoJsonWithoutAKnownTypeAndItsBytes) {
  Any any;
  any.set_value("a");
  EXPECT_EQ(Written(any), "want a type URL such as \"type.googleapis.com/full.Name\", got none");
  any.set_type_url("a/oracle.Gone");
  EXPECT_EQ(
      Written(any),
      "@type: want the type URL of a message that is compiled into this program, got \"a/oracle.Gone\"");
  any.set_type_url("oracle.Leaf");
  EXPECT_EQ(Written(any),
            "@type: want a type URL such as \"type.googleapis.com/full.Name\", got \"oracle.Leaf\"");
  any.set_type_url("a/oracle.Leaf");
  EXPECT_EQ(Written(any), "@type: want the bytes of a oracle.Leaf, got others");
  any.clear_value();
  EXPECT_EQ(Written(any), R"({"@type":"a/oracle.Leaf"})");
  any.set_type_url("a/oracle.Required");
  EXPECT_EQ(Written(any), "want the required key \"number\", got none");
  any.set_type_url("a/google.protobuf.Value");
  EXPECT_EQ(Written(any), "value: want a value, got one without a kind");
}

TEST(Any, TellsFieldsByTheNamesOfItsOwnKeys) {
  test::Confusing confusing;
  confusing.set_renamed("a");
  confusing.set_value("b");
  Any any;
  any.PackFrom(confusing);
  const std::string document = Object("federation.json.test.Confusing", R"(,"renamed":"a","value":"b")");
  EXPECT_EQ(Written(any), document);
  EXPECT_EQ(Reread(document), document);
}

TEST(Any, HasEqualBytesForEqualContent) {
  Any one;
  Any other;
  ASSERT_TRUE(Decode(Object("oracle.Maps", R"(,"byInt32":{"1":1,"2":2,"3":3})"), &one).ok());
  ASSERT_TRUE(Decode(Object("oracle.Maps", R"(,"byInt32":{"3":3,"2":2,"1":1})"), &other).ok());
  EXPECT_EQ(one.value(), other.value());
}

TEST(Any, OfATypeUnknownTakesNoMemoryForGood) {
  // protobuf's pool notes names that it does not know; not for longer than until the next one.
  for (int i = 0; i < 1000; ++i) {
    Any any;
    EXPECT_FALSE(Decode("{\"@type\":\"a/unknown" + std::to_string(i) + "\"}", &any).ok());
  }
  EXPECT_EQ(Reread(Object("oracle.Leaf", "")), Object("oracle.Leaf", ""));
}

}  // namespace
}  // namespace federation::json
