#include "fednode/access_files.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "fednode/text_file.h"

namespace federation::fednode {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view Trim(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

absl::StatusOr<std::vector<std::string>> ReadPatterns(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  std::vector<std::string> patterns;
  for (std::size_t start = 0; start < text->size();) {
    const std::size_t end = std::min(text->find('\n', start), text->size());
    const std::string_view pattern = Trim(std::string_view(*text).substr(start, end - start));
    if (!pattern.empty()) patterns.emplace_back(pattern);
    start = end + 1;
  }
  return patterns;
}

}  // namespace

absl::StatusOr<AccessLists> ReadAccessFiles(const std::string& allow_path, const std::string& deny_path) {
  AccessLists lists;
  if (!allow_path.empty()) {
    absl::StatusOr<std::vector<std::string>> allow = ReadPatterns(allow_path);
    if (!allow.ok()) return allow.status();
    lists.allow = *std::move(allow);
  }
  if (!deny_path.empty()) {
    absl::StatusOr<std::vector<std::string>> deny = ReadPatterns(deny_path);
    if (!deny.ok()) return deny.status();
    lists.deny = *std::move(deny);
  }
  return lists;
}

}  // namespace federation::fednode
