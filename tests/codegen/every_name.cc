// Prints schemas that use names in every role in which the generator takes them; see every_name_test.cmake.
//
//   every_name ROLE < names
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include "codegen/cpp/names.h"
#include "codegen/cpp/unusable.h"

namespace {

using federation::codegen::cpp::IsKeyword;
using federation::codegen::cpp::Role;

struct RoleRow {
  Role role;
  // The declaration of `name`, which is the `i`-th one.
  std::string (*declare)(const std::string& name, int i);
  // The type that it declares; null if it is none, or goes by the name of the message around it.
  std::string (*type)(const std::string& name, int i);
};

std::string OwnName(const std::string& name, int) { return name; }

std::string DeclareFields(const std::string& name, int i) {
  std::vector<std::string> types = {"optional string"};
  // Keywords get a `_`, whatever the type, and classes are what takes a compiler's time.
  if (!IsKeyword(name)) types.insert(types.end(), {"int64", "M", "map<int32, M>"});
  std::string text;
  for (std::size_t kind = 0; kind < types.size(); ++kind) {
    text += fmt::format("message Has{}_{} {{ {} {} = 1; }}\n", i, kind, types[kind], name);
  }
  return text;
}

const std::map<std::string, RoleRow> kRoles = {
    {"message",
     {Role::kMessage,
      [](const std::string& name, int i) {
        return fmt::format("message {} {{ string s{} = 1; }}\n", name, i);
      },
      OwnName}},
    {"nested_message",
     {Role::kNestedMessage,
      [](const std::string& name, int i) {
        return fmt::format("message Outer{} {{ message {} {{}} }}\n", i, name);
      },
      nullptr}},
    {"enum",
     {Role::kEnum,
      [](const std::string& name, int i) { return fmt::format("enum {} {{ A{} = 0; }}\n", name, i); },
      OwnName}},
    {"nested_enum",
     {Role::kNestedEnum,
      [](const std::string& name, int i) {
        return fmt::format("message Outer{} {{ enum {} {{ A = 0; }} }}\n", i, name);
      },
      nullptr}},
    {"value",
     {Role::kValue,
      [](const std::string& name, int i) { return fmt::format("enum Enum{} {{ {} = 0; }}\n", i, name); },
      nullptr}},
    {"nested_value",
     {Role::kNestedValue,
      [](const std::string& name, int i) {
        return fmt::format("message Outer{0} {{ enum Inner {{ {1} = 0; }} Inner e{0} = 1; }}\n", i, name);
      },
      nullptr}},
    {"field", {Role::kField, DeclareFields, nullptr}},
    {"oneof",
     {Role::kOneof,
      [](const std::string& name, int i) {
        return fmt::format("message Outer{0} {{ oneof {1} {{ string s{0} = 1; M m{0} = 2; }} }}\n", i, name);
      },
      nullptr}},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !kRoles.contains(argv[1])) {
    std::cerr << "usage: every_name ROLE < names\n";
    return 1;
  }
  const RoleRow& row = kRoles.at(argv[1]);
  const std::string package = fmt::format("every_{}", argv[1]);
  std::cout << "syntax = \"proto3\";\npackage " << package << ";\nmessage M {}\n";
  // One message for all types.
  std::string fields, cases, name;
  for (int i = 0, number = 1; std::cin >> name; ++i) {
    const std::string used = row.role == Role::kField ? absl::AsciiStrToLower(name) : name;
    if (!federation::codegen::cpp::Flaw(used, row.role).empty()) continue;
    std::cout << row.declare(name, i);
    if (row.type == nullptr) continue;
    // From the root: a type called `enum` cannot be named otherwise.
    const std::string type = fmt::format(".{}.{}", package, row.type(name, i));
    fields +=
        fmt::format("  {1} one{0} = {2};\n  repeated {1} many{0} = {3};\n", i, type, number, number + 1);
    cases += fmt::format("    {1} case{0} = {2};\n", i, type, number + 2);
    number += 3;
    // Keywords are no variables, and maps take long to compile.
    if (IsKeyword(name)) continue;
    fields += fmt::format("  map<string, {1}> by_name{0} = {2};\n", i, type, number++);
  }
  if (row.type != nullptr)
    std::cout << "message Uses {\n" << fields << "  oneof o {\n" << cases << "  }\n}\n";
}
