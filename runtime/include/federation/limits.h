#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace federation {

// Every bound of the runtime, in one place, with its default. proto/PROTOCOL.md, "Limits", says what a peer
// sees of them.

// How deep an update may be nested. A push adds two levels, and readers take 64.
inline constexpr int kUpdateDepthMax = 62;

// What one link to a destination may send and keep.
struct OutboxLimits {
  // One update's JSON. A larger one is refused when it is sent.
  std::size_t update_bytes_max = std::size_t{256} * 1024;
  // The JSON of the updates of one push.
  std::size_t push_bytes_max = std::size_t{1024} * 1024;
  std::size_t push_updates_max = 1000;
  // Pushes on their way to one destination that have no answer yet, and their bytes: so that a long way does
  // not mean a low rate.
  std::size_t pushes_in_flight_max = 64;
  std::size_t bytes_in_flight_max = std::size_t{16} * 1024 * 1024;
  // Updates of one link that are kept at hand after their commit, so that they need not be read again, and
  // those of all links together.
  std::size_t ready_bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t ready_bytes_total_max = std::size_t{64} * 1024 * 1024;
  // Weak updates waiting for the link, and for how long.
  std::size_t weak_updates_max = 1024;
  std::size_t weak_bytes_max = std::size_t{1024} * 1024;
  std::chrono::milliseconds weak_age_max = std::chrono::seconds{30};
  // Back-off after failures: the first delay, and the longest one.
  std::chrono::milliseconds backoff_min = std::chrono::seconds{1};
  std::chrono::milliseconds backoff_max = std::chrono::hours{1};
  // The first delay after the peer has refused us with a 4xx.
  std::chrono::milliseconds refused_backoff_min = std::chrono::minutes{1};
  // A peer's `wait` is taken as no longer than this.
  std::chrono::milliseconds wait_max = std::chrono::hours{1};
  // How long updates are kept after they were stored, also when they are acknowledged: for a peer that goes
  // back to an older store.
  std::chrono::seconds acked_age_max = std::chrono::hours{72};
  // How long updates wait for a destination that does not take them, and how many bytes of them: what is
  // older is given up. The destination is told with `expired` for each, the application by Node::OnGivenUp.
  std::chrono::seconds waiting_age_max = std::chrono::hours{30 * 24};
  std::uint64_t waiting_bytes_max = std::uint64_t{1024} * 1024 * 1024;
  // How long a link stays with the process that sends on it, where several share a store.
  std::chrono::milliseconds lease = std::chrono::hours{1};
  // From the start of a push to its answer.
  std::chrono::milliseconds push_timeout = std::chrono::seconds{60};
};

// What a push from a peer may hold and how many of them may wait.
struct InboxLimits {
  // Strong and weak updates in one push, together.
  std::size_t push_updates_max = 10'000;
  // Pushes of one origin that wait while another one of it is applied, and their bytes; further ones are
  // answered with `wait`.
  std::size_t queued_pushes_max = 64;
  std::size_t queued_bytes_max = std::size_t{16} * 1024 * 1024;
  // The same for all origins together.
  std::size_t queued_bytes_total_max = std::size_t{128} * 1024 * 1024;
  // Strong and weak updates of one origin in a second; an origin that sends more is told to wait. It may save
  // up as many as it may send in a second.
  std::uint64_t updates_per_second_max = 1'000'000;
  // After as many exceptions from the handler of one update, it goes to the quarantine.
  int handler_tries_max = 10;
  // How long the updates of one push may hold the store's transaction. After that the ones that are applied
  // commit, and are acknowledged; the peer sends the others again.
  std::chrono::milliseconds transaction_time_max = std::chrono::seconds{1};
  // What a peer is told to wait when the node cannot take a push.
  std::chrono::seconds wait_when_busy = std::chrono::seconds{1};
};

