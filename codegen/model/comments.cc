#include "codegen/model/comments.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_split.h>

#include "codegen/model/place.h"

namespace federation::codegen {
namespace {

using google::protobuf::SourceLocation;

Comment Lines(const std::string& text) {
  Comment lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::string clean(absl::StripTrailingAsciiWhitespace(line));
    // In block comments the text of a line may start at once.
    if (!clean.empty() && !absl::StartsWith(clean, " ")) clean.insert(0, 1, ' ');
    // A comment that ends in a backslash would go on in the next line of C++.
    if (absl::EndsWith(clean, "\\")) clean.push_back('.');
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
Comment CommentOf(const google::protobuf::EnumDescriptor& enumeration) {
  return CommentAt(PlaceOf(enumeration));
}
Comment CommentOf(const google::protobuf::FileDescriptor& file) { return CommentAt(SyntaxOf(file)); }

}  // namespace federation::codegen
