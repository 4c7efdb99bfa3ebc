#pragma once

#include <google/protobuf/any.pb.h>

#include "federation/json/writer.h"

namespace federation::json {

// WriteJson for an Any that stands in `depth` messages.
void WriteAny(const google::protobuf::Any& any, Writer& out, int depth);

}  // namespace federation::json
