#include <string>
#include <vector>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/cpp/names.h"
#include "codegen/model/checks.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

bool IsProto3(const FileDescriptor& file) { return file.syntax() == FileDescriptor::SYNTAX_PROTO3; }

void CheckPackage(const FileDescriptor& file, Diagnostics& diagnostics) {
  if (file.package() == "federation" || file.package() == "federation.json") {
    diagnostics.Add(PackageOf(file), "is the runtime's own namespace in C++; choose another package");
  }
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(file.package(), '.'))) {
    if (cpp::IsKeyword(part))
      diagnostics.Add(PackageOf(file), absl::StrCat("`", part, "` is a keyword of C++"));
    if (part == "std" || part == "absl") {
      diagnostics.Add(PackageOf(file),
                      absl::StrCat("`", part, "` would hide the C++ namespace of that name"));
    }
  }
}

void CheckType(const FieldDescriptor& field, const std::string& type, const FileDescriptor& file,
               Diagnostics& diagnostics) {
  if (file.package() == "google.protobuf") {
    diagnostics.Add(PlaceOf(field),
                    absl::StrCat(type,
                                 " is not supported: well-known types are written in a form of "
                                 "their own; use a message of yours"));
  } else if (!IsProto3(file)) {
    diagnostics.Add(PlaceOf(field), absl::StrCat(type, " is not supported: ", file.name(), " is proto2"));
  }
}

void CheckField(const FieldDescriptor& field, Diagnostics& diagnostics) {
  if (field.is_map()) {
    diagnostics.Add(PlaceOf(field), "maps are not supported; use a repeated message with a key and a value");
    return;
  }
  if (field.options().ctype() != google::protobuf::FieldOptions::STRING) {
    diagnostics.Add(PlaceOf(field),
                    "`ctype` is not supported: protobuf's own C++ has no public accessors for it");
  }
  if (field.message_type() != nullptr) {
    CheckType(field, field.message_type()->full_name(), *field.message_type()->file(), diagnostics);
  }
  if (field.enum_type() != nullptr) {
    CheckType(field, field.enum_type()->full_name(), *field.enum_type()->file(), diagnostics);
  }
}

void CheckMethods(const ServiceDescriptor& service, Diagnostics& diagnostics) {
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    if (method.client_streaming() || method.server_streaming()) {
      diagnostics.Add(PlaceOf(method), "streaming methods are not supported; send updates instead");
    }
  }
}

}  // namespace

void CheckSupport(const FileDescriptor& file, Diagnostics& diagnostics) {
  CheckPackage(file, diagnostics);
  ForEachMessage(file, [&](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) CheckField(*message.field(i), diagnostics);
  });
  for (int i = 0; i < file.service_count(); ++i) CheckMethods(*file.service(i), diagnostics);
}

bool CheckFile(const FileDescriptor& file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.size();
  if (!IsProto3(file)) {
    diagnostics.Add(SyntaxOf(file), "proto2 is not supported; write `syntax = \"proto3\";`");
    return false;
  }
  CheckSupport(file, diagnostics);
  CheckAnnotations(file, diagnostics);
  CheckFlattened(file, diagnostics);
  CheckJsonNames(file, diagnostics);
  CheckCppNames(file, diagnostics);
  return diagnostics.size() == before;
}

}  // namespace federation::codegen
