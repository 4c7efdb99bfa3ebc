#pragma once

#include <google/protobuf/compiler/plugin.pb.h>

namespace federation::codegen {

// What protoc-gen-federation does: for each file to generate, one `.federation.h` and one `.federation.cc`.
// Pure: the answer depends on nothing but the request, and each file's output on nothing but that file and
// its imports.
//
// If anything in the schemas is wrong or doubtful, the answer holds no files, and in `error` one line for
// each finding: `file:line:column: Name: message`.
google::protobuf::compiler::CodeGeneratorResponse Generate(
    const google::protobuf::compiler::CodeGeneratorRequest& request);

}  // namespace federation::codegen
