// The receiver of an update union: decodes the JSON of an update and dispatches it.
#include <algorithm>
#include <map>

#include "codegen/cpp/names.h"
#include "codegen/outputs/outputs.h"
#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

bool HasStrongCase(const Message& message) {
  return std::any_of(message.flattened->cases.begin(), message.flattened->cases.end(),
                     [](const Case& c) { return c.delivery == DeliveryClass::kStrong; });
}

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (file.has_update_union())
    includes->insert({"<string_view>", "\"federation/json/reader.h\"", "\"federation/update.h\""});
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (file.has_update_union())
    includes->insert({"<string>", "<absl/status/status.h>", "\"federation/json/codec.h\""});
}

Variables VariablesOf(const Message& message) {
  return {{"type", message.type},
          {"name", message.name},
          {"handler", cpp::HandlerClass(message.identifier)},
          {"receiver", cpp::ReceiverClass(message.identifier)}};
}

void PrintReceiverHeader(const File& file, Printer& out) {
  for (const Message& message : file.messages) {
    if (!message.is_update_union()) continue;
    Variables variables = VariablesOf(message);
    variables["constructor"] = text::Call(
        "explicit " + variables["receiver"],
        {variables["handler"] + "& handler", "const ::federation::json::DecodeOptions& options = {}"}, ";",
        2);
    variables["receive"] =
        text::Call("::federation::Outcome Receive",
                   {"std::string_view json", "const ::federation::UpdateContext& context"}, " override;", 2);
    out.Print(variables,
              "// Turns the JSON that peers send into calls of a handler. Rejects what cannot be decoded, "
              "with the place\n"
              "// and the reason. Borrows the handler; as thread-safe as that is.\n"
              "class $receiver$ final : public ::federation::UpdateReceiver {\n"
              " public:\n"
              "  $constructor$\n\n"
              "  $receive$\n\n"
              " private:\n"
              "  $handler$& handler_;\n"
              "  ::federation::json::DecodeOptions options_;\n"
              "};\n\n");
  }
}

void PrintReceiverSource(const File& file, Printer& out) {
  for (const Message& message : file.messages) {
    if (!message.is_update_union()) continue;
    Variables variables = VariablesOf(message);
    variables["constructor"] = text::Call(
        variables["receiver"] + "::" + variables["receiver"],
        {variables["handler"] + "& handler", "const ::federation::json::DecodeOptions& options"}, "", 0);
    variables["receive"] =
        text::Call("::federation::Outcome " + variables["receiver"] + "::Receive",
                   {"std::string_view json", "const ::federation::UpdateContext& context"}, " {", 0);
    out.Print(variables,
              "$constructor$\n"
              "    : handler_(handler), options_(options) {}\n\n"
              "$receive$\n"
              "  $type$ message;\n"
              "  const absl::Status status = ::federation::json::Decode(json, &message, options_);\n"
              "  if (!status.ok()) return ::federation::Outcome::Reject(std::string(status.message()));\n");
    if (HasStrongCase(message)) {
      out.Print(
          "  // A handler of a strong update relies on its number and its transaction.\n"
          "  if (context.delivery == ::federation::Delivery::kWeak &&\n"
          "      DeliveryOf(message) == ::federation::Delivery::kStrong) {\n"
          "    return ::federation::Outcome::Reject(\"a strong update came as a weak one\");\n"
          "  }\n");
    }
    out.Print(
        "  return Dispatch(message, context, handler_);\n"
        "}\n\n");
  }
}

}  // namespace

const Output kReceiverOutput = {AddHeaderIncludes, AddSourceIncludes, PrintReceiverHeader,
                                PrintReceiverSource};

}  // namespace federation::codegen
