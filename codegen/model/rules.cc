#include "codegen/model/rules.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>

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

// PeerType -> PEER_TYPE_, HTTPCode -> HTTP_CODE_: what protobuf's style guide puts in front of an enum's
// values.
std::string ValuePrefix(const std::string& name) {
  std::string prefix;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word =
        absl::ascii_isupper(name[i]) && i > 0 && name[i - 1] != '_' &&
        (!absl::ascii_isupper(name[i - 1]) || (i + 1 < name.size() && absl::ascii_islower(name[i + 1])));
    if (starts_word) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(name[i]));
  }
  return prefix + "_";
}

std::string ShortLower(const EnumValueDescriptor& value) {
  const std::string prefix = ValuePrefix(value.type()->name());
  const bool prefixed =
      value.name().size() > prefix.size() && absl::StartsWithIgnoreCase(value.name(), prefix);
  return absl::AsciiStrToLower(prefixed ? value.name().substr(prefix.size()) : value.name());
}

}  // namespace

v1::FileRules RulesOf(const FileDescriptor& file) { return file.options().GetExtension(v1::file); }
v1::MessageRules RulesOf(const Descriptor& message) { return message.options().GetExtension(v1::message); }
v1::FieldRules RulesOf(const FieldDescriptor& field) { return field.options().GetExtension(v1::field); }
v1::OneofRules RulesOf(const OneofDescriptor& oneof) { return oneof.options().GetExtension(v1::oneof); }
v1::EnumRules RulesOf(const EnumDescriptor& enumeration) {
  return enumeration.options().GetExtension(v1::enumeration);
}
v1::EnumValueRules RulesOf(const EnumValueDescriptor& value) {
  return value.options().GetExtension(v1::enum_value);
}

bool IsFlattened(const OneofDescriptor& oneof) { return oneof.options().HasExtension(v1::oneof); }

const OneofDescriptor* FlattenedOneof(const Descriptor& message) {
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    if (IsFlattened(*message.oneof_decl(i))) return message.oneof_decl(i);
  }
  return nullptr;
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

std::string TagValueOf(const FieldDescriptor& field) {
  std::string own = RulesOf(field).tag_value();
  return own.empty() ? field.name() : own;
}

bool IsInt64Number(const FieldDescriptor& field) { return Int64FormatFor(field) == v1::INT64_FORMAT_NUMBER; }

std::string JsonNameOf(const EnumValueDescriptor& value) {
  std::string own = RulesOf(value).name();
  if (!own.empty()) return own;
  return EnumFormatFor(*value.type()) == v1::ENUM_FORMAT_SHORT_LOWER ? ShortLower(value) : value.name();
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
