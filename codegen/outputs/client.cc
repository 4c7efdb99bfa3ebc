// The client side of a service: asks other servers.
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

constexpr char kDestination[] = "std::string_view destination";
constexpr char kOptions[] = "const ::federation::CallOptions& options";

void AddHeaderIncludes(const File& file, Includes* includes) {
  if (file.services.empty()) return;
  includes->insert({"<functional>", "<string_view>", "<absl/status/statusor.h>",
                    "\"federation/json/reader.h\"", "\"federation/rpc.h\""});
  AddMethodHeaderIncludes(file, includes);
}

void AddSourceIncludes(const File& file, Includes* includes) {
  if (file.services.empty()) return;
  includes->insert("<utility>");
  AddMethodSourceIncludes(file, includes);
}

Variables VariablesOf(const Service& service) {
  return {{"name", service.name},
          {"client", cpp::ClientClass(service.identifier)},
          {"deprecated", DeprecatedMark(service.deprecated)}};
}

std::string RequestOf(const Method& method) { return absl::StrCat("const ", method.request, "& request"); }
std::string DoneOf(const Method& method) {
  return absl::StrCat("std::function<void(absl::StatusOr<", method.answer, ">)> done");
}

// ---- Header

void PrintFunctions(const Method& method, Printer& out) {
  const std::string options = absl::StrCat(kOptions, " = {}");
  out.Print("\n  $comment$$call$\n  $start$\n", "comment", text::CommentAbove(method.comment, 2), "call",
            text::Call(absl::StrCat(DeprecatedMark(method.deprecated), "absl::StatusOr<", method.answer, "> ",
                                    method.function),
                       {kDestination, RequestOf(method), options}, ";", 2),
            "start",
            text::Call(absl::StrCat(DeprecatedMark(method.deprecated), "void ", method.start_function),
                       {kDestination, RequestOf(method), DoneOf(method), options}, ";", 2));
}

void PrintClient(const Service& service, Printer& out) {
  Variables variables = VariablesOf(service);
  variables["comment"] = ServiceComment(service);
  const std::string constructor = text::Call(
      "explicit " + variables["client"],
      {"::federation::RpcChannel& channel", "const ::federation::json::DecodeOptions& options = {}"}, "", 2);
  variables["constructor"] = constructor;
  out.Print(
      variables,
      "$comment$"
      "// The caller's side: each method in two forms, one that waits for the answer, and one that calls "
      "`done`. The\n"
      "// errors are those of RpcChannel, and invalid argument for text that is not UTF-8. Borrows the "
      "channel.\n"
      "// Thread-safe.\n"
      "class $deprecated$$client$ {\n"
      " public:\n"
      "  $constructor$\n"
      "      : channel_(channel), options_(options) {}\n");
  for (const Method& method : service.methods) PrintFunctions(method, out);
  out.Print(
      "\n"
      " private:\n"
      "  ::federation::RpcChannel& channel_;\n"
      "  ::federation::json::DecodeOptions options_;\n"
      "};\n\n");
}

void PrintClientHeader(const File& file, Printer& out) {
  for (const Service& service : file.services) PrintClient(service, out);
}

// ---- Source

void PrintFunctionsSource(const Service& service, const Method& method, Printer& out) {
  const std::string scope = cpp::ClientClass(service.identifier) + "::";
  const std::string wire_method =
      absl::StrCat("{\"", method.wire_name, "\", /*repeatable=*/", method.repeatable ? "true" : "false", "}");
  const std::string call =
      text::Call(absl::StrCat("absl::StatusOr<", method.answer, "> ", scope, method.function),
                 {kDestination, RequestOf(method), kOptions}, " {", 0);
  const std::string start = text::Call(absl::StrCat("void ", scope, method.start_function),
                                       {kDestination, RequestOf(method), DoneOf(method), kOptions}, " {", 0);
  const std::string call_body =
      text::Call(absl::StrCat("return ::federation::rpc::Call<", method.answer, ">"),
                 {"channel_", wire_method, "destination", "request", "options", "options_"}, ";", 2);
  const std::string start_body = text::Call(
      absl::StrCat("::federation::rpc::StartCall<", method.answer, ">"),
      {"channel_", wire_method, "destination", "request", "std::move(done)", "options", "options_"}, ";", 2);
  out.Print({{"call", call}, {"start", start}, {"call_body", call_body}, {"start_body", start_body}},
            "$call$\n"
            "  $call_body$\n"
            "}\n\n"
            "$start$\n"
            "  $start_body$\n"
            "}\n\n");
}

void PrintClientSource(const File& file, Printer& out) {
  for (const Service& service : file.services) {
    for (const Method& method : service.methods) PrintFunctionsSource(service, method, out);
  }
}

}  // namespace

const Output kClientOutput = {AddHeaderIncludes, AddSourceIncludes, PrintClientHeader, PrintClientSource};

}  // namespace federation::codegen
