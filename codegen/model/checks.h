#pragma once

#include <google/protobuf/descriptor.h>

#include "codegen/model/cpp_claims.h"
#include "codegen/model/diagnostics.h"

// Everything that may be wrong with a schema. Each check reports all that it finds and goes on.
namespace federation::codegen {

// All of the checks below. Whether the file passed. The index is to serve all files of a run.
bool CheckFile(const google::protobuf::FileDescriptor& file, CppClaimIndex& index, Diagnostics& diagnostics);

// What protobuf allows and generated code does not support.
void CheckSupport(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// Annotations that have no effect where they stand.
void CheckAnnotations(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// Flattened oneofs and update unions.
void CheckFlattened(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// The rule `replaces` of weak updates.
void CheckReplaces(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// Services: what may be asked and answered, and the names of methods.
void CheckServices(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// The spelling of JSON names, and that they differ where they have to.
void CheckJsonNames(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// That C++ takes the names of the schema, in what protoc makes of them.
void CheckCppSpelling(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// That the names in each class of protoc's differ from each other.
void CheckCppMembers(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);
// That the names of generated code differ from each other and from those of the schemas.
void CheckCppNames(const google::protobuf::FileDescriptor& file, CppClaimIndex& index,
                   Diagnostics& diagnostics);

}  // namespace federation::codegen
