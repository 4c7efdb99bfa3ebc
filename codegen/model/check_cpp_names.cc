#include <map>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>

#include "codegen/cpp/names.h"
#include "codegen/model/checks.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;

// Somebody who uses a name in the namespace of a package.
struct Claim {
  enum class Kind { kSchema, kClass, kInternal };
  Kind kind = Kind::kSchema;
  std::string name;
  std::string owner;  // for people
  Place place;        // without a file: nothing of a schema
};

// What protoc's generator declares for a file.
void ClaimSchema(const FileDescriptor& file, std::vector<Claim>* claims) {
  const auto claim = [&](const std::string& name, const std::string& owner, const Place& place) {
    claims->push_back({Claim::Kind::kSchema, name, absl::StrCat(owner, " in ", file.name()), place});
  };
  ForEachMessage(file, [&](const Descriptor& message) {
    claim(cpp::Identifier(message), absl::StrCat("the message `", message.name(), "`"), PlaceOf(message));
  });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) {
    claim(cpp::Identifier(enumeration), absl::StrCat("the enum `", enumeration.name(), "`"),
          PlaceOf(enumeration));
    for (int i = 0; i < enumeration.value_count(); ++i) {
      claim(cpp::Constant(*enumeration.value(i)),
            absl::StrCat("the enum value `", enumeration.value(i)->name(), "`"),
            PlaceOf(*enumeration.value(i)));
    }
  });
}

// The classes of update unions.
void ClaimClasses(const FileDescriptor& file, std::vector<Claim>* claims) {
  ForEachMessage(file, [&](const Descriptor& message) {
    if (!IsUpdateUnion(message)) return;
    const std::string name = cpp::Identifier(message);
    const auto claim = [&](const std::string& class_name, const std::string& what) {
      const std::string owner = absl::StrCat("the ", what, " of `", message.name(), "`");
      claims->push_back({Claim::Kind::kClass, class_name, owner, PlaceOf(message)});
    };
    claim(cpp::HandlerClass(name), "handler");
    claim(cpp::DefaultHandlerClass(name), "default handler");
    claim(cpp::ReceiverClass(name), "receiver");
    claim(cpp::SenderClass(name), "sender");
  });
}

// Functions and namespaces that generated code uses, and what it keeps to its own source file.
void ClaimInternals(const FileDescriptor& file, std::vector<Claim>* claims) {
  const auto claim = [claims](const std::string& name, const std::string& owner, const Place& place) {
    claims->push_back({Claim::Kind::kInternal, name, owner, place});
  };
  for (const char* name : {"WriteJson", "ReadJson", "WriteFields", "ReadFields", "DeliveryOf", "Dispatch"}) {
    claim(name, "a function of generated code", {});
  }
  for (const char* name : {"std", "absl"}) claim(name, "a namespace that generated code uses", {});
  if (file.package().empty()) claim("federation", "the runtime's namespace", {});
  const auto claim_part = [&](const std::string& name, const Place& place) {
    claim(name, absl::StrCat("a part of the codec of `", place.name, "`"), place);
  };
  ForEachMessage(file, [&](const Descriptor& message) {
    const std::string name = cpp::Identifier(message);
    claim_part(cpp::KeyTable(name), PlaceOf(message));
    if (FlattenedOneof(message) == nullptr) return;
    claim_part(cpp::TagTable(name), PlaceOf(message));
    claim_part(cpp::CaseWriter(name), PlaceOf(message));
    claim_part(cpp::CaseEncoder(name), PlaceOf(message));
  });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) {
    claim_part(cpp::NameTable(cpp::Identifier(enumeration)), PlaceOf(enumeration));
  });
}

// The files that code of `file` sees, by name.
void AddImports(const FileDescriptor& file, std::map<std::string, const FileDescriptor*>* imports) {
  for (int i = 0; i < file.dependency_count(); ++i) {
    const FileDescriptor& import = *file.dependency(i);
    if (!imports->emplace(import.name(), &import).second) continue;
    AddImports(import, imports);
  }
}

std::vector<Claim> ClaimsSeenBy(const FileDescriptor& file) {
  std::vector<Claim> claims;
  ClaimSchema(file, &claims);
  ClaimClasses(file, &claims);
  ClaimInternals(file, &claims);
  std::map<std::string, const FileDescriptor*> imports;
  AddImports(file, &imports);
  for (const auto& [name, import] : imports) {
    if (import->package() != file.package()) continue;
    ClaimSchema(*import, &claims);
    ClaimClasses(*import, &claims);
  }
  return claims;
}

// Reports what stands in `file`, and of two places in it the one of the schema's own name.
void ReportCollision(const FileDescriptor& file, const Claim& first, const Claim& second,
                     Diagnostics& diagnostics) {
  const bool first_is_ours = first.place.file == &file;
  const bool second_is_ours = second.place.file == &file;
  if (!first_is_ours && !second_is_ours) return;
  // Both made of the same class name, which is reported.
  if (first.kind == Claim::Kind::kInternal && second.kind == Claim::Kind::kInternal) return;
  const bool report_first = first_is_ours && (first.kind == Claim::Kind::kSchema || !second_is_ours);
  const Claim& reported = report_first ? first : second;
  const Claim& other = report_first ? second : first;
  diagnostics.Add(reported.place,
                  absl::StrCat("the C++ name `", reported.name, "` is also that of ", other.owner));
}

void CheckCaseNames(const OneofDescriptor& oneof, Diagnostics& diagnostics) {
  std::map<std::string, const FieldDescriptor*> cases;
  for (int i = 0; i < oneof.field_count(); ++i) {
    const FieldDescriptor& field = *oneof.field(i);
    const auto [first, fresh] = cases.emplace(cpp::CaseName(field), &field);
    if (fresh) continue;
    diagnostics.Add(PlaceOf(field), absl::StrCat("the C++ name `", first->first,
                                                 "` is also that of the case `", first->second->name(), "`"));
  }
}

}  // namespace

void CheckCppNames(const FileDescriptor& file, Diagnostics& diagnostics) {
  std::map<std::string, Claim> by_name;
  for (const Claim& claim : ClaimsSeenBy(file)) {
    const auto [first, fresh] = by_name.emplace(claim.name, claim);
    if (!fresh) ReportCollision(file, first->second, claim, diagnostics);
  }
  ForEachMessage(file, [&](const Descriptor& message) {
    if (IsUpdateUnion(message)) CheckCaseNames(*FlattenedOneof(message), diagnostics);
  });
}

}  // namespace federation::codegen
