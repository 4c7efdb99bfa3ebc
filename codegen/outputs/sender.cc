// The sender of an update union: encodes updates and hands them over for delivery.
#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "codegen/cpp/names.h"
#include "codegen/outputs/deprecated.h"
#include "codegen/outputs/json_fields.h"
#include "codegen/outputs/outputs.h"
#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

constexpr char kDestination[] = "std::string_view destination";
constexpr char kDestinations[] = "std::span<const std::string> destinations";
constexpr char kTransaction[] = "::federation::Transaction& transaction";

bool HasStrongCase(const File& file) {
  return std::any_of(file.messages.begin(), file.messages.end(), [](const Message& message) {
    if (!message.is_update_union()) return false;
    const auto& cases = message.flattened->cases;
    return std::any_of(cases.begin(), cases.end(),
                       [](const Case& c) { return c.delivery == DeliveryClass::kStrong; });
  });
}

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (file.has_replaces()) includes->insert("\"federation/json/value.h\"");
  if (!file.has_update_union()) return;
  includes->insert({"<optional>", "<string_view>", "\"federation/outgoing_fwd.h\"", "\"federation/seq.h\""});
  if (HasStrongCase(file)) includes->insert({"<span>", "<string>", "<vector>"});
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (!file.has_update_union()) return;
  includes->insert(
      {"<absl/status/status.h>", "<absl/status/statusor.h>", "\"federation/outgoing_update.h\""});
  if (HasStrongCase(file)) includes->insert("<utility>");
}

Variables VariablesOf(const Message& message) {
  return {{"type", message.type},
          {"name", message.name},
          {"sender", cpp::SenderClass(message.identifier)},
          {"case_function", message.flattened->case_function},
          {"not_set", message.flattened->not_set}};
}

// One function that sends a case.
struct Method {
  const char* result;
  const char* suffix = "";
  bool in_transaction = false;
  bool to_all = false;
  bool asynchronous = false;
};

constexpr Method kStrongMethods[] = {
    {.result = "absl::StatusOr<::federation::Seq>"},
    {.result = "absl::StatusOr<::federation::Seq>", .in_transaction = true},
    {.result = "void", .suffix = "Async", .asynchronous = true},
    {.result = "absl::StatusOr<std::vector<::federation::Seq>>", .suffix = "ToAll", .to_all = true},
    {.result = "absl::StatusOr<std::vector<::federation::Seq>>",
     .suffix = "ToAll",
     .in_transaction = true,
     .to_all = true}};
constexpr Method kWeakMethods[] = {{.result = "absl::Status"}};

std::vector<Method> MethodsOf(const Case& c) {
  if (c.delivery == DeliveryClass::kStrong) return {std::begin(kStrongMethods), std::end(kStrongMethods)};
  return {std::begin(kWeakMethods), std::end(kWeakMethods)};
}

// The function of federation/outgoing_update.h that sends a case, with or without `Any`.
std::string SendFunction(const Case& c, const std::string& any) {
  const char* const kind = c.delivery == DeliveryClass::kStrong ? "Strong"
                           : c.replaces.empty()                 ? "Weak"
                                                                : "Replacing";
  return absl::StrCat("::federation::Send", any, kind);
}

// The update that holds `content`, as those functions take it.
std::string OutgoingUpdate(const Message& message, const Case& c, const std::string& content) {
  return absl::StrCat("{\"", message.flattened->tag, "\", \"", c.tag_value, "\", ", content, "}");
}

// `scope` is the class with `::`, or empty inside of it.
std::string Signature(const Method& method, const std::string& scope, const Case& c, const std::string& tail,
                      std::size_t indent) {
  std::vector<std::string> arguments;
  const std::string mark = scope.empty() ? DeprecatedMark(c.deprecated) : "";
  if (method.in_transaction) arguments.push_back(kTransaction);
  arguments.push_back(method.to_all ? kDestinations : kDestination);
  arguments.push_back(absl::StrCat("const ", c.type, "& ", c.parameter));
  if (method.asynchronous) arguments.push_back("::federation::SendDone done");
  return text::Call(absl::StrCat(mark, method.result, " ", scope, "Send", c.name, method.suffix), arguments,
                    tail, indent);
}

std::string SendAnySignature(const Message& message, const std::string& scope, const std::string& tail,
                             std::size_t indent) {
  return text::Call(absl::StrCat("absl::StatusOr<std::optional<::federation::Seq>> ", scope, "Send"),
                    {kDestination, absl::StrCat("const ", message.type, "& message")}, tail, indent);
}

