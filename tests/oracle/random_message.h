#pragma once

#include <google/protobuf/message.h>

#include "oracle/random.h"

namespace oracle {

// Fills `message` by reflection: few fields or many, values from the edges of their types or from anywhere.
// Well-known types get values that have a JSON form: a Timestamp within its range, a Value of some kind, an
// Any of a type of this program. Messages nest at most `depth_max` deep below this one. Required fields are
// always set.
void FillRandomly(Random& random, int depth_max, google::protobuf::Message* message);

}  // namespace oracle
