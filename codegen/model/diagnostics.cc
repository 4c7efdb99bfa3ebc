#include "codegen/model/diagnostics.h"

#include <algorithm>

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.h>

namespace federation::codegen {

void Diagnostics::Add(const Place& place, const std::string& message) {
  Finding finding;
  finding.file = place.file->name();
  finding.text = absl::StrCat(place.name, ": ", message);
  google::protobuf::SourceLocation position;
  if (FindPosition(place, &position)) {
    finding.line = position.start_line + 1;
    finding.column = position.start_column + 1;
  }
  findings_.push_back(finding);
}

std::vector<std::string> Diagnostics::Lines() const {
  std::vector<Finding> sorted = findings_;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string> lines;
  for (const Finding& finding : sorted) {
    const std::string position =
        finding.line == 0 ? "" : absl::StrCat(":", finding.line, ":", finding.column);
    lines.push_back(absl::StrCat(finding.file, position, ": ", finding.text));
  }
  return lines;
}

}  // namespace federation::codegen
