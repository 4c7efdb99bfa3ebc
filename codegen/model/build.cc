#include "codegen/model/build.h"

#include <map>
#include <utility>

#include <absl/strings/str_cat.h>
#include <google/protobuf/compiler/code_generator.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/cpp/names.h"
#include "codegen/model/comments.h"
#include "codegen/model/rules.h"
#include "codegen/model/services.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;

std::string StemOf(const FileDescriptor& file) { return google::protobuf::compiler::StripProto(file.name()); }

// `rules` is the field, or for the value of a map the map, which has the annotations.
Kind KindOf(const FieldDescriptor& field, const FieldDescriptor& rules) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Kind::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
      return Kind::kInt32;
    case FieldDescriptor::CPPTYPE_INT64:
      return IsInt64Number(rules) ? Kind::kInt64Number : Kind::kInt64;
    case FieldDescriptor::CPPTYPE_UINT32:
      return Kind::kUint32;
    case FieldDescriptor::CPPTYPE_UINT64:
      return IsInt64Number(rules) ? Kind::kUint64Number : Kind::kUint64;
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Kind::kFloat;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Kind::kDouble;
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? Kind::kBytes : Kind::kString;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Kind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return Kind::kMessage;
}

// Keys of JSON are strings, whatever a rule says of integers.
Kind MapKeyKindOf(const FieldDescriptor& key) {
  const Kind kind = KindOf(key, key);
  if (kind == Kind::kInt64Number) return Kind::kInt64;
  return kind == Kind::kUint64Number ? Kind::kUint64 : kind;
}

void BuildType(const FieldDescriptor& field, const FileDescriptor& from, Field* model) {
  if (field.message_type() != nullptr) model->type = cpp::TypeName(*field.message_type(), from);
  if (field.enum_type() != nullptr) model->type = cpp::TypeName(*field.enum_type(), from);
}

// What the class of a proto2 message does not take.
bool IsClosed(const FieldDescriptor& field) {
  return field.enum_type() != nullptr && field.file()->syntax() == FileDescriptor::SYNTAX_PROTO2 &&
         field.enum_type()->file()->syntax() != FileDescriptor::SYNTAX_PROTO2;
}

// The table of an enum's names, where it is known in this file: the enum's own, or the field's.
void BuildNameTable(const FieldDescriptor& field, const EnumDescriptor& enumeration, Field* model) {
  if (!HasOwnEnumFormat(field)) {
    if (enumeration.file() == field.file()) model->name_table = cpp::NameTable(cpp::Identifier(enumeration));
    return;
  }
  model->name_table =
      cpp::NameTable(absl::StrCat(cpp::Identifier(*field.containing_type()), "_", field.name()));
  for (int i = 0; i < enumeration.value_count(); ++i) {
    const EnumValueDescriptor& value = *enumeration.value(i);
    model->values.push_back(
        {cpp::InLiteral(JsonNameOf(value, field)), cpp::QualifiedConstant(value, *field.file())});
  }
}

Field BuildField(const FieldDescriptor& field) {
  Field model;
  model.name = field.name();
  model.accessor = cpp::Accessor(field);
  for (const std::string& key : KeysOf(field)) model.keys.push_back(cpp::InLiteral(key));
  model.number = field.number();
  model.required = field.is_required();
  model.hidden = field.options().ctype() != google::protobuf::FieldOptions::STRING;
  model.takes_null = TakesNull(field);
  model.keep_unknown = KeepsUnknown(field);
  model.always = RulesOf(field).always();
  const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
  model.kind = KindOf(value, field);
  BuildType(value, *field.file(), &model);
  model.enum_closed =
      value.enum_type() != nullptr && value.enum_type()->file()->syntax() == FileDescriptor::SYNTAX_PROTO2;
  model.closed = IsClosed(value);
  if (value.enum_type() != nullptr) BuildNameTable(field, *value.enum_type(), &model);
  if (field.is_map()) {
    model.presence = Field::Presence::kMap;
    const FieldDescriptor& key = *field.message_type()->map_key();
    model.map_key = MapKeyKindOf(key);
  } else if (field.is_repeated()) {
    model.presence = Field::Presence::kRepeated;
  } else if (field.has_presence()) {
    model.presence = Field::Presence::kExplicit;
  }
  if (const OneofDescriptor* oneof = field.real_containing_oneof()) {
    model.oneof = oneof->index() + 1;
    model.oneof_case = cpp::CaseFunction(*oneof);
    model.oneof_not_set =
        absl::StrCat(cpp::TypeName(*field.containing_type(), *field.file()), "::", cpp::CaseNotSet(*oneof));
  }
  return model;
}

