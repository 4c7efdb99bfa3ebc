#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/json/reader.h"
#include "federation/limits.h"
#include "federation/rpc.h"

#include "node/worker_pool.h"

namespace federation::node {

// Answers the requests of peers: some of each origin at the same time, the next ones wait. Thread-safe.
class InboundRequests {
 public:
  // Who serves a method, and at which place it stands in that one's Methods(); by its name on the wire.
  struct Method {
    RpcDispatcher* dispatcher;
    std::size_t index;
  };
  using Methods = std::map<std::string, Method, std::less<>>;

  // Borrows the dispatchers and the workers, which must be stopped before this is destroyed.
  InboundRequests(std::string domain, const Limits& limits, Methods methods, WorkerPool& workers);

  struct Request {
    std::string origin;
    std::string body;
    // How long the caller waits, if it says that.
    std::optional<std::chrono::milliseconds> timeout;
    // Set when the connection that it came over has ended; null where nobody can tell.
    std::shared_ptr<const std::atomic<bool>> caller_gone{};
  };
  // What is said to a request: why it is none, or the JSON of its answer.
  struct Reply {
    std::optional<json::DecodeError> malformed;
    std::string answer;
  };
  using Done = std::function<void(const Reply&)>;

  // Answers a request. `done` is called from a worker, or at once with `wait` if too much of this origin
  // waits already, or after Stop.
  void Serve(Request request, Done done);

  // Answers `wait` to all whose handler does not run yet.
  void Stop() { stopping_ = true; }

  // How often an origin was told to wait because too much of it waited already.
  std::uint64_t over_running() const { return over_running_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Pending {
    std::string body;
    Clock::time_point deadline;
    std::shared_ptr<const std::atomic<bool>> caller_gone;
    Done done;
  };
  struct Origin {
    std::size_t running = 0;  // have a worker, or wait for one
    std::deque<Pending> waiting;
    std::size_t waiting_bytes = 0;
  };
  // What Serve makes of a request.
  enum class Place { kRun, kWait, kNone };

  Clock::time_point DeadlineOf(const Request& request) const;
  Place PlaceFor(const std::string& origin, std::size_t bytes) const;
  void Run(const std::string& origin, Pending request);
  void Answer(const std::string& origin, const Pending& request);
  Reply ReplyTo(const std::string& origin, const Pending& request) const;
  absl::StatusOr<std::string> Dispatch(const std::string& method, const std::string& origin,
                                       const Pending& request) const;
  // Calls the handler; what it throws becomes a status.
  absl::StatusOr<std::string> Call(const Methods::value_type& method, const std::string& request,
                                   const RpcContext& context) const;
  Reply Busy() const;

  const std::string domain_;
  const RpcLimits limits_;
  const std::size_t running_max_;  // of one origin
  const std::size_t answer_bytes_max_;
  const Methods methods_;
  WorkerPool& workers_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> over_running_{0};

  std::mutex mutex_;  // guards what follows
  // An origin is in here as long as a request of it runs.
  std::map<std::string, Origin, std::less<>> origins_;
  std::size_t bytes_ = 0;  // of all that has no answer
};

}  // namespace federation::node
