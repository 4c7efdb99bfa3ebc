#include "codegen/outputs/json_fields.h"

#include <map>
#include <string>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

// How the kinds of values differ in generated code. $x$ stands for a value.
struct KindRow {
  Kind kind;
  const char* type;     // C++ type of a variable; null: Field::type
  const char* initial;  // of that variable; null: the value is read where it is kept
  const char* read;     // reads into the pointer $x$
  const char* write;    // writes the value $x$
  const char* is_set;   // whether the value $x$ is not the default
  const char* include;  // null: nothing
};

constexpr KindRow kKindRows[] = {
    {Kind::kBool, "bool", " = false", "in.ReadBool($x$)", "out.Bool($x$);", "$x$", nullptr},
    {Kind::kInt32, "std::int32_t", " = 0", "in.ReadInt32($x$)", "out.Int32($x$);", "$x$ != 0", "<cstdint>"},
    {Kind::kInt64, "std::int64_t", " = 0", "in.ReadInt64($x$)", "out.Int64($x$);", "$x$ != 0", "<cstdint>"},
    {Kind::kInt64Number, "std::int64_t", " = 0", "in.ReadInt64($x$)", "out.Int64Number($x$);", "$x$ != 0",
     "<cstdint>"},
    {Kind::kUint32, "std::uint32_t", " = 0", "in.ReadUint32($x$)", "out.Uint32($x$);", "$x$ != 0",
     "<cstdint>"},
    {Kind::kUint64, "std::uint64_t", " = 0", "in.ReadUint64($x$)", "out.Uint64($x$);", "$x$ != 0",
     "<cstdint>"},
    {Kind::kUint64Number, "std::uint64_t", " = 0", "in.ReadUint64($x$)", "out.Uint64Number($x$);", "$x$ != 0",
     "<cstdint>"},
    // Minus zero is not the default, as in protobuf's binary form.
    {Kind::kFloat, "float", " = 0", "in.ReadFloat($x$)", "out.Float($x$);", "$x$ != 0 || std::signbit($x$)",
     "<cmath>"},
    {Kind::kDouble, "double", " = 0", "in.ReadDouble($x$)", "out.Double($x$);",
     "$x$ != 0 || std::signbit($x$)", "<cmath>"},
    {Kind::kString, "std::string", nullptr, "in.ReadString($x$)", "out.String($x$);", "!$x$.empty()",
     "<string>"},
    {Kind::kBytes, "std::string", nullptr, "in.ReadBytes($x$)", "out.Bytes($x$);", "!$x$.empty()",
     "<string>"},
    {Kind::kEnum, nullptr, "{}", "ReadJson(in, $x$)", "WriteJson($x$, out);", "$x$ != 0", nullptr},
    {Kind::kMessage, nullptr, nullptr, "ReadJson(in, $x$)", "WriteJson($x$, out);", "", nullptr},
};

const KindRow& RowOf(Kind kind) { return kKindRows[static_cast<std::size_t>(kind)]; }

constexpr bool RowsAreInOrder() {
  std::size_t index = 0;
  for (const KindRow& row : kKindRows) {
    if (static_cast<std::size_t>(row.kind) != index++) return false;
  }
  return true;
}
static_assert(RowsAreInOrder(), "RowOf takes the kind as an index");

std::string Apply(const char* pattern, const std::string& value) {
  return absl::StrReplaceAll(pattern, {{"$x$", value}});
}

Variables VariablesOf(const Field& field) {
  const KindRow& row = RowOf(field.kind);
  return {{"name", field.name},
          {"key", field.keys.front()},
          {"accessor", field.accessor},
          {"type", row.type == nullptr ? field.type : row.type},
          {"initial", row.initial == nullptr ? "" : row.initial},
          {"read_value", Apply(row.read, "&value")}};
}

// The condition under which a field is written; empty: always.
std::string Condition(const Field& field) {
  if (field.always) return "";
  if (field.presence == Field::Presence::kExplicit) return absl::StrCat("message.has_", field.accessor, "()");
  const std::string value = absl::StrCat("message.", field.accessor, "()");
  if (field.presence == Field::Presence::kRepeated) return absl::StrCat("!", value, ".empty()");
  return Apply(RowOf(field.kind).is_set, value);
}

