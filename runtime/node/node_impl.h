#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federation/node.h"

#include "delivery/delivery.h"
#include "directory/address_policy.h"
#include "discovery/server_directory.h"
#include "https/client.h"
#include "https/event_loop.h"
#include "https/reloadable_tls.h"
#include "https/server.h"
#include "https/tls_watch.h"
#include "node/access.h"
#include "node/access_transport.h"
#include "node/addresses.h"
#include "node/admission.h"
#include "node/inbound_requests.h"
#include "node/network.h"
#include "node/outbound_calls.h"
#include "node/relay.h"
#include "node/relay_rules.h"
#include "node/repeating_calls.h"
#include "node/routes.h"
#include "node/worker_pool.h"
#include "transport/protected.h"

namespace federation::node {

// A node: delivery and requests, on one network thread and some for what blocks.
class NodeImpl final : public Node {
 public:
  NodeImpl(NodeOptions options, Store& store, std::shared_ptr<https::ReloadableTls> tls,
           const directory::AddressPolicy& policy);
  ~NodeImpl() override;

  void Receive(UpdateReceiver& receiver) override { delivery_.Receive(receiver); }
  absl::Status Serve(RpcDispatcher& dispatcher) override;
  void OnApplied(std::function<void(const Applied&)> observer) override {
    observers_.applied = std::move(observer);
  }
  void OnReceived(std::function<void(const Received&)> observer) override {
    observers_.received = std::move(observer);
  }
  void OnDelivered(std::function<void(const Delivered&)> observer) override {
    observers_.delivered = std::move(observer);
  }
  void OnPushed(std::function<void(const Pushed&)> observer) override {
    observers_.pushed = std::move(observer);
  }
  void OnGivenUp(std::function<absl::Status(const GivenUp&, Transaction&)> observer) override {
    observers_.given_up = std::move(observer);
  }

  absl::Status Start() override;
  void Stop() override;
  absl::Status ReloadTls() override { return tls_->Reload(); }

  std::uint16_t port() const override;
  const std::string& domain() const override { return options_.domain; }

  // --- Access.

  absl::Status SetAccess(const AccessLists& lists) override;
  Refusals CountRefusals() const override;

  // --- Sending.

  absl::StatusOr<Seq> SendStrong(std::string_view destination, std::string_view json) override;
  absl::StatusOr<Seq> SendStrong(Transaction& transaction, std::string_view destination,
                                 std::string_view json) override;
  void SendStrongAsync(std::string_view destination, std::string_view json, SendDone done) override;
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(std::span<const std::string> destinations,
                                                   std::string_view json) override;
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(Transaction& transaction,
                                                   std::span<const std::string> destinations,
                                                   std::string_view json) override;
  absl::Status SendWeak(std::string_view destination, std::string_view json,
                        std::string_view replace_key) override;

  // --- Operations.

  absl::StatusOr<std::vector<LinkStatus>> Links() override;
  absl::Status PauseLink(std::string_view destination) override;
  absl::Status ResumeLink(std::string_view destination) override;
  absl::Status WakeLink(std::string_view destination) override;
  absl::StatusOr<std::uint64_t> ResetLink(std::string_view destination) override;
  absl::StatusOr<std::vector<Replayed>> ReplayQuarantined(std::string_view origin,
                                                          std::vector<std::int64_t> ids) override;
  absl::StatusOr<Resolution> Resolve(std::string_view domain, Lookup lookup) override;

  // --- Requests.

  absl::StatusOr<std::string> Call(RpcCall call) override;
  void StartCall(RpcCall call, Done done) override;

 private:
  // Whether this node may send something to the server of `destination`.
  absl::Status CheckPeer(std::string_view destination) const;
  absl::Status CheckSend(std::string_view destination, std::string_view json) const;
  absl::Status CheckSendToAll(std::span<const std::string> destinations, std::string_view json) const;
  // Failed precondition if this thread has a transaction, which others would wait for.
  absl::Status CheckMayBlock() const;
  // Runs `work` in a transaction that it shares with others, and waits for the commit.
  absl::Status SubmitAndWait(Store::Work work);

  // Takes what comes over the network, on the loop.
  transport::Handler EntryPoint();
  // Begins to take it.
  absl::Status Listen();
  // Ends that. Requests that run are answered before this returns, if they are within some time.
  void StopListening();
  transport::ProtectedClient Protect(https::Client& client);
  // What this node says of itself.
  std::string WellKnown() const;
  // What operators want is allowed now; keeps Stop waiting as long as the lock is held.
  absl::StatusOr<std::shared_lock<std::shared_mutex>> LockWhileRunning();
  absl::Status CheckLink(std::string_view destination) const;
  // Makes a call. `done` is called on the loop, unless this fails.
  absl::Status PostCall(RpcCall call, OutboundCalls::Done done);
  // Runs `task` on the loop and waits until it calls what it is given.
  template <typename Task>
  void RunOnLoop(Task task) {
    auto done = std::make_shared<std::promise<void>>();
    loop_.Post([task = std::move(task), done] { task([done] { done->set_value(); }); });
    done->get_future().wait();
  }

  const NodeOptions options_;
  Store& store_;
  const std::shared_ptr<https::ReloadableTls> tls_;
  InboundRequests::Methods methods_;
  delivery::Delivery::Observers observers_;
  std::shared_mutex running_mutex_;  // exclusive for Stop, shared for who needs the node meanwhile
  std::atomic<bool> running_{false};
  bool started_ = false;

  // In the order in which they are built upon each other.
  https::EventLoop loop_;
  https::TlsWatch tls_watch_;
  WorkerPool store_workers_;
  WorkerPool handler_workers_;
  WorkerPool request_workers_;
  const Addresses addresses_;
  Access access_;
  discovery::ServerDirectory directory_;
  // Calls have connections of their own, so that a push that takes its time holds up no call, nor the other
  // way round.
  std::unique_ptr<https::Client> client_;
  std::unique_ptr<https::Client> call_client_;
  const std::shared_ptr<Protection> protection_;
  // In front of the clients.
  transport::ProtectedClient protected_client_;
  transport::ProtectedClient protected_call_client_;
  OutboundCalls calls_;
  RepeatingCalls repeats_;
  NetworkLoop network_;
  HttpsTransport transport_;
  // Between delivery and `transport_`.
  AccessTransport allowed_transport_;
  Admission admission_;
  delivery::Delivery delivery_;
  std::unique_ptr<InboundRequests> requests_;
  std::unique_ptr<Routes> routes_;
  // Before the protection level.
  Relay relay_;
  const RelayRules trusted_relays_;
  // Null with NodeOptions::shared_port.
  std::unique_ptr<https::Server> server_;
};

}  // namespace federation::node
