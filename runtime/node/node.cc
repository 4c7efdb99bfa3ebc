#include "federation/node.h"

#include <chrono>
#include <mutex>
#include <random>

#include <fmt/core.h>

#include "node/check_options.h"
#include "node/node_impl.h"

namespace federation {
namespace node {
namespace {

// How long Stop waits for requests that run.
constexpr std::chrono::seconds kShutdownGrace{5};

std::function<double()> SystemRandom() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

// Tells processes apart that share a store.
std::string RandomOwner(const std::string& domain) {
  std::random_device random;
  return fmt::format("{}/{:08x}{:08x}", domain, random(), random());
}

}  // namespace

NodeImpl::NodeImpl(NodeOptions options, Store& store, const https::TlsContext& tls,
                   const directory::AddressPolicy& policy)
    : options_(std::move(options)),
      store_(store),
      tls_(tls),
      store_workers_(1),
      handler_workers_(options_.handler_threads),
      client_(std::make_unique<https::Client>(loop_, tls, options_.limits.http, policy, options_.domain)),
      call_client_(std::make_unique<https::Client>(loop_, tls, options_.limits.http, policy, options_.domain,
                                                   options_.limits.rpc.connections_max)),
      calls_(*call_client_, options_.peers, options_.limits.rpc),
      network_(loop_),
      transport_(loop_, *client_, options_.peers),
      delivery_(
          {options_.domain, options_.limits.outbox, options_.limits.inbox, RandomOwner(options_.domain)},
          store, {network_, store_workers_, handler_workers_, transport_, SystemRandom()}) {
  // The analyzer loses sight of what std::function owns.
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)

NodeImpl::~NodeImpl() { Stop(); }

absl::Status NodeImpl::Serve(RpcDispatcher& dispatcher) {
  if (started_) return absl::FailedPreconditionError("the node was started before");
  InboundRequests::Methods methods = methods_;
  const std::vector<std::string_view> names = dispatcher.Methods();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!methods.try_emplace(std::string(names[i]), InboundRequests::Method{&dispatcher, i}).second)
      return absl::AlreadyExistsError(fmt::format("the method {} is served already", names[i]));
  }
  methods_ = std::move(methods);
  return absl::OkStatus();
}

absl::Status NodeImpl::Start() {
  if (started_) return absl::FailedPreconditionError("the node was started before");
  requests_ = std::make_unique<InboundRequests>(options_.domain, options_.limits, methods_, handler_workers_);
  // The server calls it on the loop, where the links live.
  routes_ = std::make_unique<Routes>(options_.domain, delivery_, *requests_);
  absl::StatusOr<std::unique_ptr<https::Server>> server =
      https::Server::Listen(loop_, options_.listen, tls_, options_.limits.http,
                            [this](https::Request request, https::Server::Respond respond) {
                              routes_->Serve(std::move(request), std::move(respond));
                            });
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  started_ = true;
  delivery_.Observe(observers_);
  delivery_.Start();
  running_ = true;
  loop_.Start();
  return absl::OkStatus();
}

void NodeImpl::Stop() {
  // Before the lock, which a long replay holds until it is told to end.
  delivery_.StopReceiving();
  const std::lock_guard guard(running_mutex_);
  if (!running_) return;
  requests_->Stop();
  // Handlers may wait for their answers.
  RunOnLoop([this](const std::function<void()>& done) {
    calls_.Stop();
    done();
  });
  RunOnLoop([this](std::function<void()> done) { server_->Shutdown(kShutdownGrace, std::move(done)); });
  handler_workers_.Stop();
  RunOnLoop([this](const std::function<void()>& done) {
    delivery_.StopSending();
    done();
  });
  store_workers_.Stop();
  loop_.Stop();
  server_.reset();
  client_.reset();
  call_client_.reset();
  running_ = false;
}

}  // namespace node

absl::StatusOr<std::unique_ptr<Node>> Node::Create(NodeOptions options, Store& store) {
  absl::Status status = node::CheckOptions(options);
  if (!status.ok()) return status;
  absl::StatusOr<https::TlsContext> tls = https::TlsContext::Load(options.tls, options.domain);
  if (!tls.ok()) return tls.status();
  absl::StatusOr<directory::AddressPolicy> policy =
      directory::AddressPolicy::Create(options.allowed_addresses);
  if (!policy.ok()) return policy.status();
  return std::make_unique<node::NodeImpl>(std::move(options), store, *std::move(tls), *policy);
}

}  // namespace federation
