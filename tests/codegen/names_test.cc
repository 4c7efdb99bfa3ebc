#include "codegen/cpp/names.h"

#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "codegen/schemas.h"

namespace federation::codegen {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// The descriptors of a schema, for as long as this lives.
struct Loaded {
  explicit Loaded(const std::string& text) {
    const auto request = RequestFor({{"a.proto", "syntax = \"proto3\"; " + text}});
    for (const auto& proto : request.proto_file()) pool.BuildFile(proto);
    file = pool.FindFileByName("a.proto");
  }

  DescriptorPool pool;
  const FileDescriptor* file = nullptr;
};

TEST(CppNames, FollowProtocForKeywords) {
  const Loaded schema(
      "package chat.v1; message class { string private = 1; oneof union { class delete = 2; } }");
  const auto& message = *schema.file->message_type(0);
  EXPECT_EQ(cpp::Identifier(message), "class_");
  EXPECT_EQ(cpp::Accessor(*message.field(0)), "private_");
  EXPECT_EQ(cpp::CaseConstant(*message.field(1)), "kDelete");
  EXPECT_EQ(cpp::CaseFunction(*message.oneof_decl(0)), "union_case");
  EXPECT_EQ(cpp::CaseNotSet(*message.oneof_decl(0)), "UNION_NOT_SET");
}

TEST(CppNames, FollowProtocForNestedTypes) {
  const Loaded schema("package chat.v1; message Outer { message Inner {} enum Kind { ANY = 0; } }");
  const auto& outer = *schema.file->message_type(0);
  EXPECT_EQ(cpp::TypeName(*outer.nested_type(0), *schema.file), "Outer_Inner");
  EXPECT_EQ(cpp::Constant(*outer.enum_type(0)->value(0)), "Outer_Kind_ANY");
}

TEST(CppNames, QualifyTypesThatAVariableOfGeneratedCodeMayHide) {
  const Loaded schema("package chat.v1; message value {} message Value {}");
  EXPECT_EQ(cpp::TypeName(*schema.file->message_type(0), *schema.file), "::chat::v1::value");
  EXPECT_EQ(cpp::TypeName(*schema.file->message_type(1), *schema.file), "Value");
}

TEST(CppNames, KeepParametersApart) {
  const Loaded schema("message A {} message M { oneof o { A context = 1; A text = 2; } }");
  EXPECT_EQ(cpp::CaseParameter(*schema.file->message_type(1)->field(0)), "context_case");
  EXPECT_EQ(cpp::CaseParameter(*schema.file->message_type(1)->field(1)), "text");
}

}  // namespace
}  // namespace federation::codegen
