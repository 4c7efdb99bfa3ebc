#include "codegen/model/cpp_claims.h"

#include <initializer_list>
#include <utility>

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/cpp/names.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

// What protoc's generator makes of an enum beside the enum.
void ClaimEnumParts(const EnumDescriptor& enumeration, std::vector<CppClaim>* claims) {
  const std::string type = cpp::Identifier(enumeration);
  const Place place = PlaceOf(enumeration);
  for (const char* function : {"_IsValid", "_Name", "_Parse", "_descriptor"}) {
    claims->push_back({type + function, "a function of the enum", enumeration.name(), place});
  }
  // Those of a nested enum hold its name twice.
  const std::string prefix =
      enumeration.containing_type() == nullptr ? type : type + "_" + enumeration.name();
  for (const char* constant : {"_MIN", "_MAX", "_ARRAYSIZE"}) {
    claims->push_back({prefix + constant, "a constant of the enum", enumeration.name(), place});
  }
}

// protobuf's own classes of services, which few files still ask for.
void ClaimGenericService(const ServiceDescriptor& service, std::vector<CppClaim>* claims) {
  for (const std::string& name : {service.name(), service.name() + "_Stub"}) {
    claims->push_back({name, "protobuf's own class of the service", service.name(), PlaceOf(service)});
  }
}

// What protoc's generator declares.
void ClaimSchema(const FileDescriptor& file, std::vector<CppClaim>* claims) {
  ForEachMessage(file, [&](const Descriptor& message) {
    const std::string name = cpp::Identifier(message);
    claims->push_back({name, "the message", message.name(), PlaceOf(message), true});
    claims->push_back(
        {name + "DefaultTypeInternal", "a part of the message", message.name(), PlaceOf(message)});
  });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) {
    claims->push_back(
        {cpp::Identifier(enumeration), "the enum", enumeration.name(), PlaceOf(enumeration), true});
    for (int i = 0; i < enumeration.value_count(); ++i) {
      const EnumValueDescriptor& value = *enumeration.value(i);
      claims->push_back({cpp::Constant(value), "the enum value", value.name(), PlaceOf(value), true});
    }
    ClaimEnumParts(enumeration, claims);
  });
  for (int i = 0; file.options().cc_generic_services() && i < file.service_count(); ++i) {
    ClaimGenericService(*file.service(i), claims);
  }
}

// The classes of update unions and of services.
void ClaimClasses(const FileDescriptor& file, std::vector<CppClaim>* claims) {
  ForEachMessage(file, [&](const Descriptor& message) {
    if (!IsUpdateUnion(message)) return;
    const std::string name = cpp::Identifier(message);
    const auto claim = [&](const std::string& class_name, const char* what) {
      claims->push_back({class_name, what, message.name(), PlaceOf(message)});
    };
    claim(cpp::HandlerClass(name), "the handler of");
    claim(cpp::DefaultHandlerClass(name), "the default handler of");
    claim(cpp::ReceiverClass(name), "the receiver of");
    claim(cpp::SenderClass(name), "the sender of");
  });
  for (int i = 0; i < file.service_count(); ++i) {
    const ServiceDescriptor& service = *file.service(i);
    const std::string name = cpp::Identifier(service);
    const auto claim = [&](const std::string& class_name, const char* what) {
      claims->push_back({class_name, what, service.name(), PlaceOf(service)});
    };
    claim(cpp::ServiceClass(name), "the server interface of");
    claim(cpp::DispatcherClass(name), "the dispatcher of");
    claim(cpp::ClientClass(name), "the client of");
  }
}

// What generated code relies on, whatever the schema.
void ClaimRuntime(const FileDescriptor& file, std::vector<CppClaim>* claims) {
  for (const char* name :
       {"WriteJson", "ReadJson", "WriteFields", "ReadFields", "WriteReplaceKey", "DeliveryOf", "Dispatch"}) {
    claims->push_back({name, "a function of generated code", "", {}});
  }
  claims->push_back({"absl", "a namespace that generated code uses", "", {}});
  if (file.package().empty()) claims->push_back({"federation", "the runtime's namespace", "", {}});
}

// Tables and functions in the source file.
void ClaimParts(const FileDescriptor& file, std::vector<CppClaim>* claims) {
  const auto claim = [&](const std::string& name, const std::string& whose, const Place& place) {
    claims->push_back({name, "a part of the codec of", whose, place});
  };
  ForEachMessage(file, [&](const Descriptor& message) {
    const std::string name = cpp::Identifier(message);
    claim(cpp::KeyTable(name), message.name(), PlaceOf(message));
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      if (HasOwnEnumFormat(field)) {
        claim(cpp::NameTable(absl::StrCat(name, "_", field.name())), field.name(), PlaceOf(field));
      }
    }
    if (FlattenedOneof(message) == nullptr) return;
    claim(cpp::TagKey(name), message.name(), PlaceOf(message));
    claim(cpp::TagTable(name), message.name(), PlaceOf(message));
  });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) {
    claim(cpp::NameTable(cpp::Identifier(enumeration)), enumeration.name(), PlaceOf(enumeration));
  });
  for (int i = 0; i < file.service_count(); ++i) {
    const ServiceDescriptor& service = *file.service(i);
    claims->push_back({cpp::MethodTable(cpp::Identifier(service)), "a part of the dispatcher of",
                       service.name(), PlaceOf(service)});
  }
}

}  // namespace

std::string CppClaim::Owner() const {
  if (place.file == nullptr) return what;
  return absl::StrCat(what, " `", whose, "` (", PositionText(place), ")");
}

CppClaims ClaimsOf(const FileDescriptor& file) {
  CppClaims claims;
  ClaimSchema(file, &claims.shown);
  ClaimClasses(file, &claims.shown);
  ClaimRuntime(file, &claims.hidden);
  ClaimParts(file, &claims.hidden);
  return claims;
}

const CppClaims& CppClaimIndex::Of(const FileDescriptor& file) {
  const auto [entry, fresh] = files_.try_emplace(&file);
  CppClaims& claims = entry->second;
  if (!fresh) return claims;
  claims = ClaimsOf(file);
  ByName& names = packages_[file.package()];
  for (const CppClaim& claim : claims.shown) names[claim.name].push_back(&claim);
  return claims;
}

const std::vector<const CppClaim*>* CppClaimIndex::Find(const std::string& package,
                                                        const std::string& name) const {
  const auto names = packages_.find(package);
  if (names == packages_.end()) return nullptr;
  const auto claims = names->second.find(name);
  return claims == names->second.end() ? nullptr : &claims->second;
}

}  // namespace federation::codegen
