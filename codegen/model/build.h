#pragma once

#include <google/protobuf/descriptor.h>

#include "codegen/model/diagnostics.h"
#include "codegen/model/model.h"

namespace federation::codegen {

// The model of a file. Whatever is wrong with it goes to `diagnostics`, all of it; the model is of use only
// if nothing did.
File BuildFile(const google::protobuf::FileDescriptor& file, Diagnostics& diagnostics);

}  // namespace federation::codegen
