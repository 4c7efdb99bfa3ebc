#include "https/client.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include <absl/strings/str_cat.h>

#include "https/client_bundle.h"
#include "https/client_destination.h"
#include "https/client_pipeline.h"
#include "https/event_loop_impl.h"

namespace federation::https {
namespace {

// Calls that share a connection: so a server that takes few bytes at a time from one origin takes them.
constexpr std::size_t kSharingBodyBytesMax = std::size_t{16} * 1024;

// Which pipelined calls share a connection: those of the client itself to a domain's own server do, apart
// from all others; of what goes through relays, or is relayed, those that share one of a few. So the answers
// to one origin, or of one destination, which may be slow, hold up few others. What has come through more
// relays has other connections: in a circle of them it would wait behind itself.
std::string PipelineName(const Call& call, std::size_t relay_connections_max) {
  if (call.relay.empty() && !call.relayed) return call.destination;
  const transport::Relayed from = call.relayed.value_or(transport::Relayed{"", 0});
  const std::size_t place = std::hash<std::string>()(absl::StrCat(call.destination, " ", from.origin)) %
                            std::max<std::size_t>(relay_connections_max, 1);
  return absl::StrCat(call.server(), " ", from.hops, " ", place);
}

}  // namespace

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  // The connection for the next call to a destination: the one with the fewest calls, or a new one.
  ClientDestination& Choose(const std::string& destination);
  ClientPipeline& PipelineFor(const Call& call);
  ClientBundle& BundleTo(const std::string& destination);
  // What is remembered of a domain goes with its connections, unless there are calls to it again. Returns
  // what they call when they have ended.
  std::function<void()> WhenUnused(const std::string& destination);
  void Forget(const std::string& destination);

  std::shared_ptr<const ClientShared> shared;
  std::size_t connections_max;
  std::size_t calls_max;
  // By domain; each of a domain's is a connection with a queue of its own.
  std::map<std::string, std::vector<std::shared_ptr<ClientDestination>>, std::less<>> destinations;
  // By PipelineName: a domain or what begins with one and a space.
  std::map<std::string, std::shared_ptr<ClientPipeline>, std::less<>> pipelines;
  std::map<std::string, std::shared_ptr<ClientBundle>, std::less<>> bundles;
};

ClientDestination& Client::Impl::Choose(const std::string& destination) {
  std::vector<std::shared_ptr<ClientDestination>>& connections = destinations[destination];
  const auto least = std::min_element(connections.begin(), connections.end(),
                                      [](const auto& a, const auto& b) { return a->calls() < b->calls(); });
  const bool enough = connections.size() >= connections_max;
  if (least != connections.end() && (enough || (*least)->calls() == 0)) return **least;
  return *connections.emplace_back(std::make_shared<ClientDestination>(shared, WhenUnused(destination)));
}

ClientPipeline& Client::Impl::PipelineFor(const Call& call) {
  const std::string name = PipelineName(call, shared->limits.relay_connections_max);
  std::shared_ptr<ClientPipeline>& pipeline = pipelines[name];
  if (pipeline == nullptr) {
    pipeline = std::make_shared<ClientPipeline>(shared, WhenUnused(name));
  }
  return *pipeline;
}

ClientBundle& Client::Impl::BundleTo(const std::string& destination) {
  std::shared_ptr<ClientBundle>& bundle = bundles[destination];
  if (bundle == nullptr) {
    bundle = std::make_shared<ClientBundle>(shared, connections_max, calls_max, WhenUnused(destination));
  }
  return *bundle;
}

std::function<void()> Client::Impl::WhenUnused(const std::string& destination) {
  return [weak = weak_from_this(), destination] {
    const auto impl = weak.lock();
    if (impl == nullptr) return;
    // Not at once: it is the connection itself that says so.
    impl->shared->loop.Post([weak, destination] {
      if (const auto alive = weak.lock()) alive->Forget(destination);
    });
  };
}

void Client::Impl::Forget(const std::string& destination) {
  const auto pipeline = pipelines.find(destination);
  if (pipeline != pipelines.end() && pipeline->second->is_unused()) pipelines.erase(pipeline);
  const auto bundle = bundles.find(destination);
  if (bundle != bundles.end() && bundle->second->is_unused()) bundles.erase(bundle);
  const auto found = destinations.find(destination);
  if (found == destinations.end()) return;
  std::erase_if(found->second, [](const auto& connection) { return connection->is_unused(); });
  if (found->second.empty()) destinations.erase(found);
}

Client::Client(EventLoop& loop, std::shared_ptr<const ReloadableTls> tls, const HttpLimits& limits,
               directory::AddressPolicy policy, std::string origin, std::size_t connections_max,
               const Finding& finding, std::size_t calls_max)
    : impl_(std::make_shared<Impl>()) {
  impl_->connections_max = connections_max;
  impl_->calls_max = calls_max;
  impl_->shared.reset(new ClientShared{.loop = loop,
                                       .tls = std::move(tls),
                                       .limits = limits,
                                       .policy = std::move(policy),
                                       .system_names = MakeSystemResolver(loop),
                                       .origin = std::move(origin),
                                       .finding = finding});
}

Client::~Client() {
  RunOnLoop(impl_->shared->loop, [impl = impl_.get()] {
    for (const auto& [domain, connections] : impl->destinations) {
      for (const auto& connection : connections) connection->Abort();
    }
    for (const auto& [name, pipeline] : impl->pipelines) pipeline->Abort();
    for (const auto& [domain, bundle] : impl->bundles) bundle->Abort();
    impl->destinations.clear();
    impl->pipelines.clear();
    impl->bundles.clear();
  });
}

std::size_t Client::destinations() const {
  std::set<std::string_view> all;
  for (const auto& [domain, connections] : impl_->destinations) all.insert(domain);
  for (const auto& [name, pipeline] : impl_->pipelines)
    all.insert(std::string_view(name).substr(0, name.find(' ')));
  for (const auto& [domain, bundle] : impl_->bundles) all.insert(domain);
  return all.size();
}

void Client::Post(Call call, Done done) {
  if (call.pipelined) {
    ClientPipeline& pipeline = impl_->PipelineFor(call);
    pipeline.Post(std::move(call), std::move(done));
    return;
  }
  const bool is_direct = call.relay.empty() && !call.relayed;
  if (call.repeatable && is_direct && impl_->calls_max > 1 && call.body.size() <= kSharingBodyBytesMax) {
    ClientBundle& bundle = impl_->BundleTo(call.destination);
    bundle.Post(std::move(call), std::move(done));
    return;
  }
  ClientDestination& connection = impl_->Choose(call.server());
  connection.Post(std::move(call), std::move(done));
}

}  // namespace federation::https
