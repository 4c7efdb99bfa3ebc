// Annotations that have no effect where they stand.
#include "codegen/mistakes.h"

namespace federation::codegen {
namespace {

constexpr Mistake kIdleAnnotations[] = {
    {"EmptyFileRules", "option (federation.v1.file) = {};",
     "chat.proto:2:1: chat.proto: the annotation says nothing"},
    {"UnknownEnumValueInRules", "option (federation.v1.file) = { json: { names: 7 } };",
     "chat.proto:2:1: chat.proto: `names` has no value 7"},
    {"FieldRulesAtExtension",
     "import \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FieldOptions {\n"
     "  string x = 50000 [(federation.v1.field).name = \"y\"];\n}",
     "chat.proto:4:20: x: the annotation has no effect at an extension"},
    {"FieldRulesAtNestedExtension",
     "import \"google/protobuf/descriptor.proto\";\nmessage M {\n  extend google.protobuf.FieldOptions {\n"
     "    string x = 50000 [(federation.v1.field).always = true];\n  }\n}",
     "chat.proto:5:22: x: the annotation has no effect at an extension"},
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
    {"Int64OnMapOfString",
     "message M {\n  map<int64, string> m = 1 [(federation.v1.field).int64 = INT64_FORMAT_NUMBER];\n}",
     "chat.proto:3:29: m: `int64` has no effect: the field is no 64-bit integer but a map of string"},
    {"Int64InOneof",
     "message M {\n  oneof o {\n    int32 n = 1 [(federation.v1.field).int64 = INT64_FORMAT_NUMBER];\n  }\n}",
     "chat.proto:4:18: n: `int64` has no effect: the field is no 64-bit integer but an int32"},
    {"EnumsOnString",
     "message M {\n  string s = 1 [(federation.v1.field).enums = ENUM_FORMAT_SHORT_LOWER];\n}",
     "chat.proto:3:17: s: `enums` has no effect: the field is no enum but a string"},
    {"EnumsOnNullValue",
     "message M {\n  google.protobuf.NullValue n = 1 [(federation.v1.field).enums = "
     "ENUM_FORMAT_SHORT_LOWER];\n}",
     "chat.proto:3:36: n: `enums` has no effect: the field is no enum but a google.protobuf.NullValue"},
    {"UnknownOnInt",
     "message M {\n  int32 n = 1 [(federation.v1.field) = { unknown: UNKNOWN_VALUES_KEEP }];\n}",
     "chat.proto:3:16: n: `unknown` has no effect: the field is no enum but an int32"},
    {"UnknownOnRepeatedEnum",
     "enum E { A = 0; }\nmessage M {\n"
     "  repeated E e = 1 [(federation.v1.field).unknown = UNKNOWN_VALUES_KEEP];\n}",
     "chat.proto:4:21: e: `unknown` has no effect: what repeated fields and maps do not know is never kept"},
    {"UnknownOnMapOfEnum",
     "enum E { A = 0; }\nmessage M {\n"
     "  map<string, E> e = 1 [(federation.v1.field).unknown = UNKNOWN_VALUES_KEEP];\n}",
     "chat.proto:4:25: e: `unknown` has no effect: what repeated fields and maps do not know is never kept"},
    {"UnknownInMessageWithoutEnum",
     "enum E { A = 0; }\nmessage M {\n"
     "  option (federation.v1.message).json.unknown = UNKNOWN_VALUES_KEEP;\n  repeated E e = 1;\n}",
     "chat.proto:4:3: M: `unknown` has no effect: the message has no field of an enum (repeated ones and "
     "maps do not count), and no flattened oneof"},
    {"UnknownEnumValueInFieldRules",
     "enum E { A = 0; }\nmessage M {\n  E e = 1 [(federation.v1.field) = { enums: 9 }];\n}",
     "chat.proto:4:12: e: `enums` has no value 9"},
    {"AlwaysOnRequired",
     "syntax = \"proto2\"; import \"federation/v1/annotations.proto\";\nmessage M {\n"
     "  required int32 n = 1 [(federation.v1.field).always = true];\n}",
     "chat.proto:3:25: n: `always` has no effect: the field has presence, so it is written if and only if it "
     "is set"},
    {"EmptyEnumValueRules", "enum E {\n  A = 0 [(federation.v1.enum_value) = {}];\n}",
     "chat.proto:3:10: A: the annotation says nothing"},
    {"EmptyMessageRules", "message M {\n  option (federation.v1.message) = {};\n}",
     "chat.proto:3:3: M: the annotation says nothing"},
    {"EmptyNestedMessageRules",
     "message M {\n  message N {\n    option (federation.v1.message) = {};\n  }\n}",
     "chat.proto:4:5: N: the annotation says nothing"},
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

}  // namespace
}  // namespace federation::codegen
