#pragma once

#include <string>

#include <google/protobuf/descriptor.h>

#include "federation/v1/annotations.pb.h"

#include "codegen/model/model.h"

// What the annotations of proto/federation/v1/annotations.proto say of an element, the nearest one winning.
namespace federation::codegen {

const v1::FileRules& RulesOf(const google::protobuf::FileDescriptor& file);
const v1::MessageRules& RulesOf(const google::protobuf::Descriptor& message);
const v1::FieldRules& RulesOf(const google::protobuf::FieldDescriptor& field);
const v1::OneofRules& RulesOf(const google::protobuf::OneofDescriptor& oneof);
const v1::EnumRules& RulesOf(const google::protobuf::EnumDescriptor& enumeration);
const v1::EnumValueRules& RulesOf(const google::protobuf::EnumValueDescriptor& value);

// Whether the oneof has a tag under which it is flattened; the tag may be empty, which is an error.
bool IsFlattened(const google::protobuf::OneofDescriptor& oneof);
// The flattened oneof of a message; null if it has none.
const google::protobuf::OneofDescriptor* FlattenedOneof(const google::protobuf::Descriptor& message);
// Whether the file is one of those that protobuf brings along and that have a JSON form of their own.
bool IsWellKnown(const google::protobuf::FileDescriptor& file);
// Whether null is a value of the field: of google.protobuf.Value and NullValue.
bool TakesNull(const google::protobuf::FieldDescriptor& field);
// Whether the message is an update union: flattened under the tag of updates.
bool IsUpdateUnion(const google::protobuf::Descriptor& message);

// The JSON keys of a field: the one that is written and then, if it differs, the other one that is read.
std::vector<std::string> KeysOf(const google::protobuf::FieldDescriptor& field);
// A field that is read or written under `key`; null if there is none.
const google::protobuf::FieldDescriptor* FindKey(const google::protobuf::Descriptor& message,
                                                 const std::string& key);
// The tag's value for a case of a flattened oneof.
std::string TagValueOf(const google::protobuf::FieldDescriptor& field);
// Whether a 64-bit integer is written as a JSON number.
bool IsInt64Number(const google::protobuf::FieldDescriptor& field);
std::string JsonNameOf(const google::protobuf::EnumValueDescriptor& value);
// The same where `field` holds it.
std::string JsonNameOf(const google::protobuf::EnumValueDescriptor& value,
                       const google::protobuf::FieldDescriptor& field);
// Whether the values of the field's enum are spelled in another way than in other places.
bool HasOwnEnumFormat(const google::protobuf::FieldDescriptor& field);
// Whether names that the field's enum does not have are kept. Not for repeated fields and maps.
bool KeepsUnknown(const google::protobuf::FieldDescriptor& field);
// Whether objects with unknown tags are kept.
bool KeepsUnknown(const google::protobuf::OneofDescriptor& flattened);
DeliveryClass DeliveryOf(const google::protobuf::Descriptor& message);

}  // namespace federation::codegen
