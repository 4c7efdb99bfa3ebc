#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/quarantine.h"
#include "federation/seq.h"
#include "federation/store.h"
#include "federation/update.h"

#include "delivery/inbound.h"
#include "delivery/surroundings.h"

namespace federation::delivery {

struct DeliveryOptions {
  // The domain that the node speaks for.
  std::string domain;
  OutboxLimits outbox{};
  InboxLimits inbox{};
  // Distinguishes this process from others that share the store.
  std::string owner;
};

// Borrowed; outlives the delivery.
struct Surroundings {
  Loop& loop;
  // Where the store is read and written: one thread is enough.
  Workers& store_workers;
  // Where handlers run.
  Workers& handler_workers;
  Transport& transport;
  // A random number from [0, 1), for the jitter of back-offs. Called on the loop.
  std::function<double()> random;
};

// Everything that moves updates between a store and the network: the links to all destinations, the pushes of
// all origins, and what is given up or put aside. A node without sockets: node/ gives it those, and
// tests/simulation a simulated world.
//
// Thread-safe, except for Receive, the On... functions and Start, which come before everything else.
class Delivery {
 public:
  Delivery(DeliveryOptions options, Store& store, const Surroundings& surroundings);
  // After StopSending, and when the workers have ended.
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Who gets the updates of peers; without one they go to the quarantine.
  void Receive(UpdateReceiver& receiver);
  // Who wants to know what happens; see federation/node.h. `applied` and `received` are called on workers,
  // `delivered` and `pushed` on the loop, `given_up` in the transaction that removes the updates.
  struct Observers {
    std::function<void(const Applied&)> applied;
    std::function<void(const Received&)> received;
    std::function<void(const Delivered&)> delivered;
    std::function<void(const Pushed&)> pushed;
    std::function<absl::Status(const GivenUp&, Transaction&)> given_up;
  };
  void Observe(Observers observers);

  // Begins to deliver what the store holds.
  void Start();
  // Applies no push any more: from now on the answer is `wait`.
  void StopReceiving();
  // Drops all links. On the loop.
  void StopSending();

  // Hands over a weak update, which the caller has checked. Resource exhausted if too many are on their way
  // to the loop.
  absl::Status SendWeak(std::string_view destination, std::string_view json, std::string_view replace_key);

  // A peer's push. `done` is called once, from a worker or at once.
  void Push(InboundPush push, Inbound::Done done);
  // See Inbound.
  std::uint64_t over_updates() const;
  std::uint64_t over_queued() const;
  // The peer has spoken to us, by a push or otherwise. On the loop.
  void Heard(const std::string& origin);

  // Every link of the store. `done` is called on the loop.
  void Links(std::function<void(absl::StatusOr<std::vector<LinkStatus>>)> done);
  // Ends the back-off of a link.
  void Wake(const std::string& destination);
  // Both are kept over restarts. Block for a commit; not from a handler.
  absl::Status Pause(const std::string& destination);
  absl::Status Resume(const std::string& destination);
  // Gives up all that waits for a destination, and forgets the link's failures. Blocks for a commit; not from
  // a handler. Returns how many updates were given up.
  absl::StatusOr<std::uint64_t> Reset(const std::string& destination);
  // See Inbound::Replay.
  void Replay(const std::string& origin, std::vector<std::int64_t> ids, Inbound::ReplayDone done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::delivery
