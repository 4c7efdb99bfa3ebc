#pragma once

#include <atomic>
#include <cstdint>

#include "federation/seq.h"

#include "bench/node_pair.h"

namespace federation::bench {

// Those of one thread that are sent and not durable yet. Add waits at the bound until half of them are
// through, so that the thread is woken once for many.
class Outstanding {
 public:
  explicit Outstanding(std::int64_t max) : max_(max) {}

  // To be called by one thread.
  void Add();
  // Thread-safe.
  void Done();
  void AwaitNone() const;

 private:
  const std::int64_t max_;
  std::atomic<std::int64_t> count_{0};
};

// Each sends `updates` with the generated sender or with SendStrongAsync from so many threads, and returns
// when all are durable.
void SendBlocking(NodePair& pair, int threads, std::uint64_t updates);
void SendAsync(NodePair& pair, int threads, std::uint64_t updates);

}  // namespace federation::bench
