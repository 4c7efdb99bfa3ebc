#pragma once

#include <cstdlib>

namespace federation::fuzz {

// Ends the program, which the fuzzer takes for a finding, if the condition does not hold.
inline void Require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace federation::fuzz
