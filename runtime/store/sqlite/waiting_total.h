#pragma once

#include <atomic>
#include <cstdint>

namespace federation::sqlite {

// What waits on all links together, as of the latest commit. Thread-safe.
struct WaitingTotal {
  std::atomic<std::int64_t> bytes{0};
  // How much of what transactions of other connections appended is in it; see federation_joined.
  std::atomic<std::int64_t> joined_bytes{0};
};

}  // namespace federation::sqlite
