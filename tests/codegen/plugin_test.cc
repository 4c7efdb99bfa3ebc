#include "codegen/plugin.h"

#include <algorithm>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/version.h"

#include "codegen/schemas.h"
#include "codegen/version.h"

namespace federation::codegen {
namespace {

using google::protobuf::compiler::CodeGeneratorRequest;
using google::protobuf::compiler::CodeGeneratorResponse;
using testing::HasSubstr;
using testing::Not;

const Schema kPeers = {"chat/v1/peers.proto",
                       "syntax = \"proto3\"; package chat.v1; message Peer { int64 id = 1; }"};
const Schema kChat = {"chat/v1/chat.proto",
                      "// Talking.\nsyntax = \"proto3\"; package chat.v1; import \"chat/v1/peers.proto\";\n"
                      "// Says something.\nmessage Message { Peer peer = 1; string text = 2; }"};

std::map<std::string, std::string> Contents(const CodeGeneratorResponse& response) {
  EXPECT_EQ(response.error(), "");
  std::map<std::string, std::string> contents;
  for (const auto& file : response.file()) contents[file.name()] = file.content();
  return contents;
}

TEST(Plugin, WritesAHeaderAndASourceForEachFileToGenerate) {
  CodeGeneratorRequest request = RequestFor({kPeers, kChat});
  request.clear_file_to_generate();
  request.add_file_to_generate("chat/v1/chat.proto");
  const auto contents = Contents(Generate(request));
  EXPECT_THAT(contents, testing::UnorderedElementsAre(testing::Key("chat/v1/chat.federation.h"),
                                                      testing::Key("chat/v1/chat.federation.cc")));
}

TEST(Plugin, CarriesTheCommentsOfTheSchema) {
  const std::string header = Contents(GenerateFrom({kPeers, kChat}))["chat/v1/chat.federation.h"];
  EXPECT_THAT(header, HasSubstr("Do not edit.\n//\n// Talking.\n#pragma once"));
  EXPECT_THAT(
      header,
      HasSubstr("// Says something.\n::federation::json::Writer WriteFields(const Message& message,"));
}

TEST(Plugin, GeneratesTheSameWhateverTheOrderOfFiles) {
  CodeGeneratorRequest request = RequestFor({kPeers, kChat});
  const std::string forward = Generate(request).SerializeAsString();
  std::reverse(request.mutable_file_to_generate()->begin(), request.mutable_file_to_generate()->end());
  EXPECT_EQ(Generate(request).SerializeAsString(), forward);
}

TEST(Plugin, GeneratesTheSameWhateverTheOrderOfDescriptors) {
  const Schema rooms = {"chat/v1/rooms.proto", "syntax = \"proto3\"; package chat.v1; message Room {}"};
  const auto forward = Contents(GenerateFrom({kPeers, rooms, kChat}));
  EXPECT_EQ(Contents(GenerateFrom({rooms, kPeers, kChat})), forward);
  EXPECT_EQ(Contents(GenerateFrom({kPeers, kChat, rooms})), forward);
}

TEST(Plugin, GeneratesTheSameWhoeverAsks) {
  CodeGeneratorRequest request = RequestFor({kPeers, kChat});
  const std::string anonymous = Generate(request).SerializeAsString();
  request.mutable_compiler_version()->set_major(99);
  request.mutable_compiler_version()->set_suffix("buf");
  EXPECT_EQ(Generate(request).SerializeAsString(), anonymous);
}

TEST(Plugin, GeneratesTheSameForAFileAloneAsAmongOthers) {
  CodeGeneratorRequest request = RequestFor({kPeers, kChat});
  const auto together = Contents(Generate(request));
  request.clear_file_to_generate();
  request.add_file_to_generate("chat/v1/chat.proto");
  for (const auto& [name, content] : Contents(Generate(request)))
    EXPECT_EQ(content, together.at(name)) << name;
}

TEST(Plugin, IncludesTheCodecsOfImportsOnlyWhereFieldsUseThem) {
  const Schema idle = {"idle.proto",
                       "syntax = \"proto3\"; import \"chat/v1/peers.proto\"; message M { int32 n = 1; }"};
  auto contents = Contents(GenerateFrom({kPeers, kChat, idle}));
  EXPECT_THAT(contents["chat/v1/chat.federation.cc"], HasSubstr("#include \"chat/v1/peers.federation.h\"\n"));
  EXPECT_THAT(contents["idle.federation.cc"], Not(HasSubstr("peers")));
}

TEST(Plugin, KnowsTheVersionOfTheRuntimeBesideIt) {
  EXPECT_EQ(kGeneratedCodeVersion, FEDERATION_GENERATED_CODE_VERSION);
  EXPECT_THAT(Contents(GenerateFrom({kPeers}))["chat/v1/peers.federation.h"],
              HasSubstr("#if FEDERATION_GENERATED_CODE_VERSION != " + std::to_string(kGeneratedCodeVersion)));
}

TEST(Plugin, SupportsProto3Optional) {
  const auto response =
      GenerateFrom({{"a.proto", "syntax = \"proto3\"; message M { optional int32 n = 1; }"}});
  EXPECT_EQ(response.supported_features(), CodeGeneratorResponse::FEATURE_PROTO3_OPTIONAL);
  EXPECT_THAT(Contents(response)["a.federation.cc"], HasSubstr("if (message.has_n()) {"));
}

TEST(Plugin, RefusesDescriptorsThatProtocWouldNotSend) {
  CodeGeneratorRequest request = RequestFor({kPeers});
  request.mutable_proto_file(0)->mutable_message_type(0)->mutable_field(0)->set_type_name(".Nowhere");
  request.mutable_proto_file(0)->mutable_message_type(0)->mutable_field(0)->clear_type();
  EXPECT_THAT(Generate(request).error(),
              HasSubstr("chat/v1/peers.proto: chat.v1.Peer.id: \".Nowhere\" is not defined"));
}

TEST(Plugin, RefusesFilesWithoutDescriptors) {
  CodeGeneratorRequest request;
  request.add_file_to_generate("a.proto");
  EXPECT_EQ(Generate(request).error(),
            "a.proto: is to be generated, but its descriptor did not come with the request");
}

}  // namespace
}  // namespace federation::codegen
