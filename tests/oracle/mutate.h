#pragma once

#include <string>
#include <string_view>

#include "oracle/random.h"

namespace oracle {

// `json` with one to four changes: bytes replaced, inserted or removed; tokens swapped, doubled, removed or
// replaced by such as readers stumble over; keys doubled; spellings changed without a change of the meaning
// (white space, escapes); the end cut off. The result may be a document or not.
std::string Mutate(std::string_view json, Random& random);

}  // namespace oracle
