#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <google/protobuf/compiler/plugin.pb.h>

#include "codegen/options.h"
#include "codegen/plugin.h"
#include "codegen/version.h"

namespace {

constexpr std::string_view kUsage =
    R"(protoc-gen-federation: the federation code generator, a plugin of protoc and of buf.

For each a/b.proto it writes a/b.federation.h and a/b.federation.cc beside the a/b.pb.h of protoc's own C++
generator: JSON codecs for messages and enums; for update unions a handler, a receiver and a sender; for
services a client and a server.

  protoc --cpp_out=DIR --federation_out=DIR -I . -I SHARE a/b.proto

SHARE is the directory that holds federation/v1/annotations.proto. A plugin that is not on PATH is named with
--plugin=protoc-gen-federation=FILE. In buf.gen.yaml:

  plugins:
    - {protoc_builtin: cpp, out: DIR}
    - {local: protoc-gen-federation, out: DIR}

Options, as --federation_opt=NAME=VALUE of protoc or `opt: [NAME=VALUE]` of buf:

)";

constexpr std::string_view kArguments = R"(
Arguments:

  --help            prints this
  --version         prints the version of the generator and of its contract with the runtime
)";

std::optional<std::string> ReadFromDisk(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

int Run() {
  google::protobuf::compiler::CodeGeneratorRequest request;
  if (!request.ParseFromIstream(&std::cin)) {
    std::cerr << "protoc-gen-federation: want a CodeGeneratorRequest of protoc on stdin; see --help\n";
    return 1;
  }
  if (!federation::codegen::Generate(request, ReadFromDisk).SerializeToOstream(&std::cout) ||
      !std::cout.flush()) {
    std::cerr << "protoc-gen-federation: cannot write to stdout\n";
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 1) return Run();
    const std::string_view argument = argv[1];
    if (argc == 2 && argument == "--help") {
      std::cout << kUsage << federation::codegen::OptionsHelp() << kArguments;
      return 0;
    }
    if (argc == 2 && argument == "--version") {
      std::cout << "protoc-gen-federation " FEDERATION_VERSION ", generated code "
                << federation::codegen::kGeneratedCodeVersion << '\n';
      return 0;
    }
    std::cerr << "protoc-gen-federation: unknown argument `" << argument << "`; see --help\n";
  } catch (const std::exception& error) {
    std::fprintf(stderr, "protoc-gen-federation: %s\n", error.what());
  }
  return 1;
}
