#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codegen/outputs/outputs.h"

namespace federation::codegen {

// What the generator is asked for beside its schemas: `--federation_opt` of protoc, `opt` of buf.
struct Options {
  OutputGroups outputs;
  // If set, nothing is written: the files in this directory are compared with what would be.
  std::optional<std::string> check_dir;
};

// Reads `name=value,name=value`. What is wrong with it goes to *errors, one line each; the result is of use
// only if there are none.
Options ParseOptions(const std::string& parameter, std::vector<std::string>* errors);

// What people are told of the options, for --help.
std::string OptionsHelp();

}  // namespace federation::codegen