Case BuildCase(const FieldDescriptor& field) {
  const Descriptor& message = *field.message_type();
  Case model;
  model.accessor = cpp::Accessor(field);
  model.constant = cpp::CaseConstant(field);
  model.tag_value = cpp::InLiteral(TagValueOf(field));
  model.type = cpp::TypeName(message, *field.file());
  model.name = cpp::CaseName(field);
  model.parameter = cpp::CaseParameter(field);
  model.delivery = DeliveryOf(message);
  model.replaces = {RulesOf(message).replaces().begin(), RulesOf(message).replaces().end()};
  model.deprecated = field.options().deprecated() || message.options().deprecated();
  model.comment = CommentOf(field);
  if (model.comment.empty()) model.comment = CommentOf(message);
  return model;
}

Flattened BuildFlattened(const OneofDescriptor& oneof) {
  Flattened model;
  model.name = oneof.name();
  model.comment = CommentOf(oneof);
  model.tag = cpp::InLiteral(RulesOf(oneof).tag());
  model.case_function = cpp::CaseFunction(oneof);
  model.not_set = cpp::CaseNotSet(oneof);
  model.update_union = IsUpdateUnion(*oneof.containing_type());
  model.keep_unknown = KeepsUnknown(oneof);
  for (int i = 0; i < oneof.field_count(); ++i) model.cases.push_back(BuildCase(*oneof.field(i)));
  return model;
}

Message BuildMessage(const Descriptor& message) {
  Message model;
  model.name = message.name();
  model.type = cpp::TypeName(message, *message.file());
  model.identifier = cpp::Identifier(message);
  model.comment = CommentOf(message);
  const OneofDescriptor* flattened = FlattenedOneof(message);
  if (flattened != nullptr) {
    model.flattened = BuildFlattened(*flattened);
    return model;
  }
  for (int i = 0; i < message.field_count(); ++i) model.fields.push_back(BuildField(*message.field(i)));
  for (const std::string& name : RulesOf(message).replaces()) {
    model.replaces.push_back(BuildField(*message.FindFieldByName(name)));
  }
  return model;
}

Enum BuildEnum(const EnumDescriptor& enumeration) {
  Enum model;
  model.type = cpp::TypeName(enumeration, *enumeration.file());
  model.identifier = cpp::Identifier(enumeration);
  model.comment = CommentOf(enumeration);
  model.closed = enumeration.file()->syntax() == FileDescriptor::SYNTAX_PROTO2;
  for (int i = 0; i < enumeration.value_count(); ++i) {
    const EnumValueDescriptor& value = *enumeration.value(i);
    model.values.push_back({cpp::InLiteral(JsonNameOf(value)), cpp::Constant(value)});
  }
  return model;
}

void AddStem(const FileDescriptor& file, std::set<std::string>* stems, File* model) {
  if (IsWellKnown(file)) {
    model->has_well_known = true;
  } else {
    stems->insert(StemOf(file));
  }
}

// Adds the files that define the types of a message's fields.
void AddStems(const Descriptor& message, File* model) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field =
        message.field(i)->is_map() ? *message.field(i)->message_type()->map_value() : *message.field(i);
    if (field.message_type() != nullptr) {
      AddStem(*field.message_type()->file(), &model->field_stems, model);
      if (IsUpdateUnion(message)) AddStem(*field.message_type()->file(), &model->case_stems, model);
    }
    if (field.enum_type() != nullptr) AddStem(*field.enum_type()->file(), &model->field_stems, model);
  }
}

void AddStems(const ServiceDescriptor& service, File* model) {
  for (int i = 0; i < service.method_count(); ++i) {
    model->method_stems.insert(StemOf(*service.method(i)->input_type()->file()));
    model->method_stems.insert(StemOf(*service.method(i)->output_type()->file()));
  }
}

bool UsesDeprecated(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.options().deprecated()) return true;
    if (field.message_type() != nullptr && field.message_type()->options().deprecated()) return true;
    if (field.enum_type() != nullptr && field.enum_type()->options().deprecated()) return true;
  }
  return message.options().deprecated();
}

bool UsesDeprecated(const EnumDescriptor& enumeration) {
  for (int i = 0; i < enumeration.value_count(); ++i) {
    if (enumeration.value(i)->options().deprecated()) return true;
  }
  return enumeration.options().deprecated();
}

}  // namespace

File BuildFile(const FileDescriptor& file) {
  File model;
  model.name = file.name();
  model.stem = StemOf(file);
  model.cpp_namespace = cpp::Namespace(file);
  model.comment = CommentOf(file);
  ForEachEnum(file, [&](const EnumDescriptor& enumeration) {
    model.enums.push_back(BuildEnum(enumeration));
    model.deprecated |= UsesDeprecated(enumeration);
  });
  ForEachMessage(file, [&](const Descriptor& message) {
    model.messages.push_back(BuildMessage(message));
    AddStems(message, &model);
    model.deprecated |= UsesDeprecated(message);
  });
  model.services = BuildServices(file);
  for (int i = 0; i < file.service_count(); ++i) {
    AddStems(*file.service(i), &model);
    model.deprecated |= UsesDeprecated(*file.service(i));
  }
  return model;
}

}  // namespace federation::codegen
