#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "codegen/model/place.h"

namespace federation::codegen {

// Collects what is wrong with the schemas of one run.
class Diagnostics {
 public:
  void Add(const Place& place, const std::string& message);

  std::size_t size() const { return findings_.size(); }

  // One line for each finding, `file:line:column: Name: message`, in the order of the schemas' text. Lines
  // and columns count from 1.
  std::vector<std::string> Lines() const;

 private:
  struct Finding {
    std::string file;
    int line = 0;  // 0: the position is not known
    int column = 0;
    std::string text;

    auto operator<=>(const Finding&) const = default;
  };

  std::vector<Finding> findings_;
};

}  // namespace federation::codegen
