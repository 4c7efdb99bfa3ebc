#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <unistd.h>

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

  protoc --cpp_out=DIR --federation_out=DIR -I . -I PREFIX/include a/b.proto

PREFIX is where the toolkit is installed: federation/v1/annotations.proto is in PREFIX/include, and in `proto` of
the toolkit's own tree. A plugin that is not on PATH is named with --plugin=protoc-gen-federation=FILE.

buf looks for imports in the modules of its workspace: copy PREFIX/include/federation/v1/*.proto to
third_party/federation/v1. With schemas of your own in schemas/, buf.yaml is

  version: v2
  modules:
    - path: schemas
    - path: third_party

and buf.gen.yaml, whose `inputs` leave out the copies, as the toolkit's libraries have their code:

  version: v2
  inputs:
    - directory: schemas
  plugins:
    - {protoc_builtin: cpp, out: DIR}
    - {local: protoc-gen-federation, out: DIR}

What is wrong with a schema is printed as `file:line:column: Name: message`. The position comes with the schema's
text, and so do the comments of the code: a descriptor set for --descriptor_set_in has both only if it was made with
--include_source_info.

Options, as --federation_opt=NAME=VALUE of protoc or `opt: [NAME=VALUE]` of buf:

)";

constexpr std::string_view kArguments = R"(
`check` goes with the command that generates, with --federation_out and the same `output`; DIR counts from the
folder in which protoc or buf is started:

  protoc --federation_out=gen --federation_opt=output=json,check=gen -I . -I PREFIX/include a/b.proto

All of the code needs the toolkit's headers and libraries, codecs alone, too: `pkg-config --cflags --libs federation`.

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
  // Somebody who tries what the program does would wait for it, and it for a request.
  if (isatty(STDIN_FILENO) == 1) {
    std::cerr << "protoc-gen-federation: is run by protoc or buf, which write to its stdin; see --help\n";
    return 1;
  }
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
