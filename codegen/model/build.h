#pragma once

#include <google/protobuf/descriptor.h>

#include "codegen/model/model.h"

namespace federation::codegen {

// The model of a file that has passed the checks.
File BuildFile(const google::protobuf::FileDescriptor& file);

}  // namespace federation::codegen
