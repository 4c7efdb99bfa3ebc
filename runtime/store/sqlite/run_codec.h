#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "federation/update_run.h"

namespace federation::sqlite {

// The JSON of a run without the commas.
inline std::uint64_t UpdateBytes(const UpdateRun& run) {
  return run.json().size() - (run.empty() ? 0 : run.size() - 1);
}

// The sizes of a run's updates, each as a varint of seven bits a byte, the low ones first. Empty for a run of
// one: its size is that of its JSON.
std::string EncodeSizes(const UpdateRun& run);

// The reverse: where the `count` updates end in `json`. Internal if the row contradicts itself.
absl::Status DecodeEnds(std::string_view sizes, std::size_t count, std::size_t json_bytes,
                        std::vector<std::uint32_t>& ends);

}  // namespace federation::sqlite
