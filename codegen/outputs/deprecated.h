#pragma once

namespace federation::codegen {

// What stands in front of a function, or of a class's name.
inline const char* DeprecatedMark(bool deprecated) { return deprecated ? "[[deprecated]] " : ""; }

}  // namespace federation::codegen
