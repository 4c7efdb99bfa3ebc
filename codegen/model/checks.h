#pragma once

#include <google/protobuf/descriptor.h>

#include "codegen/model/diagnostics.h"

// Everything that may be wrong with a schema. Each check reports all that it finds and goes on.
namespace federation::codegen {

// All of the checks below. Whether the file passed.
bool CheckFile(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);

// What protobuf allows and generated code does not support.
void CheckSupport(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// Annotations that have no effect where they stand.
void CheckAnnotations(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// Flattened oneofs and update unions.
void CheckFlattened(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// The spelling of JSON names, and that they differ where they have to.
void CheckJsonNames(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// That the C++ names of generated code differ from each other and from those of the schemas.
void CheckCppNames(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);

}  // namespace federation::codegen
