// The JSON codecs of messages and enums.
#include <algorithm>
#include <cstddef>
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
          {"tag_key", cpp::TagKey(message.identifier)},
          {"tags", cpp::TagTable(message.identifier)},
          // A parameter that the fields of the message would use.
          {"message", message.fields.empty() ? "/*message*/" : "message"},
          {"in", message.fields.empty() ? "/*in*/" : "in"}};
}

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (!file.messages.empty() || !file.enums.empty()) includes->insert("\"federation/json/value.h\"");
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (file.has_well_known) includes->insert("\"federation/json/well_known.h\"");
  for (const std::string& stem : file.field_stems)
    includes->insert(absl::StrCat("\"", stem, ".federation.h\""));
  for (const Message& message : file.messages) {
    if (message.flattened.has_value() && message.flattened->keep_unknown)
      includes->insert("\"federation/json/unknown.h\"");
    for (const Field& field : message.fields) AddFieldIncludes(field, includes);
  }
}

// ---- Header

void PrintEnumHeader(const Enum& enumeration, Printer& out) {
  out.Print({{"type", enumeration.type}, {"comment", text::CommentLines(enumeration.comment, 0)}},
            "$comment$"
            "::federation::json::Writer WriteJson($type$ value, ::federation::json::Writer out);\n"
            "bool ReadJson(::federation::json::Reader& in, $type$* value);\n\n");
}

// The heads of a message's functions.
std::string WriteHead(const std::string& function, const Message& message, const std::string& parameter,
                      const std::string& tail) {
  return text::Call("::federation::json::Writer " + function,
                    {absl::StrCat("const ", message.type, "& ", parameter), "::federation::json::Writer out"},
                    tail, 0);
}

void PrintMessageHeader(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["comment"] = text::CommentLines(message.comment, 0);
  if (message.flattened.has_value()) {
    variables["write"] = WriteHead("WriteJson", message, "message", ";");
    variables["read"] =
        text::Call("bool ReadJson", {"::federation::json::Reader& in", message.type + "* message"}, ";", 0);
  } else {
    variables["write"] = WriteHead("WriteFields", message, "message", ";");
    variables["read"] = text::Call("bool ReadFields",
                                   {"::federation::json::Reader& in",
                                    "::federation::json::ObjectReader& object", message.type + "* message"},
                                   ";", 0);
  }
  out.Print(variables,
            "$comment$"
            "$write$\n"
            "$read$\n\n");
}

void PrintJsonHeader(const File& file, Printer& out) {
  if (file.messages.empty() && file.enums.empty()) return;
  out.Print(
      "// JSON, one value at a time; Encode and Decode of federation/json/codec.h make documents of it. "
      "WriteFields\n"
      "// and ReadFields leave out the braces, which WriteJson and ReadJson of federation/json/value.h put "
      "around them.\n\n");
  for (const Enum& enumeration : file.enums) PrintEnumHeader(enumeration, out);
  for (const Message& message : file.messages) PrintMessageHeader(message, out);
}

// ---- Tables

void PrintNameTable(const std::string& table, const std::vector<EnumValue>& values, Printer& out) {
  out.Print("constexpr $row_type$ $table$[] = {\n", "row_type", kNameType, "table", table);
  for (const EnumValue& value : values) {
    out.Print("    {\"$json$\", $constant$},\n", "json", value.json, "constant", value.constant);
  }
  out.Print("};\n\n");
}

void PrintKey(const Field& field, const std::string& key, std::size_t index, Printer& out) {
  std::string more;
  if (field.takes_null) {
    more = absl::StrCat(", ", field.oneof, ", /*takes_null=*/true");
  } else if (field.oneof != 0) {
    more = absl::StrCat(", ", field.oneof);
  }
  out.Print("    {\"$key$\", $index$$more$},\n", "key", key, "index", absl::StrCat(index), "more", more);
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
  out.Print("constexpr $key_type$ $key$(\"$tag$\", 0);\n\n", "key_type", kKeyType, "key",
            cpp::TagKey(message.identifier), "tag", message.flattened->tag);
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
      {{"type", enumeration.type},
       {"table", cpp::NameTable(enumeration.identifier)},
       {"kind", enumeration.closed ? "kClosed" : "kOpen"}},
      "::federation::json::Writer WriteJson($type$ value, ::federation::json::Writer out) {\n"
      "  out.Enum($table$, value);\n"
      "  return out;\n"
      "}\n\n"
      "bool ReadJson(::federation::json::Reader& in, $type$* value) {\n"
      "  int number = 0;\n"
      "  if (!in.ReadEnum($table$, ::federation::json::Reader::EnumKind::$kind$, &number)) return false;\n"
      "  *value = static_cast<$type$>(number);\n"
      "  return true;\n"
      "}\n\n");
}

