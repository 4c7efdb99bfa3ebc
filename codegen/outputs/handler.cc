// The handler of an update union, and the dispatch of an update to it.
#include <algorithm>
#include <map>
#include <string>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/names.h"
#include "codegen/outputs/deprecated.h"
#include "codegen/outputs/outputs.h"
#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

constexpr char kContext[] = "const ::federation::UpdateContext& context";

bool KeepsUnknown(const File& file) {
  return std::any_of(file.messages.begin(), file.messages.end(), [](const Message& message) {
    return message.is_update_union() && message.flattened->keep_unknown;
  });
}

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (!file.has_update_union()) return;
  includes->insert({"<optional>", "\"federation/update.h\""});
  if (KeepsUnknown(file)) includes->insert("<string_view>");
  for (const std::string& stem : file.case_stems) includes->insert(absl::StrCat("\"", stem, ".pb.h\""));
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (KeepsUnknown(file)) includes->insert("\"federation/json/unknown.h\"");
}

Variables VariablesOf(const Message& message) {
  return {{"type", message.type},
          {"name", message.name},
          {"handler", cpp::HandlerClass(message.identifier)},
          {"default_handler", cpp::DefaultHandlerClass(message.identifier)},
          {"case_function", message.flattened->case_function},
          {"not_set", message.flattened->not_set}};
}

// ---- Header

void PrintHandlerClass(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  const Comment& comment = message.flattened->comment;
  variables["comment"] = comment.empty() ? "" : text::CommentLines(comment, 0) + "//\n";
  out.Print(
      variables,
      "$comment$"
      "// Deals with every kind of $name$. A kind that is added to the schema is a function to write here:\n"
      "// code that derives from this class does not compile until it has it.\n"
      "class $handler$ {\n"
      " public:\n"
      "  virtual ~$handler$() = default;\n");
  for (const Case& c : message.flattened->cases) {
    const std::string head =
        absl::StrCat(DeprecatedMark(c.deprecated), "virtual ::federation::Outcome On", c.name);
    out.Print("\n  $comment$$method$\n", "comment", text::CommentAbove(c.comment, 2), "method",
              text::Call(head, {absl::StrCat("const ", c.type, "& ", c.parameter), kContext}, " = 0;", 2));
  }
  if (message.flattened->keep_unknown) {
    out.Print(
        "\n"
        "  // An update of a kind that this schema does not have, as it came.\n"
        "  virtual ::federation::Outcome OnUnknown(std::string_view json,\n"
        "                                          const ::federation::UpdateContext& context) = 0;\n");
  }
  out.Print("};\n\n");
}

void PrintDefaultHandlerClass(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["unknown"] = message.flattened->keep_unknown
                             ? "\n// Rejects those that it does not have, so that they go to the quarantine."
                             : "";
  out.Print(variables,
            "// Takes every kind of $name$ and does nothing with it, kinds that the schema gets later "
            "included.$unknown$\n"
            "// Derive from it where only some of them matter.\n"
            "class $default_handler$ : public $handler$ {\n"
            " public:\n");
  for (const Case& c : message.flattened->cases) {
    const std::string head = absl::StrCat(DeprecatedMark(c.deprecated), "::federation::Outcome On", c.name);
    out.Print(
        "  $method$\n", "method",
        text::Call(head, {absl::StrCat("const ", c.type, "& ", c.parameter), kContext}, " override;", 2));
  }
  if (message.flattened->keep_unknown) {
    out.Print(
        "  $method$\n", "method",
        text::Call("::federation::Outcome OnUnknown", {"std::string_view json", kContext}, " override;", 2));
  }
  out.Print("};\n\n");
}

void PrintHandlerHeader(const File& file, Printer& out) {
  for (const Message& message : file.messages) {
    if (!message.is_update_union()) continue;
    PrintHandlerClass(message, out);
    PrintDefaultHandlerClass(message, out);
    Variables variables = VariablesOf(message);
    variables["dispatch"] = text::Call("::federation::Outcome Dispatch",
                                       {absl::StrCat("const ", message.type, "& message"), kContext,
                                        absl::StrCat(cpp::HandlerClass(message.identifier), "& handler")},
                                       ";", 0);
    out.Print(variables,
              "// How the update travels; nothing if no case is set.\n"
              "std::optional<::federation::Delivery> DeliveryOf(const $type$& message);\n\n"
              "// Calls the handler's function for the case that is set; rejects the update if none is.\n"
              "$dispatch$\n\n");
  }
}

