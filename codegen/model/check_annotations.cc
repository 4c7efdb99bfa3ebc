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

bool Is64Bit(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
}

bool HasInt64Field(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (Is64Bit(*message.field(i))) return true;
  }
  return false;
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
  if (json.int64() != v1::INT64_FORMAT_UNSPECIFIED && !HasInt64Field(message)) {
    diagnostics.Add(place(JsonRules::kInt64FieldNumber),
                    "`int64` has no effect: no field of the message has 64 bits");
  }
  if (json.enums() != v1::ENUM_FORMAT_UNSPECIFIED && message.enum_type_count() == 0) {
    diagnostics.Add(place(JsonRules::kEnumsFieldNumber),
                    "`enums` has no effect: no enum is nested in the message");
  }
}

void CheckMessageRules(const Descriptor& message, Diagnostics& diagnostics) {
  if (!message.options().HasExtension(v1::message)) return;
  const MessageRules rules = RulesOf(message);
  CheckRules(rules, AnnotationOf(message), diagnostics);
  CheckJsonRules(message, rules.json(), diagnostics);
  if (rules.delivery() != v1::DELIVERY_UNSPECIFIED && FlattenedOneof(message) != nullptr) {
    diagnostics.Add(AnnotationOf(message, {MessageRules::kDeliveryFieldNumber}),
                    "`delivery` has no effect: a message with a flattened oneof is no case of another one");
  }
}

void CheckFieldRules(const FieldDescriptor& field, Diagnostics& diagnostics) {
  if (!field.options().HasExtension(v1::field)) return;
  const FieldRules rules = RulesOf(field);
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
        absl::StrCat("`int64` has no effect: the field is no 64-bit integer but a ", field.type_name()));
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
  for (int i = 0; i < file.extension_count(); ++i) CheckExtension(*file.extension(i), diagnostics);
  for (int i = 0; i < file.service_count(); ++i) CheckRpcRules(*file.service(i), diagnostics);
}

}  // namespace federation::codegen
