#pragma once

#include <google/protobuf/descriptor.h>

#include "codegen/model/model.h"

namespace federation::codegen {

// The comment in front of an element or, if there is none, the one behind it; empty if there is neither.
// Compilers take it for nothing but a comment, whatever the schema holds.
Comment CommentOf(const google::protobuf::Descriptor& message);
Comment CommentOf(const google::protobuf::FieldDescriptor& field);
Comment CommentOf(const google::protobuf::OneofDescriptor& oneof);
Comment CommentOf(const google::protobuf::EnumDescriptor& enumeration);
Comment CommentOf(const google::protobuf::ServiceDescriptor& service);
Comment CommentOf(const google::protobuf::MethodDescriptor& method);
// The comment at the top of a file: the one in front of `syntax`.
Comment CommentOf(const google::protobuf::FileDescriptor& file);

}  // namespace federation::codegen
