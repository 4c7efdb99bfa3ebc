#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

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
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;
using v1::FieldRules;
using v1::JsonRules;
using v1::MessageRules;

// What the rules of a field are about: itself, or the values of the map that it is.
const FieldDescriptor& ValueOf(const FieldDescriptor& field) {
  return field.is_map() ? *field.message_type()->map_value() : field;
}

bool Is64Bit(const FieldDescriptor& field) {
  const FieldDescriptor::CppType type = ValueOf(field).cpp_type();
  return type == FieldDescriptor::CPPTYPE_INT64 || type == FieldDescriptor::CPPTYPE_UINT64;
}

// Not google.protobuf.NullValue, which is null whatever a rule says of enums.
bool IsEnum(const FieldDescriptor& field) {
  const EnumDescriptor* enumeration = ValueOf(field).enum_type();
  return enumeration != nullptr && !IsWellKnown(*enumeration->file());
}

bool IsSingularEnum(const FieldDescriptor& field) { return IsEnum(field) && !field.is_repeated(); }

bool HasField(const Descriptor& message, bool (*wanted)(const FieldDescriptor&)) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (wanted(*message.field(i))) return true;
  }
  return false;
}

// "a string", "an int32", "a map of string".
std::string TypeText(const FieldDescriptor& field) {
  const FieldDescriptor& value = ValueOf(field);
  const std::string type = value.enum_type() == nullptr ? value.type_name() : value.enum_type()->full_name();
  if (field.is_map()) return absl::StrCat("a map of ", type);
  return absl::StrCat(type.front() == 'i' ? "an " : "a ", type);
}

// That this generator knows every rule in `rules`, which is an annotation or a part of one, and every value
// of an enum. Schemas may be annotated with a newer annotations.proto, and protoc takes any number for an
// enum.
void CheckKnown(const google::protobuf::Message& rules, const Place& place, Diagnostics& diagnostics) {
  const google::protobuf::Reflection& reflection = *rules.GetReflection();
  if (!reflection.GetUnknownFields(rules).empty()) {
    diagnostics.Add(place, "the annotation has a rule that this version of the generator does not know");
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(rules, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() != nullptr) CheckKnown(reflection.GetMessage(rules, field), place, diagnostics);
    if (field->enum_type() == nullptr) continue;
    const int value = reflection.GetEnumValue(rules, field);
    if (field->enum_type()->FindValueByNumber(value) != nullptr) continue;
    diagnostics.Add(place, absl::StrCat("`", field->name(), "` has no value ", value));
  }
}

// `rules` is the annotation at `place`.
void CheckRules(const google::protobuf::Message& rules, const Place& place, Diagnostics& diagnostics) {
  if (rules.ByteSizeLong() == 0) diagnostics.Add(place, "the annotation says nothing");
  CheckKnown(rules, place, diagnostics);
}

void CheckFileRules(const FileDescriptor& file, Diagnostics& diagnostics) {
  if (file.options().HasExtension(v1::file)) CheckRules(RulesOf(file), AnnotationOf(file), diagnostics);
}

void CheckJsonRules(const Descriptor& message, const JsonRules& json, Diagnostics& diagnostics) {
  const auto place = [&message](int rule) {
    return AnnotationOf(message, {MessageRules::kJsonFieldNumber, rule});
  };
  if (json.names() != v1::NAMES_UNSPECIFIED && FlattenedOneof(message) != nullptr) {
    diagnostics.Add(place(JsonRules::kNamesFieldNumber),
                    "`names` has no effect: the tag stands for the cases' names");
  } else if (json.names() != v1::NAMES_UNSPECIFIED && message.field_count() == 0) {
    diagnostics.Add(place(JsonRules::kNamesFieldNumber), "`names` has no effect: the message has no fields");
  }
  if (json.int64() != v1::INT64_FORMAT_UNSPECIFIED && !HasField(message, Is64Bit)) {
    diagnostics.Add(place(JsonRules::kInt64FieldNumber),
                    "`int64` has no effect: no field of the message has 64 bits");
  }
  if (json.enums() != v1::ENUM_FORMAT_UNSPECIFIED && message.enum_type_count() == 0) {
    diagnostics.Add(place(JsonRules::kEnumsFieldNumber),
                    "`enums` has no effect: no enum is nested in the message");
  }
  if (json.unknown() != v1::UNKNOWN_VALUES_UNSPECIFIED && FlattenedOneof(message) == nullptr &&
      !HasField(message, IsSingularEnum)) {
    diagnostics.Add(place(JsonRules::kUnknownFieldNumber),
                    "`unknown` has no effect: the message has no field of an enum (repeated ones and maps do "
                    "not count), and no flattened oneof");
  }
}

