#pragma once

#include <string>
#include <vector>

#include <google/protobuf/compiler/plugin.pb.h>

namespace federation::codegen {

// The text of a schema file and the name under which others import it.
struct Schema {
  std::string name;
  std::string text;
};

// The request that protoc would send to generate code for `schemas`, which may import each other if the
// imported one stands first, and federation/v1/*.proto. Fails the test if protoc would not take them.
google::protobuf::compiler::CodeGeneratorRequest RequestFor(const std::vector<Schema>& schemas);

// What the generator answers to that.
google::protobuf::compiler::CodeGeneratorResponse GenerateFrom(const std::vector<Schema>& schemas);

}  // namespace federation::codegen
