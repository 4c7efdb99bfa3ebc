#pragma once

#include <google/protobuf/compiler/plugin.pb.h>

#include "codegen/check.h"

namespace federation::codegen {

// What protoc-gen-federation does: for each file to generate, one `.federation.h` and one `.federation.cc`.
// Pure: the answer depends on nothing but the request, and each file's output on nothing but that file, its
// imports and the options.
//
// If anything in the schemas is wrong or doubtful, the answer holds no files, and in `error` one line for
// each finding: `file:line:column: Name: message`.
//
// With the option `check` the answer holds no files either: `error` says which of those that `read_file`
// finds are not what would be generated. Nothing else is read; without a `read_file` all are missing.
google::protobuf::compiler::CodeGeneratorResponse Generate(
    const google::protobuf::compiler::CodeGeneratorRequest& request, const ReadFile& read_file = {});

}  // namespace federation::codegen
