#include "json/path.h"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "json/text.h"

namespace federation::json {
namespace {

// An object or an array that is open.
struct Open {
  bool object = false;
  std::string_view key;   // of an object: the latest one, as it is escaped; empty between values
  std::size_t index = 0;  // of an array: how many elements are complete
};

// The end of the string that starts behind the quote at `at`: its closing quote, or the end of the text.
std::size_t StringEnd(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

std::string Join(const std::vector<Open>& open) {
  std::string path;
  for (const Open& level : open) {
    if (!level.object) {
      path += fmt::format("[{}]", level.index);
    } else if (!level.key.empty()) {
      path += fmt::format("{}{}", path.empty() ? "" : ".", Shorten(level.key));
    }
  }
  return path;
}

}  // namespace

std::string PathAtEnd(std::string_view written) {
  std::vector<Open> open;
  bool wants_key = false;
  for (std::size_t at = 0; at < written.size(); ++at) {
    const char c = written[at];
    if (c == '{' || c == '[') {
      open.push_back({c == '{', {}, 0});
      wants_key = c == '{';
    } else if (c == '}' || c == ']') {
      if (!open.empty()) open.pop_back();
    } else if (c == ',' && !open.empty()) {
      Open& level = open.back();
      level.key = {};
      ++level.index;
      wants_key = level.object;
    } else if (c == '"') {
      const std::size_t end = StringEnd(written, at + 1);
      if (wants_key && !open.empty()) {
        open.back().key = written.substr(at + 1, end - at - 1);
        wants_key = false;
      }
      at = end;
    }
  }
  return Join(open);
}

}  // namespace federation::json
