#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/limits.h"

#include "https/event_loop.h"
#include "https/tls.h"

namespace federation::https {

// A request whose sender is known.
struct Request {
  std::string method;
  std::string target;
  // The domain that the sender's certificate proves.
  std::string origin;
  // The header Federation-Destination; empty without one.
  std::string destination;
  // How long the sender waits for the answer, by the header Federation-Timeout; any number may stand there.
  std::optional<std::chrono::milliseconds> timeout;
  // The media type of the body in lower case, without parameters.
  std::string content_type;
  std::string body;
  // The connection that it came over: the numbers of a server rise, from 1, in the order in which it accepted
  // connections. Tells an older connection of an origin from a newer one.
  std::uint64_t connection = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  // Beside Content-Type and Content-Length.
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Listens for TLS connections and hands each complete, identified request to a handler. Requests that a peer
// sends without waiting for answers (RFC 9112, section 9.3.2) come to the handler one behind the other, up to
// HttpLimits::pipelined_requests_max of a connection; whenever they are answered, the answers leave in the
// order of the requests.
//
// What is not a request of an identified server never reaches the handler: it is answered here with a problem
// document (RFC 9457): 400, 401, 403, 408, 411, 413, 431. An exception in one connection ends that connection
// only.
class Server {
 public:
  // To be called exactly once, from any thread. If it is destroyed without, the answer is 500.
  using Respond = std::function<void(Response)>;
  // Called on the loop; must not block.
  using Handler = std::function<void(Request, Respond)>;

  // Errors: unavailable with the address and the system's words.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(EventLoop& loop, const HostPort& address,
                                                        const TlsContext& tls, const HttpLimits& limits,
                                                        Handler handler);
  // Closes all connections. The loop must still run, or have been stopped.
  ~Server();

  std::uint16_t port() const;

  // Accepts no more, closes idle connections, and the others after the answers that they wait for; `drained`
  // is called on the loop when none is left, at the latest after `grace`, when those that are left are
  // closed.
  void Shutdown(std::chrono::milliseconds grace, std::function<void()> drained);

  struct Impl;

 private:
  explicit Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace federation::https
