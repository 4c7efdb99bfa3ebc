#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "oracle/codecs.h"
#include "oracle/differences.h"

namespace oracle {

// Checks, on the random message that follows from `seed`, with `codec`:
//
//   decode(encode(m)) == m
//   encode(decode(j)) == j for j = encode(m), the order of a map's entries aside
//   decode reads as m what becomes of j when the keys of its objects change places, and when unknown ones
//   are put among them
//   and for canonical codecs: protobuf's converter reads j as m, and decode reads as m what the converter
//   writes of m; on changed documents both accept the same message, or both refuse, or the difference is an
//   explained one.
//
// Returns what is wrong, with the document; nothing if all is well. Counts explained differences in *tally.
std::optional<std::string> CheckMessage(const Codec& codec, bool canonical, std::uint64_t seed, Tally* tally);

// The last of these laws, on one document.
std::optional<std::string> CompareReaders(const Codec& codec, const std::string& document,
                                          bool ignore_unknown, Tally* tally);

// The codec that `seed` chooses, and CheckMessage with it.
std::optional<std::string> CheckSeed(std::uint64_t seed, Tally* tally);

}  // namespace oracle