void PrintWriteRepeated(const Field& field, Printer& out) {
  Variables variables = VariablesOf(field);
  const KindRow& row = RowOf(field.kind);
  if (field.kind == Kind::kEnum) {
    variables["element"] = "const int element";
    variables["write"] = Apply(row.write, absl::StrCat("static_cast<", field.type, ">(element)"));
  } else {
    variables["element"] =
        absl::StrCat("const ", variables["type"], row.initial == nullptr ? "& " : " ", "element");
    variables["write"] = Apply(row.write, "element");
  }
  out.Print(variables,
            "out.BeginArray();\n"
            "for ($element$ : message.$accessor$()) $write$\n"
            "out.EndArray();\n");
}

void PrintWriteValue(const Field& field, Printer& out) {
  out.Print("out.Key(\"$key$\");\n", "key", field.keys.front());
  if (field.presence == Field::Presence::kRepeated) {
    PrintWriteRepeated(field, out);
  } else {
    out.Print("$write$\n", "write",
              Apply(RowOf(field.kind).write, absl::StrCat("message.", field.accessor, "()")));
  }
}

void PrintReadSingular(const Field& field, Printer& out) {
  Variables variables = VariablesOf(field);
  if (RowOf(field.kind).initial == nullptr) {
    variables["read"] =
        Apply(RowOf(field.kind).read, absl::StrCat("message->mutable_", field.accessor, "()"));
    out.Print(variables,
              "  if (!$read$) return object.Failed();\n"
              "  break;\n");
    return;
  }
  out.Print(variables,
            "  $type$ value$initial$;\n"
            "  if (!$read_value$) return object.Failed();\n"
            "  message->set_$accessor$(value);\n"
            "  break;\n");
}

void PrintReadElement(const Field& field, Printer& out) {
  Variables variables = VariablesOf(field);
  const bool in_place = RowOf(field.kind).initial == nullptr;
  variables["read"] = in_place
                          ? Apply(RowOf(field.kind).read, absl::StrCat("message->add_", field.accessor, "()"))
                          : variables["read_value"];
  if (!in_place) out.Print(variables, "$type$ value$initial$;\n");
  out.Print(variables,
            "if (!$read$) {\n"
            "  array.Failed();\n"
            "  return object.Failed();\n"
            "}\n");
  if (!in_place) out.Print(variables, "message->add_$accessor$(value);\n");
}

void PrintReadRepeated(const Field& field, Printer& out) {
  out.Print(
      "  ::federation::json::ArrayReader array(in);\n"
      "  while (array.Next()) {\n");
  out.Indent();
  out.Indent();
  PrintReadElement(field, out);
  out.Outdent();
  out.Outdent();
  out.Print(
      "  }\n"
      "  if (!array.ok()) return object.Failed();\n"
      "  break;\n");
}

}  // namespace

void AddFieldIncludes(const Field& field, Includes* includes) {
  const bool named = field.presence == Field::Presence::kRepeated || RowOf(field.kind).initial != nullptr;
  if (named && RowOf(field.kind).include != nullptr) includes->insert(RowOf(field.kind).include);
}

void PrintWriteField(const Field& field, Printer& out) {
  const std::string condition = Condition(field);
  if (condition.empty()) {
    PrintWriteValue(field, out);
    return;
  }
  out.Print("if ($condition$) {\n", "condition", condition);
  out.Indent();
  PrintWriteValue(field, out);
  out.Outdent();
  out.Print("}\n");
}

void PrintReadField(const Field& field, std::size_t index, Printer& out) {
  const bool declares = field.presence == Field::Presence::kRepeated || RowOf(field.kind).initial != nullptr;
  const std::string brace = declares ? " {" : "";
  out.Print("case $index$:$brace$  // $name$\n", "index", absl::StrCat(index), "brace", brace, "name",
            field.name);
  if (field.presence == Field::Presence::kRepeated) {
    PrintReadRepeated(field, out);
  } else {
    PrintReadSingular(field, out);
  }
  if (declares) out.Print("}\n");
}

}  // namespace federation::codegen