void PrintWriteFields(const Message& message, Printer& out) {
  const std::string parameter = message.fields.empty() ? "/*message*/" : "message";
  out.Print("$head$\n", "head", WriteHead("WriteFields", message, parameter, " {"));
  out.Indent();
  for (const Field& field : message.fields) PrintWriteField(field, out);
  out.Print("return out;\n");
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
    for (std::size_t i = 0; i < message.fields.size(); ++i) {
      const bool last = i + 1 == message.fields.size();
      PrintReadField(message.fields[i], variables.at("keys"), i, last, out);
    }
    out.Outdent();
    out.Outdent();
    out.Outdent();
    out.Print("    }\n  }\n");
  }
  for (const Field& field : message.fields) {
    if (!field.required) continue;
    out.Print("  if (object.ok() && !message->has_$accessor$()) return object.FailMissing(\"$key$\");\n",
              "accessor", field.accessor, "key", field.keys.front());
  }
  out.Print("  return object.ok();\n}\n\n");
}

void PrintPlainSource(const Message& message, Printer& out) {
  PrintWriteFields(message, out);
  PrintReadFields(message, out);
}

void PrintWriteFlattened(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  variables["case_function"] = message.flattened->case_function;
  variables["not_set"] = message.flattened->not_set;
  variables["name"] = message.flattened->name;
  variables["write"] = WriteHead("WriteJson", message, "message", " {");
  out.Print(variables, "$write$\n");
  if (message.flattened->keep_unknown) {
    out.Print(variables,
              "  if (message.$case_function$() == $type$::$not_set$) {\n"
              "    if (const auto json = ::federation::json::UnknownObjectJson(message)) {\n"
              "      out.Raw(*json);\n"
              "      return out;\n"
              "    }\n"
              "  }\n");
  }
  out.Print(variables, "  switch (message.$case_function$()) {\n");
  for (const Case& c : message.flattened->cases) {
    variables["constant"] = c.constant;
    variables["write_tagged"] =
        text::Call("::federation::json::WriteTagged",
                   {absl::StrCat("\"", message.flattened->tag, "\""), absl::StrCat("\"", c.tag_value, "\""),
                    absl::StrCat("message.", c.accessor, "()"), "out"},
                   ";", 13);
    out.Print(variables,
              "    case $type$::$constant$:\n"
              "      return $write_tagged$\n");
  }
  out.Print(variables,
            "    case $type$::$not_set$:\n"
            "      break;\n"
            "  }\n"
            "  out.BeginObject();\n"
            "  out.Fail(\"want a case of the oneof \\\"$name$\\\", got none\");\n"
            "  out.EndObject();\n"
            "  return out;\n"
            "}\n\n");
}

void PrintReadFlattened(const Message& message, Printer& out) {
  Variables variables = VariablesOf(message);
  const bool keeps = message.flattened->keep_unknown;
  out.Print(variables, "bool ReadJson(::federation::json::Reader& in, $type$* message) {\n");
  if (keeps) out.Print("  const ::federation::json::Reader::Mark start = in.Here();\n");
  out.Print(variables,
            "  ::federation::json::TaggedObjectReader tagged(in, $tag_key$, $tags$);\n"
            "  bool read = false;\n"
            "  do {\n"
            "    switch (tagged.tag()) {\n");
  for (const Case& c : message.flattened->cases) {
    variables["constant"] = c.constant;
    variables["accessor"] = c.accessor;
    out.Print(variables,
              "      case $type$::$constant$:\n"
              "        read = ReadFields(in, tagged.object(), message->mutable_$accessor$());\n"
              "        break;\n");
  }
  out.Print(
      "      default:\n"
      "        $otherwise$\n"
      "    }\n"
      "  } while (tagged.Again(read, message));\n"
      "  return read;\n"
      "}\n\n",
      "otherwise",
      keeps ? "return ::federation::json::KeepUnknownObject(in, start, message);" : "return false;");
}

void PrintFlattenedSource(const Message& message, Printer& out) {
  PrintWriteFlattened(message, out);
  PrintReadFlattened(message, out);
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
  for (const Enum& enumeration : file.enums) {
    PrintNameTable(cpp::NameTable(enumeration.identifier), enumeration.values, out);
  }
  for (const Message& message : file.messages) {
    for (const Field& field : message.fields) {
      if (!field.values.empty()) PrintNameTable(field.name_table, field.values, out);
    }
    PrintKeyTable(message, out);
    PrintTagTable(message, out);
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
