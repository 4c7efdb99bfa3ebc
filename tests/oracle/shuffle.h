#pragma once

#include <string>
#include <string_view>

#include "oracle/random.h"

namespace oracle {

// `json` with the keys of every object in another order; with `unknown_keys`, sometimes one that no schema
// has is put among them. `json` is a document, minified.
std::string ShuffleKeys(std::string_view json, bool unknown_keys, Random& random);

}  // namespace oracle
