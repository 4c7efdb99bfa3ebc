#pragma once

#include <set>
#include <string>

#include <google/protobuf/io/printer.h>

#include "codegen/model/model.h"

namespace federation::codegen {

// What may be asked for apart: each is printed or is not.
enum class OutputGroup {
  kJson,     // codecs
  kUpdates,  // handlers, receivers and senders of update unions
  kRpc,      // clients and servers of services
};
// All but codecs use the codecs.
using OutputGroups = std::set<OutputGroup>;

// The generated header and source file of a schema file.
std::string PrintHeader(const File& file, const OutputGroups& groups);
std::string PrintSource(const File& file, const OutputGroups& groups);

// Names of headers with their brackets or quotes: `<optional>`, `"federation/update.h"`.
using Includes = std::set<std::string>;

// One thing that is generated from a file. The parts of all outputs stand behind each other in the two
// generated files, in the namespace of the schema. A part of which a file has no need prints nothing.
struct Output {
  // Adds what the output's parts of the header and of the source use, beyond what the header has.
  void (*add_header_includes)(const File& file, Includes* includes);
  void (*add_source_includes)(const File& file, Includes* includes);
  void (*print_header)(const File& file, google::protobuf::io::Printer& out);
  void (*print_source)(const File& file, google::protobuf::io::Printer& out);
};

extern const Output kJsonOutput;
extern const Output kHandlerOutput;
extern const Output kReceiverOutput;
extern const Output kSenderOutput;
extern const Output kServerOutput;
extern const Output kClientOutput;

}  // namespace federation::codegen
