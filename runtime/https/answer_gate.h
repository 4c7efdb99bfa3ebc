#pragma once

#include <mutex>
#include <utility>

#include "https/event_loop.h"

namespace federation::https {

// Brings the answers of handlers, which may come from any thread and at any time, to the loop as long as the
// server lives. Thread-safe.
class AnswerGate {
 public:
  explicit AnswerGate(EventLoop& loop) : loop_(&loop) {}

  // Runs `task` on the loop: at once if this is its thread. Dropped after Close.
  template <typename Task>
  void Pass(Task task) {
    {
      const std::lock_guard lock(mutex_);
      if (loop_ == nullptr) return;
      if (!loop_->IsCurrentThread()) {
        loop_->Post(std::move(task));
        return;
      }
    }
    task();
  }

  // From then on the loop is not touched any more.
  void Close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  EventLoop* loop_;
};

}  // namespace federation::https
