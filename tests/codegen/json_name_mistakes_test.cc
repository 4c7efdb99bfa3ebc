// JSON names that cannot be spelled, or that collide.
#include "codegen/mistakes.h"

namespace federation::codegen {
namespace {

constexpr Mistake kJsonNames[] = {
    {"SameKeyByName", "message M {\n  string a = 1;\n  string b = 2 [(federation.v1.field).name = \"a\"];\n}",
     "chat.proto:4:17: b: the JSON key `a` is also read as the field `a` (chat.proto:3:3)"},
    {"KeyThatIsAnotherFieldsOriginalName",
     "message M {\n  string user_id = 1;\n  string b = 2 [(federation.v1.field).name = \"user_id\"];\n}",
     "chat.proto:4:17: b: the JSON key `user_id` is also read as the field `user_id` (chat.proto:3:3)"},
    {"KeyWithBackslash", "message M {\n  string a = 1 [(federation.v1.field).name = \"a\\\\b\"];\n}",
     "chat.proto:3:17: a: a JSON name must not hold quotes, backslashes or control characters"},
    {"JsonNameWithControlCharacter", "message M {\n  string a = 1 [json_name = \"a\\n\"];\n}",
     "chat.proto:3:3: a: a JSON name must not hold quotes, backslashes or control characters"},
    {"JsonNameThatIsNotUtf8", "message M {\n  string a = 1 [json_name = \"\\377\"];\n}",
     "chat.proto:3:3: a: a JSON name must be UTF-8"},
    {"OverlongJsonName",
     "message M {\n  string a = 1 [json_name = \"01234567890123456789012345678901234567890123456789"
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
     "3"
     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
     "0123\"];\n}",
     "chat.proto:3:3: a: a JSON name must not be longer than 256 bytes, got 258"},
    {"OwnFormatWithSameNames",
     "syntax = \"proto2\"; import \"federation/v1/annotations.proto\";\n"
     "enum Kind {\n  KIND_ANY = 0;\n  ANY = 1;\n}\nmessage M {\n"
     "  optional Kind kind = 1 [(federation.v1.field).enums = ENUM_FORMAT_SHORT_LOWER];\n}",
     "chat.proto:7:27: kind: in this format both `KIND_ANY` and `ANY` are named `any`"},
    {"OwnFormatOfMapWithSameNames",
     "syntax = \"proto2\"; import \"federation/v1/annotations.proto\";\n"
     "enum Kind {\n  KIND_ANY = 0;\n  any = 1;\n}\nmessage M {\n"
     "  map<string, Kind> kinds = 1 [(federation.v1.field).enums = ENUM_FORMAT_SHORT_LOWER];\n}",
     "chat.proto:7:32: kinds: in this format both `KIND_ANY` and `any` are named `any`"},
    {"SameEnumName", "enum E {\n  A = 0;\n  B = 1 [(federation.v1.enum_value).name = \"A\"];\n}",
     "chat.proto:4:10: B: the JSON name `A` is also that of the value `A` (chat.proto:3:3)"},
    {"SameShortEnumName",
     "enum Kind {\n  option (federation.v1.enumeration).format = ENUM_FORMAT_SHORT_LOWER;\n  KIND_ANY = 0;\n"
     "  KIND_ALL = 1 [(federation.v1.enum_value) = { name: \"any\" }];\n}",
     "chat.proto:5:17: KIND_ALL: the JSON name `any` is also that of the value `KIND_ANY` (chat.proto:4:3)"},
    {"SameEnumNameInAFieldsFormat",
     "enum Kind {\n  KIND_ANY = 0;\n  KIND_ALL = 1 [(federation.v1.enum_value).name = \"any\"];\n}\nmessage "
     "M {\n"
     "  Kind kind = 1 [(federation.v1.field) = { enums: ENUM_FORMAT_SHORT_LOWER }];\n}",
     "chat.proto:7:18: kind: in this format both `KIND_ANY` and `KIND_ALL` are named `any`"},
};
INSTANTIATE_TEST_SUITE_P(JsonNames, Refuses, testing::ValuesIn(kJsonNames), NameOf);

}  // namespace
}  // namespace federation::codegen
