#pragma once

#include <string>

namespace federation::codegen::cpp {

// Whether generated code sees a macro of this name that is more than the name itself: one of C's headers or
// of the compiler. With `called`, those that take arguments count as well: they spoil functions.
bool IsMacro(const std::string& name, bool called);

}  // namespace federation::codegen::cpp
