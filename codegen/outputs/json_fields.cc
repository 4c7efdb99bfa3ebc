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
  const char* key;      // writes the key $x$ of a map; null: never is one
};

constexpr KindRow kKindRows[] = {
    {Kind::kBool, "bool", " = false", "in.ReadBool($x$)", "out.Bool($x$);", "$x$", nullptr,
     "out.BoolKey($x$);"},
    {Kind::kInt32, "std::int32_t", " = 0", "in.ReadInt32($x$)", "out.Int32($x$);", "$x$ != 0", "<cstdint>",
     "out.Int64Key($x$);"},
    {Kind::kInt64, "std::int64_t", " = 0", "in.ReadInt64($x$)", "out.Int64($x$);", "$x$ != 0", "<cstdint>",
     "out.Int64Key($x$);"},
    {Kind::kInt64Number, "std::int64_t", " = 0", "in.ReadInt64($x$)", "out.Int64Number($x$);", "$x$ != 0",
     "<cstdint>", nullptr},
    {Kind::kUint32, "std::uint32_t", " = 0", "in.ReadUint32($x$)", "out.Uint32($x$);", "$x$ != 0",
     "<cstdint>", "out.Uint64Key($x$);"},
    {Kind::kUint64, "std::uint64_t", " = 0", "in.ReadUint64($x$)", "out.Uint64($x$);", "$x$ != 0",
     "<cstdint>", "out.Uint64Key($x$);"},
    {Kind::kUint64Number, "std::uint64_t", " = 0", "in.ReadUint64($x$)", "out.Uint64Number($x$);", "$x$ != 0",
     "<cstdint>", nullptr},
    // Minus zero is not the default, as in protobuf's binary form.
    {Kind::kFloat, "float", " = 0", "in.ReadFloat($x$)", "out.Float($x$);", "$x$ != 0 || std::signbit($x$)",
     "<cmath>", nullptr},
    {Kind::kDouble, "double", " = 0", "in.ReadDouble($x$)", "out.Double($x$);",
     "$x$ != 0 || std::signbit($x$)", "<cmath>", nullptr},
    {Kind::kString, "std::string", nullptr, "in.ReadString($x$)", "out.String($x$);", "!$x$.empty()",
     "<string>", "out.StringKey($x$);"},
    {Kind::kBytes, "std::string", nullptr, "in.ReadBytes($x$)", "out.Bytes($x$);", "!$x$.empty()", "<string>",
     nullptr},
    {Kind::kEnum, nullptr, "{}", "ReadJson(in, $x$)", "out = WriteJson($x$, out);", "$x$ != 0", nullptr,
     nullptr},
    {Kind::kMessage, nullptr, nullptr, "ReadJson(in, $x$)", "out = WriteJson($x$, out);", "", nullptr,
     nullptr},
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

// Whether a value is read where it is kept, and not into a variable first.
bool IsReadInPlace(const Field& field) { return RowOf(field.kind).initial == nullptr && !field.hidden; }

std::string TypeOf(const Field& field) {
  const KindRow& row = RowOf(field.kind);
  return row.type == nullptr ? field.type : row.type;
}

bool IsText(Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; }

// Prints the statements that write one field, and those that read it.
class FieldPrinter {
 public:
  FieldPrinter(const Field& field, Printer& out) : field_(field), out_(out) {}

  void PrintWrite();
  void PrintRead();

 private:
  // What writes a value of the field's kind.
  std::string Write(const std::string& value) const;
  // Whether the value is a variable: read once, before text is written, behind which a compiler would read it
  // again.
  bool IsBound() const;
  // The value of a field that is not repeated.
  std::string Value() const;
  // Whether the field has a value that is not empty or zero.
  std::string Condition() const;
  void PrintWriteValue();
  void PrintIndentedValue();
  void PrintWriteKept();
  void PrintElseMissing();
  void PrintWriteHidden();
  void PrintWriteElements();
  void PrintWriteEntries();

  // Reads into the variable `value`, which it declares; `failed` is printed where that does not succeed, and
  // `ignored` where the value is to be passed over.
  void PrintReadVariable(const std::string& failed, const std::string& ignored);
  void PrintStore(const std::string& prefix, const std::string& hidden_function);
  void PrintReadSingular();
  void PrintReadOrKeep();
  void PrintReadElements();
  void PrintReadEntries();

  const Field& field_;
  Printer& out_;
};

std::string FieldPrinter::Write(const std::string& value) const {
  if (!field_.name_table.empty()) return absl::StrCat("out.Enum(", field_.name_table, ", ", value, ");");
  return Apply(RowOf(field_.kind).write, value);
}

bool FieldPrinter::IsBound() const {
  const bool is_asked = !field_.always || field_.keep_unknown;
  return is_asked && field_.presence == Field::Presence::kImplicit && field_.kind != Kind::kBool;
}

std::string FieldPrinter::Value() const {
  return IsBound() ? "value" : absl::StrCat("message.", field_.accessor, "()");
}

std::string FieldPrinter::Condition() const {
  if (field_.presence == Field::Presence::kExplicit) {
    return absl::StrCat("message.has_", field_.accessor, "()");
  }
  if (field_.presence != Field::Presence::kImplicit) {
    return absl::StrCat("!message.", field_.accessor, "().empty()");
  }
  std::string is_set = Apply(RowOf(field_.kind).is_set, Value());
  if (!IsBound()) return is_set;
  const std::string type = IsText(field_.kind) ? "std::string_view" : TypeOf(field_);
  return absl::StrCat("const ", type, " value = message.", field_.accessor, "(); ", is_set);
}

void FieldPrinter::PrintWriteElements() {
  std::string element = "const int element";
  std::string write;
  if (field_.kind == Kind::kEnum) {
    write = Write(field_.name_table.empty() ? absl::StrCat("static_cast<", field_.type, ">(element)")
                                            : "element");
  } else {
    element = absl::StrCat("const ", TypeOf(field_), IsReadInPlace(field_) ? "& " : " ", "element");
    write = Write("element");
  }
  out_.Print({{"element", element}, {"accessor", field_.accessor}, {"write", write}},
             "out.BeginArray();\n"
             "for ($element$ : message.$accessor$()) $write$\n"
             "out.EndArray();\n");
}

void FieldPrinter::PrintWriteEntries() {
  const std::string value = field_.kind == Kind::kEnum && field_.name_table.empty()
                                ? Write(absl::StrCat("static_cast<", field_.type, ">(entry->second)"))
                                : Write("entry->second");
  out_.Print({{"accessor", field_.accessor},
              {"key", Apply(RowOf(field_.map_key).key, "entry->first")},
              {"value", value}},
             "out.BeginObject();\n"
             "for (const auto* entry : ::federation::json::InKeyOrder(message.$accessor$())) {\n"
             "  $key$\n"
             "  $value$\n"
             "}\n"
             "out.EndObject();\n");
}

void FieldPrinter::PrintWriteValue() {
  out_.Print("out.Key(\"$key$\");\n", "key", field_.keys.front());
  if (field_.presence == Field::Presence::kRepeated) {
    PrintWriteElements();
  } else if (field_.presence == Field::Presence::kMap) {
    PrintWriteEntries();
  } else {
    out_.Print("$write$\n", "write", Write(Value()));
  }
}

// A string that is reached by reflection alone.
void FieldPrinter::PrintWriteHidden() {
  const bool repeated = field_.presence == Field::Presence::kRepeated;
  const std::string value = absl::StrCat(
      "const std::string value = ::federation::json::HiddenString(message, ", field_.number, ");");
  std::string open;
  if (repeated) {
    open = field_.always ? "{" : absl::StrCat("if (message.", field_.accessor, "_size() > 0) {");
  } else if (field_.always) {
    open = absl::StrCat("{\n  ", value);
  } else {
    const bool has = field_.presence == Field::Presence::kExplicit;
    open = absl::StrCat("if (", value, " ", has ? Condition() : "!value.empty()", ") {");
  }
  out_.Print("$open$\n  out.Key(\"$key$\");\n", "open", open, "key", field_.keys.front());
  if (repeated) {
    const std::string element =
        absl::StrCat("::federation::json::HiddenString(message, ", field_.number, ", i)");
    out_.Print(
        "  out.BeginArray();\n"
        "  for (int i = 0; i < message.$accessor$_size(); ++i) $write$\n"
        "  out.EndArray();\n"
        "}\n",
        "accessor", field_.accessor, "write", Write(element));
  } else {
    out_.Print("  $write$\n}", "write", Write("value"));
    PrintElseMissing();
    out_.Print("\n");
  }
}

// Behind the brace that ends what is written of a value: the failure, if it must have one.
void FieldPrinter::PrintElseMissing() {
  if (!field_.required) return;
  out_.Print(
      " else {\n"
      "  out.Fail(\"want the required key \\\"$key$\\\", got none\");\n"
      "}",
      "key", field_.keys.front());
}

void FieldPrinter::PrintWrite() {
  if (field_.hidden) return PrintWriteHidden();
  if (field_.always && !field_.keep_unknown) return PrintWriteValue();
  out_.Print("if ($condition$) {\n", "condition", Condition());
  PrintIndentedValue();
  if (field_.keep_unknown) PrintWriteKept();
  out_.Print("}");
  PrintElseMissing();
  out_.Print("\n");
}

void FieldPrinter::PrintIndentedValue() {
  out_.Indent();
  PrintWriteValue();
  out_.Outdent();
}

// What the enum does not know is written where the field has no value.
void FieldPrinter::PrintWriteKept() {
  // Not beside another case of its oneof, which was set later.
  const std::string alone = field_.oneof == 0 ? ""
                                              : absl::StrCat("; json && message.", field_.oneof_case,
                                                             "() == ", field_.oneof_not_set);
  out_.Print({{"key", field_.keys.front()}, {"number", absl::StrCat(field_.number)}, {"alone", alone}},
             "} else if (const auto json = ::federation::json::UnknownJson(message, $number$)$alone$) {\n"
             "  out.Key(\"$key$\");\n"
             "  out.Raw(*json);\n");
  if (!field_.always) return;
  out_.Print("} else {\n");
  PrintIndentedValue();
}

void FieldPrinter::PrintReadVariable(const std::string& failed, const std::string& ignored) {
  const KindRow& row = RowOf(field_.kind);
  Variables variables = {
      {"type", TypeOf(field_)},
      {"initial", row.initial == nullptr ? "" : row.initial},
      {"read", Apply(row.read, "&value")},
      {"names", field_.name_table},
      {"kind", field_.enum_closed ? "kClosed" : "kOpen"},
      {"failed", failed},
  };
  if (field_.kind != Kind::kEnum) {
    out_.Print(variables,
               "$type$ value$initial$;\n"
               "if (!$read$) $failed$;\n");
    return;
  }
  if (field_.closed) out_.Print("const std::size_t start = in.NextOffset();\n");
  if (field_.name_table.empty()) {
    out_.Print(variables,
               "$type$ value{};\n"
               "if (!$read$) $failed$;\n");
  } else {
    out_.Print(variables,
               "int number = 0;\n"
               "if (!in.ReadEnum($names$, ::federation::json::Reader::EnumKind::$kind$, &number)) $failed$;\n"
               "const auto value = static_cast<$type$>(number);\n");
  }
  out_.Print(absl::StrCat("if (in.TakeIgnored()) ", ignored, "\n").c_str());
  if (field_.closed) {
    out_.Print(variables,
               "if (!$type$_IsValid(value)) {\n"
               "  in.FailWant(\"an enum value\", start);\n"
               "  $failed$;\n"
               "}\n");
  }
}

// Hands the variable `value` to the message.
void FieldPrinter::PrintStore(const std::string& prefix, const std::string& hidden_function) {
  if (field_.hidden) {
    out_.Print("::federation::json::$function$(message, $number$, std::move(value));\n", "function",
               hidden_function, "number", absl::StrCat(field_.number));
  } else {
    out_.Print("message->$prefix$$accessor$(value);\n", "prefix", prefix, "accessor", field_.accessor);
  }
}

void FieldPrinter::PrintReadSingular() {
  if (IsReadInPlace(field_)) {
    out_.Print("if (!$read$) return object.Failed();\n", "read",
               Apply(RowOf(field_.kind).read, absl::StrCat("message->mutable_", field_.accessor, "()")));
    return;
  }
  PrintReadVariable("return object.Failed()", "break;");
  PrintStore("set_", "SetHiddenString");
}

// An enum whose unknown names are kept with the message, as are numbers that its class does not take.
void FieldPrinter::PrintReadOrKeep() {
  const bool named = !field_.name_table.empty();
  const Variables variables = {
      {"type", field_.type},
      {"accessor", field_.accessor},
      {"number", absl::StrCat(field_.number)},
      {"names", field_.name_table},
      {"kind", field_.enum_closed ? "kClosed" : "kOpen"},
      {"value", named ? absl::StrCat("static_cast<", field_.type, ">(value)") : "value"},
  };
  out_.Print("const ::federation::json::Reader::Mark start = in.Here();\n");
  out_.Print(
      variables,
      named ? "int value = 0;\n"
              "bool known = in.ReadEnum($names$, ::federation::json::Reader::EnumKind::$kind$, &value);\n"
            : "$type$ value{};\n"
              "bool known = ReadJson(in, &value);\n");
  out_.Print("if (in.TakeIgnored()) known = false;\n");
  if (field_.closed) out_.Print(variables, "if (!$type$_IsValid(value)) known = false;\n");
  out_.Print(variables,
             "if (known) {\n"
             "  message->set_$accessor$($value$);\n"
             "} else if (!::federation::json::KeepUnknown(in, start, $number$, message)) {\n"
             "  return object.Failed();\n"
             "}\n");
}

void FieldPrinter::PrintReadElements() {
  out_.Print(
      "::federation::json::ArrayReader array(in);\n"
      "while (array.Next()) {\n");
  out_.Indent();
  const std::string failed = "return array.Failed(), object.Failed()";
  if (IsReadInPlace(field_)) {
    out_.Print("if (!$read$) $failed$;\n", "read",
               Apply(RowOf(field_.kind).read, absl::StrCat("message->add_", field_.accessor, "()")), "failed",
               failed);
  } else {
    PrintReadVariable(failed, "continue;");
    PrintStore("add_", "AddHiddenString");
  }
  out_.Outdent();
  out_.Print(
      "}\n"
      "if (!array.ok()) return object.Failed();\n");
}

void FieldPrinter::PrintReadEntries() {
  const KindRow& key = RowOf(field_.map_key);
  const bool may_ignore = field_.kind == Kind::kEnum;
  const Variables variables = {{"key_type", key.type},
                               {"key_initial", key.initial == nullptr ? "" : key.initial},
                               {"accessor", field_.accessor},
                               {"read", Apply(RowOf(field_.kind).read, "&entry->second")}};
  // An entry whose value is passed over is a key all the same, until the map has ended.
  if (may_ignore) out_.Print(variables, "std::vector<$key_type$> ignored;\n");
  out_.Print(variables,
             "::federation::json::MapReader map(in);\n"
             "while (map.Next()) {\n"
             "  $key_type$ key$key_initial$;\n"
             "  if (!map.ReadKey(&key)) return object.Failed();\n"
             "  const auto [entry, fresh] = message->mutable_$accessor$()->try_emplace(key);\n"
             "  if (!fresh) return map.FailDuplicate(), object.Failed();\n");
  out_.Indent();
  if (IsReadInPlace(field_)) {
    out_.Print(variables, "if (!$read$) return map.Failed(), object.Failed();\n");
  } else {
    PrintReadVariable("return map.Failed(), object.Failed()",
                      may_ignore ? "{\n  ignored.push_back(key);\n  continue;\n}" : "");
    out_.Print("entry->second = value;\n");
  }
  out_.Outdent();
  out_.Print(
      "}\n"
      "if (!map.ok()) return object.Failed();\n");
  if (may_ignore) {
    out_.Print(variables,
               "for (const $key_type$& key : ignored) message->mutable_$accessor$()->erase(key);\n");
  }
}

void FieldPrinter::PrintRead() {
  if (field_.presence == Field::Presence::kRepeated) return PrintReadElements();
  if (field_.presence == Field::Presence::kMap) return PrintReadEntries();
  if (field_.keep_unknown) return PrintReadOrKeep();
  PrintReadSingular();
}

}  // namespace

