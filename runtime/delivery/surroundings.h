#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// What delivery needs of the world: time, threads and the network. A node brings the real ones, a simulation
// its own.
namespace federation::delivery {

// Runs one task after a delay. To be used, and destroyed, on its loop.
class Timer {
 public:
  virtual ~Timer() = default;  // cancels
  // Takes the place of what was set before.
  virtual void Set(std::chrono::milliseconds delay, std::function<void()> task) = 0;
  virtual void Cancel() = 0;
};

// The thread on which links live: their tasks run one after the other, and must not block.
class Loop {
 public:
  virtual ~Loop() = default;
  // Runs `task` on the loop, in the order of the calls. Thread-safe.
  virtual void Post(std::function<void()> task) = 0;
  virtual std::unique_ptr<Timer> MakeTimer() = 0;
  // Never goes back.
  virtual std::chrono::steady_clock::time_point Now() const = 0;
  // May jump, as somebody may set it.
  virtual std::chrono::system_clock::time_point WallNow() const = 0;
};

// Threads for work that blocks: the store, handlers. Thread-safe.
class Workers {
 public:
  virtual ~Workers() = default;
  virtual void Post(std::function<void()> task) = 0;
};

// The body of a push and where it goes.
struct PushCall {
  std::string destination;
  std::string body;
  // From the call to the answer.
  std::chrono::milliseconds timeout{0};
};

// An HTTP answer.
struct PushAnswer {
  int status = 0;
  std::string body;
  // The header Retry-After, where it is a number of seconds.
  std::optional<std::chrono::seconds> retry_after;
};

// Brings pushes to servers. To be used on the loop only.
//
// Pushes to one destination go over one connection, one behind the other without waiting for answers, and are
// answered in order. When the connection fails, all of them that have no answer yet fail, in order; later ones
// go over another connection.
class Transport {
 public:
  virtual ~Transport() = default;
  // `done` is called once, on the loop, not from within this call. Errors: aborted (the connection had been
  // idle and was closed before any answer: that says nothing about the peer), not found (nobody knows where
  // the peer is), and everything else for no answer.
  using Done = std::function<void(const absl::StatusOr<PushAnswer>&)>;
  virtual void Push(PushCall call, Done done) = 0;
};

}  // namespace federation::delivery
