#pragma once

#include <string>
#include <vector>

namespace federation::fedctl {

struct Column {
  std::string heading;
  bool is_number = false;
};

// Rows below their headings, each column as wide as its widest cell, numbers to the right. Every row has a
// cell for each column.
std::string Table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);

// A line for each pair, the second ones below each other.
std::string Properties(const std::vector<std::pair<std::string, std::string>>& properties);

}  // namespace federation::fedctl
