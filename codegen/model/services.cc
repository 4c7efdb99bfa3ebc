#include "codegen/model/services.h"

#include <set>

#include <google/protobuf/compiler/cpp/names.h>
#include <google/protobuf/descriptor.pb.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/cpp/names.h"
#include "codegen/model/comments.h"
#include "codegen/text/snake_case.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

// The functions of a service's classes, which hide types of the same names.
std::set<std::string> FunctionsOf(const ServiceDescriptor& service) {
  std::set<std::string> names;
  for (int i = 0; i < service.method_count(); ++i) {
    names.insert(cpp::Function(*service.method(i)));
    names.insert(cpp::StartFunction(*service.method(i)));
  }
  return names;
}

std::string TypeIn(const ServiceDescriptor& service, const Descriptor& message) {
  if (FunctionsOf(service).contains(cpp::Identifier(message))) {
    return google::protobuf::compiler::cpp::QualifiedClassName(&message);
  }
  return cpp::TypeName(message, *service.file());
}

bool IsDeprecated(const MethodDescriptor& method) {
  return method.options().deprecated() || method.input_type()->options().deprecated() ||
         method.output_type()->options().deprecated();
}

Method BuildMethod(const MethodDescriptor& method) {
  Method model;
  model.function = cpp::Function(method);
  model.start_function = cpp::StartFunction(method);
  model.wire_name = WireNameOf(method);
  model.request = TypeIn(*method.service(), *method.input_type());
  model.answer = TypeIn(*method.service(), *method.output_type());
  model.comment = CommentOf(method);
  model.repeatable = method.options().idempotency_level() != MethodOptions::IDEMPOTENCY_UNKNOWN;
  model.deprecated = IsDeprecated(method);
  return model;
}

Service BuildService(const ServiceDescriptor& service) {
  Service model;
  model.name = service.name();
  model.identifier = cpp::Identifier(service);
  model.comment = CommentOf(service);
  model.deprecated = service.options().deprecated();
  for (int i = 0; i < service.method_count(); ++i) model.methods.push_back(BuildMethod(*service.method(i)));
  return model;
}

}  // namespace

std::vector<Service> BuildServices(const FileDescriptor& file) {
  std::vector<Service> services;
  for (int i = 0; i < file.service_count(); ++i) {
    if (file.service(i)->method_count() > 0) services.push_back(BuildService(*file.service(i)));
  }
  return services;
}

bool UsesDeprecated(const ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    if (IsDeprecated(*service.method(i))) return true;
  }
  return service.options().deprecated();
}

std::string WireNameOf(const MethodDescriptor& method) {
  std::string own = method.options().GetExtension(v1::rpc).name();
  return own.empty() ? text::SnakeCase(method.name()) : own;
}

}  // namespace federation::codegen
