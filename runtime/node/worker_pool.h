#pragma once

#include <functional>
#include <memory>

#include "delivery/surroundings.h"

namespace federation::node {

// Threads for work that blocks. Thread-safe.
//
// To wake a thread costs more than most tasks do. So tasks that come while one thread works are left to it;
// one that has waited for 250 us, as the thread has something that takes its time, gets another thread, as
// long as there are any. No task waits much longer for a thread that sleeps.
class WorkerPool final : public delivery::Workers {
 public:
  explicit WorkerPool(int threads);
  int threads() const { return threads_; }
  ~WorkerPool() override;  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `task` on one of the threads. An exception that leaves it is logged and ends that task only.
  void Post(std::function<void()> task) override;
  // Finishes what was posted and ends the threads. Idempotent. Not from a task.
  void Stop();

 private:
  struct Impl;
  const int threads_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::node
