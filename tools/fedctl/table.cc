#include "fedctl/table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace federation::fedctl {
namespace {

void AppendLine(std::string line, std::string* out) {
  line.erase(line.find_last_not_of(' ') + 1);
  *out += line + "\n";
}

}  // namespace

std::string Table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> headings;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    headings.push_back(columns[i].heading);
    widths.push_back(columns[i].heading.size());
    for (const std::vector<std::string>& row : rows) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  auto append = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) line += "  ";
      line += columns[i].is_number ? fmt::format("{:>{}}", row[i], widths[i])
                                   : fmt::format("{:<{}}", row[i], widths[i]);
    }
    AppendLine(std::move(line), &out);
  };
  append(headings);
  for (const std::vector<std::string>& row : rows) append(row);
  return out;
}

std::string Properties(const std::vector<std::pair<std::string, std::string>>& properties) {
  std::size_t width = 0;
  for (const auto& [name, value] : properties) width = std::max(width, name.size());
  std::string out;
  for (const auto& [name, value] : properties) {
    AppendLine(fmt::format("{:<{}}  {}", name, width, value), &out);
  }
  return out;
}

}  // namespace federation::fedctl
