// What is refused about updates that replace each other, and about those of unknown kinds.
#include <gtest/gtest.h>

#include "codegen/mistakes.h"

namespace federation::codegen {
namespace {

constexpr Mistake kReplaces[] = {
    {"UnknownField",
     "message M {\n  option (federation.v1.message) = { delivery: DELIVERY_WEAK replaces: \"user\" };\n"
     "  string user_id = 1;\n}",
     "chat.proto:3:3: M: `replaces` names a field `user`, which the message does not have"},
    {"JsonNameForField",
     "message M {\n  option (federation.v1.message) = { delivery: DELIVERY_WEAK replaces: \"userId\" };\n"
     "  string user_id = 1;\n}",
     "chat.proto:3:3: M: `replaces` names a field `userId`, which the message does not have"},
    {"EmptyName",
     "message M {\n  option (federation.v1.message) = { delivery: DELIVERY_WEAK replaces: \"\" };\n}",
     "chat.proto:3:3: M: `replaces` names a field ``, which the message does not have"},
    {"FieldOfField",
     "message P {\n  int64 id = 1;\n}\nmessage M {\n"
     "  option (federation.v1.message) = { delivery: DELIVERY_WEAK replaces: \"peer.id\" };\n  P peer = "
     "1;\n}",
     "chat.proto:6:3: M: `replaces` names a field `peer.id`, which the message does not have"},
    {"FieldTwice",
     "message M {\n  option (federation.v1.message) = {\n    delivery: DELIVERY_WEAK replaces: [\"a\", "
     "\"b\", "
     "\"a\"]\n  };\n  string a = 1;\n  string b = 2;\n}",
     "chat.proto:3:3: M: `replaces` names the field `a` twice"},
    {"StrongUpdate",
     "message M {\n  option (federation.v1.message) = { delivery: DELIVERY_STRONG replaces: \"a\" };\n"
     "  string a = 1;\n}",
     "chat.proto:3:3: M: `replaces` has no effect: only weak updates replace each other"},
    {"NoUpdate", "message M {\n  option (federation.v1.message).replaces = \"a\";\n  string a = 1;\n}",
     "chat.proto:3:3: M: `replaces` has no effect: only weak updates replace each other"},
};
INSTANTIATE_TEST_SUITE_P(Replaces, Refuses, testing::ValuesIn(kReplaces), NameOf);

constexpr Mistake kUnknown[] = {
    {"CaseNamedUnknown",
     "message A {\n  option (federation.v1.message).delivery = DELIVERY_WEAK;\n}\nmessage Update {\n"
     "  option (federation.v1.message) = { json: { unknown: UNKNOWN_VALUES_KEEP } };\n  oneof u {\n"
     "    option (federation.v1.oneof) = { tag: \"update\" };\n    A unknown = 1;\n  }\n}",
     "chat.proto:9:5: unknown: the C++ name `OnUnknown` is also that of the function for updates of unknown "
     "kinds"},
};
INSTANTIATE_TEST_SUITE_P(UnknownUpdates, Refuses, testing::ValuesIn(kUnknown), NameOf);

}  // namespace
}  // namespace federation::codegen
