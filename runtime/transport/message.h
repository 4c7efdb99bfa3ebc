#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "federation/host_port.h"

// What a transport brings from server to server, and back: a client posts a Call and gets an Answer, a server
// gets a Request and gives a Response.
namespace federation::transport {

// What a server says of a call that it brings on for another one.
struct Relayed {
  // Whose call it is.
  std::string origin;
  // Through how many servers it has come, this one included: at least 1.
  int hops = 1;
};

// One POST to the server of a domain.
struct Call {
  // The domain that it is for.
  std::string destination;
  // The domain whose server brings it there; empty where it goes to the destination's own.
  std::string relay{};
  // Where the server is that it is posted to. Without a host the client finds out, when it has to make a
  // connection; see Finding.
  HostPort address;
  std::string target;
  std::string body;
  // Whether the server may get it twice. A connection that has been idle may turn out to be closed when the
  // call is on its way: then nobody knows whether it has arrived. It is repeated at once on another
  // connection, or fails as aborted.
  bool repeatable = true;
  // Whether the call goes behind the pipelined calls that were posted to this destination before it, over one
  // connection of theirs, without waiting for their answers (RFC 9112, section 9.3.2). Their `done` are
  // called in the order of Post. How many are on their way is the caller's business. For calls that come
  // through relays this holds for those of one origin to one destination; others may go with them.
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
  // None if it is the client's own.
  std::optional<Relayed> relayed{};

  // Whose server it is posted to: its certificate has to be valid for this domain.
  const std::string& server() const { return relay.empty() ? destination : relay; }
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
  // The header Retry-After, where it is a number of seconds.
  std::optional<std::chrono::seconds> retry_after;
};

// A request whose sender is known.
struct Request {
  std::string method;
  std::string target;
  // Whose request it is: the domain that the sender's certificate proves, or that a relay names which is
  // trusted for it; empty where nobody has to prove one.
  std::string origin;
  // The domain of the server that brought it, which its certificate proves; empty if the origin itself did.
  std::string relay{};
  // Through how many servers it has come, as the last of them says; 0 without a relay.
  int hops = 0;
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
  // Set when the sender has closed that connection, or it has ended otherwise, so that nobody waits for the
  // response any more; null where nobody can tell.
  std::shared_ptr<const std::atomic<bool>> caller_gone{};
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  // Beside Content-Type and Content-Length.
  std::vector<std::pair<std::string, std::string>> headers{};
};

}  // namespace federation::transport
