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

// Whether a case of the union takes the place of older updates.
bool HasReplaces(const Message& message) {
  return std::any_of(message.flattened->cases.begin(), message.flattened->cases.end(),
                     [](const Case& c) { return !c.replaces.empty(); });
}

constexpr char kDestination[] = "std::string_view destination";
constexpr char kTransaction[] = "::federation::Transaction& transaction";

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (file.has_replaces()) includes->insert("\"federation/json/value.h\"");
  if (!file.has_update_union()) return;
  includes->insert({"<optional>", "<string_view>", "<absl/status/status.h>", "<absl/status/statusor.h>",
                    "\"federation/outgoing.h\"", "\"federation/seq.h\""});
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (!file.has_update_union()) return;
  includes->insert({"<cstddef>", "<string>"});
  for (const Message& message : file.messages) {
    if (message.is_update_union() && HasReplaces(message)) includes->insert("\"federation/replace_key.h\"");
  }
}

Variables VariablesOf(const Message& message) {
  return {{"type", message.type},
          {"name", message.name},
          {"sender", cpp::SenderClass(message.identifier)},
          {"encode", cpp::CaseEncoder(message.identifier)},
          {"tag_key", message.flattened->tag}};
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
  const std::string mark = scope.empty() ? DeprecatedMark(c.deprecated) : "";
  if (method.in_transaction) arguments.push_back(kTransaction);
  arguments.push_back(kDestination);
  arguments.push_back(absl::StrCat("const ", c.type, "& ", c.parameter));
  return text::Call(absl::StrCat(mark, method.result, " ", scope, "Send", c.name), arguments, tail, indent);
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
            "// Sends updates to other servers, as Outgoing says of SendStrong and SendWeak; the errors are "
            "its errors, and\n"
            "// invalid argument for text that is not UTF-8. The functions that take a transaction send if "
            "and only if it\n"
            "// commits. Borrows `outgoing`. Thread-safe.\n"
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

void PrintEncoder(const Message& message, Printer& out) {
  out.Print(VariablesOf(message),
            "namespace {\n\n"
            "// Appends the JSON of a $name$ that holds `content`, without making a $name$ first.\n"
            "template <std::size_t N, typename Case>\n"
            "absl::Status $encode$(const char (&tag)[N], const Case& content, std::string* json) {\n"
            "  ::federation::json::DocumentWriter out(json);\n"
            "  out.BeginTagged(\"$tag_key$\", tag);\n"
            "  out = WriteFields(content, out);\n"
            "  out.EndObject();\n"
            "  return out.Finish();\n"
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
  variables["replace_key"] = c.replaces.empty() ? ""
                                                : absl::StrCat(", ::federation::ReplaceKey(\"", c.tag_value,
                                                               "\", ", c.parameter, ")");
  out.Print(variables,
            "$head$\n"
            "  std::string json;\n"
            "  const absl::Status status = $encode$(\"$tag$\", $parameter$, &json);\n"
            "  if (!status.ok()) return status;\n"
            "  return outgoing_.$send$($transaction$destination, json$replace_key$);\n"
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
            "  if (*delivery == ::federation::Delivery::kWeak) {\n");
  if (HasReplaces(message)) out.Print("    std::string replace_key;\n");
  for (const Case& c : message.flattened->cases) {
    if (c.replaces.empty()) continue;
    out.Print({{"accessor", c.accessor}, {"tag", c.tag_value}},
              "    if (message.has_$accessor$()) {\n"
              "      replace_key = ::federation::ReplaceKey(\"$tag$\", message.$accessor$());\n"
              "    }\n");
  }
  variables["replace_key"] = HasReplaces(message) ? ", replace_key" : "";
  out.Print(variables,
            "    const absl::Status sent = outgoing_.SendWeak(destination, *json$replace_key$);\n"
            "    if (!sent.ok()) return sent;\n"
            "    return std::nullopt;\n"
            "  }\n"
            "  const absl::StatusOr<::federation::Seq> seq = outgoing_.SendStrong(destination, *json);\n"
            "  if (!seq.ok()) return seq.status();\n"
            "  return *seq;\n"
            "}\n\n");
}

void PrintSenderSource(const File& file, Printer& out) {
  for (const Message& message : file.messages) PrintReplaceKey(message, out);
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
