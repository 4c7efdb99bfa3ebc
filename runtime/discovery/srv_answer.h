#pragma once

#include <cstddef>

#include <absl/status/statusor.h>

#include "directory/discovery.h"

namespace federation::discovery {

// Reads the answer to a question for SRV records, at most `records_max` of them. The shortest time to live of
// the answer's records counts, those of aliases included. Targets that are no host names, and ports of 0, are
// left out. Errors: not found (there is no record that counts), unavailable (it is no answer).
absl::StatusOr<directory::DiscoverySources::Srv> ParseSrvAnswer(const unsigned char* bytes, int size,
                                                                std::size_t records_max);

}  // namespace federation::discovery
