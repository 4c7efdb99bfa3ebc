#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace federation::https {

// The network thread: sockets, timers and the links' state machines run on it, one after the other. Work on
// it must not block.
class EventLoop {
 public:
  EventLoop();
  // Stops the thread if it runs.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void Start();
  // Ends the thread and joins it; what is still queued is dropped. Idempotent. Not from the loop itself.
  void Stop();

  // Runs `task` on the loop. Thread-safe. An exception that leaves a task is logged and ends that task only.
  void Post(std::function<void()> task);
  bool IsCurrentThread() const;

  // Runs one task after a delay. To be used, and destroyed, on the loop (or when the loop is stopped); must
  // not outlive the loop.
  class Timer {
   public:
    explicit Timer(EventLoop& loop);
    ~Timer();  // cancels
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    // Takes the place of what was set before.
    void Set(std::chrono::milliseconds delay, std::function<void()> task);
    void Cancel();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
  };

  // For the files of this folder and for discovery: the Asio context.
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::https
