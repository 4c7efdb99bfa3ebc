#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include "federation/json/well_known.h"

#include "json/any.h"
#include "json/dynamic.h"
#include "json/well_known_visit.h"

namespace federation::json {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// In the place of an element's index, for fields that are not repeated.
constexpr int kSingular = -1;

// The value of a field, or of one of its elements.
template <typename T>
T Get(const Message& message, const FieldDescriptor& field, int index,
      T (Reflection::*get)(const Message&, const FieldDescriptor*) const,
      T (Reflection::*get_element)(const Message&, const FieldDescriptor*, int) const) {
  const Reflection& reflection = *message.GetReflection();
  return index == kSingular ? (reflection.*get)(message, &field)
                            : (reflection.*get_element)(message, &field, index);
}

void WriteEnum(const FieldDescriptor& field, int number, Writer& out) {
  if (field.enum_type() == google::protobuf::NullValue_descriptor()) return out.Null();
  const EnumValueDescriptor* const value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) return out.Int32(number);
  out.String(value->name());
}

void WriteString(const Message& message, const FieldDescriptor& field, int index, Writer& out) {
  const Reflection& reflection = *message.GetReflection();
  std::string scratch;
  const std::string& value = index == kSingular
                                 ? reflection.GetStringReference(message, &field, &scratch)
                                 : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
  field.type() == FieldDescriptor::TYPE_BYTES ? out.Bytes(value) : out.String(value);
}

void WriteMessage(const Message& message, const FieldDescriptor& field, int index, Writer& out, int depth) {
  const Reflection& reflection = *message.GetReflection();
  WriteDynamic(index == kSingular ? reflection.GetMessage(message, &field)
                                  : reflection.GetRepeatedMessage(message, &field, index),
               out, depth + 1);
}

void WriteValue(const Message& message, const FieldDescriptor& field, int index, Writer& out, int depth) {
  using R = Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return out.Int32(Get(message, field, index, &R::GetInt32, &R::GetRepeatedInt32));
    case FieldDescriptor::CPPTYPE_INT64:
      return out.Int64(Get(message, field, index, &R::GetInt64, &R::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return out.Uint32(Get(message, field, index, &R::GetUInt32, &R::GetRepeatedUInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return out.Uint64(Get(message, field, index, &R::GetUInt64, &R::GetRepeatedUInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return out.Double(Get(message, field, index, &R::GetDouble, &R::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return out.Float(Get(message, field, index, &R::GetFloat, &R::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_BOOL:
      return out.Bool(Get(message, field, index, &R::GetBool, &R::GetRepeatedBool));
    case FieldDescriptor::CPPTYPE_ENUM:
      return WriteEnum(field, Get(message, field, index, &R::GetEnumValue, &R::GetRepeatedEnumValue), out);
    case FieldDescriptor::CPPTYPE_STRING:
      return WriteString(message, field, index, out);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(message, field, index, out, depth);
  }
}

// A map's entry, and its key as something to sort by: a number's bits, or text.
struct MapEntry {
  std::uint64_t number = 0;
  std::string text{};
  int index = 0;
  const Message* message = nullptr;

  bool SameKey(const MapEntry& other) const { return number == other.number && text == other.text; }
  bool operator<(const MapEntry& other) const {
    return std::tie(number, text, index) < std::tie(other.number, other.text, other.index);
  }
};

// Negative numbers come before the others.
std::uint64_t OrderOf(std::int64_t number) {
  return static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
}

MapEntry EntryOf(const Message& message, const FieldDescriptor& key, int index) {
  const Reflection& reflection = *message.GetReflection();
  MapEntry entry;
  entry.index = index;
  entry.message = &message;
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      entry.number = OrderOf(reflection.GetInt32(message, &key));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      entry.number = OrderOf(reflection.GetInt64(message, &key));
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      entry.number = reflection.GetUInt32(message, &key);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      entry.number = reflection.GetUInt64(message, &key);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      entry.number = reflection.GetBool(message, &key) ? 1 : 0;
      break;
    default:
      entry.text = reflection.GetString(message, &key);
      break;
  }
  return entry;
}

void WriteMapKey(const MapEntry& entry, const FieldDescriptor& key, Writer& out) {
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return out.Int64Key(static_cast<std::int64_t>(OrderOf(static_cast<std::int64_t>(entry.number))));
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return out.Uint64Key(entry.number);
    case FieldDescriptor::CPPTYPE_BOOL:
      return out.BoolKey(entry.number != 0);
    default:
      return out.StringKey(entry.text);
  }
}

// Reflection shows a map as a list of entries, in which a key may still stand several times: the last one
// counts, as in the binary form.
void WriteMap(const Message& message, const FieldDescriptor& field, Writer& out, int depth) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::vector<MapEntry> entries;
  const int size = reflection.FieldSize(message, &field);
  entries.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    entries.push_back(EntryOf(reflection.GetRepeatedMessage(message, &field, i), key, i));
  }
  std::sort(entries.begin(), entries.end());
  out.BeginObject();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + 1 < entries.size() && entries[i].SameKey(entries[i + 1])) continue;
    WriteMapKey(entries[i], key, out);
    WriteValue(*entries[i].message, value, kSingular, out, depth);
  }
  out.EndObject();
}

void WriteList(const Message& message, const FieldDescriptor& field, Writer& out, int depth) {
  out.BeginArray();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    WriteValue(message, field, i, out, depth);
  }
  out.EndArray();
}

void WriteField(const Message& message, const FieldDescriptor& field, std::string_view other_key, Writer& out,
                int depth) {
  const Reflection& reflection = *message.GetReflection();
  if (field.type() == FieldDescriptor::TYPE_GROUP) return;
  if (field.is_repeated() ? reflection.FieldSize(message, &field) == 0
                          : !reflection.HasField(message, &field)) {
    if (field.is_required())
      out.Fail(fmt::format("want the required key \"{}\", got none", field.json_name()));
    return;
  }
  out.StringKey(field.json_name() == other_key ? field.name() : field.json_name());
  if (field.is_map()) return WriteMap(message, field, out, depth);
  if (field.is_repeated()) return WriteList(message, field, out, depth);
  WriteValue(message, field, kSingular, out, depth);
}

void WriteOwn(const google::protobuf::Any& any, Writer& out, int depth) { WriteAny(any, out, depth); }

template <typename T>
void WriteOwn(const T& message, Writer& out, int) {
  out = WriteJson(message, out);
}

// A message with a form of its own. It may be of another class than the generated one (DynamicMessage).
void WriteOwnForm(const Message& message, Writer& out, int depth) {
  VisitOwnForm(*message.GetDescriptor(), [&]<typename T>(std::type_identity<T>) {
    if (const T* own = google::protobuf::DynamicCastToGenerated<T>(&message))
      return WriteOwn(*own, out, depth);
    T copy;
    copy.ParsePartialFromString(message.SerializePartialAsString());
    WriteOwn(copy, out, depth);
  });
}

}  // namespace

void WriteDynamicFields(const Message& message, std::string_view other_key, Writer& out, int depth) {
  if (depth >= kDynamicDepthMax) return out.Fail(fmt::format("nested deeper than {}", kDynamicDepthMax));
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) WriteField(message, *type.field(i), other_key, out, depth);
}

void WriteDynamic(const Message& message, Writer& out, int depth) {
  if (HasOwnForm(*message.GetDescriptor())) return WriteOwnForm(message, out, depth);
  out.BeginObject();
  WriteDynamicFields(message, {}, out, depth);
  out.EndObject();
}

}  // namespace federation::json
