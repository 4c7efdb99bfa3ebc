#pragma once

#include <string>

#include "oracle/random.h"

namespace oracle {

// Text of any length, often with what JSON has to escape; always UTF-8.
std::string RandomText(Random& random);

}  // namespace oracle
