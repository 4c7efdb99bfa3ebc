// What is refused about services.
#include <gtest/gtest.h>

#include "codegen/mistakes.h"

namespace federation::codegen {
namespace {

constexpr Mistake kMethods[] = {
    {"SameWireName",
     "message M {}\nservice S {\n  rpc FindUser(M) returns (M);\n  rpc Find_User(M) returns (M);\n}",
     "chat.proto:5:3: Find_User: the method is called `find_user` on the wire, as is `FindUser` "
     "(chat.proto:4:3)"},
    {"SameWireNameByAnnotation",
     "message M {}\nservice S {\n  rpc Find(M) returns (M);\n  rpc Seek(M) returns (M) {\n"
     "    option (federation.v1.rpc) = { name: \"find\" };\n  }\n}",
     "chat.proto:6:5: Seek: the method is called `find` on the wire, as is `Find` (chat.proto:4:3)"},
    {"SameWireNameInAnotherService",
     "message M {}\nservice S {\n  rpc Find(M) returns (M);\n}\nservice T {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:7:3: Find: the method is called `find` on the wire, as is `Find` (chat.proto:4:3)"},
    {"WireNameWithSpace",
     "message M {}\nservice S {\n  rpc Find(M) returns (M) {\n    option (federation.v1.rpc).name = \"a "
     "b\";\n"
     "  }\n}",
     "chat.proto:5:5: Find: the name of a method may hold letters, digits, `_`, `.` and `/` only"},
    {"RequestThatIsWellKnown",
     "message M {}\nservice S {\n  rpc Find(google.protobuf.Duration) returns (M);\n}",
     "chat.proto:4:12: Find: `Duration` cannot be a request: of google.protobuf only Empty can"},
    {"AnswerThatIsWellKnown",
     "message M {}\nservice S {\n  rpc Find(M)\n    returns (google.protobuf.Duration);\n}",
     "chat.proto:5:14: Find: `Duration` cannot be an answer: of google.protobuf only Empty can"},
    {"RequestWithFlattenedOneof",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n"
     "    A a = 1;\n  }\n}\nservice S {\n  rpc Find(M) returns (A);\n}",
     "chat.proto:10:12: Find: `M` cannot be a request: it has a flattened oneof, and one object has one tag"},
    {"AnswerWithFlattenedOneof",
     "message A {}\nmessage M {\n  oneof o {\n    option (federation.v1.oneof) = { tag: \"kind\" };\n"
     "    A a = 1;\n  }\n}\nservice S {\n  rpc Find(A) returns (M);\n}",
     "chat.proto:10:24: Find: `M` cannot be an answer: it has a flattened oneof, and one object has one tag"},
    {"RequestWithTheTag", "message M {\n  string rpc = 1;\n}\nservice S {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:6:12: Find: `M` cannot be a request: the field `rpc` (chat.proto:3:3) has the JSON key "
     "`rpc`, "
     "which every request has"},
    {"RequestWithTheTagByAnnotation",
     "message M {\n  string a = 1 [(federation.v1.field).name = \"rpc\"];\n}\nservice S {\n"
     "  rpc Find(M) returns (M);\n}",
     "chat.proto:6:12: Find: `M` cannot be a request: the field `a` (chat.proto:3:3) has the JSON key `rpc`, "
     "which every request has"},
    {"AnswerWithTheTag", "message M {\n  string result = 1;\n}\nservice S {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:6:24: Find: `M` cannot be an answer: the field `result` (chat.proto:3:3) has the JSON key "
     "`result`, which every answer has"},
};
INSTANTIATE_TEST_SUITE_P(Methods, Refuses, testing::ValuesIn(kMethods), NameOf);

constexpr Mistake kClasses[] = {
    {"InterfaceInSchema",
     "message M {}\nmessage MailService {}\nservice Mail {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:3:1: MailService: the C++ name `MailService` is also that of the server interface of `Mail` "
     "(chat.proto:4:1)"},
    {"ClientInSchema",
     "message M {}\nmessage MailClient {}\nservice MailService {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:3:1: MailClient: the C++ name `MailClient` is also that of the client of `MailService` "
     "(chat.proto:4:1)"},
    {"DispatcherInSchema",
     "enum MailDispatcher {\n  X = 0;\n}\nmessage M {}\nservice Mail {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:2:1: MailDispatcher: the C++ name `MailDispatcher` is also that of the dispatcher of `Mail` "
     "(chat.proto:6:1)"},
    {"TwoServicesOfOneName",
     "message M {}\nservice Mail {\n  rpc Find(M) returns (M);\n}\nservice MailService {\n"
     "  rpc Seek(M) returns (M);\n}",
     "chat.proto:6:1: MailService: the C++ name `MailService` is also that of the server interface of `Mail` "
     "(chat.proto:3:1)"},
    {"GenericServices",
     "option cc_generic_services = true;\nmessage M {}\nservice MailService {\n  rpc Find(M) returns (M);\n}",
     "chat.proto:4:1: MailService: the C++ name `MailService` is also that of protobuf's own class of the "
     "service `MailService` (chat.proto:4:1)"},
    {"MethodNamedAsItsClient", "message M {}\nservice Mail {\n  rpc MailClient(M) returns (M);\n}",
     "chat.proto:4:3: MailClient: the C++ name `MailClient` is also that of the constructor of the client"},
    {"MethodNamedAsItsInterface", "message M {}\nservice Mail {\n  rpc MailService(M) returns (M);\n}",
     "chat.proto:4:3: MailService: the C++ name `MailService` is also that of the constructor of the server "
     "interface"},
    {"MethodNamedAsAnotherOnesSecondFunction",
     "message M {}\nservice S {\n  rpc Search(M) returns (M);\n  rpc StartSearch(M) returns (M);\n}",
     "chat.proto:5:3: StartSearch: the C++ name `StartSearch` is also that of a function of `Search` "
     "(chat.proto:4:3)"},
    {"MethodNamedAsAMember", "message M {}\nservice S {\n  rpc channel_(M) returns (M);\n}",
     "chat.proto:4:3: channel_: the C++ name `channel_` is also that of a member of the client"},
};
INSTANTIATE_TEST_SUITE_P(ServiceClasses, Refuses, testing::ValuesIn(kClasses), NameOf);

}  // namespace
}  // namespace federation::codegen
