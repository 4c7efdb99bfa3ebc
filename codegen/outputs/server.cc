// The server side of a service: the interface to implement, and what turns requests into calls of it.
#include <map>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/names.h"
#include "codegen/outputs/deprecated.h"
#include "codegen/outputs/methods.h"
#include "codegen/outputs/outputs.h"
#include "codegen/text/wrap.h"

namespace federation::codegen {
namespace {

using google::protobuf::io::Printer;
using Variables = std::map<std::string, std::string>;

constexpr char kOptions[] = "const ::federation::json::DecodeOptions& options";
constexpr char kContext[] = "const ::federation::RpcContext& context";

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (file.services.empty()) return;
  includes->insert({"<cstddef>", "<string>", "<string_view>", "<vector>", "<absl/status/statusor.h>",
                    "\"federation/json/reader.h\"", "\"federation/rpc.h\""});
  AddMethodHeaderIncludes(file, includes);
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (file.services.empty()) return;
  includes->insert("<absl/status/status.h>");
  AddMethodSourceIncludes(file, includes);
}

Variables VariablesOf(const Service& service) {
  return {{"name", service.name},
          {"service", cpp::ServiceClass(service.identifier)},
          {"dispatcher", cpp::DispatcherClass(service.identifier)},
          {"table", cpp::MethodTable(service.identifier)},
          {"deprecated", DeprecatedMark(service.deprecated)}};
}

// ---- Header

void PrintInterface(const Service& service, Printer& out) {
  Variables variables = VariablesOf(service);
  variables["comment"] = ServiceComment(service);
  out.Print(
      variables,
      "$comment$"
      "// The server's side: one function a method, which returns the answer or how the request failed. "
      "What a status\n"
      "// may say beside its code is in federation/rpc.h. Called from several threads at the same time.\n"
      "class $deprecated$$service$ {\n"
      " public:\n"
      "  virtual ~$service$() = default;\n");
  for (const Method& method : service.methods) {
    out.Print("\n  $comment$$function$\n", "comment", text::CommentAbove(method.comment, 2), "function",
              text::Call(absl::StrCat(DeprecatedMark(method.deprecated), "virtual absl::StatusOr<",
                                      method.answer, "> ", method.function),
                         {absl::StrCat("const ", method.request, "& request"), kContext}, " = 0;", 2));
  }
  out.Print("};\n\n");
}

void PrintDispatcher(const Service& service, Printer& out) {
  Variables variables = VariablesOf(service);
  variables["constructor"] =
      text::Call("explicit " + variables["dispatcher"],
                 {variables["service"] + "& service", absl::StrCat(kOptions, " = {}")}, ";", 2);
  variables["serve"] =
      text::Call("absl::StatusOr<std::string> Serve",
                 {"std::size_t method", "std::string_view request", kContext}, " override;", 2);
  out.Print(variables,
            "// Turns the requests of peers into calls of a $service$: what federation::Node::Serve takes. "
            "Borrows the\n"
            "// service; as thread-safe as that is.\n"
            "class $deprecated$$dispatcher$ final : public ::federation::RpcDispatcher {\n"
            " public:\n"
            "  $constructor$\n\n"
            "  std::vector<std::string_view> Methods() const override;\n"
            "  $serve$\n\n"
            " private:\n"
            "  $service$& service_;\n"
            "  ::federation::json::DecodeOptions options_;\n"
            "};\n\n");
}

void PrintServerHeader(const File& file, Printer& out) {
  for (const Service& service : file.services) {
    PrintInterface(service, out);
    PrintDispatcher(service, out);
  }
}

// ---- Source

void PrintTable(const Service& service, Printer& out) {
  out.Print(VariablesOf(service),
            "namespace {\n\n"
            "constexpr ::federation::json::EnumName $table$[] = {\n");
  for (std::size_t i = 0; i < service.methods.size(); ++i) {
    out.Print("    {\"$name$\", $index$},\n", "name", service.methods[i].wire_name, "index", absl::StrCat(i));
  }
  out.Print("};\n\n}  // namespace\n\n");
}

void PrintDispatcherSource(const Service& service, Printer& out) {
  Variables variables = VariablesOf(service);
  variables["constructor"] = text::Call(absl::StrCat(variables["dispatcher"], "::", variables["dispatcher"]),
                                        {variables["service"] + "& service", kOptions}, "", 0);
  variables["serve"] =
      text::Call(absl::StrCat("absl::StatusOr<std::string> ", variables["dispatcher"], "::Serve"),
                 {"std::size_t method", "std::string_view request", kContext}, " {", 0);
  out.Print(variables,
            "$constructor$\n"
            "    : service_(service), options_(options) {}\n\n"
            "std::vector<std::string_view> $dispatcher$::Methods() const {\n"
            "  return ::federation::rpc::NamesOf($table$);\n"
            "}\n\n"
            "$serve$\n"
            "  switch (method) {\n");
  for (std::size_t i = 0; i < service.methods.size(); ++i) {
    const Method& method = service.methods[i];
    variables["index"] = absl::StrCat(i);
    variables["request"] = method.request;
    variables["function"] = method.function;
    variables["wire_name"] = method.wire_name;
    out.Print(
        variables,
        "    case $index$:  // $wire_name$\n"
        "      return ::federation::rpc::ServeMethod<$request$>(\n"
        "          $table$[$index$], request, options_,\n"
        "          [&](const $request$& message) { return service_.$function$(message, context); });\n");
  }
  out.Print(variables,
            "  }\n"
            "  return absl::UnimplementedError(\"$name$ has no such method\");\n"
            "}\n\n");
}

void PrintServerSource(const File& file, Printer& out) {
  for (const Service& service : file.services) {
    PrintTable(service, out);
    PrintDispatcherSource(service, out);
  }
}

}  // namespace

const Output kServerOutput = {AddHeaderIncludes, AddSourceIncludes, PrintServerHeader, PrintServerSource};

}  // namespace federation::codegen
