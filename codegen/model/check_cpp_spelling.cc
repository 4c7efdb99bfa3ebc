#include <set>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include "codegen/cpp/names.h"
#include "codegen/cpp/unusable.h"
#include "codegen/model/checks.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using cpp::Role;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

void CheckName(const std::string& name, Role role, const Place& place, Diagnostics& diagnostics) {
  const std::string flaw = cpp::Flaw(name, role);
  if (!flaw.empty()) diagnostics.Add(place, flaw);
}

void CheckPackage(const FileDescriptor& file, Diagnostics& diagnostics) {
  // Those of runtime/.
  static const std::set<std::string> kNamespaces = {
      "federation",      "federation.directory", "federation.https", "federation.json",
      "federation.link", "federation.node",      "federation.rpc",   "federation.sqlite",
  };
  if (kNamespaces.count(file.package()) != 0) {
    diagnostics.Add(PackageOf(file), "is the runtime's own namespace in C++; choose another package");
  }
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(file.package(), '.'))) {
    CheckName(part, Role::kPackage, PackageOf(file), diagnostics);
    if (part == "std" || part == "absl") {
      diagnostics.Add(PackageOf(file),
                      absl::StrCat("`", part, "` would hide the C++ namespace of that name"));
    }
  }
}

void CheckMessage(const Descriptor& message, Diagnostics& diagnostics) {
  const bool nested = message.containing_type() != nullptr;
  CheckName(message.name(), nested ? Role::kNestedMessage : Role::kMessage, PlaceOf(message), diagnostics);
  if (nested) CheckName(cpp::Identifier(message), Role::kMessage, PlaceOf(message), diagnostics);
  for (int i = 0; i < message.field_count(); ++i) {
    CheckName(cpp::Accessor(*message.field(i)), Role::kField, PlaceOf(*message.field(i)), diagnostics);
  }
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    CheckName(message.oneof_decl(i)->name(), Role::kOneof, PlaceOf(*message.oneof_decl(i)), diagnostics);
  }
}

void CheckEnum(const EnumDescriptor& enumeration, Diagnostics& diagnostics) {
  const bool nested = enumeration.containing_type() != nullptr;
  CheckName(enumeration.name(), nested ? Role::kNestedEnum : Role::kEnum, PlaceOf(enumeration), diagnostics);
  if (nested) CheckName(cpp::Identifier(enumeration), Role::kEnum, PlaceOf(enumeration), diagnostics);
  const Role role = nested ? Role::kNestedValue : Role::kValue;
  for (const char* constant : {"_MIN", "_MAX"}) {
    CheckName(enumeration.name() + constant, role, PlaceOf(enumeration), diagnostics);
  }
  for (int i = 0; i < enumeration.value_count(); ++i) {
    CheckName(enumeration.value(i)->name(), role, PlaceOf(*enumeration.value(i)), diagnostics);
    if (nested) {
      CheckName(cpp::Constant(*enumeration.value(i)), Role::kValue, PlaceOf(*enumeration.value(i)),
                diagnostics);
    }
  }
}

void CheckService(const ServiceDescriptor& service, Diagnostics& diagnostics) {
  for (int i = 0; i < service.method_count(); ++i) {
    CheckName(service.method(i)->name(), Role::kMethod, PlaceOf(*service.method(i)), diagnostics);
  }
}

}  // namespace

void CheckCppSpelling(const FileDescriptor& file, Diagnostics& diagnostics) {
  CheckPackage(file, diagnostics);
  ForEachMessage(file, [&](const Descriptor& message) { CheckMessage(message, diagnostics); });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) { CheckEnum(enumeration, diagnostics); });
  for (int i = 0; i < file.service_count(); ++i) CheckService(*file.service(i), diagnostics);
}

}  // namespace federation::codegen
