// What the generator says of schemas that it refuses, beyond single mistakes.
#include <string>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/mistakes.h"
#include "codegen/plugin.h"
#include "codegen/schemas.h"

namespace federation::codegen {
namespace {

TEST(Diagnostics, NameAllMistakesInTheOrderOfTheText) {
  const auto response = GenerateFrom(
      {{"b.proto",
        "syntax = \"proto3\";\nmessage M {\n  string a = 1 [json_name = \"\\t\"];\n"
        "  string b = 2 [json_name = \"\\n\"];\n}"},
       {"a.proto", "syntax = \"proto3\";\nmessage ReadJson {\n  string a = 1 [json_name = \"\\t\"];\n}"}});
  EXPECT_EQ(response.error(),
            "a.proto:2:1: ReadJson: the C++ name `ReadJson` is also that of a function of generated code\n"
            "a.proto:3:3: a: a JSON name must not hold quotes, backslashes or control characters\n"
            "b.proto:3:3: a: a JSON name must not hold quotes, backslashes or control characters\n"
            "b.proto:4:3: b: a JSON name must not hold quotes, backslashes or control characters");
  EXPECT_EQ(response.file_size(), 0);
}

TEST(Diagnostics, KeepBackTheCodeOfFilesWithoutMistakes) {
  const auto response = GenerateFrom({{"good.proto", "syntax = \"proto3\"; message M {}"},
                                      {"bad.proto", "syntax = \"proto3\"; package chat.private;"}});
  EXPECT_EQ(response.error(), "bad.proto:1:20: chat.private: `private` is a keyword of C++");
  EXPECT_EQ(response.file_size(), 0);
}

TEST(Diagnostics, NameThePlaceInAnotherFileOfThePackage) {
  EXPECT_EQ(GenerateFrom({{"updates.proto", absl::StrCat(kPrelude,
                                                         "message A {\n"
                                                         "  option (federation.v1.message).delivery = "
                                                         "DELIVERY_WEAK;\n}\n"
                                                         "message Update {\n  oneof u {\n"
                                                         "    option (federation.v1.oneof) = { tag: "
                                                         "\"update\" };\n    A a = 1;\n  }\n}\n")},
                          {"more.proto",
                           "syntax = \"proto3\"; package chat.v1;\nimport \"updates.proto\";\n"
                           "message UpdateReceiver {}"}})
                .error(),
            "more.proto:3:1: UpdateReceiver: the C++ name `UpdateReceiver` is also that of the receiver of "
            "`Update` (updates.proto:5:1)");
}

TEST(Diagnostics, SeeFilesThatAreImportedByImports) {
  EXPECT_EQ(
      GenerateFrom(
          {{"a.proto", "syntax = \"proto3\"; package p;\nmessage A { message B {} }"},
           {"b.proto", "syntax = \"proto3\"; package q; import \"a.proto\"; message M { p.A a = 1; }"},
           {"c.proto", "syntax = \"proto3\"; package p; import \"b.proto\";\nmessage A_B { q.M m = 1; }"}})
          .error(),
      "c.proto:2:1: A_B: the C++ name `A_B` is also that of the message `B` (a.proto:2:13)");
}

TEST(Diagnostics, LetFilesThatDoNotSeeEachOtherUseTheSameNames) {
  EXPECT_EQ(GenerateFrom({{"a.proto", "syntax = \"proto3\"; package p; message A { message B {} }"},
                          {"b.proto", "syntax = \"proto3\"; package p; message A_B {}"},
                          {"c.proto",
                           "syntax = \"proto3\"; package q; import \"a.proto\"; message A_B { p.A a = 1; }"}})
                .error(),
            "");
}

// As with a schema that was annotated with a newer annotations.proto.
TEST(Diagnostics, RefuseRulesThatAreNotKnown) {
  auto request = RequestFor({{"a.proto", absl::StrCat(kPrelude, "message M {\n  string s = 1;\n}")}});
  auto* options =
      request.mutable_proto_file()->rbegin()->mutable_message_type(0)->mutable_field(0)->mutable_options();
  auto* rules = options->MutableExtension(v1::field);
  rules->GetReflection()->MutableUnknownFields(rules)->AddVarint(1000, 1);
  EXPECT_EQ(Generate(request).error(),
            "a.proto:3:3: s: the annotation has a rule that this version of the generator does not know");
}

TEST(Diagnostics, NameTheFileAloneWhereDescriptorsHaveNoPositions) {
  auto request = RequestFor({{"a.proto", "syntax = \"proto3\"; message A { message B {} } message A_B {}"}});
  for (auto& file : *request.mutable_proto_file()) file.clear_source_code_info();
  EXPECT_EQ(Generate(request).error(),
            "a.proto: B: the C++ name `A_B` is also that of the message `A_B` (a.proto)");
}

}  // namespace
}  // namespace federation::codegen
