#pragma once

#include <type_traits>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

namespace federation::json {

// Whether ProtoJSON gives the type a form of its own, other than an object of its fields. Empty has none.
inline bool HasOwnForm(const google::protobuf::Descriptor& type) {
  return type.well_known_type() != google::protobuf::Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

// Calls `visit` with a std::type_identity of the class that belongs to a type with a form of its own.
template <typename Visit>
auto VisitOwnForm(const google::protobuf::Descriptor& type, const Visit& visit) {
  using google::protobuf::Descriptor;
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
      return visit(std::type_identity<google::protobuf::DoubleValue>());
    case Descriptor::WELLKNOWNTYPE_FLOATVALUE:
      return visit(std::type_identity<google::protobuf::FloatValue>());
    case Descriptor::WELLKNOWNTYPE_INT64VALUE:
      return visit(std::type_identity<google::protobuf::Int64Value>());
    case Descriptor::WELLKNOWNTYPE_UINT64VALUE:
      return visit(std::type_identity<google::protobuf::UInt64Value>());
    case Descriptor::WELLKNOWNTYPE_INT32VALUE:
      return visit(std::type_identity<google::protobuf::Int32Value>());
    case Descriptor::WELLKNOWNTYPE_UINT32VALUE:
      return visit(std::type_identity<google::protobuf::UInt32Value>());
    case Descriptor::WELLKNOWNTYPE_STRINGVALUE:
      return visit(std::type_identity<google::protobuf::StringValue>());
    case Descriptor::WELLKNOWNTYPE_BYTESVALUE:
      return visit(std::type_identity<google::protobuf::BytesValue>());
    case Descriptor::WELLKNOWNTYPE_BOOLVALUE:
      return visit(std::type_identity<google::protobuf::BoolValue>());
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return visit(std::type_identity<google::protobuf::FieldMask>());
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return visit(std::type_identity<google::protobuf::Duration>());
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return visit(std::type_identity<google::protobuf::Timestamp>());
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return visit(std::type_identity<google::protobuf::Value>());
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return visit(std::type_identity<google::protobuf::ListValue>());
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return visit(std::type_identity<google::protobuf::Struct>());
    default:
      return visit(std::type_identity<google::protobuf::Any>());
  }
}

}  // namespace federation::json
