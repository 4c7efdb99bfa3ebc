// The JSON codecs of messages and enums.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/names.h"
#include "codegen/outputs/json_fields.h"
#include "codegen/outputs/outputs.h"
#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

constexpr char kKeyType[] = "::federation::json::Key";
constexpr char kNameType[] = "::federation::json::EnumName";

Variables VariablesOf(const Message& message) {
  return {{"type", message.type},
          {"keys", message.fields.empty() ? "{}" : cpp::KeyTable(message.identifier)},
          {"tags", cpp::TagTable(message.identifier)},
          {"write_case", cpp::CaseWriter(message.identifier)},
          // A parameter that the fields of the message would use.
          {"message", message.fields.empty() ? "/*message*/" : "message"},
          {"out", message.fields.empty() ? "/*out*/" : "out"},
          {"in", message.fields.empty() ? "/*in*/" : "in"}};
}

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (!file.messages.empty() || !file.enums.empty()) includes->insert("\"federation/json/codec.h\"");
}

void AddSourceIncludes(const File& file, Includes* includes) {
  for (const std::string& stem : file.field_stems)
    includes->insert(absl::StrCat("\"", stem, ".federation.h\""));
  for (const Message& message : file.messages) {
    if (message.flattened.has_value()) includes->insert("<string_view>");
    for (const Field& field : message.fields) AddFieldIncludes(field, includes);
  }
}

// ---- Header

void PrintEnumHeader(const Enum& enumeration, Printer& out) {
  out.Print({{"type", enumeration.type}, {"comment", text::CommentLines(enumeration.comment, 0)}},
            "$comment$"
            "void WriteJson($type$ value, ::federation::json::Writer& out);\n"
            "bool ReadJson(::federation::json::Reader& in, $type$* value);\n\n");
}

void PrintMessageHeader(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["comment"] = text::CommentLines(message.comment, 0);
  out.Print(variables,
            "$comment$"
            "void WriteJson(const $type$& message, ::federation::json::Writer& out);\n"
            "bool ReadJson(::federation::json::Reader& in, $type$* message);\n");
  if (!message.flattened.has_value()) {
    const std::string read =
        text::Call("bool ReadFields",
                   {"::federation::json::Reader& in", "::federation::json::ObjectReader& object",
                    message.type + "* message"},
                   ";", 0);
    variables["read"] = read;
    out.Print(variables,
              "void WriteFields(const $type$& message, ::federation::json::Writer& out);\n"
              "$read$\n");
  }
  out.Print("\n");
}

void PrintJsonHeader(const File& file, Printer& out) {
  if (file.messages.empty() && file.enums.empty()) return;
  out.Print(
      "// JSON, one value at a time; Encode and Decode of federation/json/codec.h make documents of it. "
      "WriteFields\n"
      "// and ReadFields leave out the braces, for objects that hold a tag beside the fields.\n\n");
  for (const Enum& enumeration : file.enums) PrintEnumHeader(enumeration, out);
  for (const Message& message : file.messages) PrintMessageHeader(message, out);
}

// ---- Tables

void PrintNameTable(const Enum& enumeration, Printer& out) {
  out.Print("constexpr $row_type$ $table$[] = {\n", "row_type", kNameType, "table",
            cpp::NameTable(enumeration.identifier));
  for (const EnumValue& value : enumeration.values) {
    out.Print("    {\"$json$\", $constant$},\n", "json", value.json, "constant", value.constant);
  }
  out.Print("};\n\n");
}

void PrintKey(const Field& field, const std::string& key, std::size_t index, Printer& out) {
  const std::string oneof = field.oneof == 0 ? "" : absl::StrCat(", ", field.oneof);
  out.Print("    {\"$key$\", $index$$oneof$},\n", "key", key, "index", absl::StrCat(index), "oneof", oneof);
}

// The keys that are written come first, in their order: a reader looks for the next key behind the last one.
void PrintKeyTable(const Message& message, Printer& out) {
  if (message.fields.empty()) return;
  out.Print("constexpr $row_type$ $table$[] = {\n", "row_type", kKeyType, "table",
            cpp::KeyTable(message.identifier));
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    PrintKey(message.fields[i], message.fields[i].keys.front(), i, out);
  }
  for (std::size_t i = 0; i < message.fields.size(); ++i) {
    const std::vector<std::string>& keys = message.fields[i].keys;
    for (std::size_t k = 1; k < keys.size(); ++k) PrintKey(message.fields[i], keys[k], i, out);
  }
  out.Print("};\n\n");
}

void PrintTagTable(const Message& message, Printer& out) {
  if (!message.flattened.has_value()) return;
  out.Print("constexpr $row_type$ $table$[] = {\n", "row_type", kNameType, "table",
            cpp::TagTable(message.identifier));
  for (const Case& c : message.flattened->cases) {
    out.Print("    {\"$tag$\", $type$::$constant$},\n", "tag", c.tag_value, "type", message.type, "constant",
              c.constant);
  }
  out.Print("};\n\n");
}

// ---- Functions

void PrintEnumSource(const Enum& enumeration, Printer& out) {
  out.Print(
      {{"type", enumeration.type}, {"table", cpp::NameTable(enumeration.identifier)}},
      "void WriteJson($type$ value, ::federation::json::Writer& out) { out.Enum($table$, value); }\n\n"
      "bool ReadJson(::federation::json::Reader& in, $type$* value) {\n"
      "  int number = 0;\n"
      "  if (!in.ReadEnum($table$, ::federation::json::Reader::EnumKind::kOpen, &number)) return false;\n"
      "  *value = static_cast<$type$>(number);\n"
      "  return true;\n"
      "}\n\n");
}

