#include "federation/node.h"

#include <chrono>
#include <mutex>
#include <random>
#include <vector>

#include <absl/strings/ascii.h>
#include <fmt/core.h>

#include "directory/host.h"
#include "directory/well_known.h"
#include "node/check_options.h"
#include "node/node_impl.h"
#include "node/shared_port_impl.h"

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

discovery::ServerDirectoryOptions DirectoryOptions(const DiscoveryOptions& options) {
  discovery::ServerDirectoryOptions directory;
  directory.discovery.enabled = options.enabled;
  directory.discovery.default_port = options.default_port;
  directory.discovery.well_known_port = options.well_known_port;
  directory.dns = {options.dns_servers, options.dns_timeout, options.dns_tries};
  directory.well_known_timeout = options.well_known_timeout;
  return directory;
}

// Of options that CheckOptions has seen.
RelayRules ParsedRules(const RelayRules::Patterns& patterns) {
  absl::StatusOr<RelayRules> rules = RelayRules::Parse(patterns);
  return rules.ok() ? *std::move(rules) : RelayRules();
}

// What a client asks for that has read this node's document.
std::vector<std::string> AnnouncedNames(const DiscoveryOptions& options) {
  std::vector<std::string> names;
  for (const HostPort& address : options.announced) {
    if (!directory::HostIsIp(address.host)) names.push_back(absl::AsciiStrToLower(address.host));
  }
  return names;
}

SharedPortImpl& Shared(const NodeOptions& options) {
  return static_cast<SharedPortImpl&>(*options.shared_port);
}

}  // namespace

NodeImpl::NodeImpl(NodeOptions options, Store& store, std::shared_ptr<https::ReloadableTls> tls,
                   const directory::AddressPolicy& policy)
    : options_(std::move(options)),
      store_(store),
      tls_(std::move(tls)),
      tls_watch_(loop_, tls_),
      store_workers_(1),
      handler_workers_(options_.handler_threads),
      request_workers_(options_.request_threads),
      addresses_(options_.peers, options_.relay.via, options_.discovery.enabled),
      directory_(loop_, options_.peers, DirectoryOptions(options_.discovery), tls_, policy, SystemRandom()),
      client_(std::make_unique<https::Client>(
          loop_, tls_, options_.limits.http, policy, options_.domain, 1,
          https::Finding{&directory_, &directory_.names(), &directory_.configured_names()})),
      call_client_(std::make_unique<https::Client>(
          loop_, tls_, options_.limits.http, policy, options_.domain, options_.limits.rpc.connections_max,
          https::Finding{&directory_, &directory_.names(), &directory_.configured_names()},
          options_.limits.rpc.calls_per_connection_max)),
      protection_(options_.protection != nullptr ? options_.protection : std::make_shared<NoProtection>()),
      protected_client_(Protect(*client_)),
      protected_call_client_(Protect(*call_client_)),
      calls_(protected_call_client_, addresses_, options_.limits.rpc),
      repeats_(loop_, calls_, options_.limits.rpc, SystemRandom()),
      network_(loop_),
      transport_(loop_, protected_client_, addresses_),
      allowed_transport_(loop_, access_, addresses_, transport_),
      admission_(access_, options_.limits.origin),
      delivery_(
          {options_.domain, options_.limits.outbox, options_.limits.inbox, RandomOwner(options_.domain)},
          store, {network_, store_workers_, handler_workers_, allowed_transport_, SystemRandom()}),
      relay_(options_.domain, ParsedRules(options_.relay.serves), options_.limits.relay, addresses_, access_,
             admission_, *client_),
      trusted_relays_(ParsedRules(options_.relay.trusted)) {
  const absl::Status checked = access_.Set(options_.access);  // by CheckOptions
  (void)checked;
  // The analyzer loses sight of what std::function owns.
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)

NodeImpl::~NodeImpl() { Stop(); }

transport::ProtectedClient NodeImpl::Protect(https::Client& client) {
  return {client, protection_, options_.domain, options_.limits.http.answer_bytes_max,
          [this](std::function<void()> task) { loop_.Post(std::move(task)); }};
}

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