// ---- Source

void PrintDefaultHandlerSource(const Message& message, Printer& out) {
  const std::string class_name = cpp::DefaultHandlerClass(message.identifier);
  for (const Case& c : message.flattened->cases) {
    out.Print("$method$\n  return ::federation::Outcome::Done();\n}\n\n", "method",
              text::Call(absl::StrCat("::federation::Outcome ", class_name, "::On", c.name),
                         {absl::StrCat("const ", c.type, "& /*", c.parameter, "*/"),
                          "const ::federation::UpdateContext& /*context*/"},
                         " {", 0));
  }
  if (!message.flattened->keep_unknown) return;
  out.Print(
      "$method$\n"
      "  return ::federation::Outcome::Reject(\"$name$ has no update of this kind\");\n"
      "}\n\n",
      "name", message.name, "method",
      text::Call(absl::StrCat("::federation::Outcome ", class_name, "::OnUnknown"),
                 {"std::string_view /*json*/", "const ::federation::UpdateContext& /*context*/"}, " {", 0));
}

// The cases of one delivery class, which answer the same.
void PrintDeliveryCases(const Message& message, DeliveryClass delivery, const std::string& value,
                        Printer& out) {
  bool any = false;
  for (const Case& c : message.flattened->cases) {
    if (c.delivery != delivery) continue;
    out.Print("    case $type$::$constant$:\n", "type", message.type, "constant", c.constant);
    any = true;
  }
  if (any) out.Print("      return ::federation::Delivery::$value$;\n", "value", value);
}

void PrintDeliveryOf(const Message& message, Printer& out) {
  const Variables variables = VariablesOf(message);
  out.Print(variables,
            "std::optional<::federation::Delivery> DeliveryOf(const $type$& message) {\n"
            "  switch (message.$case_function$()) {\n");
  PrintDeliveryCases(message, DeliveryClass::kStrong, "kStrong", out);
  PrintDeliveryCases(message, DeliveryClass::kWeak, "kWeak", out);
  out.Print(variables,
            "    case $type$::$not_set$:\n"
            "      break;\n"
            "  }\n"
            "  return std::nullopt;\n"
            "}\n\n");
}

void PrintDispatch(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["unknown"] =
      message.flattened->keep_unknown
          ? "      if (const auto json = ::federation::json::UnknownObjectJson(message)) {\n"
            "        return handler.OnUnknown(*json, context);\n"
            "      }\n"
          : "";
  variables["head"] = text::Call("::federation::Outcome Dispatch",
                                 {absl::StrCat("const ", message.type, "& message"), kContext,
                                  absl::StrCat(cpp::HandlerClass(message.identifier), "& handler")},
                                 " {", 0);
  out.Print(variables,
            "$head$\n"
            "  switch (message.$case_function$()) {\n");
  for (const Case& c : message.flattened->cases) {
    variables["constant"] = c.constant;
    variables["method"] = "On" + c.name;
    variables["accessor"] = c.accessor;
    out.Print(variables,
              "    case $type$::$constant$:\n"
              "      return handler.$method$(message.$accessor$(), context);\n");
  }
  out.Print(variables,
            "    case $type$::$not_set$:\n"
            "$unknown$"
            "      break;\n"
            "  }\n"
            "  return ::federation::Outcome::Reject(\"no case of $name$ is set\");\n"
            "}\n\n");
}

void PrintHandlerSource(const File& file, Printer& out) {
  for (const Message& message : file.messages) {
    if (!message.is_update_union()) continue;
    PrintDefaultHandlerSource(message, out);
    PrintDeliveryOf(message, out);
    PrintDispatch(message, out);
  }
}

}  // namespace

const Output kHandlerOutput = {AddHeaderIncludes, AddSourceIncludes, PrintHandlerHeader, PrintHandlerSource};

}  // namespace federation::codegen
