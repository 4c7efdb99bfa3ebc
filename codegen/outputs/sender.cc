// The sender of an update union: encodes updates and hands them over for delivery.
#include <iterator>
#include <map>
#include <vector>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/names.h"
#include "codegen/outputs/outputs.h"
#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

constexpr char kDestination[] = "std::string_view destination";
constexpr char kTransaction[] = "::federation::Transaction& transaction";

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (!file.has_update_union()) return;
  includes->insert({"<optional>", "<string_view>", "<absl/status/status.h>", "<absl/status/statusor.h>",
                    "\"federation/outgoing.h\"", "\"federation/seq.h\""});
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (file.has_update_union()) includes->insert("<string>");
}

Variables VariablesOf(const Message& message) {
  return {{"type", message.type},
          {"name", message.name},
          {"sender", cpp::SenderClass(message.identifier)},
          {"encode", cpp::CaseEncoder(message.identifier)},
          {"write_case", cpp::CaseWriter(message.identifier)}};
}

// One function that sends a case.
struct Method {
  const char* result;
  const char* send;  // the function of Outgoing
  bool in_transaction;
};

constexpr Method kStrongMethods[] = {{"absl::StatusOr<::federation::Seq>", "SendStrong", false},
                                     {"absl::StatusOr<::federation::Seq>", "SendStrong", true}};
constexpr Method kWeakMethods[] = {{"absl::Status", "SendWeak", false}};

std::vector<Method> MethodsOf(const Case& c) {
  if (c.delivery == DeliveryClass::kStrong) return {std::begin(kStrongMethods), std::end(kStrongMethods)};
  return {std::begin(kWeakMethods), std::end(kWeakMethods)};
}

// `scope` is the class with `::`, or empty inside of it.
std::string Signature(const Method& method, const std::string& scope, const Case& c, const std::string& tail,
                      std::size_t indent) {
  std::vector<std::string> arguments;
  if (method.in_transaction) arguments.push_back(kTransaction);
  arguments.push_back(kDestination);
  arguments.push_back(absl::StrCat("const ", c.type, "& ", c.parameter));
  return text::Call(absl::StrCat(method.result, " ", scope, "Send", c.name), arguments, tail, indent);
}

std::string SendAnySignature(const Message& message, const std::string& scope, const std::string& tail,
                             std::size_t indent) {
  return text::Call(absl::StrCat("absl::StatusOr<std::optional<::federation::Seq>> ", scope, "Send"),
                    {kDestination, absl::StrCat("const ", message.type, "& message")}, tail, indent);
}

// ---- Header

void PrintSenderClass(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  out.Print(variables,
            "// Sends updates to other servers, as Outgoing says of SendStrong and SendWeak; the errors are "
            "its errors, and\n"
            "// invalid argument for text that is not UTF-8. The functions that take a transaction send if "
            "and only if it\n"
            "// commits. Borrows `outgoing`. Thread-safe.\n"
            "class $sender$ {\n"
            " public:\n"
            "  explicit $sender$(::federation::Outgoing& outgoing) : outgoing_(outgoing) {}\n");
  for (const Case& c : message.flattened->cases) {
    out.Print("\n  $comment$", "comment", text::CommentLines(c.comment, 2));
    for (const Method& method : MethodsOf(c)) {
      out.Print("  $method$\n", "method", Signature(method, "", c, ";", 2));
    }
  }
  variables["send"] = SendAnySignature(message, "", ";", 2);
  out.Print(
      variables,
      "\n"
      "  // Sends the case that is set; there is a number for strong ones. Invalid argument if none is set.\n"
      "  $send$\n"
      "\n"
      " private:\n"
      "  ::federation::Outgoing& outgoing_;\n"
      "};\n\n");
}

void PrintSenderHeader(const File& file, Printer& out) {
  for (const Message& message : file.messages) {
    if (message.is_update_union()) PrintSenderClass(message, out);
  }
}

// ---- Source

void PrintEncoder(const Message& message, Printer& out) {
  out.Print(VariablesOf(message),
            "namespace {\n\n"
            "// The JSON of a $name$ that holds `content`, without making a $name$ first.\n"
            "template <typename Case>\n"
            "absl::StatusOr<std::string> $encode$(std::string_view tag, const Case& content) {\n"
            "  std::string json;\n"
            "  ::federation::json::Writer out(&json);\n"
            "  $write_case$(tag, content, out);\n"
            "  const absl::Status status = out.Finish();\n"
            "  if (!status.ok()) return status;\n"
            "  return json;\n"
            "}\n\n"
            "}  // namespace\n\n");
}

void PrintSendCase(const Message& message, const Case& c, const Method& method, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["head"] = Signature(method, variables["sender"] + "::", c, " {", 0);
  variables["tag"] = c.tag_value;
  variables["parameter"] = c.parameter;
  variables["send"] = method.send;
  variables["transaction"] = method.in_transaction ? "transaction, " : "";
  out.Print(variables,
            "$head$\n"
            "  const absl::StatusOr<std::string> json = $encode$(\"$tag$\", $parameter$);\n"
            "  if (!json.ok()) return json.status();\n"
            "  return outgoing_.$send$($transaction$destination, *json);\n"
            "}\n\n");
}

void PrintSendAny(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["head"] = SendAnySignature(message, variables["sender"] + "::", " {", 0);
  out.Print(variables,
            "$head$\n"
            "  const std::optional<::federation::Delivery> delivery = DeliveryOf(message);\n"
            "  if (!delivery.has_value()) return absl::InvalidArgumentError(\"no case of $name$ is set\");\n"
            "  const absl::StatusOr<std::string> json = ::federation::json::Encode(message);\n"
            "  if (!json.ok()) return json.status();\n"
            "  if (*delivery == ::federation::Delivery::kWeak) {\n"
            "    const absl::Status sent = outgoing_.SendWeak(destination, *json);\n"
            "    if (!sent.ok()) return sent;\n"
            "    return std::nullopt;\n"
            "  }\n"
            "  const absl::StatusOr<::federation::Seq> seq = outgoing_.SendStrong(destination, *json);\n"
            "  if (!seq.ok()) return seq.status();\n"
            "  return *seq;\n"
            "}\n\n");
}

void PrintSenderSource(const File& file, Printer& out) {
  for (const Message& message : file.messages) {
    if (!message.is_update_union()) continue;
    PrintEncoder(message, out);
    for (const Case& c : message.flattened->cases) {
      for (const Method& method : MethodsOf(c)) PrintSendCase(message, c, method, out);
    }
    PrintSendAny(message, out);
  }
}

}  // namespace

const Output kSenderOutput = {AddHeaderIncludes, AddSourceIncludes, PrintSenderHeader, PrintSenderSource};

}  // namespace federation::codegen
