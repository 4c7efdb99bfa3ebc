// What protobuf allows and generated code does not support.
#include <ostream>
#include <string>

#include <absl/strings/match.h>
#include <gtest/gtest.h>

#include "codegen/mistakes.h"
#include "codegen/schemas.h"

namespace federation::codegen {
namespace {

constexpr Mistake kUnsupported[] = {
    {"ServerStreaming", "message M {}\nservice S {\n  rpc Watch(M) returns (stream M);\n}",
     "chat.proto:4:3: Watch: streaming methods are not supported; send updates instead"},
    {"ClientStreaming", "message M {}\nservice S {\n  rpc Upload(stream M) returns (M);\n}",
     "chat.proto:4:3: Upload: streaming methods are not supported; send updates instead"},
    {"BothStreaming", "message M {}\nservice S {\n  rpc Talk(stream M) returns (stream M);\n}",
     "chat.proto:4:3: Talk: streaming methods are not supported; send updates instead"},
    {"MessageOfProtobuf",
     "import \"google/protobuf/type.proto\";\nmessage M {\n  google.protobuf.Type type = 1;\n}",
     "chat.proto:4:3: type: google.protobuf.Type is not supported: of google.protobuf only the well-known "
     "types have a codec"},
    {"EnumOfProtobuf",
     "import \"google/protobuf/type.proto\";\nmessage M {\n  google.protobuf.Syntax syntax = 1;\n}",
     "chat.proto:4:3: syntax: google.protobuf.Syntax is not supported: of google.protobuf only the "
     "well-known types have a codec"},
    {"DescriptorInMap",
     "import \"google/protobuf/descriptor.proto\";\nmessage M {\n"
     "  map<string, google.protobuf.FileDescriptorProto> files = 1;\n}",
     "chat.proto:4:3: files: google.protobuf.FileDescriptorProto is not supported: of google.protobuf only "
     "the well-known types have a codec"},
    {"DescriptorInOneof",
     "import \"google/protobuf/descriptor.proto\";\nmessage M {\n  oneof o {\n"
     "    google.protobuf.FileDescriptorProto file = 1;\n  }\n}",
     "chat.proto:5:5: file: google.protobuf.FileDescriptorProto is not supported: of google.protobuf only "
     "the well-known types have a codec"},
    {"UnknownEnumsKeptWithoutReflection",
     "option optimize_for = LITE_RUNTIME;\noption (federation.v1.file).json.unknown = UNKNOWN_VALUES_KEEP;\n"
     "enum E { A = 0; }\nmessage M {\n  repeated E es = 1;\n  E e = 2;\n}",
     "chat.proto:7:3: e: UNKNOWN_VALUES_KEEP is not supported with `optimize_for = LITE_RUNTIME`"},
    {"UnknownTagsKeptWithoutReflection",
     "option optimize_for = LITE_RUNTIME;\noption (federation.v1.file).json.unknown = UNKNOWN_VALUES_KEEP;\n"
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n    A a = "
     "1;\n  }\n}",
     "chat.proto:6:3: o: UNKNOWN_VALUES_KEEP is not supported with `optimize_for = LITE_RUNTIME`"},
    {"CtypeWithoutReflection",
     "option optimize_for = LITE_RUNTIME;\nmessage M {\n  bytes c = 1 [ctype = CORD];\n}",
     "chat.proto:4:3: c: `ctype` is not supported with `optimize_for = LITE_RUNTIME`"},
    {"FileOfProtobuf", "syntax = \"proto3\";\npackage google.protobuf;\nmessage Mine {}",
     "chat.proto:2:1: google.protobuf: is protobuf's own package: the codecs of its well-known types are in "
     "the runtime"},
};
INSTANTIATE_TEST_SUITE_P(Unsupported, Refuses, testing::ValuesIn(kUnsupported), NameOf);

constexpr Mistake kUnsupportedInProto2[] = {
    {"Group",
     "syntax = \"proto2\";\nmessage M {\n  optional group G = 1 {\n    optional int32 n = 1;\n  }\n}",
     "chat.proto:3:3: g: groups are not supported; use a field of a message type"},
    {"RepeatedGroup",
     "syntax = \"proto2\";\nmessage M {\n  optional int32 n = 2;\n  repeated group G = 1 {}\n}",
     "chat.proto:4:3: g: groups are not supported; use a field of a message type"},
    {"GroupInOneof", "syntax = \"proto2\";\nmessage M {\n  oneof o {\n    group G = 1 {}\n  }\n}",
     "chat.proto:4:5: g: groups are not supported; use a field of a message type"},
    {"ExtensionRange", "syntax = \"proto2\";\nmessage M {\n  extensions 100 to max;\n}",
     "chat.proto:3:14: M: extensions are not supported; use fields, or google.protobuf.Any"},
    {"ExtensionRangeOfNestedMessage",
     "syntax = \"proto2\";\nmessage M {\n  message N {\n    extensions 7;\n  }\n}",
     "chat.proto:4:16: N: extensions are not supported; use fields, or google.protobuf.Any"},
    {"TwoExtensionRanges", "syntax = \"proto2\";\nmessage M {\n  extensions 7, 100 to 200;\n}",
     "chat.proto:3:14: M: extensions are not supported; use fields, or google.protobuf.Any\n"
     "chat.proto:3:17: M: extensions are not supported; use fields, or google.protobuf.Any"},
    {"MessageSet",
     "syntax = \"proto2\";\nmessage M {\n  option message_set_wire_format = true;\n  extensions 4 to max;\n}",
     "chat.proto:3:3: M: message sets are not supported; use google.protobuf.Any"},
    {"ExtensionOfMessage",
     "syntax = \"proto2\";\npackage p;\nmessage M {\n  extensions 100;\n}\nextend M {\n"
     "  optional int32 n = 100;\n}",
     "chat.proto:4:14: M: extensions are not supported; use fields, or google.protobuf.Any\n"
     "chat.proto:7:3: n: extends `p.M`, and extensions are not supported other than of options"},
    {"NestedExtensionOfMessage",
     "syntax = \"proto2\";\nmessage M {\n  extensions 100;\n  message N {\n    extend M {\n"
     "      optional N n = 100;\n    }\n  }\n}",
     "chat.proto:3:14: M: extensions are not supported; use fields, or google.protobuf.Any\n"
     "chat.proto:6:7: n: extends `M`, and extensions are not supported other than of options"},
};
INSTANTIATE_TEST_SUITE_P(UnsupportedInProto2, Refuses, testing::ValuesIn(kUnsupportedInProto2), NameOf);

// What looks like one of the above, and is fine.
struct Fine {
  const char* name;
  const char* schema;
};
void PrintTo(const Fine& fine, std::ostream* out) { *out << fine.schema; }

class Takes : public testing::TestWithParam<Fine> {};

TEST_P(Takes, Schema) {
  const std::string schema = GetParam().schema;
  const auto response =
      GenerateFrom({{"chat.proto", absl::StartsWith(schema, "syntax") ? schema : kPrelude + schema}});
  EXPECT_EQ(response.error(), "");
  EXPECT_EQ(response.file_size(), 2);
}

constexpr Fine kFine[] = {
    {"Jstype", "message M { int64 n = 1 [jstype = JS_NUMBER]; }"},
    {"Packed", "message M { repeated int32 n = 1 [packed = false]; }"},
    {"Lazy", "message M { M next = 1 [lazy = true]; }"},
    {"WellKnownTypes",
     "message M { google.protobuf.Duration d = 1; repeated google.protobuf.Value v = 2;"
     " map<int32, google.protobuf.Struct> s = 3; google.protobuf.NullValue n = 4; }"},
    {"Proto2",
     "syntax = \"proto2\"; message M { required int32 n = 1; optional string s = 2 [default = \"x\"];"
     " repeated F e = 3; map<bool, M> m = 4; oneof o { int32 a = 5; } enum F { A = 1; } }"},
    {"OptionsOfOnesOwn",
     "import \"google/protobuf/descriptor.proto\"; extend google.protobuf.FieldOptions { string unit = "
     "50000; }"
     " message M { extend google.protobuf.MessageOptions { M own = 50001; }"
     " option (M.own) = { n: 1 }; int32 n = 1 [(unit) = \"cm\"]; }"},
    {"PublicImport", "import public \"google/protobuf/any.proto\"; message M { google.protobuf.Any a = 1; }"},
    {"Aliases", "enum E { option allow_alias = true; A = 0; B = 0; }"},
    {"ReservedNames", "message M { reserved 2, 9 to 11; reserved \"x\"; } enum E { A = 0; reserved 1; }"},
    {"LiteRuntime", "option optimize_for = LITE_RUNTIME; enum E { A = 0; } message M { E e = 1; }"},
    {"NothingAtAll", "syntax = \"proto3\";"},
};
INSTANTIATE_TEST_SUITE_P(Support, Takes, testing::ValuesIn(kFine),
                         [](const testing::TestParamInfo<Fine>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace federation::codegen
