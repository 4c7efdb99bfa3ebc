// Flattened oneofs and update unions.
#include "codegen/mistakes.h"

namespace federation::codegen {
namespace {

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
     "chat.proto:8:5: a: the field `kind` of `A` (chat.proto:3:3) has the same JSON key as the tag, `kind`"},
    {"CaseWithKeyOfTheTag",
     "message A {\n  string b = 1 [(federation.v1.field).name = \"kind\"];\n}\nmessage M {\n  oneof o {\n"
     "    option (federation.v1.oneof) = { tag: \"kind\" };\n    A a = 1;\n  }\n}",
     "chat.proto:8:5: a: the field `b` of `A` (chat.proto:3:3) has the same JSON key as the tag, `kind`"},
    {"CaseWithOriginalNameOfTheTag",
     "message A {\n  string my_kind = 1;\n}\nmessage M {\n  oneof o {\n"
     "    option (federation.v1.oneof) = { tag: \"my_kind\" };\n    A a = 1;\n  }\n}",
     "chat.proto:8:5: a: the field `my_kind` of `A` (chat.proto:3:3) has the same JSON key as the tag, "
     "`my_kind`"},
    {"CaseThatIsWellKnown",
     "message M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n"
     "    google.protobuf.Duration d = 1;\n  }\n}",
     "chat.proto:5:5: d: `google.protobuf.Duration` cannot be a case: it has a JSON form of its own, without "
     "keys for a tag"},
    {"CaseThatIsAnEnum",
     "enum E { A = 0; }\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n    E e "
     "= 1;\n  }\n}",
     "chat.proto:6:5: e: a case of a flattened oneof must be a message, not enum"},
    {"TwoFlattenedOneofs",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n    A a = "
     "1;\n  }\n"
     "  oneof p {\n    option (federation.v1.oneof).tag = \"sort\";\n    A b = 2;\n  }\n}",
     "chat.proto:10:5: b: stands beside the flattened oneof `o`; a message with a flattened oneof holds "
     "nothing "
     "else"},
    {"MapBeside",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n    A a = "
     "1;\n  }\n"
     "  map<string, A> b = 2;\n}",
     "chat.proto:8:3: b: stands beside the flattened oneof `o`; a message with a flattened oneof holds "
     "nothing "
     "else"},
    {"EmptyTagValue",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n"
     "    A a = 1 [(federation.v1.field).tag_value = \"\"];\n  }\n}",
     "chat.proto:6:13: a: the annotation says nothing"},
    {"TagValueWithNewline",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof).tag = \"kind\";\n"
     "    A a = 1 [(federation.v1.field).tag_value = \"a\\n\"];\n  }\n}",
     "chat.proto:6:14: a: a JSON name must not hold quotes, backslashes or control characters"},
    {"SameTagValue",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n    A a "
     "= 1;\n"
     "    A b = 2 [(federation.v1.field).tag_value = \"a\"];\n  }\n}",
     "chat.proto:7:14: b: the tag value `a` is also that of the case `a` (chat.proto:6:5)"},
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

}  // namespace
}  // namespace federation::codegen
