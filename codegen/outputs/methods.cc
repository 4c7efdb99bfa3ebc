#include "codegen/outputs/methods.h"

#include <string>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

bool IsGoogles(const std::string& stem) { return absl::StartsWith(stem, "google/protobuf/"); }

}  // namespace

void AddMethodHeaderIncludes(const File& file, Includes* includes) {
  for (const std::string& stem : file.method_stems) {
    includes->insert(IsGoogles(stem) ? absl::StrCat("<", stem, ".pb.h>")
                                     : absl::StrCat("\"", stem, ".pb.h\""));
  }
}

void AddMethodSourceIncludes(const File& file, Includes* includes) {
  includes->insert("\"federation/rpc_codec.h\"");
  for (const std::string& stem : file.method_stems) {
    includes->insert(IsGoogles(stem) ? "\"federation/json/well_known.h\""
                                     : absl::StrCat("\"", stem, ".federation.h\""));
  }
}

std::string ServiceComment(const Service& service) {
  return service.comment.empty() ? "" : text::CommentLines(service.comment, 0) + "//\n";
}

}  // namespace federation::codegen
