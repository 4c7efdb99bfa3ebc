#include "codegen/model/visit.h"

#include <google/protobuf/descriptor.pb.h>

namespace federation::codegen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

void VisitTree(const Descriptor& message, const std::function<void(const Descriptor&)>& visit) {
  if (message.options().map_entry()) return;
  visit(message);
  for (int i = 0; i < message.nested_type_count(); ++i) VisitTree(*message.nested_type(i), visit);
}

}  // namespace

void ForEachMessage(const FileDescriptor& file, const std::function<void(const Descriptor&)>& visit) {
  for (int i = 0; i < file.message_type_count(); ++i) VisitTree(*file.message_type(i), visit);
}

void ForEachEnum(const FileDescriptor& file, const std::function<void(const EnumDescriptor&)>& visit) {
  for (int i = 0; i < file.enum_type_count(); ++i) visit(*file.enum_type(i));
  ForEachMessage(file, [&](const Descriptor& message) {
    for (int i = 0; i < message.enum_type_count(); ++i) visit(*message.enum_type(i));
  });
}

void ForEachExtension(const FileDescriptor& file, const std::function<void(const FieldDescriptor&)>& visit) {
  for (int i = 0; i < file.extension_count(); ++i) visit(*file.extension(i));
  ForEachMessage(file, [&](const Descriptor& message) {
    for (int i = 0; i < message.extension_count(); ++i) visit(*message.extension(i));
  });
}

}  // namespace federation::codegen
