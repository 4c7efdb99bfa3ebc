#include <cmath>
#include <string>

#include <google/protobuf/struct.pb.h>

#include "federation/json/map.h"
#include "federation/json/well_known.h"

namespace federation::json {

using google::protobuf::ListValue;
using google::protobuf::NullValue;
using google::protobuf::Struct;
using google::protobuf::Value;

Writer WriteJson(const Struct& object, Writer out) {
  out.BeginObject();
  for (const auto* entry : InKeyOrder(object.fields())) {
    out.StringKey(entry->first);
    out = WriteJson(entry->second, out);
  }
  out.EndObject();
  return out;
}

bool ReadJson(Reader& in, Struct* object) {
  MapReader map(in);
  std::string key;
  while (map.Next()) {
    if (!map.ReadKey(&key)) return false;
    const auto [entry, fresh] = object->mutable_fields()->try_emplace(key);
    if (!fresh) return map.FailDuplicate();
    if (!ReadJson(in, &entry->second)) return map.Failed();
  }
  return map.ok();
}

Writer WriteJson(const ListValue& list, Writer out) {
  out.BeginArray();
  for (const Value& value : list.values()) out = WriteJson(value, out);
  out.EndArray();
  return out;
}

bool ReadJson(Reader& in, ListValue* list) {
  ArrayReader array(in);
  while (array.Next()) {
    if (!ReadJson(in, list->add_values())) return array.Failed();
  }
  return array.ok();
}

Writer WriteJson(const Value& value, Writer out) {
  switch (value.kind_case()) {
    case Value::kNullValue:
      return out.Null(), out;
    case Value::kNumberValue:
      if (!std::isfinite(value.number_value())) {
        // In quotes, as ProtoJSON writes it elsewhere, it would be read as a string.
        out.Fail("want a finite number, got NaN or an infinity");
      }
      return out.Double(value.number_value()), out;
    case Value::kStringValue:
      return out.String(value.string_value()), out;
    case Value::kBoolValue:
      return out.Bool(value.bool_value()), out;
    case Value::kStructValue:
      return WriteJson(value.struct_value(), out);
    case Value::kListValue:
      return WriteJson(value.list_value(), out);
    case Value::KIND_NOT_SET:
      out.Fail("want a value, got one without a kind");
      return out.Null(), out;
  }
  return out;
}

bool ReadJson(Reader& in, Value* value) {
  const char first = in.NextByte();
  switch (first) {
    case '{':
      return ReadJson(in, value->mutable_struct_value());
    case '[':
      return ReadJson(in, value->mutable_list_value());
    case '"':
      return in.ReadString(value->mutable_string_value());
    case 't':
    case 'f': {
      bool boolean = false;
      if (!in.ReadBool(&boolean)) return false;
      value->set_bool_value(boolean);
      return true;
    }
    case 'n':
      if (!in.ConsumeNull()) return in.FailWant("a value", in.NextOffset());
      value->set_null_value(google::protobuf::NULL_VALUE);
      return true;
    default: {
      if (first != '-' && (first < '0' || first > '9')) return in.FailWant("a value", in.NextOffset());
      double number = 0;
      if (!in.ReadDouble(&number)) return false;
      value->set_number_value(number);
      return true;
    }
  }
}

Writer WriteJson(NullValue, Writer out) { return out.Null(), out; }

bool ReadJson(Reader& in, NullValue* value) {
  static constexpr EnumName kNames[] = {{"NULL_VALUE", google::protobuf::NULL_VALUE}};
  int number = google::protobuf::NULL_VALUE;
  if (!in.ConsumeNull() && !in.ReadEnum(kNames, Reader::EnumKind::kClosed, &number)) return false;
  *value = static_cast<NullValue>(number);
  return true;
}

}  // namespace federation::json
