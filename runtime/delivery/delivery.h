#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/json/reader.h"
#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/quarantine.h"
#include "federation/seq.h"
#include "federation/store.h"
#include "federation/update.h"

#include "delivery/surroundings.h"
#include "link/answer.h"

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

// A push from a peer.
struct InboundPush {
  // The server that sent it, as its certificate proved.
  std::string origin;
  // Which connection it came over: one that was accepted later has a higher number.
  std::uint64_t connection = 0;
  std::string body;
};

// What is said to it: why it is refused, or the link's answer.
struct InboundReply {
  std::optional<json::DecodeError> refused;
  // Whether it is refused for the number of its updates, and not for its form.
  bool too_many_updates = false;
  link::Answer answer;
};

// Everything that moves updates between a store and the network: the links to all destinations, the pushes of
// all origins, and what is given up or put aside. A node without sockets: node/ gives it those, and
// tests/simulation a simulated world.
//
// Thread-safe, except for Receive, the On... functions and Start, which come before everything else.
class Delivery {
 public:
  Delivery(DeliveryOptions options, Store& store, const Surroundings& surroundings);
  // The loop and the workers must have ended, or run nothing of this any more: see Stop.
  ~Delivery();

  // As in federation/node.h.
  void Receive(UpdateReceiver& receiver);
  void OnApplied(std::function<void(const Applied&)> observer);
  void OnDelivered(std::function<void(const Delivered&)> observer);
  void OnGivenUp(std::function<absl::Status(const GivenUp&, Transaction&)> observer);

  // Begins to deliver what the store holds. On the loop.
  void Start();
  // Applies no push any more: from now on the answer is `wait`.
  void StopReceiving();
  // Drops all links. On the loop.
  void StopSending();

  // Weak updates, see Outgoing. Checked by the caller.
  absl::Status SendWeak(std::string_view destination, std::string_view json, std::string_view replace_key);

  // A peer's push. `reply` is called once, from a worker or at once.
  void Push(InboundPush push, std::function<void(const InboundReply&)> reply);
  // The peer has spoken to us, by a push or otherwise. On the loop.
  void Heard(const std::string& origin);

  // Operations; `done` is called on the loop, unless stated otherwise. All but the first are saved in the store.
  void Links(std::function<void(std::vector<LinkStatus>)> done);  // on the loop only
  void Wake(const std::string& destination);                     // on the loop only
  void Pause(const std::string& destination, std::function<void(const absl::Status&)> done);
  void Resume(const std::string& destination, std::function<void(const absl::Status&)> done);
  // Gives up all that waits for a destination and forgets its failures.
  void Reset(const std::string& destination, std::function<void(const absl::Status&)> done);
  // Runs the handler on quarantined updates of an origin again, in the order of their arrival, in turn with
  // what the origin pushes: those with the given ids, or all. `done` is called on a worker.
  void Replay(const std::string& origin, std::vector<std::int64_t> ids,
              std::function<void(const absl::StatusOr<std::vector<Replayed>>&)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::delivery