std::string WriteReplaceKeyHead(const Message& message, const std::string& tail) {
  return text::Call("::federation::json::Writer WriteReplaceKey",
                    {absl::StrCat("const ", message.type, "& message"), "::federation::json::Writer out"},
                    tail, 0);
}

// What the schema says of a case, and what it takes the place of.
std::string SendComment(const Case& c) {
  std::string text;
  if (!c.comment.empty()) text = "  " + text::CommentLines(c.comment, 2);
  if (!c.replaces.empty()) {
    absl::StrAppend(&text, "  // Takes the place of one with the same ", absl::StrJoin(c.replaces, ", "),
                    " that still waits.\n");
  }
  return text;
}

// ---- Header

void PrintSenderClass(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  out.Print(variables,
            "// Sends updates to other servers, as Outgoing says of SendStrong, SendStrongAsync, "
            "SendStrongToAll and\n"
            "// SendWeak; the errors are its errors, and invalid argument for text that is not UTF-8. The "
            "functions that\n"
            "// take a transaction send if and only if it commits. Borrows `outgoing`. Thread-safe.\n"
            "class $sender$ {\n"
            " public:\n"
            "  explicit $sender$(::federation::Outgoing& outgoing) : outgoing_(outgoing) {}\n");
  for (const Case& c : message.flattened->cases) {
    out.Print("\n$comment$", "comment", SendComment(c));
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
    if (message.replaces.empty()) continue;
    out.Print(
        "// The fields in which a $name$ is equal to an older one that it takes the place of.\n"
        "$function$\n\n",
        "name", message.name, "function", WriteReplaceKeyHead(message, ";"));
  }
  for (const Message& message : file.messages) {
    if (message.is_update_union()) PrintSenderClass(message, out);
  }
}

// ---- Source

void PrintReplaceKey(const Message& message, Printer& out) {
  if (message.replaces.empty()) return;
  out.Print("$function$\n", "function", WriteReplaceKeyHead(message, " {"));
  out.Indent();
  for (const Field& field : message.replaces) PrintWriteField(field, out);
  out.Print("return out;\n");
  out.Outdent();
  out.Print("}\n\n");
}

void PrintSendCase(const Message& message, const Case& c, const Method& method, Printer& out) {
  std::vector<std::string> arguments = {"outgoing_"};
  if (method.in_transaction) arguments.push_back("transaction");
  arguments.push_back(method.to_all ? "destinations" : "destination");
  arguments.push_back(OutgoingUpdate(message, c, c.parameter));
  if (method.asynchronous) arguments.push_back("std::move(done)");
  out.Print(
      "$head$\n"
      "  $send$\n"
      "}\n\n",
      "head", Signature(method, cpp::SenderClass(message.identifier) + "::", c, " {", 0), "send",
      text::Call(absl::StrCat(method.asynchronous ? "" : "return ", SendFunction(c, ""), method.suffix),
                 arguments, ";", 2));
}

void PrintSendAny(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["head"] = SendAnySignature(message, variables["sender"] + "::", " {", 0);
  out.Print(variables,
            "$head$\n"
            "  switch (message.$case_function$()) {\n");
  for (const Case& c : message.flattened->cases) {
    const std::string content = absl::StrCat("message.", c.accessor, "()");
    variables["constant"] = c.constant;
    variables["send"] = text::Call("return " + SendFunction(c, "Any"),
                                   {"outgoing_", "destination", OutgoingUpdate(message, c, content)}, ";", 6);
    out.Print(variables,
              "    case $type$::$constant$:\n"
              "      $send$\n");
  }
  out.Print(variables,
            "    case $type$::$not_set$:\n"
            "      break;\n"
            "  }\n"
            "  return absl::InvalidArgumentError(\"no case of $name$ is set\");\n"
            "}\n\n");
}

void PrintSenderSource(const File& file, Printer& out) {
  for (const Message& message : file.messages) PrintReplaceKey(message, out);
  for (const Message& message : file.messages) {
    if (!message.is_update_union()) continue;
    for (const Case& c : message.flattened->cases) {
      for (const Method& method : MethodsOf(c)) PrintSendCase(message, c, method, out);
    }
    PrintSendAny(message, out);
  }
}

}  // namespace

const Output kSenderOutput = {AddHeaderIncludes, AddSourceIncludes, PrintSenderHeader, PrintSenderSource};

}  // namespace federation::codegen
