#include "codegen/model/rules.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

#include "codegen/text/snake_case.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;

// The oneofs that are flattened under this tag are update unions.
constexpr char kUpdateTag[] = "update";

v1::Names NamesFor(const Descriptor& message) {
  const v1::Names nearest = RulesOf(message).json().names();
  return nearest != v1::NAMES_UNSPECIFIED ? nearest : RulesOf(*message.file()).json().names();
}

v1::Int64Format Int64FormatFor(const FieldDescriptor& field) {
  const v1::Int64Format own = RulesOf(field).int64();
  if (own != v1::INT64_FORMAT_UNSPECIFIED) return own;
  const v1::Int64Format nearest = RulesOf(*field.containing_type()).json().int64();
  return nearest != v1::INT64_FORMAT_UNSPECIFIED ? nearest : RulesOf(*field.file()).json().int64();
}

v1::EnumFormat EnumFormatFor(const EnumDescriptor& enumeration) {
  const v1::EnumFormat own = RulesOf(enumeration).format();
  if (own != v1::ENUM_FORMAT_UNSPECIFIED) return own;
  const Descriptor* message = enumeration.containing_type();
  if (message != nullptr && RulesOf(*message).json().enums() != v1::ENUM_FORMAT_UNSPECIFIED) {
    return RulesOf(*message).json().enums();
  }
  return RulesOf(*enumeration.file()).json().enums();
}

v1::UnknownValues UnknownValuesFor(const Descriptor& message) {
  const v1::UnknownValues nearest = RulesOf(message).json().unknown();
  return nearest != v1::UNKNOWN_VALUES_UNSPECIFIED ? nearest : RulesOf(*message.file()).json().unknown();
}

std::string ShortLower(const EnumValueDescriptor& value) {
  // What protobuf's style guide puts in front of an enum's values: PEER_TYPE_.
  const std::string prefix = text::SnakeCase(value.type()->name()) + "_";
  const bool prefixed =
      value.name().size() > prefix.size() && absl::StartsWithIgnoreCase(value.name(), prefix);
  return absl::AsciiStrToLower(prefixed ? value.name().substr(prefix.size()) : value.name());
}

std::string Spell(const EnumValueDescriptor& value, v1::EnumFormat format) {
  const std::string& own = RulesOf(value).name();
  if (!own.empty()) return own;
  return format == v1::ENUM_FORMAT_SHORT_LOWER ? ShortLower(value) : value.name();
}

}  // namespace

const v1::FileRules& RulesOf(const FileDescriptor& file) { return file.options().GetExtension(v1::file); }
const v1::MessageRules& RulesOf(const Descriptor& message) {
  return message.options().GetExtension(v1::message);
}
const v1::FieldRules& RulesOf(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::field);
}
const v1::OneofRules& RulesOf(const OneofDescriptor& oneof) {
  return oneof.options().GetExtension(v1::oneof);
}
const v1::EnumRules& RulesOf(const EnumDescriptor& enumeration) {
  return enumeration.options().GetExtension(v1::enumeration);
}
const v1::EnumValueRules& RulesOf(const EnumValueDescriptor& value) {
  return value.options().GetExtension(v1::enum_value);
}

bool IsFlattened(const OneofDescriptor& oneof) { return oneof.options().HasExtension(v1::oneof); }

const OneofDescriptor* FlattenedOneof(const Descriptor& message) {
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    if (IsFlattened(*message.oneof_decl(i))) return message.oneof_decl(i);
  }
  return nullptr;
}

bool IsWellKnown(const FileDescriptor& file) {
  constexpr std::string_view kFiles[] = {"google/protobuf/any.proto",     "google/protobuf/duration.proto",
                                         "google/protobuf/empty.proto",   "google/protobuf/field_mask.proto",
                                         "google/protobuf/struct.proto",  "google/protobuf/timestamp.proto",
                                         "google/protobuf/wrappers.proto"};
  return std::find(std::begin(kFiles), std::end(kFiles), file.name()) != std::end(kFiles);
}

bool TakesNull(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  if (field.enum_type() != nullptr) return field.enum_type()->full_name() == "google.protobuf.NullValue";
  return field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Value";
}

bool IsUpdateUnion(const Descriptor& message) {
  const OneofDescriptor* oneof = FlattenedOneof(message);
  return oneof != nullptr && RulesOf(*oneof).tag() == kUpdateTag;
}

std::vector<std::string> KeysOf(const FieldDescriptor& field) {
  std::string key = RulesOf(field).name();
  if (key.empty()) {
    key = NamesFor(*field.containing_type()) == v1::NAMES_AS_WRITTEN ? field.name() : field.json_name();
  }
  if (key == field.name()) return {key};
  return {key, field.name()};
}

const FieldDescriptor* FindKey(const Descriptor& message, const std::string& key) {
  for (int i = 0; i < message.field_count(); ++i) {
    const std::vector<std::string> keys = KeysOf(*message.field(i));
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return message.field(i);
  }
  return nullptr;
}

std::string TagValueOf(const FieldDescriptor& field) {
  std::string own = RulesOf(field).tag_value();
  return own.empty() ? field.name() : own;
}

bool IsInt64Number(const FieldDescriptor& field) { return Int64FormatFor(field) == v1::INT64_FORMAT_NUMBER; }

std::string JsonNameOf(const EnumValueDescriptor& value) {
  return Spell(value, EnumFormatFor(*value.type()));
}

std::string JsonNameOf(const EnumValueDescriptor& value, const FieldDescriptor& field) {
  return HasOwnEnumFormat(field) ? Spell(value, RulesOf(field).enums()) : JsonNameOf(value);
}

bool HasOwnEnumFormat(const FieldDescriptor& field) {
  return RulesOf(field).enums() != v1::ENUM_FORMAT_UNSPECIFIED;
}

bool KeepsUnknown(const FieldDescriptor& field) {
  // A required field that is not set is an error whatever is kept.
  if (field.enum_type() == nullptr || field.is_repeated() || field.is_required()) return false;
  const v1::UnknownValues own = RulesOf(field).unknown();
  const v1::UnknownValues rule =
      own != v1::UNKNOWN_VALUES_UNSPECIFIED ? own : UnknownValuesFor(*field.containing_type());
  return rule == v1::UNKNOWN_VALUES_KEEP;
}

bool KeepsUnknown(const OneofDescriptor& flattened) {
  return UnknownValuesFor(*flattened.containing_type()) == v1::UNKNOWN_VALUES_KEEP;
}

DeliveryClass DeliveryOf(const Descriptor& message) {
  switch (RulesOf(message).delivery()) {
    case v1::DELIVERY_STRONG:
      return DeliveryClass::kStrong;
    case v1::DELIVERY_WEAK:
      return DeliveryClass::kWeak;
    default:
      return DeliveryClass::kNone;
  }
}

}  // namespace federation::codegen
