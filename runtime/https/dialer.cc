#include "https/dialer.h"

#include <utility>

#include "https/client_destination.h"

namespace federation::https {

void Dialer::Cancel() {
  cancelled_ = true;
  if (found_) found_->Cancel();
  if (connector_) connector_->Cancel();
}

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Dialer::Dial(HostPort address, std::string domain) {
  if (!address.host.empty()) {
    Candidates configured = {{.address = std::move(address), .certificate_names = {std::move(domain)}}};
    co_return co_await Connect(std::move(configured));
  }
  absl::StatusOr<Candidates> candidates = co_await Find(domain);
  if (!candidates.ok()) co_return candidates.status();
  absl::StatusOr<std::unique_ptr<TlsStream>> stream = co_await Connect(*std::move(candidates));
  if (!stream.ok() && !cancelled_) shared_.finding.servers->NoteUnreachable(domain);
  co_return stream;
}

Task<absl::StatusOr<Dialer::Candidates>> Dialer::Find(const std::string& domain) {
  if (shared_.finding.servers == nullptr) co_return absl::NotFoundError("no address is known");
  if (cancelled_) co_return absl::CancelledError("cancelled");
  found_ = std::make_shared<Awaited<absl::StatusOr<Candidates>>>(shared_.loop);
  shared_.finding.servers->Find(
      domain, [found = found_](absl::StatusOr<Candidates> candidates) { found->Set(std::move(candidates)); });
  std::optional<absl::StatusOr<Candidates>> candidates = co_await found_->Take();
  if (cancelled_ || !candidates) co_return absl::CancelledError("cancelled");
  co_return *std::move(candidates);
}

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Dialer::Connect(Candidates candidates) {
  if (cancelled_) co_return absl::CancelledError("cancelled");
  const auto or_system = [this](NameResolver* names) -> NameResolver& {
    return names == nullptr ? *shared_.system_names : *names;
  };
  const Resolvers resolvers{or_system(shared_.finding.configured_names), or_system(shared_.finding.names)};
  connector_ = std::make_unique<Connector>(shared_.loop, shared_.tls->current(), shared_.limits,
                                           shared_.policy, resolvers);
  absl::StatusOr<std::unique_ptr<TlsStream>> stream = co_await connector_->Connect(std::move(candidates));
  connector_.reset();
  co_return stream;
}

}  // namespace federation::https
