#pragma once

#include <spdlog/logger.h>

namespace federation {

// Where the runtime logs: spdlog's logger `federation`. An embedder who wants its lines elsewhere registers a
// logger of that name before the first use; else they go to standard error. Thread-safe.
spdlog::logger& Log();

}  // namespace federation
