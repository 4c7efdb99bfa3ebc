#pragma once

#include <cstdint>
#include <string_view>

namespace federation::json {

enum class IntegerText { kOk, kNotAnInteger, kTooLarge };

// The exact value of a JSON number without a sign, which may have a fraction and an exponent: 12, 1.0, 1e3.
// `text` is well-formed. kTooLarge is beyond 64 bits.
IntegerText ParseMagnitude(std::string_view text, std::uint64_t* value);

}  // namespace federation::json
