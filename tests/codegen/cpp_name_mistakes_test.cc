// Names that C++ does not take, or that collide there.
#include <gtest/gtest.h>

#include "codegen/mistakes.h"

namespace federation::codegen {
namespace {

#define UPDATE_UNION                                                                                         \
  "message A {\n  option (federation.v1.message).delivery = DELIVERY_WEAK;\n}\n"                             \
  "message Update {\n  oneof u {\n    option (federation.v1.oneof) = { tag: \"update\" };\n    A a = 1;\n  " \
  "}\n}\n"

constexpr Mistake kCppNames[] = {
    {"HandlerInSchema", UPDATE_UNION "message UpdateHandler {}",
     "chat.proto:11:1: UpdateHandler: the C++ name `UpdateHandler` is also that of the handler of `Update` "
     "(chat.proto:5:1)"},
    {"DefaultHandlerInSchema", UPDATE_UNION "enum DefaultUpdateHandler {\n  X = 0;\n}",
     "chat.proto:11:1: DefaultUpdateHandler: the C++ name `DefaultUpdateHandler` is also that of the default "
     "handler of `Update` (chat.proto:5:1)"},
    {"SenderInSchema", UPDATE_UNION "enum E {\n  UpdateSender = 0;\n}",
     "chat.proto:12:3: UpdateSender: the C++ name `UpdateSender` is also that of the sender of `Update` "
     "(chat.proto:5:1)"},
    {"HandlersOfTwoUnions",
     UPDATE_UNION "message DefaultUpdate {\n  oneof u {\n    option (federation.v1.oneof) = { tag: "
                  "\"update\" };\n    A a = 1;\n  }\n}",
     "chat.proto:11:1: DefaultUpdate: the C++ name `DefaultUpdateHandler` is also that of the default "
     "handler of `Update` (chat.proto:5:1)"},
    {"ClientInSchema",
     "message M {}\nservice Search {\n  rpc Find(M) returns (M);\n}\nmessage SearchClient {}",
     "chat.proto:6:1: SearchClient: the C++ name `SearchClient` is also that of the client of `Search` "
     "(chat.proto:3:1)"},
    {"ServerInSchema",
     "message M {}\nservice Search {\n  rpc Find(M) returns (M);\n}\nmessage SearchService {}",
     "chat.proto:6:1: SearchService: the C++ name `SearchService` is also that of the server interface of "
     "`Search` (chat.proto:3:1)"},
    {"GenericService",
     "option cc_generic_services = true;\nmessage M {}\nservice SearchService {\n  rpc Find(M) returns "
     "(M);\n}",
     "chat.proto:4:1: SearchService: the C++ name `SearchService` is also that of protobuf's own class of "
     "the "
     "service `SearchService` (chat.proto:4:1)"},
    {"FunctionInSchema", "message ReadJson {}",
     "chat.proto:2:1: ReadJson: the C++ name `ReadJson` is also that of a function of generated code"},
    {"NamespaceInSchema", "message absl {}",
     "chat.proto:2:1: absl: the C++ name `absl` is also that of a namespace that generated code uses"},
    {"RuntimeInSchemaWithoutPackage", "syntax = \"proto3\";\nmessage federation {}",
     "chat.proto:2:1: federation: the C++ name `federation` is also that of the runtime's namespace"},
    {"TableInSchema", "message M {\n  int32 n = 1;\n}\nmessage kMKeys {}",
     "chat.proto:5:1: kMKeys: the C++ name `kMKeys` is also that of a part of the codec of `M` "
     "(chat.proto:2:1)"},
    {"NestedAndPlainMessage", "message A {\n  message B {}\n}\nmessage A_B {}",
     "chat.proto:3:3: B: the C++ name `A_B` is also that of the message `A_B` (chat.proto:5:1)"},
    {"NestedAndPlainEnum", "message A {\n  enum B {\n    X = 0;\n  }\n}\nenum A_B {\n  Y = 0;\n}",
     "chat.proto:7:1: A_B: the C++ name `A_B` is also that of the enum `B` (chat.proto:3:3)"},
    {"ValueOfNestedEnum", "message A {\n  enum B {\n    X = 0;\n  }\n}\nenum C {\n  A_B_X = 0;\n}",
     "chat.proto:8:3: A_B_X: the C++ name `A_B_X` is also that of the enum value `X` (chat.proto:4:5)"},
    {"ConstantOfEnum", "enum E {\n  E_MIN = 0;\n}",
     "chat.proto:3:3: E_MIN: the C++ name `E_MIN` is also that of a constant of the enum `E` "
     "(chat.proto:2:1)"},
    {"FunctionOfEnum", "enum E {\n  A = 0;\n}\nmessage E_IsValid {}",
     "chat.proto:5:1: E_IsValid: the C++ name `E_IsValid` is also that of a function of the enum `E` "
     "(chat.proto:2:1)"},
    {"KeywordAndItsReplacement", "message class {}\nmessage class_ {}",
     "chat.proto:2:1: class: the C++ name `class_` is also that of the message `class_` (chat.proto:3:1)"},
    {"CasesOfUpdates",
     "syntax = \"proto2\"; package chat.v1; import \"federation/v1/annotations.proto\";\n"
     "message A {\n  option (federation.v1.message).delivery = DELIVERY_WEAK;\n}\n"
     "message Update {\n  oneof u {\n    option (federation.v1.oneof) = { tag: \"update\" };\n"
     "    A foo_bar = 1;\n    A FooBar = 2;\n  }\n}",
     "chat.proto:9:5: FooBar: the C++ name `FooBar` is also that of the case `foo_bar` (chat.proto:8:5)\n"
     "chat.proto:9:5: FooBar: the C++ name `kFooBar` is also that of the field `foo_bar` (chat.proto:8:5)"},
};
INSTANTIATE_TEST_SUITE_P(CppNames, Refuses, testing::ValuesIn(kCppNames), NameOf);

// In one class of protoc's.
constexpr Mistake kCppMembers[] = {
    {"HasOfOptional", "message M {\n  optional int32 x = 1;\n  bool has_x = 2;\n}",
     "chat.proto:4:3: has_x: the C++ name `has_x` is also that of the field `x` (chat.proto:3:3)"},
    {"HasOfMessageBelow", "message M {\n  bool has_next = 1;\n  M next = 2;\n}",
     "chat.proto:4:3: next: the C++ name `has_next` is also that of the field `has_next` (chat.proto:3:3)"},
    {"SizeOfRepeated", "message M {\n  repeated string part = 1;\n  int32 part_size = 2;\n}",
     "chat.proto:4:3: part_size: the C++ name `part_size` is also that of the field `part` (chat.proto:3:3)"},
    {"SizeOfMap", "message M {\n  map<string, int32> part = 1;\n  int32 part_size = 2;\n}",
     "chat.proto:4:3: part_size: the C++ name `part_size` is also that of the field `part` (chat.proto:3:3)"},
    {"CaseOfOneof", "message M {\n  oneof body {\n    string text = 1;\n  }\n  string body_case = 2;\n}",
     "chat.proto:6:3: body_case: the C++ name `body_case` is also that of the oneof `body` (chat.proto:3:3)"},
    {"CaseEnumOfOneof", "message M {\n  message BodyCase {}\n  oneof body {\n    string text = 1;\n  }\n}",
     "chat.proto:4:3: body: the C++ name `BodyCase` is also that of the message `BodyCase` (chat.proto:3:3)"},
    {"ConstantOfOneof",
     "message M {\n  oneof body {\n    string text = 1;\n  }\n  enum Kind {\n    kText = 0;\n  }\n}",
     "chat.proto:4:5: text: the C++ name `kText` is also that of the enum value `kText` (chat.proto:7:5)"},
    {"ConstantOfField", "message M {\n  int32 n = 1;\n  enum Kind {\n    kNFieldNumber = 0;\n  }\n}",
     "chat.proto:3:3: n: the C++ name `kNFieldNumber` is also that of the enum value `kNFieldNumber` "
     "(chat.proto:5:5)"},
    {"NestedMessageOfTheSameName", "message A {\n  message A {}\n}",
     "chat.proto:3:3: A: the C++ name `A` is also that of the message `A` (chat.proto:2:1)"},
    {"NestedEnumOfTheSameName", "message A {\n  enum A {\n    X = 0;\n  }\n}",
     "chat.proto:3:3: A: the C++ name `A` is also that of the message `A` (chat.proto:2:1)"},
    {"NestedValueOfTheSameName", "message A {\n  enum E {\n    A = 0;\n  }\n}",
     "chat.proto:4:5: A: the C++ name `A` is also that of the message `A` (chat.proto:2:1)"},
    {"FieldOfTheSameName", "message data {\n  string data = 1;\n}",
     "chat.proto:3:3: data: the C++ name `data` is also that of the message `data` (chat.proto:2:1)"},
    {"FieldOfTheSameNameInLowerCase", "message data {\n  string Data = 1;\n}",
     "chat.proto:3:3: Data: the C++ name `data` is also that of the message `data` (chat.proto:2:1)"},
    {"ConstantOfNestedEnum", "message M {\n  enum F {\n    A = 0;\n  }\n  enum G {\n    F_MAX = 0;\n  }\n}",
     "chat.proto:7:5: F_MAX: the C++ name `F_MAX` is also that of the enum `F` (chat.proto:3:3)"},
    {"SetterAndNestedMessage", "message M {\n  message set_x {}\n  int32 x = 1;\n}",
     "chat.proto:4:3: x: the C++ name `set_x` is also that of the message `set_x` (chat.proto:3:3)"},
    {"FieldsThatDifferInCase",
     "syntax = \"proto2\";\nmessage M {\n  optional int32 foo = 1;\n  optional int32 FOO = 2;\n}",
     "chat.proto:4:3: FOO: the C++ name `foo` is also that of the field `foo` (chat.proto:3:3)"},
    {"UnknownFieldsOfProto2", "syntax = \"proto2\";\nmessage M {\n  optional int32 unknown_fields = 1;\n}",
     "chat.proto:3:3: unknown_fields: the C++ name `unknown_fields` is also that of the message `M` "
     "(chat.proto:2:1)"},
};
INSTANTIATE_TEST_SUITE_P(CppMembers, Refuses, testing::ValuesIn(kCppMembers), NameOf);

// What protoc makes code of that no compiler takes.
constexpr Mistake kCppSpelling[] = {
    {"MacroAsValue", "enum Limit {\n  NONE = 0;\n  INT_MAX = 1;\n}",
     "chat.proto:4:3: INT_MAX: `INT_MAX` is a macro of the headers that C++ code includes"},
    {"MacroAsNestedValue", "message M {\n  enum Result {\n    OK = 0;\n    EOF = 1;\n  }\n}",
     "chat.proto:5:5: EOF: `EOF` is a macro of the headers that C++ code includes"},
    {"MacroOfMath", "enum Kind {\n  FINITE = 0;\n  NAN = 1;\n}",
     "chat.proto:4:3: NAN: `NAN` is a macro of the headers that C++ code includes"},
    {"MacroAsMessage", "message BUFSIZ {}",
     "chat.proto:2:1: BUFSIZ: `BUFSIZ` is a macro of the headers that C++ code includes"},
    {"MacroAsNestedMessage", "message M {\n  message EPERM {}\n}",
     "chat.proto:3:3: EPERM: `EPERM` is a macro of the headers that C++ code includes"},
    {"MacroAsEnum", "enum PATH_MAX {\n  A = 0;\n}",
     "chat.proto:2:1: PATH_MAX: `PATH_MAX` is a macro of the headers that C++ code includes"},
    {"MacroAsField", "message M {\n  int32 errno = 1;\n}",
     "chat.proto:3:3: errno: `errno` is a macro of the headers that C++ code includes"},
    {"FunctionMacroAsField", "message M {\n  string assert = 1;\n}",
     "chat.proto:3:3: assert: `assert` is a macro of the headers that C++ code includes"},
    {"MacroOfGnuAsField", "message M {\n  bool linux = 1;\n}",
     "chat.proto:3:3: linux: `linux` is a macro of the headers that C++ code includes"},
    {"MacroAsMethod", "message M {}\nservice S {\n  rpc assert(M) returns (M);\n}",
     "chat.proto:4:3: assert: `assert` is a macro of the headers that C++ code includes"},
    {"MacroAsPackage", "syntax = \"proto3\";\npackage chat.unix.v1;",
     "chat.proto:2:1: chat.unix.v1: `unix` is a macro of the headers that C++ code includes"},
    {"MacroMadeOfAnEnum", "enum SIZE {\n  SMALL = 0;\n}",
     "chat.proto:2:1: SIZE: `SIZE_MAX` is a macro of the headers that C++ code includes"},
    {"KeywordThatProtocDoesNotKnow", "message M {\n  string requires = 1;\n}",
     "chat.proto:3:3: requires: `requires` is a keyword of C++, of which protoc's C++ generator does not "
     "know"},
    {"KeywordAsNestedMessage", "message M {\n  message concept {}\n}",
     "chat.proto:3:3: concept: `concept` is a keyword of C++, of which protoc's C++ generator does not know"},
    {"KeywordAsPackage", "syntax = \"proto3\";\npackage chat.private.v1;",
     "chat.proto:2:1: chat.private.v1: `private` is a keyword of C++"},
    {"MemberAsMessage", "message Clear {}",
     "chat.proto:2:1: Clear: protoc's C++ generator gives every message class a member `Clear`"},
    {"MemberAsNestedMessage", "message M {\n  message New {}\n}",
     "chat.proto:3:3: New: protoc's C++ generator gives every message class a member `New`"},
    {"MemberAsField", "message M {\n  string descriptor = 1;\n}",
     "chat.proto:3:3: descriptor: protoc's C++ generator gives every message class a member `descriptor`"},
    {"MemberAsNestedValue", "message M {\n  enum F {\n    Swap = 0;\n  }\n}",
     "chat.proto:4:5: Swap: protoc's C++ generator gives every message class a member `Swap`"},
    {"MacroOfJoinedMessage", "message M {\n  message PI {}\n}",
     "chat.proto:3:3: PI: `M_PI` is a macro of the headers that C++ code includes"},
    {"MacroOfJoinedEnum", "message M {\n  enum E {\n    A = 0;\n  }\n}",
     "chat.proto:3:3: E: `M_E` is a macro of the headers that C++ code includes"},
    {"EnumNamedValue", "enum value {\n  A = 0;\n}",
     "chat.proto:2:1: value: protoc's C++ generator uses the name `value` itself"},
    {"MessageNamedAsArgument", "message from {}",
     "chat.proto:2:1: from: protoc's C++ generator uses the name `from` itself"},
    {"FieldNamedAsType", "message M {\n  int32 size_t = 1;\n}",
     "chat.proto:3:3: size_t: protoc's C++ generator uses the name `size_t` itself"},
    {"MessageNamedStd", "message std {}",
     "chat.proto:2:1: std: protoc's C++ generator uses the name `std` itself"},
    {"RuntimesNamespace", "syntax = \"proto3\";\npackage federation;",
     "chat.proto:2:1: federation: is the runtime's own namespace in C++; choose another package"},
    {"NamespaceOfTheRuntimesJson", "syntax = \"proto3\";\npackage federation.json;",
     "chat.proto:2:1: federation.json: is the runtime's own namespace in C++; choose another package"},
    {"NamespaceOfTheRuntimesRequests", "syntax = \"proto3\";\npackage federation.rpc;",
     "chat.proto:2:1: federation.rpc: is the runtime's own namespace in C++; choose another package"},
    {"NamespaceOfTheRuntimesNode", "syntax = \"proto3\";\npackage federation.node;",
     "chat.proto:2:1: federation.node: is the runtime's own namespace in C++; choose another package"},
    {"PackageThatHidesANamespace", "syntax = \"proto3\";\npackage chat.std;",
     "chat.proto:2:1: chat.std: `std` would hide the C++ namespace of that name"},
};
INSTANTIATE_TEST_SUITE_P(CppSpelling, Refuses, testing::ValuesIn(kCppSpelling), NameOf);

}  // namespace
}  // namespace federation::codegen