void PrintWriteFields(const Message& message, Printer& out) {
  const Variables variables = VariablesOf(message);
  if (message.fields.empty()) {
    out.Print(variables,
              "void WriteFields(const $type$& /*message*/, ::federation::json::Writer& /*out*/) {}\n\n");
    return;
  }
  out.Print(variables, "void WriteFields(const $type$& message, ::federation::json::Writer& out) {\n");
  out.Indent();
  for (const Field& field : message.fields) PrintWriteField(field, out);
  out.Outdent();
  out.Print("}\n\n");
}

void PrintReadFields(const Message& message, Printer& out) {
  const Variables variables = VariablesOf(message);
  const std::string head = text::Call(
      "bool ReadFields",
      {absl::StrCat("::federation::json::Reader& ", variables.at("in")),
       "::federation::json::ObjectReader& object", absl::StrCat(message.type, "* ", variables.at("message"))},
      " {", 0);
  out.Print("$head$\n", "head", head);
  if (message.fields.empty()) {
    out.Print("  while (object.Next({})) {\n  }\n");
  } else {
    out.Print(variables, "  while (object.Next($keys$)) {\n    switch (object.field()) {\n");
    out.Indent();
    out.Indent();
    out.Indent();
    for (std::size_t i = 0; i < message.fields.size(); ++i) PrintReadField(message.fields[i], i, out);
    out.Outdent();
    out.Outdent();
    out.Outdent();
    out.Print("    }\n  }\n");
  }
  out.Print("  return object.ok();\n}\n\n");
}

void PrintPlainSource(const Message& message, Printer& out) {
  PrintWriteFields(message, out);
  PrintReadFields(message, out);
  out.Print(VariablesOf(message),
            "void WriteJson(const $type$& message, ::federation::json::Writer& out) {\n"
            "  out.BeginObject();\n"
            "  WriteFields(message, out);\n"
            "  out.EndObject();\n"
            "}\n\n"
            "bool ReadJson(::federation::json::Reader& in, $type$* message) {\n"
            "  ::federation::json::ObjectReader object(in);\n"
            "  return ReadFields(in, object, message);\n"
            "}\n\n");
}

// A function that writes any case of a flattened oneof.
void PrintCaseWriter(const Message& message, Printer& out) {
  if (!message.flattened.has_value()) return;
  Variables variables = VariablesOf(message);
  variables["tag_key"] = message.flattened->tag;
  variables["head"] =
      text::Call("void " + cpp::CaseWriter(message.identifier),
                 {"std::string_view tag", "const Case& content", "::federation::json::Writer& out"}, " {", 0);
  out.Print(variables,
            "template <typename Case>\n"
            "$head$\n"
            "  out.BeginObject();\n"
            "  out.Key(\"$tag_key$\");\n"
            "  out.String(tag);\n"
            "  WriteFields(content, out);\n"
            "  out.EndObject();\n"
            "}\n\n");
}

void PrintFlattenedSource(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["tag_key"] = message.flattened->tag;
  variables["case_function"] = message.flattened->case_function;
  variables["not_set"] = message.flattened->not_set;
  out.Print(variables,
            "void WriteJson(const $type$& message, ::federation::json::Writer& out) {\n"
            "  switch (message.$case_function$()) {\n");
  for (const Case& c : message.flattened->cases) {
    variables["constant"] = c.constant;
    variables["tag"] = c.tag_value;
    variables["accessor"] = c.accessor;
    out.Print(variables,
              "    case $type$::$constant$:\n"
              "      return $write_case$(\"$tag$\", message.$accessor$(), out);\n");
  }
  out.Print(variables,
            "    case $type$::$not_set$:\n"
            "      out.BeginObject();\n"
            "      out.EndObject();\n"
            "      return;\n"
            "  }\n"
            "}\n\n"
            "bool ReadJson(::federation::json::Reader& in, $type$* message) {\n"
            "  ::federation::json::TaggedObjectReader tagged(in, \"$tag_key$\", $tags$);\n"
            "  if (!tagged.ok()) return false;\n"
            "  switch (tagged.tag()) {\n");
  for (const Case& c : message.flattened->cases) {
    variables["constant"] = c.constant;
    variables["accessor"] = c.accessor;
    out.Print(variables,
              "    case $type$::$constant$:\n"
              "      return ReadFields(in, tagged.object(), message->mutable_$accessor$());\n");
  }
  out.Print("  }\n  return false;\n}\n\n");
}

bool HasTables(const File& file) {
  const bool any = std::any_of(file.messages.begin(), file.messages.end(), [](const Message& message) {
    return message.flattened.has_value() || !message.fields.empty();
  });
  return any || !file.enums.empty();
}

void PrintTables(const File& file, Printer& out) {
  if (!HasTables(file)) return;
  out.Print("namespace {\n\n");
  for (const Enum& enumeration : file.enums) PrintNameTable(enumeration, out);
  for (const Message& message : file.messages) {
    PrintKeyTable(message, out);
    PrintTagTable(message, out);
    PrintCaseWriter(message, out);
  }
  out.Print("}  // namespace\n\n");
}

void PrintJsonSource(const File& file, Printer& out) {
  PrintTables(file, out);
  for (const Enum& enumeration : file.enums) PrintEnumSource(enumeration, out);
  for (const Message& message : file.messages) {
    if (message.flattened.has_value()) {
      PrintFlattenedSource(message, out);
    } else {
      PrintPlainSource(message, out);
    }
  }
}

}  // namespace

const Output kJsonOutput = {AddHeaderIncludes, AddSourceIncludes, PrintJsonHeader, PrintJsonSource};

}  // namespace federation::codegen
