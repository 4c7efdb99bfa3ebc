#pragma once

#include <string>

#include <google/protobuf/descriptor.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/model/model.h"

// What the annotations of proto/federation/v1/annotations.proto say of an element, the nearest one winning.
namespace federation::codegen {

v1::FileRules RulesOf(const google::protobuf::FileDescriptor& file);
v1::MessageRules RulesOf(const google::protobuf::Descriptor& message);
v1::FieldRules RulesOf(const google::protobuf::FieldDescriptor& field);
v1::OneofRules RulesOf(const google::protobuf::OneofDescriptor& oneof);
v1::EnumRules RulesOf(const google::protobuf::EnumDescriptor& enumeration);
v1::EnumValueRules RulesOf(const google::protobuf::EnumValueDescriptor& value);

// Whether the oneof has a tag under which it is flattened; the tag may be empty, which is an error.
bool IsFlattened(const google::protobuf::OneofDescriptor& oneof);
// The flattened oneof of a message; null if it has none.
const google::protobuf::OneofDescriptor* FlattenedOneof(const google::protobuf::Descriptor& message);
// Whether the message is an update union: flattened under the tag of updates.
bool IsUpdateUnion(const google::protobuf::Descriptor& message);

// The JSON keys of a field: the one that is written and then, if it differs, the other one that is read.
std::vector<std::string> KeysOf(const google::protobuf::FieldDescriptor& field);
// The tag's value for a case of a flattened oneof.
std::string TagValueOf(const google::protobuf::FieldDescriptor& field);
// Whether a 64-bit integer is written as a JSON number.
bool IsInt64Number(const google::protobuf::FieldDescriptor& field);
std::string JsonNameOf(const google::protobuf::EnumValueDescriptor& value);
DeliveryClass DeliveryOf(const google::protobuf::Descriptor& message);

}  // namespace federation::codegen
