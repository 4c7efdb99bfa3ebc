#include <algorithm>
#include <map>
#include <string>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/stubs/common.h>

#include "codegen/model/checks.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;
using v1::EnumValueRules;
using v1::FieldRules;
using v1::OneofRules;

// Encoders make room for a whole key at once.
constexpr std::size_t kNameBytesMax = 256;

// Generated code copies names into JSON and into C++ literals as they are.
void CheckPlain(const std::string& name, const Place& place, Diagnostics& diagnostics) {
  const bool special = std::any_of(name.begin(), name.end(), [](char c) {
    return c == '"' || c == '\\' || absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (special) diagnostics.Add(place, "a JSON name must not hold quotes, backslashes or control characters");
  if (!google::protobuf::internal::IsStructurallyValidUTF8(name))
    diagnostics.Add(place, "a JSON name must be UTF-8");
  if (name.size() > kNameBytesMax) {
    diagnostics.Add(place, absl::StrCat("a JSON name must not be longer than ", kNameBytesMax, " bytes, got ",
                                        name.size()));
  }
}

Place KeyPlace(const FieldDescriptor& field) {
  return RulesOf(field).name().empty() ? PlaceOf(field) : AnnotationOf(field, {FieldRules::kNameFieldNumber});
}

void CheckKeys(const Descriptor& message, Diagnostics& diagnostics) {
  std::map<std::string, const FieldDescriptor*> fields;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    for (const std::string& key : KeysOf(field)) {
      CheckPlain(key, KeyPlace(field), diagnostics);
      const auto [first, fresh] = fields.emplace(key, &field);
      if (fresh) continue;
      diagnostics.Add(KeyPlace(field),
                      absl::StrCat("the JSON key `", key, "` is also read as the field `",
                                   first->second->name(), "` (", PositionText(PlaceOf(*first->second)), ")"));
    }
  }
}

void CheckTag(const OneofDescriptor& oneof, Diagnostics& diagnostics) {
  CheckPlain(RulesOf(oneof).tag(), AnnotationOf(oneof, {OneofRules::kTagFieldNumber}), diagnostics);
  for (int i = 0; i < oneof.field_count(); ++i) {
    CheckPlain(TagValueOf(*oneof.field(i)), AnnotationOf(*oneof.field(i), {FieldRules::kTagValueFieldNumber}),
               diagnostics);
  }
}

void CheckEnum(const EnumDescriptor& enumeration, Diagnostics& diagnostics) {
  std::map<std::string, const EnumValueDescriptor*> values;
  for (int i = 0; i < enumeration.value_count(); ++i) {
    const EnumValueDescriptor& value = *enumeration.value(i);
    const std::string name = JsonNameOf(value);
    const Place place = RulesOf(value).name().empty()
                            ? PlaceOf(value)
                            : AnnotationOf(value, {EnumValueRules::kNameFieldNumber});
    CheckPlain(name, place, diagnostics);
    const auto [first, fresh] = values.emplace(name, &value);
    if (fresh) continue;
    diagnostics.Add(
        place, absl::StrCat("the JSON name `", name, "` is also that of the value `", first->second->name(),
                            "` (", PositionText(PlaceOf(*first->second)), ")"));
  }
}

// The names of an enum that a field spells in a way of its own.
void CheckOwnEnumNames(const FieldDescriptor& field, Diagnostics& diagnostics) {
  const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
  if (value.enum_type() == nullptr || !HasOwnEnumFormat(field)) return;
  std::map<std::string, const EnumValueDescriptor*> values;
  for (int i = 0; i < value.enum_type()->value_count(); ++i) {
    const EnumValueDescriptor& second = *value.enum_type()->value(i);
    const auto [first, fresh] = values.emplace(JsonNameOf(second, field), &second);
    if (fresh) continue;
    diagnostics.Add(AnnotationOf(field, {FieldRules::kEnumsFieldNumber}),
                    absl::StrCat("in this format both `", first->second->name(), "` and `", second.name(),
                                 "` are named `", first->first, "`"));
  }
}

}  // namespace

void CheckJsonNames(const FileDescriptor& file, Diagnostics& diagnostics) {
  ForEachMessage(file, [&](const Descriptor& message) {
    const OneofDescriptor* flattened = FlattenedOneof(message);
    if (flattened != nullptr) {
      CheckTag(*flattened, diagnostics);
    } else {
      CheckKeys(message, diagnostics);
      for (int i = 0; i < message.field_count(); ++i) CheckOwnEnumNames(*message.field(i), diagnostics);
    }
  });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) { CheckEnum(enumeration, diagnostics); });
}

}  // namespace federation::codegen