void CheckMessageRules(const Descriptor& message, Diagnostics& diagnostics) {
  if (!message.options().HasExtension(v1::message)) return;
  const MessageRules& rules = RulesOf(message);
  CheckRules(rules, AnnotationOf(message), diagnostics);
  CheckJsonRules(message, rules.json(), diagnostics);
  if (rules.delivery() != v1::DELIVERY_UNSPECIFIED && FlattenedOneof(message) != nullptr) {
    diagnostics.Add(AnnotationOf(message, {MessageRules::kDeliveryFieldNumber}),
                    "`delivery` has no effect: a message with a flattened oneof is no case of another one");
  }
}

void CheckFieldRules(const FieldDescriptor& field, Diagnostics& diagnostics) {
  if (!field.options().HasExtension(v1::field)) return;
  const FieldRules& rules = RulesOf(field);
  CheckRules(rules, AnnotationOf(field), diagnostics);
  const OneofDescriptor* oneof = field.real_containing_oneof();
  const bool is_case = oneof != nullptr && IsFlattened(*oneof);
  if (!rules.name().empty() && is_case) {
    diagnostics.Add(AnnotationOf(field, {FieldRules::kNameFieldNumber}),
                    "`name` has no effect at a case of a flattened oneof; say `tag_value`");
  }
  if (rules.int64() != v1::INT64_FORMAT_UNSPECIFIED && !Is64Bit(field)) {
    diagnostics.Add(
        AnnotationOf(field, {FieldRules::kInt64FieldNumber}),
        absl::StrCat("`int64` has no effect: the field is no 64-bit integer but ", TypeText(field)));
  }
  if (rules.always() && field.has_presence()) {
    diagnostics.Add(
        AnnotationOf(field, {FieldRules::kAlwaysFieldNumber}),
        "`always` has no effect: the field has presence, so it is written if and only if it is set");
  }
  if (!rules.tag_value().empty() && !is_case) {
    diagnostics.Add(AnnotationOf(field, {FieldRules::kTagValueFieldNumber}),
                    "`tag_value` has no effect: the field is no case of a flattened oneof");
  }
  if (rules.enums() != v1::ENUM_FORMAT_UNSPECIFIED && !IsEnum(field)) {
    diagnostics.Add(AnnotationOf(field, {FieldRules::kEnumsFieldNumber}),
                    absl::StrCat("`enums` has no effect: the field is no enum but ", TypeText(field)));
  }
  if (rules.unknown() != v1::UNKNOWN_VALUES_UNSPECIFIED && !IsSingularEnum(field)) {
    diagnostics.Add(
        AnnotationOf(field, {FieldRules::kUnknownFieldNumber}),
        IsEnum(field) ? "`unknown` has no effect: what repeated fields and maps do not know is "
                        "never kept"
                      : absl::StrCat("`unknown` has no effect: the field is no enum but ", TypeText(field)));
  }
}

void CheckOneofRules(const OneofDescriptor& oneof, Diagnostics& diagnostics) {
  if (!IsFlattened(oneof)) return;
  CheckKnown(RulesOf(oneof), AnnotationOf(oneof), diagnostics);
  if (RulesOf(oneof).tag().empty()) diagnostics.Add(AnnotationOf(oneof), "the tag is empty");
}

// An extension is an option of somebody else's, which never stands in JSON.
void CheckExtension(const FieldDescriptor& extension, Diagnostics& diagnostics) {
  if (!extension.options().HasExtension(v1::field)) return;
  diagnostics.Add(AnnotationOf(extension), "the annotation has no effect at an extension");
}

void CheckEnumRules(const EnumDescriptor& enumeration, Diagnostics& diagnostics) {
  if (enumeration.options().HasExtension(v1::enumeration)) {
    CheckRules(RulesOf(enumeration), AnnotationOf(enumeration), diagnostics);
  }
  for (int i = 0; i < enumeration.value_count(); ++i) {
    const EnumValueDescriptor& value = *enumeration.value(i);
    if (value.options().HasExtension(v1::enum_value)) {
      CheckRules(RulesOf(value), AnnotationOf(value), diagnostics);
    }
  }
}

void CheckRpcRules(const ServiceDescriptor& service, Diagnostics& diagnostics) {
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    if (!method.options().HasExtension(v1::rpc)) continue;
    CheckRules(method.options().GetExtension(v1::rpc), AnnotationOf(method), diagnostics);
  }
}

}  // namespace

void CheckAnnotations(const FileDescriptor& file, Diagnostics& diagnostics) {
  CheckFileRules(file, diagnostics);
  ForEachMessage(file, [&](const Descriptor& message) {
    CheckMessageRules(message, diagnostics);
    for (int i = 0; i < message.field_count(); ++i) CheckFieldRules(*message.field(i), diagnostics);
    for (int i = 0; i < message.real_oneof_decl_count(); ++i)
      CheckOneofRules(*message.oneof_decl(i), diagnostics);
  });
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) { CheckEnumRules(enumeration, diagnostics); });
  ForEachExtension(file, [&](const FieldDescriptor& extension) { CheckExtension(extension, diagnostics); });
  for (int i = 0; i < file.service_count(); ++i) CheckRpcRules(*file.service(i), diagnostics);
}

}  // namespace federation::codegen
