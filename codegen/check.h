#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <google/protobuf/compiler/plugin.pb.h>

namespace federation::codegen {

// Reads a whole file; nothing if there is none that can be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

// Compares the files of `dir` with those of the same names that were generated. What is missing or differs,
// one text each, of more than one line where lines are shown.
std::vector<std::string> FindStale(const google::protobuf::compiler::CodeGeneratorResponse& generated,
                                   const std::string& dir, const ReadFile& read_file);

}  // namespace federation::codegen
