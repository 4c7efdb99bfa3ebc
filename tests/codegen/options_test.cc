#include "codegen/options.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/compiler/plugin.pb.h>
#include <gtest/gtest.h>

#include "codegen/plugin.h"
#include "codegen/schemas.h"

namespace federation::codegen {
namespace {

using google::protobuf::compiler::CodeGeneratorRequest;
using google::protobuf::compiler::CodeGeneratorResponse;
using testing::HasSubstr;
using testing::Not;

// A file of each kind of output: codecs, an update union and a service.
CodeGeneratorRequest ChatRequest(const std::string& parameter) {
  auto request = RequestFor(
      {{"chat/v1/chat.proto",
        "syntax = \"proto3\"; package chat.v1; import \"federation/v1/annotations.proto\";\n"
        "message Line { option (federation.v1.message).delivery = DELIVERY_STRONG; string text = 1; }\n"
        "message Update { oneof u { option (federation.v1.oneof).tag = \"update\"; Line line = 1; } }\n"
        "service Search { rpc Find(Line) returns (Line); }"}});
  request.set_parameter(parameter);
  return request;
}

std::string HeaderWith(const std::string& parameter) {
  const CodeGeneratorResponse response = Generate(ChatRequest(parameter));
  EXPECT_EQ(response.error(), "");
  return response.file_size() == 0 ? "" : response.file(0).content();
}

TEST(Options, PrintEverythingByDefault) {
  EXPECT_THAT(HeaderWith(""),
              testing::AllOf(HasSubstr("WriteFields(const Line&"), HasSubstr("class UpdateHandler"),
                             HasSubstr("class SearchClient")));
}

TEST(Options, PrintCodecsAlone) {
  EXPECT_THAT(HeaderWith("output=json"),
              testing::AllOf(HasSubstr("WriteFields(const Line&"), Not(HasSubstr("class")),
                             Not(HasSubstr("federation/update.h"))));
}

TEST(Options, PrintCodecsWithWhatUsesThem) {
  EXPECT_THAT(HeaderWith("output=updates"),
              testing::AllOf(HasSubstr("WriteFields(const Line&"), HasSubstr("class UpdateSender"),
                             Not(HasSubstr("Search"))));
  EXPECT_THAT(HeaderWith("output=rpc"),
              testing::AllOf(HasSubstr("WriteFields(const Line&"), HasSubstr("class SearchClient"),
                             Not(HasSubstr("class UpdateSender"))));
}

TEST(Options, MayNameSeveralOutputs) { EXPECT_EQ(HeaderWith("output=rpc,output=updates"), HeaderWith("")); }

// ---- Mistakes

struct BadParameter {
  const char* name;
  const char* parameter;
  const char* want;
};
void PrintTo(const BadParameter& bad, std::ostream* out) { *out << bad.parameter; }

class OptionsRefuse : public testing::TestWithParam<BadParameter> {};

TEST_P(OptionsRefuse, Parameter) {
  const CodeGeneratorResponse response = Generate(ChatRequest(GetParam().parameter));
  EXPECT_EQ(response.error(), GetParam().want);
  EXPECT_EQ(response.file_size(), 0);
}

constexpr BadParameter kBadParameters[] = {
    {"UnknownNames", "speed=high,lite",
     "unknown option `speed`; protoc-gen-federation knows `check`, `output`\n"
     "unknown option `lite`; protoc-gen-federation knows `check`, `output`"},
    {"NameInUpperCase", "Check=gen", "unknown option `Check`; protoc-gen-federation knows `check`, `output`"},
    {"UnknownOutput", "output=grpc",
     "option `output` has no value `grpc`; it knows `json`, `updates`, `rpc`"},
    {"OutputWithoutValue", "output", "option `output` has no value ``; it knows `json`, `updates`, `rpc`"},
    {"CheckWithoutDirectory", "check", "option `check` wants a directory: check=DIR"},
    {"CheckTwice", "check=a,check=b", "option `check` is given twice"},
};
INSTANTIATE_TEST_SUITE_P(Options, OptionsRefuse, testing::ValuesIn(kBadParameters),
                         [](const testing::TestParamInfo<BadParameter>& info) {
                           return std::string(info.param.name);
                         });

// ---- Check

// Files by path, in place of a disk.
class Files {
 public:
  // What the generator makes of the chat, in `gen`.
  Files() {
    const CodeGeneratorResponse response = Generate(ChatRequest(""));
    for (const auto& file : response.file()) contents["gen/" + file.name()] = file.content();
  }

  CodeGeneratorResponse Check(const std::string& parameter = "check=gen") const {
    return Generate(ChatRequest(parameter), [this](const std::string& path) -> std::optional<std::string> {
      const auto file = contents.find(path);
      if (file == contents.end()) return std::nullopt;
      return file->second;
    });
  }

  std::map<std::string, std::string> contents;
};

constexpr char kHeader[] = "gen/chat/v1/chat.federation.h";
constexpr char kSource[] = "gen/chat/v1/chat.federation.cc";

TEST(Check, WritesNothingAndPassesIfNothingHasChanged) {
  const CodeGeneratorResponse response = Files().Check();
  EXPECT_FALSE(response.has_error()) << response.error();
  EXPECT_EQ(response.file_size(), 0);
}

TEST(Check, ShowsTheFirstLineThatDiffers) {
  Files files;
  std::string& header = files.contents[kHeader];
  header.replace(header.find("#pragma once"), 12, "#pragma twice");
  const CodeGeneratorResponse response = files.Check();
  EXPECT_EQ(response.error(),
            "gen/chat/v1/chat.federation.h:2: is stale\n  has:  #pragma twice\n  want: #pragma once");
  EXPECT_EQ(response.file_size(), 0);
}

TEST(Check, NamesEveryFileThatIsMissing) {
  Files files;
  files.contents.clear();
  EXPECT_EQ(files.Check().error(),
            "gen/chat/v1/chat.federation.h: is missing\ngen/chat/v1/chat.federation.cc: is missing");
}

TEST(Check, SaysWhereAFileIsCutOff) {
  Files files;
  files.contents[kSource] = "";
  EXPECT_EQ(files.Check().error(),
            "gen/chat/v1/chat.federation.cc:1: is stale\n  has:  (end of the file)\n"
            "  want: // Generated by protoc-gen-federation from chat/v1/chat.proto. Do not edit.");
}

TEST(Check, SeesWhatIsAdded) {
  Files files;
  files.contents[kSource] += "// More.\n";
  EXPECT_THAT(files.Check().error(), HasSubstr("\n  has:  // More.\n  want: (end of the file)"));
}

TEST(Check, SeesAMissingEndOfTheLastLine) {
  Files files;
  files.contents[kSource].pop_back();
  EXPECT_THAT(files.Check().error(), HasSubstr("chat.federation.cc:"));
}

TEST(Check, GoesWithTheOtherOptions) {
  EXPECT_THAT(Files().Check("check=gen,output=json").error(), HasSubstr(std::string(kHeader) + ":"));
}

TEST(Check, ReportsMistakesOfTheSchemaAsEver) {
  auto request = RequestFor({{"a.proto", "syntax = \"proto3\"; package a.private;"}});
  request.set_parameter("check=gen");
  EXPECT_EQ(Generate(request).error(), "a.proto:1:20: a.private: `private` is a keyword of C++");
}

TEST(Check, FindsNothingWithoutAReader) {
  EXPECT_THAT(Generate(ChatRequest("check=gen")).error(), HasSubstr("chat.federation.h: is missing"));
}

}  // namespace
}  // namespace federation::codegen
