#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/limits.h"

#include "directory/address_policy.h"
#include "https/event_loop.h"
#include "https/tls.h"

namespace federation::https {

// One POST to the server of a domain.
struct Call {
  // Whose server it must be: its certificate has to be valid for this domain.
  std::string destination;
  HostPort address;
  std::string target;
  std::string body;
  // Whether the server may get it twice. A connection that has been idle may turn out to be closed when the
  // call is on its way: then nobody knows whether it has arrived. It is repeated at once on another
  // connection, or fails as aborted.
  bool repeatable = true;
  // Whether the call goes behind the pipelined calls that were posted to this destination before it, over one
  // connection of theirs, without waiting for their answers (RFC 9112, section 9.3.2). Their `done` are
  // called in the order of Post. How many are on their way is the caller's business.
  //
  // When that connection fails, or ends after an answer, or one of the calls runs out of time, all that were
  // posted before fail: the late ones with deadline exceeded, the others with unavailable, or aborted if the
  // connection had been idle before them and not a byte of an answer came. None is repeated, whatever
  // `repeatable` says. Calls that are posted after that, from within a `done`, too, go over a new connection.
  // A call to another address waits for the answers of those before it.
  bool pipelined = false;
  // From the call to the whole answer.
  std::chrono::milliseconds timeout{0};
  // When the caller gives up, if the server is to know: the header Federation-Timeout says how much time is
  // left.
  std::optional<std::chrono::steady_clock::time_point> told_deadline{};
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
  // The header Retry-After, where it is a number of seconds.
  std::optional<std::chrono::seconds> retry_after;
};

// Makes calls over connections that are kept open, on each of which calls wait for each other, or are
// pipelined. Answers are bounded by HttpLimits, redirects are not followed. To be used on the loop only.
class Client {
 public:
  // `origin` goes into the header Federation-Origin of each call. `connections_max` is for each destination,
  // at least 1; another connection is opened only if a call would have to wait for another one. That of the
  // pipelined calls comes on top.
  Client(EventLoop& loop, TlsContext tls, const HttpLimits& limits, directory::AddressPolicy policy,
         std::string origin, std::size_t connections_max = 1);
  // Drops the calls that run; their `done` is not called any more.
  ~Client();

  // `done` is called on the loop, once. Errors: unavailable (no address, no connection, TLS, an answer that
  // is no HTTP) with words that say which, aborted (see Call::repeatable), deadline exceeded, permission
  // denied (a refused address, or a certificate that is not the destination's).
  using Done = std::function<void(absl::StatusOr<Answer>)>;
  void Post(Call call, Done done);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace federation::https
