#pragma once

#include <google/protobuf/message.h>

#include "oracle/random.h"

namespace federation::fuzz {

// Changes one thing of `message` or of a message in it, by reflection: a value, an element more or less, the
// order of elements. Strings are mostly taken from elsewhere in `message`, so that names still refer to each
// other.
void MutateMessage(oracle::Random& random, google::protobuf::Message* message);

}  // namespace federation::fuzz
