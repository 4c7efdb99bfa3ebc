#include <string>

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

#include "codegen/model/checks.h"
#include "codegen/model/rules.h"
#include "codegen/model/visit.h"

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::FileOptions;
using google::protobuf::MessageOptions;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kProtobufPackage[] = "google.protobuf";

void CheckOwner(const FileDescriptor& file, Diagnostics& diagnostics) {
  if (file.package() != kProtobufPackage) return;
  diagnostics.Add(PackageOf(file),
                  "is protobuf's own package: the codecs of its well-known types are in the runtime");
}

// `file` declares the `type` of `field`, or of the values of the map that it is.
void CheckType(const FieldDescriptor& field, const std::string& type, const FileDescriptor& file,
               Diagnostics& diagnostics) {
  if (file.package() != kProtobufPackage || IsWellKnown(file)) return;
  diagnostics.Add(PlaceOf(field), absl::StrCat(type, " is not supported: of ", kProtobufPackage,
                                               " only the well-known types have a codec"));
}

void CheckField(const FieldDescriptor& field, Diagnostics& diagnostics) {
  if (field.type() == FieldDescriptor::TYPE_GROUP) {
    diagnostics.Add(PlaceOf(field), "groups are not supported; use a field of a message type");
    return;
  }
  const FieldDescriptor& value = field.is_map() ? *field.message_type()->map_value() : field;
  if (value.message_type() != nullptr) {
    CheckType(field, value.message_type()->full_name(), *value.message_type()->file(), diagnostics);
  }
  if (value.enum_type() != nullptr) {
    CheckType(field, value.enum_type()->full_name(), *value.enum_type()->file(), diagnostics);
  }
}

// JSON has no place for what other files add to a message.
void CheckExtensions(const Descriptor& message, Diagnostics& diagnostics) {
  if (message.options().message_set_wire_format()) {
    Place place = PlaceOf(message);
    place.path.insert(place.path.end(), {DescriptorProto::kOptionsFieldNumber,
                                         MessageOptions::kMessageSetWireFormatFieldNumber});
    diagnostics.Add(place, "message sets are not supported; use google.protobuf.Any");
    return;
  }
  for (int i = 0; i < message.extension_range_count(); ++i) {
    diagnostics.Add(ExtensionRangeOf(message, i),
                    "extensions are not supported; use fields, or google.protobuf.Any");
  }
}

// Options of one's own are extensions, too: they are nobody's JSON.
void CheckExtend(const FieldDescriptor& extension, Diagnostics& diagnostics) {
  const Descriptor& extended = *extension.containing_type();
  if (extended.file()->package() == kProtobufPackage && absl::EndsWith(extended.name(), "Options")) return;
  diagnostics.Add(PlaceOf(extension), absl::StrCat("extends `", extended.full_name(),
                                                   "`, and extensions are not supported other than of "
                                                   "options"));
}

// What is unknown is kept among the unknown fields, which are closed to us in messages without reflection; so
// are the strings of ctypes.
void CheckLite(const Descriptor& message, Diagnostics& diagnostics) {
  if (message.file()->options().optimize_for() != FileOptions::LITE_RUNTIME) return;
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->options().ctype() == google::protobuf::FieldOptions::STRING) continue;
    diagnostics.Add(PlaceOf(*message.field(i)),
                    "`ctype` is not supported with `optimize_for = LITE_RUNTIME`");
  }
  const std::string flaw = "UNKNOWN_VALUES_KEEP is not supported with `optimize_for = LITE_RUNTIME`";
  for (int i = 0; i < message.field_count(); ++i) {
    if (KeepsUnknown(*message.field(i))) diagnostics.Add(PlaceOf(*message.field(i)), flaw);
  }
  const OneofDescriptor* flattened = FlattenedOneof(message);
  if (flattened != nullptr && KeepsUnknown(*flattened)) diagnostics.Add(PlaceOf(*flattened), flaw);
}

void CheckMethods(const ServiceDescriptor& service, Diagnostics& diagnostics) {
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor& method = *service.method(i);
    if (method.client_streaming() || method.server_streaming()) {
      diagnostics.Add(PlaceOf(method), "streaming methods are not supported; send updates instead");
    }
  }
}

}  // namespace

void CheckSupport(const FileDescriptor& file, Diagnostics& diagnostics) {
  CheckOwner(file, diagnostics);
  ForEachMessage(file, [&](const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) CheckField(*message.field(i), diagnostics);
    CheckExtensions(message, diagnostics);
    CheckLite(message, diagnostics);
  });
  ForEachExtension(file, [&](const FieldDescriptor& extension) { CheckExtend(extension, diagnostics); });
  for (int i = 0; i < file.service_count(); ++i) CheckMethods(*file.service(i), diagnostics);
}

}  // namespace federation::codegen
