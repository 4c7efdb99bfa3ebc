#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/core.h>
#include <google/protobuf/field_mask.pb.h>

#include "federation/json/scan.h"
#include "federation/json/well_known.h"

#include "json/text.h"

namespace federation::json {
namespace {

constexpr std::string_view kWantMask = "paths of fields such as \"user.displayName,photo\"";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
char ToUpper(char c) { return static_cast<char>(c - 'a' + 'A'); }
char ToLower(char c) { return static_cast<char>(c - 'A' + 'a'); }

// Whether the path consists of names that a schema can have, joined by dots.
bool IsPathOfNames(std::string_view path) {
  bool at_start = true;
  for (const char c : path) {
    if (c == '.' ? at_start : !(IsLower(c) || IsUpper(c) || c == '_' || (IsDigit(c) && !at_start)))
      return false;
    at_start = c == '.';
  }
  return !at_start;
}

// Undoes what AppendCamelCase does.
bool AppendSnakeCase(std::string_view path, std::string* snake) {
  for (const char c : path) {
    if (c == '_') return false;
    if (IsUpper(c)) {
      *snake += '_';
      *snake += ToLower(c);
    } else {
      *snake += c;
    }
  }
  return IsPathOfNames(path);
}

// Only an underscore in front of a lower case letter can be told from the result, and no upper case letter.
bool AppendCamelCase(std::string_view path, std::string* camel) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (IsUpper(path[i])) return false;
    if (path[i] != '_') {
      *camel += path[i];
      continue;
    }
    ++i;
    if (i == path.size() || !IsLower(path[i])) return false;
    *camel += ToUpper(path[i]);
  }
  return IsPathOfNames(path);
}

}  // namespace

Writer WriteJson(const google::protobuf::FieldMask& mask, Writer out) {
  std::string text;
  for (const std::string& path : mask.paths()) {
    if (&path != &mask.paths(0)) text += ',';
    if (!AppendCamelCase(path, &text)) {
      out.Fail(fmt::format("want paths of fields that lowerCamelCase keeps, got \"{}\"", Shorten(path)));
      return out.Null(), out;
    }
  }
  out.String(text);
  return out;
}

bool ReadJson(Reader& in, google::protobuf::FieldMask* mask) {
  const std::size_t start = in.NextOffset();
  std::string scratch;
  std::string_view text;
  if (!in.ReadStringPiece(kWantMask, &scratch, &text)) return false;
  if (text.empty()) return true;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    if (!AppendSnakeCase(text.substr(from, comma - from), mask->add_paths())) {
      return in.FailWant(kWantMask, start);
    }
    from = comma + 1;
  }
  return true;
}

}  // namespace federation::json
