#pragma once

#include <functional>
#include <memory>

#include "delivery/surroundings.h"

namespace federation::node {

// Threads for work that blocks. Thread-safe.
class WorkerPool final : public delivery::Workers {
 public:
  explicit WorkerPool(int threads);
  ~WorkerPool() override;  // stops
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `task` on one of the threads. An exception that leaves it is logged and ends that task only.
  void Post(std::function<void()> task) override;
  // Finishes what was posted and ends the threads. Idempotent. Not from a task.
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::node
