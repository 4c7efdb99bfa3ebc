#pragma once

namespace federation::codegen {

// The contract between generated code and the runtime, as this generator knows it. Generated code compares it
// with FEDERATION_GENERATED_CODE_VERSION of the runtime that it is compiled against; the two are raised
// together.
inline constexpr int kGeneratedCodeVersion = 4;

}  // namespace federation::codegen
