#include "codegen/model/place.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include "federation/v1/annotations.pb.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::EnumValueDescriptorProto;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodDescriptorProto;
using google::protobuf::OneofDescriptor;
using google::protobuf::OneofDescriptorProto;
using google::protobuf::ServiceDescriptor;
using google::protobuf::ServiceDescriptorProto;

Place Under(Place parent, std::initializer_list<int> path, const std::string& name) {
  parent.path.insert(parent.path.end(), path);
  parent.name = name;
  return parent;
}

Place Annotation(Place element, int options, int extension, std::initializer_list<int> rule) {
  element.path.push_back(options);
  element.path.push_back(extension);
  element.path.insert(element.path.end(), rule);
  return element;
}

}  // namespace

Place PlaceOf(const FileDescriptor& file) { return {&file, {}, file.name()}; }

Place PlaceOf(const Descriptor& message) {
  if (message.containing_type() == nullptr) {
    return Under(PlaceOf(*message.file()), {FileDescriptorProto::kMessageTypeFieldNumber, message.index()},
                 message.name());
  }
  return Under(PlaceOf(*message.containing_type()),
               {DescriptorProto::kNestedTypeFieldNumber, message.index()}, message.name());
}

Place PlaceOf(const FieldDescriptor& field) {
  if (!field.is_extension()) {
    return Under(PlaceOf(*field.containing_type()), {DescriptorProto::kFieldFieldNumber, field.index()},
                 field.name());
  }
  if (field.extension_scope() != nullptr) {
    return Under(PlaceOf(*field.extension_scope()), {DescriptorProto::kExtensionFieldNumber, field.index()},
                 field.name());
  }
  return Under(PlaceOf(*field.file()), {FileDescriptorProto::kExtensionFieldNumber, field.index()},
               field.name());
}

Place PlaceOf(const OneofDescriptor& oneof) {
  return Under(PlaceOf(*oneof.containing_type()), {DescriptorProto::kOneofDeclFieldNumber, oneof.index()},
               oneof.name());
}

Place PlaceOf(const EnumDescriptor& enumeration) {
  if (enumeration.containing_type() == nullptr) {
    return Under(PlaceOf(*enumeration.file()),
                 {FileDescriptorProto::kEnumTypeFieldNumber, enumeration.index()}, enumeration.name());
  }
  return Under(PlaceOf(*enumeration.containing_type()),
               {DescriptorProto::kEnumTypeFieldNumber, enumeration.index()}, enumeration.name());
}

Place PlaceOf(const EnumValueDescriptor& value) {
  return Under(PlaceOf(*value.type()), {EnumDescriptorProto::kValueFieldNumber, value.index()}, value.name());
}

Place PlaceOf(const ServiceDescriptor& service) {
  return Under(PlaceOf(*service.file()), {FileDescriptorProto::kServiceFieldNumber, service.index()},
               service.name());
}

Place PlaceOf(const MethodDescriptor& method) {
  return Under(PlaceOf(*method.service()), {ServiceDescriptorProto::kMethodFieldNumber, method.index()},
               method.name());
}

Place ExtensionRangeOf(const Descriptor& message, int index) {
  return Under(PlaceOf(message), {DescriptorProto::kExtensionRangeFieldNumber, index}, message.name());
}

Place SyntaxOf(const FileDescriptor& file) {
  return Under(PlaceOf(file), {FileDescriptorProto::kSyntaxFieldNumber}, file.name());
}

Place PackageOf(const FileDescriptor& file) {
  return Under(PlaceOf(file), {FileDescriptorProto::kPackageFieldNumber}, file.package());
}

Place AnnotationOf(const FileDescriptor& file, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(file), FileDescriptorProto::kOptionsFieldNumber, v1::kFileFieldNumber, rule);
}

Place AnnotationOf(const Descriptor& message, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(message), DescriptorProto::kOptionsFieldNumber, v1::kMessageFieldNumber, rule);
}

Place AnnotationOf(const FieldDescriptor& field, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(field), FieldDescriptorProto::kOptionsFieldNumber, v1::kFieldFieldNumber, rule);
}

Place AnnotationOf(const OneofDescriptor& oneof, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(oneof), OneofDescriptorProto::kOptionsFieldNumber, v1::kOneofFieldNumber, rule);
}

Place AnnotationOf(const EnumDescriptor& enumeration, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(enumeration), EnumDescriptorProto::kOptionsFieldNumber,
                    v1::kEnumerationFieldNumber, rule);
}

Place AnnotationOf(const EnumValueDescriptor& value, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(value), EnumValueDescriptorProto::kOptionsFieldNumber, v1::kEnumValueFieldNumber,
                    rule);
}

Place AnnotationOf(const MethodDescriptor& method, std::initializer_list<int> rule) {
  return Annotation(PlaceOf(method), MethodDescriptorProto::kOptionsFieldNumber, v1::kRpcFieldNumber, rule);
}

bool FindPosition(const Place& place, google::protobuf::SourceLocation* position) {
  for (std::vector<int> path = place.path;; path.pop_back()) {
    if (place.file->GetSourceLocation(path, position)) return true;
    if (path.empty()) return false;
  }
}

std::string PositionText(const Place& place) {
  google::protobuf::SourceLocation position;
  if (!FindPosition(place, &position)) return place.file->name();
  return absl::StrCat(place.file->name(), ":", position.start_line + 1, ":", position.start_column + 1);
}

}  // namespace federation::codegen
