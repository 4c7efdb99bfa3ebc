#include "federation/node.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <utility>

#include <fmt/core.h>

#include "federation/domain.h"
#include "federation/json/reader.h"

#include "directory/address_policy.h"
#include "https/client.h"
#include "https/event_loop.h"
#include "https/server.h"
#include "https/tls.h"
#include "log/log.h"
#include "node/check_options.h"
#include "node/inbound.h"
#include "node/inbound_requests.h"
#include "node/outbound_calls.h"
#include "node/outbound_links.h"
#include "node/routes.h"
#include "node/worker_pool.h"

namespace federation {
namespace {

// How long Stop waits for requests that run.
constexpr std::chrono::seconds kShutdownGrace{5};
constexpr std::chrono::seconds kPruneInterval{60};
constexpr std::size_t kPruneUpdatesMax = 50'000;
// Weak updates on their way to the loop; the links' own bound is OutboxLimits::weak_updates_max.
constexpr int kWeakPostedMax = 16'384;

link::Outbox::Random SystemRandom() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

static_assert(kUpdateDepthMax + 2 == json::DecodeOptions{}.depth_max,
              "an update that is sent can be read in a push");

class NodeImpl final : public Node {
 public:
  NodeImpl(NodeOptions options, Store& store, const https::TlsContext& tls,
           const directory::AddressPolicy& policy, const std::vector<Store::NamedLink>& stored)
      : options_(std::move(options)),
        store_(store),
        tls_(tls),
        store_workers_(1),
        handler_workers_(options_.handler_threads),
        client_(std::make_unique<https::Client>(loop_, tls, options_.limits.http, policy, options_.domain)),
        call_client_(std::make_unique<https::Client>(loop_, tls, options_.limits.http, policy,
                                                     options_.domain, options_.limits.rpc.connections_max)),
        calls_(*call_client_, options_.peers, options_.limits.rpc),
        links_({loop_, *client_, store_, store_workers_, options_.limits.outbox, SystemRandom()},
               options_.peers, stored),
        prune_timer_(std::make_unique<https::EventLoop::Timer>(loop_)) {
    store_.ObserveAppends([this](std::string_view destination, Seq assigned) {
      const std::string name(destination);
      loop_.Post([this, name, assigned] { links_.Enqueued(name, assigned); });
    });
    // The analyzer loses sight of what std::function owns.
  }  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)

  ~NodeImpl() override {
    Stop();
    store_.ObserveAppends(nullptr);
  }

  void Receive(UpdateReceiver& receiver) override { receiver_ = &receiver; }
  void OnApplied(std::function<void(const Applied&)> observer) override { observer_ = std::move(observer); }

