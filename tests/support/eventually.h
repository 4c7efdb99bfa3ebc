#pragma once

#include <chrono>
#include <thread>

namespace federation::support {

// Asks again and again until `condition` holds, for what other processes bring about. False if it takes too
// long: that is a failure, so the bound is far above what is usual.
template <typename Condition>
bool Eventually(const Condition& condition, std::chrono::seconds longest = std::chrono::seconds{20}) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace federation::support
