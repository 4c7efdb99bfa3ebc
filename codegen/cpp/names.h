#pragma once

#include <string>

#include <google/protobuf/descriptor.h>

// The C++ names that protoc's generator gives things, and the names that generated code makes of them.
namespace federation::codegen::cpp {

bool IsKeyword(const std::string& name);

// `chat::v1`; empty for a file without a package.
std::string Namespace(const google::protobuf::FileDescriptor& file);

// A class or enum without its namespace: Outer_Inner for nested ones.
std::string Identifier(const google::protobuf::Descriptor& message);
std::string Identifier(const google::protobuf::EnumDescriptor& enumeration);
// What the names of a service's classes start with: its name, without a `Service` at the end.
std::string Identifier(const google::protobuf::ServiceDescriptor& service);

// A class or enum as code in the namespace of `from` names it: qualified only where it has to be, that is if
// it comes from another package or starts in lower case, as the variables of generated code do.
std::string TypeName(const google::protobuf::Descriptor& message,
                     const google::protobuf::FileDescriptor& from);
std::string TypeName(const google::protobuf::EnumDescriptor& enumeration,
                     const google::protobuf::FileDescriptor& from);

// The constant of an enum's value in its namespace: PEER_TYPE_GROUP, or Peer_Type_GROUP for an enum nested in
// Peer.
std::string Constant(const google::protobuf::EnumValueDescriptor& value);
// The same as code in the namespace of `from` names it.
std::string QualifiedConstant(const google::protobuf::EnumValueDescriptor& value,
                              const google::protobuf::FileDescriptor& from);

// What the accessors of a field end in: `private_` for a field named `private`.
std::string Accessor(const google::protobuf::FieldDescriptor& field);

// Of a field in a oneof: kMessageEdited, and MessageEdited.
std::string CaseConstant(const google::protobuf::FieldDescriptor& field);
std::string CaseName(const google::protobuf::FieldDescriptor& field);
// Of any field: kMessageEditedFieldNumber.
std::string FieldNumberConstant(const google::protobuf::FieldDescriptor& field);
// Of a oneof: UpdateCase, update_case, and UPDATE_NOT_SET.
std::string CaseEnum(const google::protobuf::OneofDescriptor& oneof);
std::string CaseFunction(const google::protobuf::OneofDescriptor& oneof);
std::string CaseNotSet(const google::protobuf::OneofDescriptor& oneof);
// A parameter that holds the case `field`; differs from the other parameters of generated functions.
std::string CaseParameter(const google::protobuf::FieldDescriptor& field);

// Text without quotes, backslashes and control characters as it stands between the quotes of a C++ literal.
std::string InLiteral(const std::string& text);

// Of a method: SearchUsers, and StartSearchUsers.
std::string Function(const google::protobuf::MethodDescriptor& method);
std::string StartFunction(const google::protobuf::MethodDescriptor& method);

// What generated code makes of the identifier of a service.
inline std::string ServiceClass(const std::string& identifier) { return identifier + "Service"; }
inline std::string DispatcherClass(const std::string& identifier) { return identifier + "Dispatcher"; }
inline std::string ClientClass(const std::string& identifier) { return identifier + "Client"; }
inline std::string MethodTable(const std::string& identifier) { return "k" + identifier + "Methods"; }

// What generated code makes of the identifier of a message or an enum.
inline std::string HandlerClass(const std::string& identifier) { return identifier + "Handler"; }
inline std::string DefaultHandlerClass(const std::string& identifier) {
  return "Default" + identifier + "Handler";
}
inline std::string ReceiverClass(const std::string& identifier) { return identifier + "Receiver"; }
inline std::string SenderClass(const std::string& identifier) { return identifier + "Sender"; }
inline std::string KeyTable(const std::string& identifier) { return "k" + identifier + "Keys"; }
inline std::string TagKey(const std::string& identifier) { return "k" + identifier + "Tag"; }
inline std::string TagTable(const std::string& identifier) { return "k" + identifier + "Tags"; }
inline std::string NameTable(const std::string& identifier) { return "k" + identifier + "Names"; }

}  // namespace federation::codegen::cpp