  absl::Status Serve(RpcDispatcher& dispatcher) override {
    if (started_) return absl::FailedPreconditionError("the node was started before");
    node::InboundRequests::Methods methods = methods_;
    const std::vector<std::string_view> names = dispatcher.Methods();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!methods.try_emplace(std::string(names[i]), node::InboundRequests::Method{&dispatcher, i}).second)
        return absl::AlreadyExistsError(fmt::format("the method {} is served already", names[i]));
    }
    methods_ = std::move(methods);
    return absl::OkStatus();
  }

  absl::Status Start() override {
    if (started_) return absl::FailedPreconditionError("the node was started before");
    inbound_ = std::make_unique<node::Inbound>(options_.domain, options_.limits.inbox, store_, receiver_,
                                               observer_, handler_workers_);
    requests_ =
        std::make_unique<node::InboundRequests>(options_.domain, options_.limits, methods_, handler_workers_);
    // The server calls this on the loop, where the links live.
    routes_ = std::make_unique<node::Routes>(options_.domain, *inbound_, *requests_,
                                             [this](const std::string& origin) { links_.Heard(origin); });
    absl::StatusOr<std::unique_ptr<https::Server>> server =
        https::Server::Listen(loop_, options_.listen, tls_, options_.limits.http,
                              [this](https::Request request, https::Server::Respond respond) {
                                routes_->Serve(std::move(request), std::move(respond));
                              });
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    loop_.Start();
    started_ = true;
    running_ = true;
    loop_.Post([this] {
      links_.Start();
      SchedulePrune();
    });
    return absl::OkStatus();
  }

  void Stop() override {
    const std::lock_guard guard(running_mutex_);
    if (!running_) return;
    inbound_->Stop();
    requests_->Stop();
    // Handlers may wait for their answers.
    RunOnLoop([this](const std::function<void()>& done) {
      calls_.Stop();
      done();
    });
    RunOnLoop([this](std::function<void()> done) { server_->Shutdown(kShutdownGrace, std::move(done)); });
    handler_workers_.Stop();
    RunOnLoop([this](const std::function<void()>& done) {
      prune_timer_.reset();
      links_.Clear();
      done();
    });
    store_workers_.Stop();
    loop_.Stop();
    server_.reset();
    client_.reset();
    call_client_.reset();
    running_ = false;
  }

  std::uint16_t port() const override { return server_ == nullptr ? options_.listen.port : server_->port(); }
  const std::string& domain() const override { return options_.domain; }

  absl::StatusOr<Seq> SendStrong(std::string_view destination, std::string_view json) override {
    return SubmitAndWait(
        [&](Transaction& transaction) { return SendStrong(transaction, destination, json); });
  }

  absl::StatusOr<Seq> SendStrong(Transaction& transaction, std::string_view destination,
                                 std::string_view json) override {
    absl::Status status = CheckUpdate(destination, json);
    if (!status.ok()) return status;
    return transaction.Append(destination, json);
  }

  absl::StatusOr<Seq> SendStrongBatch(std::string_view destination,
                                      const std::vector<std::string>& json) override {
    if (json.empty()) return absl::InvalidArgumentError("want at least one update");
    return SubmitAndWait([&](Transaction& transaction) {
      absl::StatusOr<Seq> last = Seq{0};
      for (std::size_t i = 0; last.ok() && i < json.size(); ++i)
        last = SendStrong(transaction, destination, json[i]);
      return last;
    });
  }

  absl::Status SendWeak(std::string_view destination, std::string_view json,
                        std::string_view replace_key) override {
    absl::Status status = CheckUpdate(destination, json);
    if (!status.ok()) return status;
    if (replace_key.size() > options_.limits.outbox.update_bytes_max) {
      return absl::InvalidArgumentError(fmt::format("replace_key: want at most {} bytes, got {}",
                                                    options_.limits.outbox.update_bytes_max,
                                                    replace_key.size()));
    }
    if (weak_posted_.fetch_add(1) >= kWeakPostedMax) {
      --weak_posted_;
      return absl::ResourceExhaustedError("too many weak updates at a time");
    }
    loop_.Post([this, destination = std::string(destination), json = std::string(json),
                replace_key = std::string(replace_key)]() mutable {
      --weak_posted_;
      links_.SendWeak(destination, std::move(json), std::move(replace_key));
    });
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<LinkStatus>> Links() override {
    auto all = std::make_shared<std::promise<std::vector<LinkStatus>>>();
    absl::Status status = PostWhileRunning([this, all] { all->set_value(links_.Status()); });
    if (!status.ok()) return status;
    return all->get_future().get();
  }

  absl::StatusOr<std::string> Call(RpcCall call) override {
    if (store_.InTransaction()) {
      return absl::FailedPreconditionError(
          "this thread is inside of a transaction, which others would wait for until the answer comes");
    }
    auto answer = std::make_shared<std::promise<absl::StatusOr<https::Answer>>>();
    absl::Status status = PostCall(
        std::move(call), [answer](absl::StatusOr<https::Answer> got) { answer->set_value(std::move(got)); });
    if (!status.ok()) return status;
    return node::RpcAnswerOf(answer->get_future().get());
  }

  void StartCall(RpcCall call, Done done) override {
    const auto shared = std::make_shared<Done>(std::move(done));
    const absl::Status status = PostCall(std::move(call), [this, shared](absl::StatusOr<https::Answer> got) {
      // Decoding takes time that the network has not.
      handler_workers_.Post(
          [shared, got = std::move(got)]() mutable { (*shared)(node::RpcAnswerOf(std::move(got))); });
    });
    if (!status.ok()) (*shared)(status);
  }

 private:
  absl::Status CheckDestination(std::string_view destination) const {
    const absl::Status status = ValidateDomain(destination);
    if (!status.ok())
      return absl::InvalidArgumentError(fmt::format("destination: {}", std::string(status.message())));
    if (destination == options_.domain) {
      return absl::InvalidArgumentError(fmt::format("destination: {} is this node itself", destination));
    }
    return absl::OkStatus();
  }

  // Runs `task` on the loop before Stop does anything there. Failed precondition if the node does not run.
  absl::Status PostWhileRunning(std::function<void()> task) {
    // Not waiting for Stop, which may wait for the handler that asks.
    const std::shared_lock guard(running_mutex_, std::try_to_lock);
    if (!guard.owns_lock() || !running_) return absl::FailedPreconditionError("the node does not run");
    loop_.Post(std::move(task));
    return absl::OkStatus();
  }

  // Makes a call. `done` is called on the loop, unless this fails.
  absl::Status PostCall(RpcCall call, node::OutboundCalls::Done done) {
    absl::Status status = CheckDestination(call.destination);
    if (!status.ok()) return status;
    const auto deadline =
        std::chrono::steady_clock::now() + std::min(call.options.timeout, options_.limits.rpc.timeout_max);
    return PostWhileRunning([this, deadline, call = std::move(call), done = std::move(done)]() mutable {
      calls_.Start(std::move(call), deadline, std::move(done));
    });
  }

  absl::Status CheckUpdate(std::string_view destination, std::string_view json) const {
    absl::Status status = CheckDestination(destination);
    if (!status.ok()) return status;
    const std::size_t bytes_max = options_.limits.outbox.update_bytes_max;
    if (json.size() > bytes_max) {
      return absl::InvalidArgumentError(
          fmt::format("update: want at most {} bytes of JSON, got {}", bytes_max, json.size()));
    }
    // What no receiver takes would stop the link for good.
    json::Reader in(json, {.depth_max = kUpdateDepthMax});
    if (!json.starts_with('{')) in.FailWant("an object", 0);
    if (!in.SkipValue() || !in.Finish()) {
      return absl::InvalidArgumentError(
          fmt::format("update: {}", std::string(in.error().ToStatus().message())));
    }
    return absl::OkStatus();
  }

  template <typename Append>
  absl::StatusOr<Seq> SubmitAndWait(const Append& append) {
    if (store_.InTransaction()) {
      return absl::FailedPreconditionError(
          "this thread is inside of a transaction: send with it, as in SendStrong(*context.transaction, "
          "...)");
    }
    Seq seq{0};
    // Shared: the other thread may still be inside of it when this one goes on.
    const auto committed = std::make_shared<std::promise<absl::Status>>();
    store_.Submit(
        [&](Transaction& transaction) -> absl::Status {
          const absl::StatusOr<Seq> appended = append(transaction);
          if (!appended.ok()) return appended.status();
          seq = *appended;
          return absl::OkStatus();
        },
        [committed](const absl::Status& status) { committed->set_value(status); });
    absl::Status status = committed->get_future().get();
    if (!status.ok()) return status;
    return seq;
  }

  // Runs `task` on the loop and waits until it calls what it is given.
  template <typename Task>
  void RunOnLoop(Task task) {
    auto done = std::make_shared<std::promise<void>>();
    loop_.Post([task = std::move(task), done] { task([done] { done->set_value(); }); });
    done->get_future().wait();
  }

  void SchedulePrune() {
    prune_timer_->Set(kPruneInterval, [this] {
      store_workers_.Post([this] {
        const absl::StatusOr<std::size_t> removed =
            store_.Prune(options_.limits.outbox.acked_age_max, kPruneUpdatesMax);
        if (!removed.ok()) Log().warn("{}", removed.status().ToString());
      });
      SchedulePrune();
    });
  }

  const NodeOptions options_;
  Store& store_;
  const https::TlsContext tls_;
  UpdateReceiver* receiver_ = nullptr;
  node::InboundRequests::Methods methods_;
  std::function<void(const Applied&)> observer_;
  std::atomic<int> weak_posted_{0};
  std::shared_mutex running_mutex_;  // exclusive for Stop, shared for who needs the loop meanwhile
  std::atomic<bool> running_{false};
  bool started_ = false;

  // In the order in which they are built upon each other.
  https::EventLoop loop_;
  node::WorkerPool store_workers_;
  node::WorkerPool handler_workers_;
  // Calls have connections of their own, so that a push that takes its time holds up no call, nor the other
  // way round.
  std::unique_ptr<https::Client> client_;
  std::unique_ptr<https::Client> call_client_;
  node::OutboundCalls calls_;
  node::OutboundLinks links_;
  std::unique_ptr<https::EventLoop::Timer> prune_timer_;
  std::unique_ptr<node::Inbound> inbound_;
  std::unique_ptr<node::InboundRequests> requests_;
  std::unique_ptr<node::Routes> routes_;
  std::unique_ptr<https::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> Node::Create(NodeOptions options, Store& store) {
  absl::Status status = node::CheckOptions(options);
  if (!status.ok()) return status;
  absl::StatusOr<https::TlsContext> tls = https::TlsContext::Load(options.tls, options.domain);
  if (!tls.ok()) return tls.status();
  absl::StatusOr<directory::AddressPolicy> policy =
      directory::AddressPolicy::Create(options.allowed_addresses);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<std::vector<Store::NamedLink>> stored = store.Links();
  if (!stored.ok()) return stored.status();
  return std::make_unique<NodeImpl>(std::move(options), store, *std::move(tls), *policy, *stored);
}

}  // namespace federation
