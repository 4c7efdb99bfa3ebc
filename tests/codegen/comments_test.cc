// What the schema says reaches the generated API, as comments and as nothing else.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codegen/schemas.h"

namespace federation::codegen {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The header of a schema whose second line starts with `text`.
std::string HeaderOf(const std::string& text) {
  const auto response = GenerateFrom(
      {{"a.proto", "syntax = \"proto3\"; package p; import \"federation/v1/annotations.proto\";\n" + text}});
  EXPECT_EQ(response.error(), "");
  return response.file_size() == 0 ? "" : response.file(0).content();
}

constexpr char kUnion[] =
    "message A { option (federation.v1.message).delivery = DELIVERY_WEAK; }\n"
    "message Update {\n"
    "  // What goes around.\n"
    "  oneof update {\n"
    "    option (federation.v1.oneof) = { tag: \"update\" };\n"
    "    // Comes around.\n"
    "    A a = 1;\n"
    "    A b = 2; // Behind it.\n"
    "  }\n"
    "}\n";

TEST(Comments, OfMessagesAndEnumsStandAtTheirCodecs) {
  EXPECT_THAT(HeaderOf("// A message.\nmessage M {}\n// An enum.\nenum E { X = 0; }"),
              AllOf(HasSubstr("\n// A message.\n::federation::json::Writer Write"),
                    HasSubstr("\n// An enum.\n::federation::json::Writer Write")));
}

TEST(Comments, OfOneofsStandAtTheirHandlers) {
  EXPECT_THAT(HeaderOf(kUnion), HasSubstr("\n// What goes around.\n//\n// Deals with every kind of Update."));
}

TEST(Comments, OfCasesStandAtTheirFunctions) {
  const std::string header = HeaderOf(kUnion);
  EXPECT_THAT(header, HasSubstr("\n  // Comes around.\n  virtual ::federation::Outcome OnA("));
  EXPECT_THAT(header, HasSubstr("\n  // Comes around.\n  absl::Status SendA("));
  EXPECT_THAT(header, HasSubstr("\n  // Behind it.\n  virtual ::federation::Outcome OnB("));
}

TEST(Comments, OfServicesAndMethodsStandAtTheirClientsAndServers) {
  const std::string header = HeaderOf(
      "message M {}\n// Finds things.\nservice Search {\n  // By name.\n  rpc Find(M) returns (M);\n}");
  EXPECT_THAT(header, HasSubstr("\n// Finds things.\n//\n// The server's side"));
  EXPECT_THAT(header, HasSubstr("\n// Finds things.\n//\n// The caller's side"));
  EXPECT_THAT(header, HasSubstr("\n  // By name.\n  virtual absl::StatusOr<M> Find("));
  EXPECT_THAT(header, HasSubstr("\n  // By name.\n  absl::StatusOr<M> Find("));
}

struct Line {
  const char* name;
  const char* comment;  // in front of a message
  const char* want;     // in front of its codec
};
void PrintTo(const Line& line, std::ostream* out) { *out << line.comment; }

class HostileComments : public testing::TestWithParam<Line> {};

TEST_P(HostileComments, AreCommentsAndNothingElse) {
  EXPECT_THAT(HeaderOf(std::string(GetParam().comment) + "\nmessage M {}"),
              HasSubstr(std::string("\n\n") + GetParam().want + "\n::federation::json::Writer Write"));
}

constexpr Line kLines[] = {
    {"Backslash", "// C:\\dir\\", "// C:\\dir\\."},
    {"BackslashAndSpaces", "// C:\\dir\\  \t ", "// C:\\dir\\."},
    {"BackslashInTheMiddle", "// one \\\n// two", "// one \\.\n// two"},
    {"Trigraph", "// what?\?/", "// what?\?/."},
    {"Block", "/* one\n * two\n   three\nfour */", "// one\n// two\n// three\n// four"},
    {"BlockWithSlashes", "/* // one // two\n*/", "// // one // two"},
    {"EndOfBlock", "// one */ int i; /*", "// one */ int i; /*"},
    {"ThreeSlashes", "/// one\n/// two", "// one\n// two"},
    {"NoSpace", "//one", "// one"},
    {"Indented", "//   one", "//   one"},
    {"Tabs", "// one\ttwo", "// one\ttwo"},
    {"CarriageReturn", "// one\rint two;", "// one int two;"},
    {"LinesOfWindows", "// one\r\n// two\r", "// one\n// two"},
    {"FormFeed", "// one\ftwo", "// one two"},
    {"Direction", "// one\u202Etwo\u2066", "// onetwo"},
    {"NoUtf8", "// one\xff\xfetwo", "// one??two"},
    {"Utf8", "// Grüße, 世界", "// Grüße, 世界"},
    {"Variable", "// costs $type$ and $", "// costs $type$ and $"},
    {"EmptyLines", "// one\n//\n// two\n//", "// one\n//\n// two"},
};
INSTANTIATE_TEST_SUITE_P(Comments, HostileComments, testing::ValuesIn(kLines),
                         [](const testing::TestParamInfo<Line>& info) {
                           return std::string(info.param.name);
                         });

TEST(Comments, MayBeLong) {
  const std::string line(100000, 'x');
  EXPECT_THAT(HeaderOf("// " + line + "\nmessage M {}"), HasSubstr("// " + line + "\n"));
}

TEST(Comments, ThatAreDetachedBelongToNothing) {
  EXPECT_THAT(HeaderOf("// Loose.\n\n// Fast.\nmessage M {}"),
              AllOf(HasSubstr("// Fast."), Not(HasSubstr("Loose"))));
}

}  // namespace
}  // namespace federation::codegen
