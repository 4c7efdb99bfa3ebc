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
#include "federation/outgoing.h"
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
  // Threads that run handlers, at least 1. Updates of one origin are handled one after the other; those of
  // different origins too while their handlers hold the store's transaction, which is one at a time. Requests
  // are handled at the same time, as far as threads are free. A handler that makes a call and waits for its
  // answer takes up its thread meanwhile.
  int handler_threads = 1;
};

// How a link is.
struct LinkStatus {
  enum class State {
    kIdle,     // nothing to send
    kSending,  // pushes are on their way
    kWaiting,  // the peer said `wait`, or the node backs off after a failure
    kRefused,  // the peer answers with an error that repeating will hardly cure
  };
  std::string destination;
  Seq assigned{0};
  Seq acked{0};
  State state = State::kIdle;
  // When the peer last answered, or pushed something to us, since this process started.
  std::optional<std::chrono::system_clock::time_point> last_heard;
  // The latest failure since the last success; empty if none.
  std::string last_error;

  std::uint64_t pending() const { return Value(assigned) - Value(acked); }
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
// Thread-safe, except for Receive, Serve, OnApplied and Start. Borrows the store, the receiver and the
// dispatchers: all must outlive it. No exception leaves it.
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

  // Called after the commit for every update that was applied, and for weak ones after their handler, in
  // order for each origin. Before Start.
  struct Applied {
    std::string_view origin;
    std::optional<Seq> seq;  // none for weak updates
    std::string_view json;
  };
  virtual void OnApplied(std::function<void(const Applied&)> observer) = 0;

  // Listens, and begins to deliver what the store holds. Once. Errors: unavailable (the address is in use),
  // failed precondition (it was started before).
  virtual absl::Status Start() = 0;
  // Stops accepting, cancels the calls to other servers, answers the requests that run, and ends the threads.
  // Idempotent. Not from a handler, nor from what is called when a call is done.
  virtual void Stop() = 0;

  // The port that the node listens on, after Start.
  virtual std::uint16_t port() const = 0;
  virtual const std::string& domain() const = 0;

  // Every link that has ever had an update, and every configured peer, by destination. Failed precondition
  // while the node does not run.
  virtual absl::StatusOr<std::vector<LinkStatus>> Links() = 0;

  // Many strong updates for one destination in one commit: all of them are stored, or none. Returns the
  // number of the last one. Errors as SendStrong.
  virtual absl::StatusOr<Seq> SendStrongBatch(std::string_view destination,
                                              const std::vector<std::string>& json) = 0;
};

}  // namespace federation
