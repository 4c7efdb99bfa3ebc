#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include "federation/json/map.h"
#include "federation/json/object_reader.h"
#include "federation/json/well_known.h"

#include "json/dynamic.h"
#include "json/key_set.h"
#include "json/well_known_visit.h"

namespace federation::json {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::NullValue;
using google::protobuf::Reflection;

bool IsNullValue(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
         field.enum_type() == google::protobuf::NullValue_descriptor();
}

bool TakesNull(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  return IsNullValue(field) || (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                                field.message_type()->well_known_type() == Descriptor::WELLKNOWNTYPE_VALUE);
}

// The keys of a message, by the indices of its fields. `other_key` comes before them all, with an index
// behind theirs.
std::vector<Key> MakeKeys(const Descriptor& type, std::string_view other_key) {
  std::vector<Key> keys;
  keys.reserve(static_cast<std::size_t>(type.field_count()) * 2 + 1);
  if (!other_key.empty()) keys.emplace_back(other_key, type.field_count());
  const auto add = [&keys](const FieldDescriptor& field, const std::string& name) {
    const google::protobuf::OneofDescriptor* const oneof = field.real_containing_oneof();
    keys.emplace_back(name, field.index(), oneof == nullptr ? 0 : oneof->index() + 1, TakesNull(field));
  };
  for (const bool original : {false, true}) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (field.type() == FieldDescriptor::TYPE_GROUP) continue;
      if (!original) add(field, field.json_name());
      if (original && field.name() != field.json_name()) add(field, field.name());
    }
  }
  return keys;
}

std::vector<EnumName> MakeNames(const EnumDescriptor& type) {
  std::vector<EnumName> names;
  names.reserve(static_cast<std::size_t>(type.value_count()));
  for (int i = 0; i < type.value_count(); ++i)
    names.push_back({type.value(i)->name(), type.value(i)->number()});
  return names;
}

// Reads one value and what is in it. Keeps the tables of the types that it has met.
class DynamicReader {
 public:
  explicit DynamicReader(Reader& in) : in_(in) {}

  bool Read(Message* message);
  bool ReadObject(const std::vector<Key>& keys, Message* message);

 private:
  bool ReadOwnForm(Message* message);
  bool ReadField(const FieldDescriptor& field, Message* message);
  bool ReadList(const FieldDescriptor& field, Message* message);
  bool ReadMap(const FieldDescriptor& field, Message* message);
  // Reads a key of a map into its entry, and spells it in the one way that tells whether two are the same.
  bool ReadMapKey(MapReader& map, const FieldDescriptor& field, Message* entry, std::string* spelled);
  template <typename T>
  bool ReadMapInteger(MapReader& map, const FieldDescriptor& field, Message* entry, std::string* spelled,
                      void (Reflection::*set)(Message*, const FieldDescriptor*, T) const);
  // Reads a field that is not repeated, or the next element of one that is. *ignored says that it was passed
  // over, as DecodeOptions asks for unknown names of enums.
  bool ReadValue(const FieldDescriptor& field, Message* message, bool* ignored);
  template <typename T>
  bool ReadScalar(const FieldDescriptor& field, Message* message, bool (Reader::*read)(T*),
                  void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
                  void (Reflection::*add)(Message*, const FieldDescriptor*, T) const);
  bool ReadEnum(const FieldDescriptor& field, Message* message, bool* ignored);
  bool ReadString(const FieldDescriptor& field, Message* message);

  Reader& in_;
  // Nodes stay where they are while the reader goes deeper.
  std::map<const Descriptor*, std::vector<Key>> keys_;
  std::map<const EnumDescriptor*, std::vector<EnumName>> names_;
};

bool DynamicReader::Read(Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  if (HasOwnForm(type)) return ReadOwnForm(message);
  std::vector<Key>& keys = keys_[&type];
  if (keys.empty()) keys = MakeKeys(type, {});
  return ReadObject(keys, message);
}

bool DynamicReader::ReadObject(const std::vector<Key>& keys, Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  ObjectReader object(in_);
  while (object.Next(keys)) {
    const bool is_other = object.field() == type.field_count();
    if (!(is_other ? in_.SkipValue() : ReadField(*type.field(object.field()), message)))
      return object.Failed();
  }
  if (!object.ok()) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!field.is_required() || field.type() == FieldDescriptor::TYPE_GROUP) continue;
    if (!message->GetReflection()->HasField(*message, &field)) return object.FailMissing(field.json_name());
  }
  return true;
}

// The message may be of another class than the generated one (DynamicMessage).
bool DynamicReader::ReadOwnForm(Message* message) {
  return VisitOwnForm(*message->GetDescriptor(), [&]<typename T>(std::type_identity<T>) {
    if (T* const own = google::protobuf::DynamicCastToGenerated<T>(message)) return ReadJson(in_, own);
    T copy;
    return ReadJson(in_, &copy) && message->ParsePartialFromString(copy.SerializePartialAsString());
  });
}

bool DynamicReader::ReadField(const FieldDescriptor& field, Message* message) {
  if (field.is_map()) return ReadMap(field, message);
  if (field.is_repeated()) return ReadList(field, message);
  bool ignored = false;
  return ReadValue(field, message, &ignored);
}

