#include <cstdint>

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include "federation/json/object_reader.h"
#include "federation/json/well_known.h"

namespace federation::json {

Writer WriteJson(const google::protobuf::DoubleValue& wrapper, Writer out) {
  return out.Double(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::FloatValue& wrapper, Writer out) {
  return out.Float(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::Int64Value& wrapper, Writer out) {
  return out.Int64(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::UInt64Value& wrapper, Writer out) {
  return out.Uint64(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::Int32Value& wrapper, Writer out) {
  return out.Int32(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::UInt32Value& wrapper, Writer out) {
  return out.Uint32(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::BoolValue& wrapper, Writer out) {
  return out.Bool(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::StringValue& wrapper, Writer out) {
  return out.String(wrapper.value()), out;
}
Writer WriteJson(const google::protobuf::BytesValue& wrapper, Writer out) {
  return out.Bytes(wrapper.value()), out;
}

bool ReadJson(Reader& in, google::protobuf::DoubleValue* wrapper) {
  double value = 0;
  if (!in.ReadDouble(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::FloatValue* wrapper) {
  float value = 0;
  if (!in.ReadFloat(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::Int64Value* wrapper) {
  std::int64_t value = 0;
  if (!in.ReadInt64(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::UInt64Value* wrapper) {
  std::uint64_t value = 0;
  if (!in.ReadUint64(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::Int32Value* wrapper) {
  std::int32_t value = 0;
  if (!in.ReadInt32(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::UInt32Value* wrapper) {
  std::uint32_t value = 0;
  if (!in.ReadUint32(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::BoolValue* wrapper) {
  bool value = false;
  if (!in.ReadBool(&value)) return false;
  wrapper->set_value(value);
  return true;
}

bool ReadJson(Reader& in, google::protobuf::StringValue* wrapper) {
  return in.ReadString(wrapper->mutable_value());
}

bool ReadJson(Reader& in, google::protobuf::BytesValue* wrapper) {
  return in.ReadBytes(wrapper->mutable_value());
}

Writer WriteJson(const google::protobuf::Empty& empty, Writer out) {
  out.BeginObject();
  out = WriteFields(empty, out);
  out.EndObject();
  return out;
}

bool ReadJson(Reader& in, google::protobuf::Empty* empty) {
  ObjectReader object(in);
  return ReadFields(in, object, empty);
}

Writer WriteFields(const google::protobuf::Empty&, Writer out) { return out; }

bool ReadFields(Reader&, ObjectReader& object, google::protobuf::Empty*) {
  // There are no keys: so this one call reads all of it.
  object.Next({});
  return object.ok();
}

}  // namespace federation::json
