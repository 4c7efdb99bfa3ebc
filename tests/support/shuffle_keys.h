#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace federation::support {

// Writes a document again with the keys of every object in another order. The document is valid and minified;
// its values keep their text.
template <typename Random>
class KeyShuffler {
 public:
  // `Random` is what std::shuffle takes. With `unknown_key`, a member that no schema has, it is put into
  // about every fourth object.
  explicit KeyShuffler(Random& random, std::string_view unknown_key = {})
      : random_(random), unknown_key_(unknown_key) {}

  std::string Shuffle(std::string_view value) {
    if (value.front() != '{' && value.front() != '[') return std::string(value);
    const bool is_object = value.front() == '{';
    std::vector<std::string_view> parts = PartsOf(value.substr(1, value.size() - 2));
    if (is_object) {
      if (!unknown_key_.empty() && random_() % 4 == 0) parts.push_back(unknown_key_);
      std::shuffle(parts.begin(), parts.end(), random_);
    }
    std::string all(1, value.front());
    for (const std::string_view part : parts) {
      if (all.size() > 1) all += ',';
      const std::size_t key_bytes = is_object ? StringBytes(part) + 1 : 0;
      all += part.substr(0, key_bytes);
      all += Shuffle(part.substr(key_bytes));
    }
    return all += value.back();
  }

 private:
  // What stands between the commas of an object or an array.
  static std::vector<std::string_view> PartsOf(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
      std::size_t end = 0;
      for (int depth = 0; end < text.size() && (depth > 0 || text[end] != ',');) {
        if (text[end] == '{' || text[end] == '[') ++depth;
        if (text[end] == '}' || text[end] == ']') --depth;
        end += text[end] == '"' ? StringBytes(text.substr(end)) : 1;
      }
      parts.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
  }

  // Of the string that the text begins with, with its quotes.
  static std::size_t StringBytes(std::string_view text) {
    std::size_t end = 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    return end + 1;
  }

  Random& random_;
  std::string_view unknown_key_;
};

}  // namespace federation::support
