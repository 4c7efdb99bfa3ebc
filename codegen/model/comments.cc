#include "codegen/model/comments.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/stubs/common.h>

#include "codegen/model/place.h"

namespace federation::codegen {
namespace {

using google::protobuf::SourceLocation;

// Text that compilers take for a line of a comment and nothing else, whatever the schema holds.
std::string Harmless(absl::string_view line) {
  std::string text(line);
  // Some compilers end a line at a lone carriage return; other control characters are no better.
  for (char& c : text) {
    if (c != '\t' && absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  if (!google::protobuf::internal::IsStructurallyValidUTF8(text)) {
    for (char& c : text) {
      if (!absl::ascii_isascii(static_cast<unsigned char>(c))) c = '?';
    }
  }
  // Signs that change the direction of writing, U+202A to U+202E and U+2066 to U+2069, can make code look
  // like a comment.
  for (const char* sign :
       {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
    absl::StrReplaceAll({{sign, ""}}, &text);
  }
  absl::StripTrailingAsciiWhitespace(&text);
  // A comment that ends in a backslash, or in what was one before C++17, would go on in the next line.
  if (absl::EndsWith(text, "\\") || absl::EndsWith(text, "?\?/")) text.push_back('.');
  return text;
}

Comment Lines(const std::string& text) {
  Comment lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::string clean = Harmless(line);
    // Of `///`, protoc leaves a slash.
    clean.erase(0, clean.find_first_not_of('/'));
    // In block comments the text of a line may start at once.
    if (!clean.empty() && !absl::StartsWith(clean, " ")) clean.insert(0, 1, ' ');
    lines.push_back(clean);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Comment CommentAt(const Place& place) {
  SourceLocation location;
  if (!place.file->GetSourceLocation(place.path, &location)) return {};
  return Lines(location.leading_comments.empty() ? location.trailing_comments : location.leading_comments);
}

}  // namespace

Comment CommentOf(const google::protobuf::Descriptor& message) { return CommentAt(PlaceOf(message)); }
Comment CommentOf(const google::protobuf::FieldDescriptor& field) { return CommentAt(PlaceOf(field)); }
Comment CommentOf(const google::protobuf::OneofDescriptor& oneof) { return CommentAt(PlaceOf(oneof)); }
Comment CommentOf(const google::protobuf::EnumDescriptor& enumeration) {
  return CommentAt(PlaceOf(enumeration));
}
Comment CommentOf(const google::protobuf::ServiceDescriptor& service) { return CommentAt(PlaceOf(service)); }
Comment CommentOf(const google::protobuf::MethodDescriptor& method) { return CommentAt(PlaceOf(method)); }
Comment CommentOf(const google::protobuf::FileDescriptor& file) { return CommentAt(SyntaxOf(file)); }

}  // namespace federation::codegen