// Requests of peers, and calls to them.
struct RpcLimits {
  // Requests of one origin whose handlers run at the same time, if there are threads for them.
  std::size_t running_requests_max = 8;
  // Requests of one origin that wait for those, and their bodies; further ones are answered with `wait`.
  std::size_t queued_requests_max = 64;
  std::size_t queued_bytes_max = std::size_t{8} * 1024 * 1024;
  // What a peer is told to wait when the node cannot take a request.
  std::chrono::seconds wait_when_busy = std::chrono::seconds{1};
  // How long a request may take whose caller does not say.
  std::chrono::milliseconds request_timeout = std::chrono::seconds{30};
  // Longer timeouts, of callers here and elsewhere, are taken as this.
  std::chrono::milliseconds timeout_max = std::chrono::hours{1};
  // Calls to one destination that have no answer yet; further ones report resource exhausted.
  std::size_t calls_max = 1024;
  // Connections for calls to one destination, beside the one for pushes. Each carries one call at a time.
  std::size_t connections_max = 8;
};

struct HttpLimits {
  std::size_t header_bytes_max = std::size_t{16} * 1024;
  std::size_t body_bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t connections_max = 1024;
  // Requests of one connection that wait for their answers, and the bodies that they came with; no more are
  // read until the first of them is answered. One is always taken.
  std::size_t pipelined_requests_max = 16;
  std::size_t pipelined_bytes_max = std::size_t{8} * 1024 * 1024;
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};
  std::chrono::milliseconds write_timeout = std::chrono::seconds{30};
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{120};
  // After an answer that ends the connection: what the peer still sends is read and dropped within these
  // bounds, so that it gets to see the answer.
  std::size_t linger_bytes_max = std::size_t{8} * 1024 * 1024;
  std::chrono::milliseconds linger_timeout = std::chrono::seconds{2};
  // Client: from the first byte to a TLS connection.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{15};
  // The body of an answer: a client takes no larger one, and a request whose answer would be larger fails.
  std::size_t answer_bytes_max = std::size_t{1024} * 1024;
};

struct StoreLimits {
  // What waits to be acknowledged on one link, and on all links together; at the bound sending reports
  // resource exhausted. Above OutboxLimits::waiting_bytes_max it is reached only where updates come faster
  // than the oldest ones are given up; below it, nothing is given up for its size.
  std::uint64_t waiting_updates_max = 10'000'000;
  std::uint64_t waiting_bytes_max = std::uint64_t{2} * 1024 * 1024 * 1024;
  std::uint64_t waiting_bytes_total_max = std::uint64_t{16} * 1024 * 1024 * 1024;
  // Updates handed over that wait for their commit; at the bound sending reports resource exhausted.
  std::size_t queued_bytes_max = std::size_t{64} * 1024 * 1024;
  // The quarantine of one origin; when it is full, the origin is told to wait.
  std::size_t quarantine_updates_max = 10'000;
  std::size_t quarantine_bytes_max = std::size_t{64} * 1024 * 1024;
};

struct Limits {
  OutboxLimits outbox;
  InboxLimits inbox;
  RpcLimits rpc;
  HttpLimits http;
};

static_assert(OutboxLimits{}.update_bytes_max <= OutboxLimits{}.push_bytes_max,
              "every update fits into a push");
// Strong and weak updates each fill up to push_bytes_max; commas and the rest of the document come on top.
static_assert(2 * OutboxLimits{}.push_bytes_max + InboxLimits{}.push_updates_max + 4096 <=
                  HttpLimits{}.body_bytes_max,
              "a node accepts what a node sends");
static_assert(OutboxLimits{}.push_bytes_max <= HttpLimits{}.linger_bytes_max,
              "a node that is refused learns why");
static_assert(OutboxLimits{}.push_updates_max + OutboxLimits{}.weak_updates_max <=
                  InboxLimits{}.push_updates_max,
              "a node accepts what a node sends");
static_assert(OutboxLimits{}.pushes_in_flight_max <= InboxLimits{}.queued_pushes_max &&
                  OutboxLimits{}.bytes_in_flight_max <= InboxLimits{}.queued_bytes_max,
              "a node accepts what a node sends");
static_assert(OutboxLimits{}.backoff_min <= OutboxLimits{}.backoff_max);
static_assert(HttpLimits{}.body_bytes_max <= RpcLimits{}.queued_bytes_max,
              "any request may wait for its turn");
static_assert(RpcLimits{}.request_timeout <= RpcLimits{}.timeout_max);

}  // namespace federation
