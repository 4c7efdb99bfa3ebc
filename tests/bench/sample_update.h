#pragma once

#include <cstdint>
#include <string>

#include "federation/v1/updates.federation.h"

namespace federation::bench {

// An update of about 250 bytes of JSON. `number` makes its id, of the same length for all.
v1::Message SampleMessage(std::uint64_t number);
// The same as the JSON that a node sends.
std::string SampleJson(std::uint64_t number);

}  // namespace federation::bench
