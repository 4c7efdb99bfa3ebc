// Everything that the generator refuses, one row a mistake.
#include <ostream>
#include <string>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/plugin.h"
#include "codegen/schemas.h"

namespace federation::codegen {
namespace {

// Stands in front of every row's text, in the first line: so the text starts in line 2.
constexpr char kPrelude[] =
    "syntax = \"proto3\"; package chat.v1; import \"federation/v1/annotations.proto\"; "
    "import \"google/protobuf/duration.proto\";\n";

struct Mistake {
  const char* name;
  const char* schema;
  const char* want;  // the whole error
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.schema; }

std::string NameOf(const testing::TestParamInfo<Mistake>& info) { return info.param.name; }

class Refuses : public testing::TestWithParam<Mistake> {};

TEST_P(Refuses, WithItsPosition) {
  const auto response = GenerateFrom({{"chat.proto", absl::StrCat(kPrelude, GetParam().schema)}});
  EXPECT_EQ(response.error(), GetParam().want);
  EXPECT_EQ(response.file_size(), 0) << "doubtful input must not yield code";
}

constexpr Mistake kUnsupported[] = {
    {"Map", "message M {\n  map<string, int32> sizes = 1;\n}",
     "chat.proto:3:3: sizes: maps are not supported; use a repeated message with a key and a value"},
    {"WellKnownType", "message M {\n  int32 n = 1;\n  google.protobuf.Duration d = 2;\n}",
     "chat.proto:4:3: d: google.protobuf.Duration is not supported: well-known types are written in a form "
     "of their own; "
     "use a message of yours"},
    {"Ctype", "message M {\n  bytes b = 1 [ctype = CORD];\n}",
     "chat.proto:3:3: b: `ctype` is not supported: protobuf's own C++ has no public accessors for it"},
    {"ServerStreaming", "message M {}\nservice S {\n  rpc Watch(M) returns (stream M);\n}",
     "chat.proto:4:3: Watch: streaming methods are not supported; send updates instead"},
    {"ClientStreaming", "message M {}\nservice S {\n  rpc Upload(stream M) returns (M);\n}",
     "chat.proto:4:3: Upload: streaming methods are not supported; send updates instead"},
};
INSTANTIATE_TEST_SUITE_P(Unsupported, Refuses, testing::ValuesIn(kUnsupported), NameOf);

constexpr Mistake kIdleAnnotations[] = {
    {"EmptyFileRules", "option (federation.v1.file) = {};",
     "chat.proto:2:1: chat.proto: the annotation says nothing"},
    {"UnknownEnumValueInRules", "option (federation.v1.file) = { json: { names: 7 } };",
     "chat.proto:2:1: chat.proto: `names` has no value 7"},
    {"FieldRulesAtExtension",
     "import \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FieldOptions {\n"
     "  string x = 50000 [(federation.v1.field).name = \"y\"];\n}",
     "chat.proto:4:20: x: the annotation has no effect at an extension"},
    {"EmptyFieldRules", "message M {\n  string s = 1 [(federation.v1.field) = {}];\n}",
     "chat.proto:3:17: s: the annotation says nothing"},
    {"EmptyEnumRules", "enum E {\n  option (federation.v1.enumeration) = {};\n  A = 0;\n}",
     "chat.proto:3:3: E: the annotation says nothing"},
    {"EmptyEnumValueName", "enum E {\n  A = 0 [(federation.v1.enum_value).name = \"\"];\n}",
     "chat.proto:3:9: A: the annotation says nothing"},
    {"EmptyRpcName",
     "message M {}\nservice S {\n  rpc Find(M) returns (M) {\n    option (federation.v1.rpc) = {};\n  }\n}",
     "chat.proto:5:5: Find: the annotation says nothing"},
    {"NamesWithoutFields",
     "message M {\n  option (federation.v1.message) = { json: { names: NAMES_AS_WRITTEN } };\n}",
     "chat.proto:3:3: M: `names` has no effect: the message has no fields"},
    {"Int64InMessageWithoutOne",
     "message M {\n  option (federation.v1.message).json.int64 = INT64_FORMAT_NUMBER;\n  int32 n = 1;\n}",
     "chat.proto:3:3: M: `int64` has no effect: no field of the message has 64 bits"},
    {"EnumsInMessageWithoutOne",
     "message M {\n  option (federation.v1.message).json.enums = ENUM_FORMAT_SHORT_LOWER;\n  int32 n = 1;\n}",
     "chat.proto:3:3: M: `enums` has no effect: no enum is nested in the message"},
    {"Int64OnString", "message M {\n  string s = 1 [(federation.v1.field).int64 = INT64_FORMAT_NUMBER];\n}",
     "chat.proto:3:17: s: `int64` has no effect: the field is no 64-bit integer but a string"},
    {"AlwaysOnMessage", "message M {\n  M next = 1 [(federation.v1.field) = { always: true }];\n}",
     "chat.proto:3:15: next: `always` has no effect: the field has presence, so it is written if and only if "
     "it is set"},
    {"AlwaysOnOptional", "message M {\n  optional int32 n = 1 [(federation.v1.field).always = true];\n}",
     "chat.proto:3:25: n: `always` has no effect: the field has presence, so it is written if and only if it "
     "is set"},
    {"AlwaysInOneof",
     "message M {\n  oneof o {\n    int32 n = 1 [(federation.v1.field).always = true];\n  }\n}",
     "chat.proto:4:18: n: `always` has no effect: the field has presence, so it is written if and only if it "
     "is set"},
    {"TagValueOutsideOfFlattenedOneof",
     "message M {\n  M next = 1 [(federation.v1.field).tag_value = \"n\"];\n}",
     "chat.proto:3:15: next: `tag_value` has no effect: the field is no case of a flattened oneof"},
    {"TagValueInPlainOneof",
     "message M {\n  oneof o {\n    M next = 1 [(federation.v1.field).tag_value = \"n\"];\n  }\n}",
     "chat.proto:4:17: next: `tag_value` has no effect: the field is no case of a flattened oneof"},
    {"NameOfCase",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n"
     "    A a = 1 [(federation.v1.field).name = \"b\"];\n  }\n}",
     "chat.proto:6:14: a: `name` has no effect at a case of a flattened oneof; say `tag_value`"},
    {"NamesOfFlattenedMessage",
     "message A {}\nmessage M {\n  option (federation.v1.message).json.names = NAMES_AS_WRITTEN;\n  oneof o "
     "{\n"
     "    option (federation.v1.oneof).tag = \"kind\";\n    A a = 1;\n  }\n}",
     "chat.proto:4:3: M: `names` has no effect: the tag stands for the cases' names"},
    {"DeliveryOfFlattenedMessage",
     "message A {}\nmessage M {\n  option (federation.v1.message).delivery = DELIVERY_WEAK;\n  oneof o {\n"
     "    option (federation.v1.oneof).tag = \"kind\";\n    A a = 1;\n  }\n}",
     "chat.proto:4:3: M: `delivery` has no effect: a message with a flattened oneof is no case of another "
     "one"},
};
INSTANTIATE_TEST_SUITE_P(IdleAnnotations, Refuses, testing::ValuesIn(kIdleAnnotations), NameOf);

constexpr Mistake kFlattened[] = {
    {"EmptyTag",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"\";\n    A a = 1;\n  "
     "}\n}",
     "chat.proto:5:5: o: the tag is empty"},
    {"FieldBeside",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n    A a "
     "= 1;\n  }\n"
     "  int32 n = 2;\n}",
     "chat.proto:8:3: n: stands beside the flattened oneof `o`; a message with a flattened oneof holds "
     "nothing else"},
    {"CaseThatIsNoMessage",
     "message M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n    string text = "
     "1;\n  }\n}",
     "chat.proto:5:5: text: a case of a flattened oneof must be a message, not string"},
    {"CaseThatIsFlattenedItself",
     "message A {}\nmessage N {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n    A a "
     "= 1;\n  }\n}\n"
     "message M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"sort\" };\n    N n = 1;\n  }\n}",
     "chat.proto:12:5: n: `N` cannot be a case: it has a flattened oneof itself, and one object has one tag"},
    {"CaseWithFieldNamedAsTheTag",
     "message A {\n  string kind = 1;\n}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { "
     "tag: \"kind\" };\n"
     "    A a = 1;\n  }\n}",
     "chat.proto:8:5: a: the field `kind` of `A` has the same JSON key as the tag, `kind`"},
    {"CaseWithKeyOfTheTag",
     "message A {\n  string b = 1 [(federation.v1.field).name = \"kind\"];\n}\nmessage M {\n  oneof o {\n"
     "    option (federation.v1.oneof) = { tag: \"kind\" };\n    A a = 1;\n  }\n}",
     "chat.proto:8:5: a: the field `b` of `A` has the same JSON key as the tag, `kind`"},
    {"CaseWithOriginalNameOfTheTag",
     "message A {\n  string my_kind = 1;\n}\nmessage M {\n  oneof o {\n"
     "    option (federation.v1.oneof) = { tag: \"my_kind\" };\n    A a = 1;\n  }\n}",
     "chat.proto:8:5: a: the field `my_kind` of `A` has the same JSON key as the tag, `my_kind`"},
    {"SameTagValue",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n    A a "
     "= 1;\n"
     "    A b = 2 [(federation.v1.field).tag_value = \"a\"];\n  }\n}",
     "chat.proto:7:14: b: the tag value `a` is also that of the case `a`"},
    {"UpdateWithoutDelivery",
     "message A {}\nmessage Update {\n  oneof u {\n    option (federation.v1.oneof) = { tag: \"update\" };\n "
     "   A a = 1;\n"
     "  }\n}",
     "chat.proto:6:5: a: `A` has no delivery class; write `option (federation.v1.message) = { delivery: ... "
     "};` in it"},
    {"TagWithQuote",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"k\\\"\" };\n    A "
     "a = 1;\n  }\n}",
     "chat.proto:5:5: o: a JSON name must not hold quotes, backslashes or control characters"},
};
INSTANTIATE_TEST_SUITE_P(Flattened, Refuses, testing::ValuesIn(kFlattened), NameOf);

constexpr Mistake kJsonNames[] = {
    {"SameKeyByName", "message M {\n  string a = 1;\n  string b = 2 [(federation.v1.field).name = \"a\"];\n}",
     "chat.proto:4:17: b: the JSON key `a` is also read as the field `a`"},
    {"KeyThatIsAnotherFieldsOriginalName",
     "message M {\n  string user_id = 1;\n  string b = 2 [(federation.v1.field).name = \"user_id\"];\n}",
     "chat.proto:4:17: b: the JSON key `user_id` is also read as the field `user_id`"},
    {"KeyWithBackslash", "message M {\n  string a = 1 [(federation.v1.field).name = \"a\\\\b\"];\n}",
     "chat.proto:3:17: a: a JSON name must not hold quotes, backslashes or control characters"},
    {"JsonNameWithControlCharacter", "message M {\n  string a = 1 [json_name = \"a\\n\"];\n}",
     "chat.proto:3:3: a: a JSON name must not hold quotes, backslashes or control characters"},
    {"SameEnumName", "enum E {\n  A = 0;\n  B = 1 [(federation.v1.enum_value).name = \"A\"];\n}",
     "chat.proto:4:10: B: the JSON name `A` is also that of the value `A`"},
    {"SameShortEnumName",
     "enum Kind {\n  option (federation.v1.enumeration).format = ENUM_FORMAT_SHORT_LOWER;\n  KIND_ANY = 0;\n"
     "  KIND_ALL = 1 [(federation.v1.enum_value) = { name: \"any\" }];\n}",
     "chat.proto:5:17: KIND_ALL: the JSON name `any` is also that of the value `KIND_ANY`"},
};
INSTANTIATE_TEST_SUITE_P(JsonNames, Refuses, testing::ValuesIn(kJsonNames), NameOf);

#define UPDATE_UNION                                                                                         \
  "message A {\n  option (federation.v1.message).delivery = DELIVERY_WEAK;\n}\n"                             \
  "message Update {\n  oneof u {\n    option (federation.v1.oneof) = { tag: \"update\" };\n    A a = 1;\n  " \
  "}\n}\n"

constexpr Mistake kCppNames[] = {
    {"HandlerInSchema", UPDATE_UNION "message UpdateHandler {}",
     "chat.proto:11:1: UpdateHandler: the C++ name `UpdateHandler` is also that of the handler of `Update`"},
    {"DefaultHandlerInSchema", UPDATE_UNION "enum DefaultUpdateHandler {\n  X = 0;\n}",
     "chat.proto:11:1: DefaultUpdateHandler: the C++ name `DefaultUpdateHandler` is also that of the default "
     "handler of "
     "`Update`"},
    {"SenderInSchema", UPDATE_UNION "enum E {\n  UpdateSender = 0;\n}",
     "chat.proto:12:3: UpdateSender: the C++ name `UpdateSender` is also that of the sender of `Update`"},
    {"FunctionInSchema", "message ReadJson {}",
     "chat.proto:2:1: ReadJson: the C++ name `ReadJson` is also that of a function of generated code"},
    {"NamespaceInSchema", "message std {}",
     "chat.proto:2:1: std: the C++ name `std` is also that of a namespace that generated code uses"},
    {"TableInSchema", "message M {\n  int32 n = 1;\n}\nmessage kMKeys {}",
     "chat.proto:5:1: kMKeys: the C++ name `kMKeys` is also that of a part of the codec of `M`"},
    {"NestedAndPlain", "message A {\n  message B {}\n}\nmessage A_B {}",
     "chat.proto:3:3: B: the C++ name `A_B` is also that of the message `A_B` in chat.proto"},
    {"HandlersOfTwoUnions",
     UPDATE_UNION "message DefaultUpdate {\n  oneof u {\n    option (federation.v1.oneof) = { tag: "
                  "\"update\" };\n    A a = 1;\n  }\n}",
     "chat.proto:11:1: DefaultUpdate: the C++ name `DefaultUpdateHandler` is also that of the default "
     "handler of `Update`"},
};
INSTANTIATE_TEST_SUITE_P(CppNames, Refuses, testing::ValuesIn(kCppNames), NameOf);

TEST(Refuses, Proto2) {
  EXPECT_EQ(
      GenerateFrom({{"old.proto", "// Old.\nsyntax = \"proto2\";\nmessage M {\n  required int32 n = 1;\n}"}})
          .error(),
      "old.proto:2:1: old.proto: proto2 is not supported; write `syntax = \"proto3\";`");
}

TEST(Refuses, FieldsOfProto2Messages) {
  EXPECT_EQ(
      GenerateFrom({{"old.proto", "syntax = \"proto2\"; package old; message M {}"},
                    {"new.proto", "syntax = \"proto3\"; import \"old.proto\";\nmessage N { old.M m = 1; }"}})
          .error(),
      "new.proto:2:13: m: old.M is not supported: old.proto is proto2\n"
      "old.proto:1:1: old.proto: proto2 is not supported; write `syntax = \"proto3\";`");
}

TEST(Refuses, PackagesThatAreKeywords) {
  EXPECT_EQ(GenerateFrom({{"a.proto", "syntax = \"proto3\";\npackage chat.private.v1;"}}).error(),
            "a.proto:2:1: chat.private.v1: `private` is a keyword of C++");
}

TEST(Refuses, TheRuntimesOwnNamespace) {
  EXPECT_EQ(GenerateFrom({{"a.proto", "syntax = \"proto3\";\npackage federation;"}}).error(),
            "a.proto:2:1: federation: is the runtime's own namespace in C++; choose another package");
}

TEST(Refuses, PackagesThatHideNamespaces) {
  EXPECT_EQ(GenerateFrom({{"a.proto", "syntax = \"proto3\";\npackage chat.std;"}}).error(),
            "a.proto:2:1: chat.std: `std` would hide the C++ namespace of that name");
}

TEST(Refuses, NamesThatCollideWithAnotherFileOfThePackage) {
  const std::string unions = absl::StrCat(kPrelude, UPDATE_UNION);
  EXPECT_EQ(GenerateFrom({{"updates.proto", unions},
                          {"more.proto",
                           "syntax = \"proto3\"; package chat.v1;\nimport \"updates.proto\";\n"
                           "message UpdateReceiver {}"}})
                .error(),
            "more.proto:3:1: UpdateReceiver: the C++ name `UpdateReceiver` is also that of the receiver of "
            "`Update`");
}

TEST(Refuses, AllMistakesAtOnceInTheOrderOfTheText) {
  const auto response = GenerateFrom(
      {{"b.proto",
        "syntax = \"proto3\";\nmessage M {\n  map<int32, int32> a = 1;\n  map<int32, int32> b = 2;\n}"},
       {"a.proto", "syntax = \"proto3\";\nmessage ReadJson {\n  map<int32, int32> a = 1;\n}"}});
  EXPECT_EQ(response.error(),
            "a.proto:2:1: ReadJson: the C++ name `ReadJson` is also that of a function of generated code\n"
            "a.proto:3:3: a: maps are not supported; use a repeated message with a key and a value\n"
            "b.proto:3:3: a: maps are not supported; use a repeated message with a key and a value\n"
            "b.proto:4:3: b: maps are not supported; use a repeated message with a key and a value");
  EXPECT_EQ(response.file_size(), 0);
}

// As with a schema that was annotated with a newer annotations.proto.
TEST(Refuses, RulesThatItDoesNotKnow) {
  auto request = RequestFor({{"a.proto", absl::StrCat(kPrelude, "message M {\n  string s = 1;\n}")}});
  auto* options =
      request.mutable_proto_file()->rbegin()->mutable_message_type(0)->mutable_field(0)->mutable_options();
  auto* rules = options->MutableExtension(v1::field);
  rules->GetReflection()->MutableUnknownFields(rules)->AddVarint(1000, 1);
  EXPECT_EQ(Generate(request).error(),
            "a.proto:3:3: s: the annotation has a rule that this version of the generator does not know");
}

TEST(Refuses, WithTheFileAloneWhereDescriptorsHaveNoPositions) {
  auto request = RequestFor({{"a.proto", "syntax = \"proto3\"; message M { map<int32, int32> a = 1; }"}});
  for (auto& file : *request.mutable_proto_file()) file.clear_source_code_info();
  EXPECT_EQ(Generate(request).error(),
            "a.proto: a: maps are not supported; use a repeated message with a key and a value");
}

}  // namespace
}  // namespace federation::codegen
