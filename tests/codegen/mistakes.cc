#include "codegen/mistakes.h"

#include <absl/strings/match.h>

#include "codegen/schemas.h"

namespace federation::codegen {

const char* const kPrelude =
    "syntax = \"proto3\"; package chat.v1; import \"federation/v1/annotations.proto\"; "
    "import \"google/protobuf/duration.proto\"; import \"google/protobuf/struct.proto\";\n";

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.schema; }

std::string NameOf(const testing::TestParamInfo<Mistake>& info) { return info.param.name; }

TEST_P(Refuses, WithItsPosition) {
  const std::string schema = GetParam().schema;
  const bool whole = absl::StartsWith(schema, "syntax");
  const auto response = GenerateFrom({{"chat.proto", whole ? schema : kPrelude + schema}});
  EXPECT_EQ(response.error(), GetParam().want);
  EXPECT_EQ(response.file_size(), 0) << "doubtful input must not yield code";
}

}  // namespace federation::codegen
