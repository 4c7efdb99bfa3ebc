#include "codegen/check.h"

#include <algorithm>

#include <absl/strings/str_cat.h>

namespace federation::codegen {
namespace {

// The line of `text` that holds the character at `index`; says so if the text ends there.
std::string LineAt(const std::string& text, std::size_t index) {
  if (index >= text.size() && (text.empty() || text.back() == '\n')) return "(end of the file)";
  const std::size_t last_end = index == 0 ? std::string::npos : text.rfind('\n', index - 1);
  const std::size_t start = last_end == std::string::npos ? 0 : last_end + 1;
  return text.substr(start, text.find('\n', start) - start);
}

// How the two texts, which are not the same, differ first.
std::string FirstDifference(const std::string& path, const std::string& has, const std::string& want) {
  const auto [first, other] = std::mismatch(has.begin(), has.end(), want.begin(), want.end());
  const auto index = static_cast<std::size_t>(first - has.begin());
  const auto line = 1 + std::count(has.begin(), first, '\n');
  return absl::StrCat(path, ":", line, ": is stale\n  has:  ", LineAt(has, index),
                      "\n  want: ", LineAt(want, index));
}

}  // namespace

std::vector<std::string> FindStale(const google::protobuf::compiler::CodeGeneratorResponse& generated,
                                   const std::string& dir, const ReadFile& read_file) {
  std::vector<std::string> findings;
  for (const auto& file : generated.file()) {
    const std::string path = absl::StrCat(dir, "/", file.name());
    const std::optional<std::string> content = read_file ? read_file(path) : std::nullopt;
    if (!content.has_value()) {
      findings.push_back(absl::StrCat(path, ": is missing"));
    } else if (*content != file.content()) {
      findings.push_back(FirstDifference(path, *content, file.content()));
    }
  }
  return findings;
}

}  // namespace federation::codegen
