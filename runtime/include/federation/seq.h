#pragma once

#include <cstdint>

namespace federation {

// The number of a strong update on one link: 1, 2, 3 ... in the order of commits at the origin. Seq{0} stands
// for "none yet".
enum class Seq : std::uint64_t {};

// The plain number, for arithmetic and printing.
constexpr std::uint64_t Value(Seq seq) { return static_cast<std::uint64_t>(seq); }

constexpr Seq Next(Seq seq) { return Seq{Value(seq) + 1}; }

// The greatest number that may be assigned: JSON numbers beyond 2^53 - 1 are not exact in every
// implementation (RFC 8259, section 6).
inline constexpr std::uint64_t kSeqMax = (std::uint64_t{1} << 53) - 1;

}  // namespace federation
