#pragma once

#include <string>

namespace federation::codegen::cpp {

// What a schema may give a name to.
enum class Role {
  kPackage,  // one part of it
  kMessage,
  kNestedMessage,
  kEnum,
  kNestedEnum,
  kValue,
  kNestedValue,  // of an enum nested in a message
  kField,
  kOneof,
  kMethod,
};

// Why C++ that is generated from `name` does not compile; empty if it does. Fields go by their accessor. The
// tables were found by compiling the output of protoc 3.21.12 for each name, and are tested so.
std::string Flaw(const std::string& name, Role role);

}  // namespace federation::codegen::cpp
