#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/outgoing.h"
#include "federation/quarantine.h"
#include "federation/rpc.h"
#include "federation/seq.h"
#include "federation/store.h"
#include "federation/tls_files.h"
#include "federation/update.h"

namespace federation {

struct NodeOptions {
  // The domain that the node speaks for. Lower case, A-labels.
  std::string domain{};
  // Port 0 takes a free one; see Node::port().
  HostPort listen{"0.0.0.0", 9880};
  TlsFiles tls{};
  // Where the servers of other domains listen; an update for a domain that is not here waits in the store.
  // Not who may send: that is whoever has a certificate of one of `tls.authorities`, under the names in it.
  // Handlers that want fewer look at UpdateContext::origin and RpcContext::origin.
  std::map<std::string, HostPort, std::less<>> peers{};
  // Ranges such as 127.0.0.0/8 that a peer's host name may resolve to although they are private. Addresses
  // that stand in `peers` as such need no leave.
  std::vector<std::string> allowed_addresses{};
  Limits limits{};
  // Threads that run handlers, at least 1. Updates of one origin are handled one after the other, those of
  // different origins, and requests, at the same time as far as threads are free; handlers that write in
  // their transaction wait for each other from their first write on. A handler that is slow, or makes a call
  // and waits for its answer, takes up its thread meanwhile.
  int handler_threads = 8;
};

// One server of the federation: takes updates from peers to a receiver, and delivers the updates that it is
// given; answers the requests of peers, and makes requests to them.
//
//   auto store = federation::OpenSqliteStore("chat.db");
//   chat::v1::UpdateReceiver receiver(handler);  // before the node, so that they are destroyed after it
//   chat::v1::DirectoryDispatcher dispatcher(directory);
//   auto node = federation::Node::Create(options, **store);
//   if (!node.ok()) return node.status();
//   (*node)->Receive(receiver);
//   if (absl::Status served = (*node)->Serve(dispatcher); !served.ok()) return served;
//   if (absl::Status started = (*node)->Start(); !started.ok()) return started;
//
// Thread-safe, except for Receive, Serve, the On... functions and Start. Borrows the store, the receiver and
// the dispatchers: all must outlive it. No exception leaves it.
class Node : public Outgoing, public RpcChannel {
 public:
  // Checks the options and reads the TLS files; opens no socket. Errors: invalid argument with the option's
  // name.
  static absl::StatusOr<std::unique_ptr<Node>> Create(NodeOptions options, Store& store);
  // Stops, if it still runs.
  ~Node() override = default;

  // Who gets the updates of peers. Before Start; without it every strong update goes to the quarantine.
  virtual void Receive(UpdateReceiver& receiver) = 0;

  // Who answers the requests of peers: the generated dispatcher of a service. For each service once, before
  // Start; to a method that nobody serves the answer is unimplemented. Errors: already exists (a method of
  // this name is served already; nothing is registered then), failed precondition (the node was started).
  virtual absl::Status Serve(RpcDispatcher& dispatcher) = 0;

  // Who wants to know what happens. All of it before Start, each once.
  //
  // Called for every update that was applied, after the commit, and for weak ones after their handler, in
  // order for each origin. On the threads of handlers.
  virtual void OnApplied(std::function<void(const Applied&)> observer) = 0;
  // Called for every push of a peer that was answered. On the threads of handlers.
  virtual void OnReceived(std::function<void(const Received&)> observer) = 0;
  // Called when a destination has confirmed updates. It may be called again for the same ones after a
  // restart. On the network's thread: it must not block, nor call what blocks.
  virtual void OnDelivered(std::function<void(const Delivered&)> observer) = 0;
  // Called for every push that was answered or failed. On the network's thread, as above.
  virtual void OnPushed(std::function<void(const Pushed&)> observer) = 0;
  // Called when updates are given up, in the transaction that removes them: what it writes there, or sends,
  // commits with it. An error puts it off.
  virtual void OnGivenUp(std::function<absl::Status(const GivenUp&, Transaction&)> observer) = 0;

  // Listens, and begins to deliver what the store holds. Once. Errors: unavailable (the address is in use),
  // failed precondition (it was started before).
  virtual absl::Status Start() = 0;
  // Stops accepting, cancels the calls to other servers, answers the requests that run, and ends the threads.
  // Idempotent. Not from a handler, nor from what is called when a call is done.
  virtual void Stop() = 0;

  // The port that the node listens on, after Start.
  virtual std::uint16_t port() const = 0;
  virtual const std::string& domain() const = 0;

  // What follows is for the operator. It blocks, and is not for handlers nor for what Stop waits for. Errors:
  // failed precondition (the node does not run; called from where it cannot wait), unavailable (the store
  // failed).
  //
  // Every link that has ever had an update, and every configured peer, by destination.
  virtual absl::StatusOr<std::vector<LinkStatus>> Links() = 0;
  // Sends nothing to a destination until ResumeLink, restarts included; strong updates wait meanwhile.
  virtual absl::Status PauseLink(std::string_view destination) = 0;
  virtual absl::Status ResumeLink(std::string_view destination) = 0;
  // Ends the pause that follows failures: tries at once. A pause that the peer has asked for is kept to.
  virtual absl::Status WakeLink(std::string_view destination) = 0;
  // Gives up all that waits for a destination, and forgets its failures and pauses, one that the peer has
  // asked for included. Returns how many updates were given up; OnGivenUp is told, once or more often, and
  // the destination gets `expired` for each.
  virtual absl::StatusOr<std::uint64_t> ResetLink(std::string_view destination) = 0;
  // Runs the handler again on quarantined updates of an origin, on those with the given ids or on all, in the
  // order of their arrival and in turn with the origin's pushes; says what happened to each. Stops at the
  // first one that is to be called later.
  virtual absl::StatusOr<std::vector<Replayed>> ReplayQuarantined(std::string_view origin,
                                                                  std::vector<std::int64_t> ids) = 0;

  // Many strong updates for one destination in one commit: all of them are stored, or none. Returns the
  // number of the last one. Errors as SendStrong.
  virtual absl::StatusOr<Seq> SendStrongBatch(std::string_view destination,
                                              const std::vector<std::string>& json) = 0;
};

}  // namespace federation
