#include "https/client.h"

#include <map>

#include "https/client_destination.h"
#include "https/event_loop_impl.h"

namespace federation::https {

struct Client::Impl {
  std::shared_ptr<const ClientShared> shared;
  std::map<std::string, std::shared_ptr<ClientDestination>, std::less<>> destinations;
};

Client::Client(EventLoop& loop, TlsContext tls, const HttpLimits& limits, directory::AddressPolicy policy,
               std::string origin)
    : impl_(std::make_shared<Impl>()) {
  impl_->shared.reset(new ClientShared{.loop = loop,
                                       .tls = std::move(tls),
                                       .limits = limits,
                                       .policy = std::move(policy),
                                       .origin = std::move(origin)});
}

Client::~Client() {
  RunOnLoop(impl_->shared->loop, [impl = impl_.get()] {
    for (const auto& [domain, destination] : impl->destinations) destination->Abort();
    impl->destinations.clear();
  });
}

void Client::Post(Call call, Done done) {
  std::shared_ptr<ClientDestination>& destination = impl_->destinations[call.destination];
  if (destination == nullptr) destination = std::make_shared<ClientDestination>(impl_->shared);
  destination->Post(std::move(call), std::move(done));
}

}  // namespace federation::https
