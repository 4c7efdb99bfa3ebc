#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace federation {

// The bounds of the runtime that can be configured, with their defaults; fixed ones stand beside the code
// that keeps to them. proto/PROTOCOL.md, "Limits", says what a peer sees of them.

// How deep an update may be nested. A push adds two levels, and readers take 64.
inline constexpr int kUpdateDepthMax = 62;

// What one link to a destination may send and keep.
struct OutboxLimits {
  // One update's JSON. A larger one is refused when it is sent.
  std::size_t update_bytes_max = std::size_t{256} * 1024;
  // The JSON of the strong updates of one push, and once more that of its weak ones.
  std::size_t push_bytes_max = std::size_t{1024} * 1024;
  // Strong updates of one push.
  std::size_t push_updates_max = 1000;
  // Pushes on their way to one destination that have no answer yet, and their bytes: so that a long way does
  // not mean a low rate.
  std::size_t pushes_in_flight_max = 128;
  std::size_t bytes_in_flight_max = std::size_t{32} * 1024 * 1024;
  // The same for all links together. One push of each link may be on its way all the same.
  std::size_t bytes_in_flight_total_max = std::size_t{256} * 1024 * 1024;
  // Updates of one link that are kept at hand after their commit, so that they need not be read again, and
  // those of all links together.
  std::size_t ready_bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t ready_bytes_total_max = std::size_t{64} * 1024 * 1024;
  // Weak updates waiting for the link, and for how long.
  std::size_t weak_updates_max = 1024;
  std::size_t weak_bytes_max = std::size_t{1024} * 1024;
  std::chrono::milliseconds weak_age_max = std::chrono::seconds{30};
  // Back-off after failures: a random time below a ceiling, which doubles; the first one, and the largest.
  std::chrono::milliseconds backoff_min = std::chrono::seconds{1};
  std::chrono::milliseconds backoff_max = std::chrono::hours{1};
  // The first ceiling after the peer has refused us with a 4xx.
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
  // Pushes of one origin that wait while others of it are applied, and the bytes of all of them; further ones
  // are answered with `wait`.
  std::size_t queued_pushes_max = 128;
  std::size_t queued_bytes_max = std::size_t{40} * 1024 * 1024;
  // The same for all origins together. Half of it is for origins of which nothing waits.
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

// What one origin may send, pushes and requests together; more is answered with `wait`. It may save up as
// much as it may send in a second. How many updates: InboxLimits.
struct OriginLimits {
  std::uint64_t requests_per_second_max = 100'000;
  // Of their bodies. A single one may be larger, after a pause.
  std::uint64_t bytes_per_second_max = std::uint64_t{256} * 1024 * 1024;
  // Origins whose rates are remembered at a time; forgetting one that is busy lets it send more.
  std::size_t origins_max = 65'536;
};

// Requests of peers, and calls to them.
struct RpcLimits {
  // Requests of one origin whose handlers run at the same time; at least one of NodeOptions::request_threads
  // is left to other origins all the same, where there are several.
  std::size_t running_requests_max = 4;
  // Requests of one origin that wait for those, and their bodies; further ones are answered with `wait`.
  std::size_t queued_requests_max = 64;
  std::size_t queued_bytes_max = std::size_t{8} * 1024 * 1024;
  // The bodies of all origins' requests that have no answer yet. Half of it is for origins that have no other
  // request here.
  std::size_t queued_bytes_total_max = std::size_t{64} * 1024 * 1024;
  // What a peer is told to wait when the node cannot take a request.
  std::chrono::seconds wait_when_busy = std::chrono::seconds{1};
  // How long a request may take whose caller does not say.
  std::chrono::milliseconds request_timeout = std::chrono::seconds{30};
  // Longer timeouts, of callers here and elsewhere, are taken as this.
  std::chrono::milliseconds timeout_max = std::chrono::hours{1};
  // Calls to one destination that have no answer yet; further ones report resource exhausted.
  std::size_t calls_max = 1024;
  // Connections to one destination beside the one for pushes: so many for calls that it must not get twice,
  // or of more than 16 KiB, one at a time on each; as many again for the other calls, several at a time on
  // each; and for a while half as many on which answers are late.
  std::size_t connections_max = 8;
  std::size_t calls_per_connection_max = 8;
  // The pause before a call is repeated that may be (CallOptions::tries_max): a random time below a ceiling
  // that doubles from try to try.
  std::chrono::milliseconds repeat_backoff_min = std::chrono::milliseconds{200};
  std::chrono::milliseconds repeat_backoff_max = std::chrono::seconds{10};
  // Calls to all destinations together that wait to be repeated; further ones fail instead.
  std::size_t calls_waiting_max = 1024;
};

// What a node brings on as a relay (RelayOptions); more is answered with 503.
struct RelayLimits {
  // Pushes that have no answer yet, and their bytes: those of one origin, and all.
  std::size_t origin_pushes_max = 128;
  std::size_t origin_bytes_max = std::size_t{32} * 1024 * 1024;
  std::size_t pushes_max = 4096;
  std::size_t bytes_max = std::size_t{128} * 1024 * 1024;
  // Servers that a push may come through on its way, this one included: more are taken for a loop.
  int hops_max = 4;
  // From a push to its answer, if its origin does not say that it waits for less.
  std::chrono::milliseconds push_timeout = std::chrono::seconds{50};
  // When who sent too much may come again.
  std::chrono::seconds wait_when_busy = std::chrono::seconds{1};
};

struct HttpLimits {
  // Of a request's or an answer's head.
  std::size_t header_bytes_max = std::size_t{16} * 1024;
  std::size_t header_fields_max = 100;
  std::size_t body_bytes_max = std::size_t{4} * 1024 * 1024;
  // Connections of peers, all together. At the bound the next ones wait in the system's queue.
  std::size_t connections_max = 1024;
  // Those of one peer, told apart by the names in its certificate; more are answered with 429.
  std::size_t connections_per_peer_max = 64;
  // Those that have shown no certificate, or not yet: all together, and from one address (64 bits of IPv6).
  // Another one takes the place of the oldest of them, so that who says nothing keeps nobody out.
  std::size_t unidentified_connections_max = 512;
  std::size_t unidentified_connections_per_address_max = 128;
  // Requests of one connection that wait for their answers, and the bodies that they came with; no more are
  // read until the first of them is answered. One is always taken.
  std::size_t pipelined_requests_max = 16;
  std::size_t pipelined_bytes_max = std::size_t{8} * 1024 * 1024;
  // What connections hold because their peers are slow: bodies of more than 16 KiB that did not come together
  // with their heads, by their announced lengths, until they are complete; and answers of more than 1 KiB,
  // until they are sent. Of one peer, and of all; half of the latter is for peers that hold nothing yet. A
  // body that is too much is answered with 503 before it is read, and ends the connection; an answer that is
  // too much is replaced with 503.
  //
  // So that is the most, however slowly peers send and read, and whatever the number of connections is.
  // Beside it each connection has at most some 250 KiB: what has arrived and was not looked at yet (64 KiB
  // and a head, as growing strings have it), the small bodies and answers (32 KiB), TLS. What a handler has
  // taken and not answered is bounded by InboxLimits and RpcLimits, and by pipelined_bytes_max.
  std::size_t held_bytes_per_peer_max = std::size_t{32} * 1024 * 1024;
  std::size_t held_bytes_max = std::size_t{512} * 1024 * 1024;
  // Origins that one certificate may speak for which has a wildcard, or more names than this; one that has
  // been silent for origin_age_max makes room. More are answered with 429. Each has limits of its own, and
  // leaves rows in the store that stay: else one wildcard were any number of peers. Those that a relay brings
  // do not count.
  std::size_t origins_per_peer_max = 64;
  std::chrono::seconds origin_age_max = std::chrono::hours{1};
  // Such certificates that are remembered at a time; beyond that the one that has asked least recently is
  // forgotten, and may begin anew.
  std::size_t origin_peers_max = 1024;
  // Of the server; the client's is a part of connect_timeout.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10};
  // From the first byte of a head to its last one, of requests and of answers; for the first request from the
  // handshake on.
  std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};
  // Of one answer, or of several that are together not larger than 64 KiB, from the first byte to the last.
  std::chrono::milliseconds write_timeout = std::chrono::seconds{30};
  // A client closes connections after half of this time, before their servers do.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{120};
  // After an answer that ends the connection: what the peer still sends is read and dropped within these
  // bounds, so that it gets to see the answer.
  std::size_t linger_bytes_max = std::size_t{8} * 1024 * 1024;
  std::chrono::milliseconds linger_timeout = std::chrono::seconds{2};
  // Client: connections to one server for pushes that go through relays, for each number of relays that they
  // have come through; those of different destinations and origins share them, and wait for each other's
  // answers on them.
  std::size_t relay_connections_max = 8;
  // Client: addresses that are tried for one connection, and the time from looking for them to a TLS
  // connection.
  std::size_t connect_attempts_max = 16;
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

// Of a node. Those of a store are its own: see OpenSqliteStore.
struct Limits {
  OutboxLimits outbox;
  InboxLimits inbox;
  OriginLimits origin;
  RpcLimits rpc;
  RelayLimits relay;
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
                  OutboxLimits{}.bytes_in_flight_max + HttpLimits{}.body_bytes_max <=
                      InboxLimits{}.queued_bytes_max,
              "a node accepts what a node sends");
static_assert(5 * RpcLimits{}.connections_max / 2 + 1 +
                      std::size_t{1 + RelayLimits{}.hops_max} * HttpLimits{}.relay_connections_max <=
                  HttpLimits{}.connections_per_peer_max,
              "a node takes the connections of a relay");
static_assert(2 * (5 * RpcLimits{}.connections_max / 2 + 1) <= HttpLimits{}.connections_per_peer_max,
              "a node that was restarted is served before its old connections have ended");
static_assert(RpcLimits{}.calls_per_connection_max * RpcLimits{}.connections_max <=
                      RpcLimits{}.running_requests_max + RpcLimits{}.queued_requests_max &&
                  RpcLimits{}.calls_per_connection_max <= HttpLimits{}.pipelined_requests_max,
              "a node takes at a time what a node sends at a time");
static_assert(HttpLimits{}.unidentified_connections_per_address_max <=
                      HttpLimits{}.unidentified_connections_max &&
                  HttpLimits{}.unidentified_connections_max <= HttpLimits{}.connections_max / 2,
              "there is room for those who say who they are");
static_assert(HttpLimits{}.body_bytes_max <= HttpLimits{}.held_bytes_per_peer_max / 4 &&
                  HttpLimits{}.answer_bytes_max <= HttpLimits{}.held_bytes_per_peer_max / 16,
              "a peer that does several things at a time has room for each");
static_assert(HttpLimits{}.held_bytes_per_peer_max <= HttpLimits{}.held_bytes_max / 4,
              "one peer leaves room for others");
static_assert(InboxLimits{}.queued_bytes_max <= InboxLimits{}.queued_bytes_total_max / 2,
              "one origin may have its share");
static_assert(OutboxLimits{}.pushes_in_flight_max <= RelayLimits{}.origin_pushes_max &&
                  OutboxLimits{}.bytes_in_flight_max <= RelayLimits{}.origin_bytes_max,
              "a node brings on what a node sends to one destination");
static_assert(RelayLimits{}.origin_bytes_max <= RelayLimits{}.bytes_max / 4 &&
                  RelayLimits{}.origin_pushes_max <= RelayLimits{}.pushes_max / 4,
              "one origin leaves room for others");
static_assert(RelayLimits{}.push_timeout < OutboxLimits{}.push_timeout,
              "a relay says that there is no answer");
static_assert(OutboxLimits{}.backoff_min <= OutboxLimits{}.backoff_max);
static_assert(HttpLimits{}.body_bytes_max <= RpcLimits{}.queued_bytes_max &&
                  RpcLimits{}.queued_bytes_max <= RpcLimits{}.queued_bytes_total_max / 2,
              "any request may wait for its turn");
static_assert(RpcLimits{}.request_timeout <= RpcLimits{}.timeout_max);
static_assert(RpcLimits{}.repeat_backoff_min <= RpcLimits{}.repeat_backoff_max);

}  // namespace federation
