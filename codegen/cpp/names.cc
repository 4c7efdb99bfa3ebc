#include "codegen/cpp/names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <absl/strings/strip.h>
#include <google/protobuf/compiler/cpp/names.h>

namespace federation::codegen::cpp {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;
namespace protoc = google::protobuf::compiler::cpp;

// C++20, [lex.key] and [lex.digraph]. Sorted.
constexpr auto kKeywords = std::to_array<std::string_view>({
    "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
    "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
    "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
    "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
    "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
    "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
    "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
    "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
    "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
    "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
    "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
    "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
    "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
    "xor_eq",
});
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

template <typename T>
std::string TypeNameOf(const T& type, const FileDescriptor& from) {
  std::string identifier = Identifier(type);
  // Variables of generated functions are in lower case, and would hide it.
  const bool hidden = absl::ascii_islower(static_cast<unsigned char>(identifier.front()));
  if (type.file()->package() == from.package() && !hidden) return identifier;
  return protoc::QualifiedClassName(&type);
}

// As protoc's generator has it: a letter behind anything that is none is upper case.
std::string CamelCase(const std::string& name) {
  std::string camel;
  bool upper = true;
  for (const char c : name) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(c))) {
      camel.push_back(upper ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      camel.push_back(c);
    }
    upper = !absl::ascii_isalpha(static_cast<unsigned char>(c));
  }
  return camel;
}

}  // namespace

bool IsKeyword(const std::string& name) {
  return std::binary_search(kKeywords.begin(), kKeywords.end(), name);
}

std::string Namespace(const FileDescriptor& file) {
  return absl::StrReplaceAll(file.package(), {{".", "::"}});
}

std::string Identifier(const Descriptor& message) { return protoc::ClassName(&message); }
std::string Identifier(const EnumDescriptor& enumeration) { return protoc::ClassName(&enumeration); }

std::string Identifier(const ServiceDescriptor& service) {
  constexpr char kSuffix[] = "Service";
  const std::string& name = service.name();
  return name == kSuffix ? name : std::string(absl::StripSuffix(name, kSuffix));
}

std::string TypeName(const Descriptor& message, const FileDescriptor& from) {
  return TypeNameOf(message, from);
}
std::string TypeName(const EnumDescriptor& enumeration, const FileDescriptor& from) {
  return TypeNameOf(enumeration, from);
}

std::string Constant(const EnumValueDescriptor& value) {
  std::string name = protoc::EnumValueName(&value);
  if (value.type()->containing_type() == nullptr) return name;
  return absl::StrCat(Identifier(*value.type()), "_", name);
}

std::string QualifiedConstant(const EnumValueDescriptor& value, const FileDescriptor& from) {
  const FileDescriptor& file = *value.type()->file();
  if (file.package() == from.package()) return Constant(value);
  return absl::StrCat("::", Namespace(file), file.package().empty() ? "" : "::", Constant(value));
}

std::string Accessor(const FieldDescriptor& field) { return protoc::FieldName(&field); }

std::string CaseConstant(const FieldDescriptor& field) { return protoc::OneofCaseConstantName(&field); }
std::string CaseName(const FieldDescriptor& field) { return CaseConstant(field).substr(1); }
std::string FieldNumberConstant(const FieldDescriptor& field) {
  const std::string constant = absl::StrCat("k", CamelCase(field.name()), "FieldNumber");
  const bool first = field.containing_type()->FindFieldByCamelcaseName(field.camelcase_name()) == &field;
  return first ? constant : absl::StrCat(constant, "_", field.number());
}
std::string CaseEnum(const OneofDescriptor& oneof) { return CamelCase(oneof.name()) + "Case"; }
std::string CaseFunction(const OneofDescriptor& oneof) { return oneof.name() + "_case"; }
std::string CaseNotSet(const OneofDescriptor& oneof) {
  return absl::AsciiStrToUpper(oneof.name()) + "_NOT_SET";
}

std::string Function(const MethodDescriptor& method) {
  return IsKeyword(method.name()) ? method.name() + "_" : method.name();
}
std::string StartFunction(const MethodDescriptor& method) { return "Start" + method.name(); }

// Compilers warn of trigraphs, which `??` may begin.
std::string InLiteral(const std::string& text) { return absl::StrReplaceAll(text, {{"??", "?\\?"}}); }

std::string CaseParameter(const FieldDescriptor& field) {
  std::string name = protoc::FieldName(&field);
  const bool taken = name == "context" || name == "destination" || name == "transaction" || name == "json" ||
                     name == "status" || name == "outgoing_";
  return taken ? name + "_case" : name;
}

}  // namespace federation::codegen::cpp
