#include "codegen/model/build.h"

#include <map>
#include <utility>

#include <google/protobuf/compiler/code_generator.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/cpp/names.h"
#include "codegen/model/checks.h"
#include "codegen/model/comments.h"
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

std::string StemOf(const FileDescriptor& file) { return google::protobuf::compiler::StripProto(file.name()); }

Kind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Kind::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
      return Kind::kInt32;
    case FieldDescriptor::CPPTYPE_INT64:
      return IsInt64Number(field) ? Kind::kInt64Number : Kind::kInt64;
    case FieldDescriptor::CPPTYPE_UINT32:
      return Kind::kUint32;
    case FieldDescriptor::CPPTYPE_UINT64:
      return IsInt64Number(field) ? Kind::kUint64Number : Kind::kUint64;
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

Field BuildField(const FieldDescriptor& field) {
  Field model;
  model.name = field.name();
  model.accessor = cpp::Accessor(field);
  model.keys = KeysOf(field);
  model.kind = KindOf(field);
  model.always = RulesOf(field).always();
  if (field.is_repeated()) {
    model.presence = Field::Presence::kRepeated;
  } else if (field.has_presence()) {
    model.presence = Field::Presence::kExplicit;
  }
  if (field.real_containing_oneof() != nullptr) model.oneof = field.real_containing_oneof()->index() + 1;
  if (field.message_type() != nullptr) model.type = cpp::TypeName(*field.message_type(), *field.file());
  if (field.enum_type() != nullptr) model.type = cpp::TypeName(*field.enum_type(), *field.file());
  return model;
}

Case BuildCase(const FieldDescriptor& field) {
  const Descriptor& message = *field.message_type();
  Case model;
  model.accessor = cpp::Accessor(field);
  model.constant = cpp::CaseConstant(field);
  model.tag_value = TagValueOf(field);
  model.type = cpp::TypeName(message, *field.file());
  model.name = cpp::CaseName(field);
  model.parameter = cpp::CaseParameter(field);
  model.delivery = DeliveryOf(message);
  model.comment = CommentOf(field);
  if (model.comment.empty()) model.comment = CommentOf(message);
  return model;
}

Flattened BuildFlattened(const OneofDescriptor& oneof) {
  Flattened model;
  model.tag = RulesOf(oneof).tag();
  model.case_function = cpp::CaseFunction(oneof);
  model.not_set = cpp::CaseNotSet(oneof);
  model.update_union = IsUpdateUnion(*oneof.containing_type());
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
  return model;
}

Enum BuildEnum(const EnumDescriptor& enumeration) {
  Enum model;
  model.type = cpp::TypeName(enumeration, *enumeration.file());
  model.identifier = cpp::Identifier(enumeration);
  model.comment = CommentOf(enumeration);
  for (int i = 0; i < enumeration.value_count(); ++i) {
    const EnumValueDescriptor& value = *enumeration.value(i);
    model.values.push_back({JsonNameOf(value), cpp::Constant(value)});
  }
  return model;
}

// Adds the files that define the types of a message's fields.
void AddStems(const Descriptor& message, File* model) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (field.message_type() != nullptr) {
      model->field_stems.insert(StemOf(*field.message_type()->file()));
      if (IsUpdateUnion(message)) model->case_stems.insert(StemOf(*field.message_type()->file()));
    }
    if (field.enum_type() != nullptr) model->field_stems.insert(StemOf(*field.enum_type()->file()));
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

File BuildFile(const FileDescriptor& file, Diagnostics& diagnostics) {
  File model;
  if (!CheckFile(file, diagnostics)) return model;
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
  return model;
}

}  // namespace federation::codegen