bool DynamicReader::ReadList(const FieldDescriptor& field, Message* message) {
  ArrayReader array(in_);
  bool ignored = false;
  while (array.Next()) {
    if (!ReadValue(field, message, &ignored)) return array.Failed();
  }
  return array.ok();
}

bool DynamicReader::ReadMap(const FieldDescriptor& field, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  MapReader map(in_);
  KeySet seen;
  std::string spelled;
  while (map.Next()) {
    Message* const entry = reflection.AddMessage(message, &field);
    if (!ReadMapKey(map, *field.message_type()->map_key(), entry, &spelled)) return false;
    if (!seen.Insert(spelled, /*lasting=*/false)) return map.FailDuplicate();
    bool ignored = false;
    if (!ReadValue(*field.message_type()->map_value(), entry, &ignored)) return map.Failed();
    if (ignored) reflection.RemoveLast(message, &field);
  }
  return map.ok();
}

template <typename T>
bool DynamicReader::ReadMapInteger(MapReader& map, const FieldDescriptor& field, Message* entry,
                                   std::string* spelled,
                                   void (Reflection::*set)(Message*, const FieldDescriptor*, T) const) {
  T key{};
  if (!map.ReadKey(&key)) return false;
  (entry->GetReflection()->*set)(entry, &field, key);
  *spelled = fmt::format("{}", key);
  return true;
}

bool DynamicReader::ReadMapKey(MapReader& map, const FieldDescriptor& field, Message* entry,
                               std::string* spelled) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return ReadMapInteger(map, field, entry, spelled, &Reflection::SetInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return ReadMapInteger(map, field, entry, spelled, &Reflection::SetInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return ReadMapInteger(map, field, entry, spelled, &Reflection::SetUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return ReadMapInteger(map, field, entry, spelled, &Reflection::SetUInt64);
    case FieldDescriptor::CPPTYPE_BOOL:
      return ReadMapInteger(map, field, entry, spelled, &Reflection::SetBool);
    default:
      if (!map.ReadKey(spelled)) return false;
      entry->GetReflection()->SetString(entry, &field, *spelled);
      return true;
  }
}

template <typename T>
bool DynamicReader::ReadScalar(const FieldDescriptor& field, Message* message, bool (Reader::*read)(T*),
                               void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
                               void (Reflection::*add)(Message*, const FieldDescriptor*, T) const) {
  T value{};
  if (!(in_.*read)(&value)) return false;
  (message->GetReflection()->*(field.is_repeated() ? add : set))(message, &field, value);
  return true;
}

bool DynamicReader::ReadEnum(const FieldDescriptor& field, Message* message, bool* ignored) {
  const EnumDescriptor& type = *field.enum_type();
  int number = 0;
  if (IsNullValue(field)) {
    NullValue null = google::protobuf::NULL_VALUE;
    if (!ReadJson(in_, &null)) return false;
  } else {
    std::vector<EnumName>& names = names_[&type];
    if (names.empty()) names = MakeNames(type);
    // In a proto2 message any enum is closed: protobuf puts other numbers among the unknown fields.
    const bool closed = field.file()->syntax() == FileDescriptor::SYNTAX_PROTO2;
    if (!in_.ReadEnum(names, closed ? Reader::EnumKind::kClosed : Reader::EnumKind::kOpen, &number))
      return false;
  }
  *ignored = in_.TakeIgnored();
  if (*ignored) return true;
  const Reflection& reflection = *message->GetReflection();
  field.is_repeated() ? reflection.AddEnumValue(message, &field, number)
                      : reflection.SetEnumValue(message, &field, number);
  return true;
}

bool DynamicReader::ReadString(const FieldDescriptor& field, Message* message) {
  std::string value;
  const bool is_bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  if (!(is_bytes ? in_.ReadBytes(&value) : in_.ReadString(&value))) return false;
  const Reflection& reflection = *message->GetReflection();
  field.is_repeated() ? reflection.AddString(message, &field, std::move(value))
                      : reflection.SetString(message, &field, std::move(value));
  return true;
}

bool DynamicReader::ReadValue(const FieldDescriptor& field, Message* message, bool* ignored) {
  using R = Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return ReadScalar(field, message, &Reader::ReadInt32, &R::SetInt32, &R::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return ReadScalar(field, message, &Reader::ReadInt64, &R::SetInt64, &R::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return ReadScalar(field, message, &Reader::ReadUint32, &R::SetUInt32, &R::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return ReadScalar(field, message, &Reader::ReadUint64, &R::SetUInt64, &R::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ReadScalar(field, message, &Reader::ReadDouble, &R::SetDouble, &R::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return ReadScalar(field, message, &Reader::ReadFloat, &R::SetFloat, &R::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return ReadScalar(field, message, &Reader::ReadBool, &R::SetBool, &R::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(field, message, ignored);
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadString(field, message);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Read(field.is_repeated() ? message->GetReflection()->AddMessage(message, &field)
                                      : message->GetReflection()->MutableMessage(message, &field));
  }
  return false;
}

}  // namespace

bool ReadDynamic(Reader& in, Message* message) { return DynamicReader(in).Read(message); }

bool ReadDynamicFields(Reader& in, std::string_view other_key, Message* message) {
  return DynamicReader(in).ReadObject(MakeKeys(*message->GetDescriptor(), other_key), message);
}

}  // namespace federation::json
