#include "https/client.h"

#include <algorithm>
#include <map>
#include <vector>

#include "https/client_destination.h"
#include "https/client_pipeline.h"
#include "https/event_loop_impl.h"

namespace federation::https {

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  // The connection for the next call to a destination: the one with the fewest calls, or a new one.
  ClientDestination& Choose(const std::string& destination);
  ClientPipeline& PipelineTo(const std::string& destination);
  // What is remembered of a domain goes with its connection, unless there are calls to it again.
  static void Forget(const std::weak_ptr<Impl>& weak, const std::string& destination);

  std::shared_ptr<const ClientShared> shared;
  std::size_t connections_max;
  // Each of a domain's is a connection with a queue of its own.
  std::map<std::string, std::vector<std::shared_ptr<ClientDestination>>, std::less<>> destinations;
  std::map<std::string, std::shared_ptr<ClientPipeline>, std::less<>> pipelines;
};

ClientDestination& Client::Impl::Choose(const std::string& destination) {
  std::vector<std::shared_ptr<ClientDestination>>& connections = destinations[destination];
  const auto least = std::min_element(connections.begin(), connections.end(),
                                      [](const auto& a, const auto& b) { return a->calls() < b->calls(); });
  const bool enough = connections.size() >= connections_max;
  if (least != connections.end() && (enough || (*least)->calls() == 0)) return **least;
  return *connections.emplace_back(std::make_shared<ClientDestination>(shared));
}

ClientPipeline& Client::Impl::PipelineTo(const std::string& destination) {
  std::shared_ptr<ClientPipeline>& pipeline = pipelines[destination];
  if (pipeline == nullptr) {
    // Not at once: the pipeline itself says so.
    pipeline = std::make_shared<ClientPipeline>(shared, [weak = weak_from_this(), destination] {
      const auto impl = weak.lock();
      if (impl != nullptr) impl->shared->loop.Post([weak, destination] { Forget(weak, destination); });
    });
  }
  return *pipeline;
}

void Client::Impl::Forget(const std::weak_ptr<Impl>& weak, const std::string& destination) {
  const auto impl = weak.lock();
  if (impl == nullptr) return;
  const auto found = impl->pipelines.find(destination);
  if (found != impl->pipelines.end() && found->second->is_unused()) impl->pipelines.erase(found);
}

Client::Client(EventLoop& loop, TlsContext tls, const HttpLimits& limits, directory::AddressPolicy policy,
               std::string origin, std::size_t connections_max)
    : impl_(std::make_shared<Impl>()) {
  impl_->connections_max = connections_max;
  impl_->shared.reset(new ClientShared{.loop = loop,
                                       .tls = std::move(tls),
                                       .limits = limits,
                                       .policy = std::move(policy),
                                       .origin = std::move(origin)});
}

Client::~Client() {
  RunOnLoop(impl_->shared->loop, [impl = impl_.get()] {
    for (const auto& [domain, connections] : impl->destinations) {
      for (const auto& connection : connections) connection->Abort();
    }
    for (const auto& [domain, pipeline] : impl->pipelines) pipeline->Abort();
    impl->destinations.clear();
    impl->pipelines.clear();
  });
}

void Client::Post(Call call, Done done) {
  if (call.pipelined) {
    ClientPipeline& pipeline = impl_->PipelineTo(call.destination);
    pipeline.Post(std::move(call), std::move(done));
    return;
  }
  ClientDestination& connection = impl_->Choose(call.destination);
  connection.Post(std::move(call), std::move(done));
}

}  // namespace federation::https
