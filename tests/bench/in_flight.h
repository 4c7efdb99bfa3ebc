#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace federation::bench {

// Keeps so many calls on their way for so long, each of which begins when another one ends. `start(done)`
// begins one, and has `done()` called at its end, on any thread. Returns the calls in a second.
template <typename Start>
double CallsInFlight_per_s(int in_flight, std::chrono::milliseconds duration, const Start& start) {
  using Clock = std::chrono::steady_clock;
  struct Run {
    const Start& start;
    const Clock::time_point end;
    std::atomic<std::uint64_t> calls{0};
    std::atomic<int> open{0};

    void Next() {
      start([this] {
        calls.fetch_add(1, std::memory_order_relaxed);
        if (Clock::now() < end) return Next();
        if (open.fetch_sub(1) == 1) open.notify_all();
      });
    }
  };
  const Clock::time_point begin = Clock::now();
  Run run{start, begin + duration, 0, in_flight};
  for (int i = 0; i < in_flight; ++i) run.Next();
  for (int open = run.open; open > 0; open = run.open) run.open.wait(open);
  return static_cast<double>(run.calls) / std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace federation::bench
