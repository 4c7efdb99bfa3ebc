#pragma once

#include <functional>

#include <google/protobuf/descriptor.h>

namespace federation::codegen {

// Calls `visit` for every message of a file in the order of the schema, the outer before the nested ones; not
// for the entries of maps, which nobody wrote.
void ForEachMessage(const google::protobuf::FileDescriptor& file,
                    const std::function<void(const google::protobuf::Descriptor&)>& visit);

// Calls `visit` for every enum of a file, those that are nested in no message first.
void ForEachEnum(const google::protobuf::FileDescriptor& file,
                 const std::function<void(const google::protobuf::EnumDescriptor&)>& visit);

// Calls `visit` for every extension that a file declares, in messages, too.
void ForEachExtension(const google::protobuf::FileDescriptor& file,
                      const std::function<void(const google::protobuf::FieldDescriptor&)>& visit);

}  // namespace federation::codegen
