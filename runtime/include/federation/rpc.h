#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

// Requests: one server asks another one, and gets an answer (proto/PROTOCOL.md, "Requests"). What is here is
// between generated code and a node; an embedder uses the generated clients and server interfaces, the
// options of a call, and the statuses at the end.
namespace federation {

// ---- Serving

// What the handler of a request is told. Valid during the call of the handler only.
struct RpcContext {
  // The server that asks, as its certificate proved.
  std::string_view origin;
  // The server that is asked: the node's own domain.
  std::string_view destination;
  // When the caller gives up: what is answered later is read by nobody.
  std::chrono::steady_clock::time_point deadline;
  // Becomes true when the caller is gone; null where nobody can tell.
  const std::atomic<bool>* caller_gone = nullptr;

  // Whether nobody waits for the answer any more: the deadline has passed, or the caller is gone. A handler
  // that takes its time asks now and then, and returns, whatever it returns. Thread-safe.
  bool cancelled() const {
    if (caller_gone != nullptr && caller_gone->load(std::memory_order_relaxed)) return true;
    return std::chrono::steady_clock::now() >= deadline;
  }
};

// Serves the methods of one service. Generated code implements it: it decodes the request, calls the typed
// interface, and encodes the answer. Calls may come from several threads at the same time, also for one
// origin.
class RpcDispatcher {
 public:
  virtual ~RpcDispatcher() = default;

  // The names of its methods on the wire; the same ones at every call. They live as long as the program.
  virtual std::vector<std::string_view> Methods() const = 0;
  // `request` is the JSON of a whole request for the method at this place in Methods(). Returns the JSON of
  // the whole answer, `{"result":"ok",...}`, or how the request failed: the handler's status, invalid
  // argument with the place in `request`, or internal if the handler's answer cannot be written. An exception
  // is answered with internal, and what it says is logged only.
  virtual absl::StatusOr<std::string> Serve(std::size_t method, std::string_view request,
                                            const RpcContext& context) = 0;
};

// ---- Calling

// How long a call takes at most where its caller does not say.
inline constexpr std::chrono::milliseconds kCallTimeoutDefault = std::chrono::seconds{30};

// How often a call is made at most where its caller does not say.
inline constexpr int kCallTriesDefault = 4;

struct CallOptions {
  // From the call to its answer. The server is told. RpcLimits::timeout_max bounds it.
  std::chrono::milliseconds timeout = kCallTimeoutDefault;
  // How often the call is made at most, within `timeout`, where the same request may succeed later (CanRetry)
  // and RpcCall::repeatable says that the destination may get it twice; 1 or less for once. Before the next
  // try is a pause: what the destination asks for with `wait`, else a random one that grows
  // (RpcLimits::repeat_backoff_min). A pause that would last beyond the timeout ends the call at once, with
  // the latest failure.
  int tries_max = kCallTriesDefault;
};

// A request to another server, as generated clients make it.
struct RpcCall {
  std::string destination;
  // JSON: `{"rpc":"search_users","query":"steve"}`.
  std::string request;
  CallOptions options{};
  // Whether the destination may get the request twice: what the schema says by the method's
  // `idempotency_level`.
  bool repeatable = false;
};

// How requests get to other servers; federation::Node is one. Thread-safe.
//
// Errors of a call are those that the handler at the destination answers, and these: invalid argument (no
// domain, or the node's own), permission denied (AccessLists keep the destination out), failed precondition
// (the node does not run), resource exhausted (too many calls to this destination), deadline exceeded,
// unavailable (no address, no connection, the connection broke: the request may have arrived, or the
// destination is busy), cancelled (the node was stopped meanwhile), unimplemented (no such method there, or
// updates to the destination go through a relay), internal (an answer that is none), and where the
// destination refuses the request as such, what the table in PROTOCOL.md says.
class RpcChannel {
 public:
  virtual ~RpcChannel() = default;

  // Makes a call and waits for its answer: the JSON of an answer `{"result":"ok",...}`, the rest of which
  // is not looked at. Failed precondition inside of a transaction, which everybody else would wait for.
  virtual absl::StatusOr<std::string> Call(RpcCall call) = 0;

  // The same without waiting. `done` is called once: on a thread that runs handlers or, if the call cannot
  // even be tried, before StartCall returns.
  using Done = std::function<void(absl::StatusOr<std::string>)>;
  virtual void StartCall(RpcCall call, Done done) = 0;
};

// ---- What a status says beside its code

// A peer's `wait` is taken as no shorter and no longer than this, and so is a handler's.
inline constexpr std::chrono::seconds kRpcWaitMin{1};
inline constexpr std::chrono::seconds kRpcWaitMax{3600};

// What a handler returns that cannot serve the request now: unavailable, and the caller is told to come again
// after `delay`.
absl::Status Wait(std::chrono::seconds delay);
// When to come again, if the status says that.
std::optional<std::chrono::seconds> RetryAfter(const absl::Status& status);

// A failure with a word on whether the same request may succeed later, which a handler's caller gets to know.
absl::Status WithCanRetry(absl::Status status, bool can_retry);
// Whether the same request may succeed later. Without a word on it, if and only if the code is unavailable.
bool CanRetry(const absl::Status& status);

}  // namespace federation
