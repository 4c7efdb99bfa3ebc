#include <algorithm>
#include <map>
#include <string>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/cpp/names.h"
#include "codegen/model/checks.h"
#include "codegen/model/rules.h"
#include "codegen/model/services.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodDescriptorProto;
using google::protobuf::ServiceDescriptor;
using v1::RpcRules;

// The place of the wire name: that of the annotation, if there is one.
Place WireNamePlace(const MethodDescriptor& method) {
  return method.options().GetExtension(v1::rpc).name().empty()
             ? PlaceOf(method)
             : AnnotationOf(method, {RpcRules::kNameFieldNumber});
}

// Names go into logs and metrics as they are.
bool IsWireName(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '/';
  });
}

void CheckWireName(const MethodDescriptor& method, std::map<std::string, const MethodDescriptor*>* methods,
                   Diagnostics& diagnostics) {
  const std::string name = WireNameOf(method);
  if (!IsWireName(name)) {
    diagnostics.Add(WireNamePlace(method),
                    "the name of a method may hold letters, digits, `_`, `.` and `/` only");
  }
  const auto [first, fresh] = methods->emplace(name, &method);
  if (fresh) return;
  diagnostics.Add(WireNamePlace(method),
                  absl::StrCat("the method is called `", name, "` on the wire, as is `",
                               first->second->name(), "` (", PositionText(PlaceOf(*first->second)), ")"));
}

// One of the two messages of a method.
struct Role {
  const char* name;
  const char* tag;  // the key that tells about the object
  int path;         // in the method's descriptor
};
constexpr Role kRequest = {"request", "rpc", MethodDescriptorProto::kInputTypeFieldNumber};
constexpr Role kAnswer = {"answer", "result", MethodDescriptorProto::kOutputTypeFieldNumber};

// Its fields stand beside the tag, so they have to be an object's.
void CheckMessage(const MethodDescriptor& method, const Descriptor& message, const Role& role,
                  Diagnostics& diagnostics) {
  Place place = PlaceOf(method);
  place.path.push_back(role.path);
  const auto cannot = [&](const std::string& why) {
    diagnostics.Add(place, absl::StrCat("`", message.name(), "` cannot be ",
                                        role.name[0] == 'a' ? "an " : "a ", role.name, ": ", why));
  };
  if (message.file()->package() == "google.protobuf") {
    if (message.name() != "Empty") cannot("of google.protobuf only Empty can");
    return;
  }
  if (FlattenedOneof(message) != nullptr) {
    return cannot("it has a flattened oneof, and one object has one tag");
  }
  const FieldDescriptor* hidden = FindKey(message, role.tag);
  if (hidden != nullptr) {
    cannot(absl::StrCat("the field `", hidden->name(), "` (", PositionText(PlaceOf(*hidden)),
                        ") has the JSON key `", role.tag, "`, which every ", role.name, " has"));
  }
}

// The functions of the service's classes.
void CheckFunctions(const ServiceDescriptor& service, Diagnostics& diagnostics) {
  const std::string identifier = cpp::Identifier(service);
  std::map<std::string, std::string> owners = {
      {cpp::ServiceClass(identifier), "the constructor of the server interface"},
      {cpp::ClientClass(identifier), "the constructor of the client"},
      {"channel_", "a member of the client"},
      {"options_", "a member of the client"},
  };
  const auto claim = [&](const MethodDescriptor& method, const std::string& function) {
    const std::string owner =
        absl::StrCat("a function of `", method.name(), "` (", PositionText(PlaceOf(method)), ")");
    const auto [first, fresh] = owners.emplace(function, owner);
    if (fresh) return;
    diagnostics.Add(PlaceOf(method),
                    absl::StrCat("the C++ name `", function, "` is also that of ", first->second));
  };
  for (int i = 0; i < service.method_count(); ++i) {
    claim(*service.method(i), cpp::Function(*service.method(i)));
    claim(*service.method(i), cpp::StartFunction(*service.method(i)));
  }
}

}  // namespace

void CheckServices(const FileDescriptor& file, Diagnostics& diagnostics) {
  // A node serves all services of a file under one path.
  std::map<std::string, const MethodDescriptor*> methods;
  for (int s = 0; s < file.service_count(); ++s) {
    const ServiceDescriptor& service = *file.service(s);
    CheckFunctions(service, diagnostics);
    for (int i = 0; i < service.method_count(); ++i) {
      const MethodDescriptor& method = *service.method(i);
      CheckWireName(method, &methods, diagnostics);
      CheckMessage(method, *method.input_type(), kRequest, diagnostics);
      CheckMessage(method, *method.output_type(), kAnswer, diagnostics);
    }
  }
}

}  // namespace federation::codegen
