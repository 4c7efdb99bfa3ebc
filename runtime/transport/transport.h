#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <absl/status/statusor.h>

#include "transport/message.h"

// The seam below the protection level and the API: a way to reach servers, and to be reached. The one of this
// toolkit is HTTPS (https/client.h, https/server.h).
namespace federation::transport {

// Brings calls to servers whose identity it checks. To be used on its loop only.
class Client {
 public:
  virtual ~Client() = default;  // drops the calls that run; their `done` is not called any more

  // `done` is called on the loop, once. Errors: unavailable (no address, no connection, no answer) with words
  // that say which, aborted (see Call::repeatable), deadline exceeded, permission denied (the address is
  // refused, or the server is not the destination's).
  using Done = std::function<void(absl::StatusOr<Answer>)>;
  virtual void Post(Call call, Done done) = 0;
};

// To be called exactly once, from any thread. If it is destroyed without, the transport says that something
// went wrong.
using Respond = std::function<void(Response)>;
// Called with each request, on the loop; must not block.
using Handler = std::function<void(Request, Respond)>;

// Takes requests and brings the responses back. Thread-safe.
class Server {
 public:
  virtual ~Server() = default;  // closes all connections

  virtual std::uint16_t port() const = 0;
  // Takes no more, and lets what runs be answered; `drained` is called on the loop when all is. What has no
  // response after `grace` is told so.
  virtual void Shutdown(std::chrono::milliseconds grace, std::function<void()> drained) = 0;
};

}  // namespace federation::transport
