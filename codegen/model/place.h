#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

namespace federation::codegen {

// A place in a schema that a finding is about, and the name of what stands there.
struct Place {
  const google::protobuf::FileDescriptor* file = nullptr;
  // As in google.protobuf.SourceCodeInfo.Location.path.
  std::vector<int> path;
  std::string name;
};

Place PlaceOf(const google::protobuf::FileDescriptor& file);
Place PlaceOf(const google::protobuf::Descriptor& message);
Place PlaceOf(const google::protobuf::FieldDescriptor& field);
Place PlaceOf(const google::protobuf::OneofDescriptor& oneof);
Place PlaceOf(const google::protobuf::EnumDescriptor& enumeration);
Place PlaceOf(const google::protobuf::EnumValueDescriptor& value);
Place PlaceOf(const google::protobuf::ServiceDescriptor& service);
Place PlaceOf(const google::protobuf::MethodDescriptor& method);

// A statement `extensions`, by its index in the message.
Place ExtensionRangeOf(const google::protobuf::Descriptor& message, int index);

// The statements `syntax` and `package` of a file.
Place SyntaxOf(const google::protobuf::FileDescriptor& file);
Place PackageOf(const google::protobuf::FileDescriptor& file);

// The federation annotation of an element, or a part of it: `rule` is a path of field numbers in the
// annotation.
Place AnnotationOf(const google::protobuf::FileDescriptor& file, std::initializer_list<int> rule = {});
Place AnnotationOf(const google::protobuf::Descriptor& message, std::initializer_list<int> rule = {});
Place AnnotationOf(const google::protobuf::FieldDescriptor& field, std::initializer_list<int> rule = {});
Place AnnotationOf(const google::protobuf::OneofDescriptor& oneof, std::initializer_list<int> rule = {});
Place AnnotationOf(const google::protobuf::EnumDescriptor& enumeration, std::initializer_list<int> rule = {});
Place AnnotationOf(const google::protobuf::EnumValueDescriptor& value, std::initializer_list<int> rule = {});
Place AnnotationOf(const google::protobuf::MethodDescriptor& method, std::initializer_list<int> rule = {});

// Where the place is in the file's text: the nearest enclosing element whose position is known. False if the
// descriptors came without positions.
bool FindPosition(const Place& place, google::protobuf::SourceLocation* position);

// `file:line:column`, which count from 1; the file alone where the position is not known.
std::string PositionText(const Place& place);

}  // namespace federation::codegen