std::string NodeImpl::WellKnown() const {
  if (!options_.discovery.announced.empty()) return directory::FormatWellKnown(options_.discovery.announced);
  return directory::FormatWellKnown({{options_.domain, port()}});
}

transport::Handler NodeImpl::EntryPoint() {
  // The routes are called on the loop, where the links live.
  transport::Handler own =
      transport::Protected(protection_, options_.domain, options_.limits.http.body_bytes_max,
                           [this](transport::Request request, transport::Respond respond) {
                             routes_->Serve(std::move(request), std::move(respond));
                           });
  return [this, own = std::move(own)](transport::Request request, transport::Respond respond) {
    if (relay_.Takes(request)) return relay_.Serve(std::move(request), std::move(respond));
    own(std::move(request), std::move(respond));
  };
}

absl::Status NodeImpl::Listen() {
  https::ServerOptions server_options;
  server_options.public_target = directory::kWellKnownPath;
  // What this node says it says itself.
  server_options.trusts_relay = [this](const std::string& relay, const std::string& origin) {
    return origin != options_.domain && trusted_relays_.Allows(relay, origin);
  };
  // With a protection that changes bodies 503 says the same: it is said below it.
  if (protection_->passes_through()) server_options.when_dismissed = Routes::WhenDismissed(options_.limits);
  if (options_.shared_port == nullptr) {
    absl::StatusOr<std::unique_ptr<https::Server>> server = https::Server::Listen(
        loop_, options_.listen, tls_, options_.limits.http, EntryPoint(), std::move(server_options));
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    return absl::OkStatus();
  }
  // From the port's loop to the node's, where a request waits until that runs.
  auto entry_point = std::make_shared<transport::Handler>(EntryPoint());
  const auto hand_over = [this, entry_point](transport::Request request, transport::Respond respond) {
    loop_.Post([entry_point, request = std::move(request), respond = std::move(respond)]() mutable {
      (*entry_point)(std::move(request), std::move(respond));
    });
  };
  absl::Status served = Shared(options_).server().Serve(
      {options_.domain, tls_, hand_over, std::move(server_options), AnnouncedNames(options_.discovery)});
  if (served.ok()) return served;
  const char* const option = absl::IsAlreadyExists(served) ? "shared_port" : "discovery.announced";
  return {served.code(), fmt::format("{}: {}", option, std::string(served.message()))};
}

void NodeImpl::StopListening() {
  if (server_ == nullptr) {
    Shared(options_).server().StopServing(options_.domain);
    // What has come by then goes to the workers, which answer it before they end.
    return RunOnLoop([](const std::function<void()>& done) { done(); });
  }
  RunOnLoop([this](std::function<void()> done) { server_->Shutdown(kShutdownGrace, std::move(done)); });
}

std::uint16_t NodeImpl::port() const {
  if (options_.shared_port != nullptr) return options_.shared_port->port();
  return server_ == nullptr ? options_.listen.port : server_->port();
}

absl::Status NodeImpl::Start() {
  if (started_) return absl::FailedPreconditionError("the node was started before");
  requests_ = std::make_unique<InboundRequests>(options_.domain, options_.limits, methods_, request_workers_);
  absl::Status listens = Listen();
  if (!listens.ok()) return listens;
  routes_ = std::make_unique<Routes>(options_.domain, WellKnown(), admission_, delivery_, *requests_);
  started_ = true;
  delivery_.Observe(observers_);
  delivery_.Start();
  if (options_.tls.check_interval.count() > 0) tls_watch_.Start(options_.tls.check_interval);
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
    repeats_.Stop();
    calls_.Stop();
    done();
  });
  StopListening();
  request_workers_.Stop();
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
  absl::StatusOr<std::shared_ptr<https::ReloadableTls>> tls =
      https::ReloadableTls::Load(options.tls, options.domain);
  if (!tls.ok()) return tls.status();
  absl::StatusOr<directory::AddressPolicy> policy =
      directory::AddressPolicy::Create(options.allowed_addresses);
  if (!policy.ok()) return policy.status();
  return std::make_unique<node::NodeImpl>(std::move(options), store, *std::move(tls), *policy);
}

}  // namespace federation
