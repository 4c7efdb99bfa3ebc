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

#include "federation/access.h"
#include "federation/discovery.h"
#include "federation/host_port.h"
#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/outgoing.h"
#include "federation/protection.h"
#include "federation/quarantine.h"
#include "federation/relay.h"
#include "federation/resolution.h"
#include "federation/rpc.h"
#include "federation/seq.h"
#include "federation/shared_port.h"
#include "federation/store.h"
#include "federation/tls_files.h"
#include "federation/update.h"

namespace federation {

struct NodeOptions {
  // The domain that the node speaks for. Lower case, A-labels.
  std::string domain{};
  // Port 0 takes a free one; see Node::port().
  HostPort listen{"0.0.0.0", 9880};
  // Takes the place of `listen` where several domains have one port; see SharedPort.
  std::shared_ptr<SharedPort> shared_port{};
  TlsFiles tls{};
  // Where the servers of other domains listen, instead of where `discovery` would find them. Not who may
  // send: that is whoever has a certificate of one of `tls.authorities`, under the names in it, and is kept
  // out by no list in `access`.
  std::map<std::string, HostPort, std::less<>> peers{};
  // An update for a domain whose server is not known waits in the store.
  DiscoveryOptions discovery{};
  // Ranges such as 127.0.0.0/8 that a server may be in although they are private. Addresses that stand in
  // `peers` as such need no leave; what names resolve to, and what others say, does.
  std::vector<std::string> allowed_addresses{};
  // Whom the node has nothing to do with, in neither direction; see Node::SetAccess.
  AccessLists access{};
  // Updates that go through third servers.
  RelayOptions relay{};
  // What changes and checks the bodies of pushes, of requests and of the answers to them, the same one as the
  // other servers have; null for none. See Protection.
  std::shared_ptr<Protection> protection{};
  Limits limits{};
  // Threads that run the handlers of updates, observers, and what is called when a call is done; at least 1.
  // Updates of one origin are handled one after the other, those of different origins at the same time as far
  // as threads are free; handlers that write in their transaction wait for each other from their first write
  // on. A handler that is slow, or makes a call and waits for its answer, takes up its thread meanwhile.
  int handler_threads = 8;
  // Threads that run the handlers of requests, at least 1: requests that take their time hold up no update.
  int request_threads = 8;
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
  // Checks the options and reads the TLS files; opens no socket. Errors: invalid argument with the name of
  // the option or the file, internal (OpenSSL).
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
  // Called for every push of a peer that was taken up, also if it was malformed or told to wait; not for
  // those turned away before that (CountRefusals). On the threads of handlers.
  virtual void OnReceived(std::function<void(const Received&)> observer) = 0;
  // Called when a destination has confirmed updates. It may be called again for the same ones after a
  // restart. On the network's thread: it must not block, nor call what blocks.
  virtual void OnDelivered(std::function<void(const Delivered&)> observer) = 0;
  // Called for every push that was answered or failed. On the network's thread, as above.
  virtual void OnPushed(std::function<void(const Pushed&)> observer) = 0;
  // Called when updates are given up, in the transaction that removes them: what it writes there, or sends
  // with it, commits with it. On various threads, never two calls at a time. All other writers wait
  // meanwhile: it must not block. An error, or an exception, undoes the giving up, which is tried again later
  // (ResetLink returns it).
  virtual void OnGivenUp(std::function<absl::Status(const GivenUp&, Transaction&)> observer) = 0;

  // Listens, and begins to deliver what the store holds. Once. Errors: unavailable (the address is in use),
  // already exists (another node serves the domain on NodeOptions::shared_port), invalid argument (a host
  // that several nodes there announce would not bring to all of them; see SharedPort), failed precondition
  // (it was started before).
  virtual absl::Status Start() = 0;
  // Stops accepting, cancels the calls to other servers, answers the requests that run, and ends the threads.
  // Blocks for up to 5 s until connections are drained, and until handlers that run return. Idempotent. Not
  // from a handler, nor from what is called when a call is done.
  virtual void Stop() = 0;

  // Reads the TLS files again. New connections use them; those that are there go on as they are. Errors:
  // invalid argument that names the file and says what is wrong; then the node keeps what it has. Also
  // without it, files that change are noticed (TlsFiles::check_interval).
  virtual absl::Status ReloadTls() = 0;

  // The port that the node listens on, after Start.
  virtual std::uint16_t port() const = 0;
  virtual const std::string& domain() const = 0;

  // Takes the place of NodeOptions::access, at once: what peers that are kept out now send from here on is
  // answered with 403, whatever it is; what is sent to them, and calls, are refused here as permission
  // denied. Strong updates that wait for them go on waiting. Errors: invalid argument that names the list and
  // the pattern; the lists before stay in force.
  virtual absl::Status SetAccess(const AccessLists& lists) = 0;
  // What was turned away.
  virtual Refusals CountRefusals() const = 0;

  // What follows is for the operator. It blocks, and is not for handlers nor for what Stop waits for. Errors:
  // invalid argument (no domain, or the node's own), failed precondition (the node does not run; called from
  // where it cannot wait), unavailable (the store failed).
  //
  // Every link that has ever had an update, and every configured destination, by destination.
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
  // Where the server of a domain is and how that was found. May take some seconds.
  virtual absl::StatusOr<Resolution> Resolve(std::string_view domain, Lookup lookup) = 0;
};

}  // namespace federation
