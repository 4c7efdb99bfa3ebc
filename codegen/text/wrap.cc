#include "codegen/text/wrap.h"

#include <algorithm>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

namespace federation::codegen::text {

namespace {

// `pieces` in lines that start at column `margin`, the first one behind `start`, which ends there.
std::string Fill(const std::string& start, const std::vector<std::string>& pieces, std::size_t margin) {
  std::string text;
  std::string line = start;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0 && line.size() + 1 + pieces[i].size() > kColumnsMax) {
      text += line + "\n";
      line = std::string(margin, ' ') + pieces[i];
    } else {
      line += (i > 0 ? " " : "") + pieces[i];
    }
  }
  return text + line;
}

}  // namespace

std::string Call(const std::string& head, const std::vector<std::string>& arguments, const std::string& tail,
                 std::size_t indent) {
  std::string line = absl::StrCat(head, "(", absl::StrJoin(arguments, ", "), ")", tail);
  if (indent + line.size() <= kColumnsMax) return line;

  std::vector<std::string> pieces = arguments;
  for (std::string& piece : pieces) piece += &piece == &pieces.back() ? ")" + tail : ",";
  std::size_t longest = 0;
  for (const std::string& piece : pieces) longest = std::max(longest, piece.size());
  const std::string start = std::string(indent, ' ') + head + "(";
  if (start.size() + longest <= kColumnsMax) return Fill(start, pieces, start.size()).substr(indent);
  const std::size_t margin = indent + 4;
  return absl::StrCat(head, "(\n", Fill(std::string(margin, ' '), pieces, margin));
}

std::string CommentLines(const Comment& comment, std::size_t indent) {
  std::string text;
  for (const std::string& line : comment) {
    if (!text.empty()) text.append(indent, ' ');
    absl::StrAppend(&text, "//", line, "\n");
  }
  return text;
}

std::string CommentAbove(const Comment& comment, std::size_t indent) {
  return comment.empty() ? "" : CommentLines(comment, indent) + std::string(indent, ' ');
}

}  // namespace federation::codegen::text