void AddFieldIncludes(const Field& field, Includes* includes) {
  const bool named = field.presence == Field::Presence::kRepeated || !IsReadInPlace(field);
  if (named && RowOf(field.kind).include != nullptr) includes->insert(RowOf(field.kind).include);
  if (field.presence == Field::Presence::kImplicit && IsText(field.kind)) includes->insert("<string_view>");
  if (field.presence == Field::Presence::kMap) {
    includes->insert("\"federation/json/map.h\"");
    if (field.kind == Kind::kEnum) includes->insert("<vector>");
    if (RowOf(field.map_key).include != nullptr) includes->insert(RowOf(field.map_key).include);
  }
  if (field.hidden) includes->insert({"<string>", "<utility>", "\"federation/json/hidden_string.h\""});
  if (field.closed) includes->insert("<cstddef>");
  if (field.keep_unknown) includes->insert("\"federation/json/unknown.h\"");
}

void PrintWriteField(const Field& field, Printer& out) { FieldPrinter(field, out).PrintWrite(); }

void PrintReadField(const Field& field, const std::string& keys, std::size_t index, bool last, Printer& out) {
  const bool declares = field.presence == Field::Presence::kRepeated ||
                        field.presence == Field::Presence::kMap || !IsReadInPlace(field);
  const Variables variables = {{"index", absl::StrCat(index)},
                               {"next", absl::StrCat(index + 1)},
                               {"name", field.name},
                               {"keys", keys},
                               {"brace", declares ? " {" : ""}};
  out.Print(variables, "case $index$:$brace$  // $name$\n");
  out.Indent();
  FieldPrinter(field, out).PrintRead();
  if (last) {
    out.Print("break;\n");
  } else {
    out.Print(variables,
              "if (!object.Follows($keys$[$next$])) break;\n"
              "[[fallthrough]];\n");
  }
  out.Outdent();
  if (declares) out.Print("}\n");
}

}  // namespace federation::codegen
