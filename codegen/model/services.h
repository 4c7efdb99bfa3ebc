#pragma once

#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "codegen/model/model.h"

namespace federation::codegen {

// The services of a file that have methods: others are nothing that could be asked.
std::vector<Service> BuildServices(const google::protobuf::FileDescriptor& file);

// Whether something of a service is deprecated, so that the mere use of it would be warned of.
bool UsesDeprecated(const google::protobuf::ServiceDescriptor& service);

// The name of a method on the wire.
std::string WireNameOf(const google::protobuf::MethodDescriptor& method);

}  // namespace federation::codegen
