#include "https/connector.h"

#include <utility>

#include <absl/strings/str_cat.h>

#include "https/error_words.h"
#include "https/event_loop_impl.h"

namespace federation::https {

Connector::Connector(EventLoop& loop, const TlsContext& tls, const HttpLimits& limits,
                     const directory::AddressPolicy& policy)
    : loop_(loop),
      tls_(tls),
      limits_(limits),
      policy_(policy),
      resolver_(loop.impl().context),
      deadline_(loop, [this] {
        timed_out_ = true;
        Interrupt();
      }) {}

void Connector::Cancel() {
  cancelled_ = true;
  Interrupt();
}

void Connector::Interrupt() {
  boost::system::error_code ignored;
  resolver_.cancel();
  if (socket_) socket_->close(ignored);
  if (stream_) stream_->Close();
}

absl::Status Connector::Interruption() const {
  if (cancelled_) return absl::CancelledError("cancelled");
  if (timed_out_) {
    return absl::DeadlineExceededError(
        absl::StrCat("no connection within ", limits_.connect_timeout.count(), " ms"));
  }
  return absl::OkStatus();
}

Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connector::Connect(HostPort address, std::string domain) {
  deadline_.Set(limits_.connect_timeout);
  const absl::StatusOr<std::vector<Endpoint>> endpoints = co_await Resolve(address);
  if (!endpoints.ok()) co_return endpoints.status();
  absl::Status last_failure = absl::UnavailableError("the name has no address");
  for (const Endpoint& endpoint : *endpoints) {
    last_failure = co_await ConnectTo(endpoint, domain);
    if (last_failure.ok()) co_return std::move(stream_);
    if (const absl::Status interruption = Interruption(); !interruption.ok()) co_return interruption;
  }
  co_return last_failure;
}

Task<absl::StatusOr<std::vector<Connector::Endpoint>>> Connector::Resolve(const HostPort& address) {
  boost::system::error_code no_literal;
  const asio::ip::address literal = asio::ip::make_address(address.host, no_literal);
  // The operator wrote the address itself: it is meant.
  if (!no_literal) co_return std::vector<Endpoint>{Endpoint(literal, address.port)};

  boost::system::error_code error;
  const std::string port = std::to_string(address.port);
  const auto found = co_await resolver_.async_resolve(address.host, port, AwaitInto(error));
  if (const absl::Status interruption = Interruption(); !interruption.ok()) co_return interruption;
  if (error) co_return absl::UnavailableError(absl::StrCat("the name cannot be resolved: ", error.message()));
  co_return Allowed(found);
}

absl::StatusOr<std::vector<Connector::Endpoint>> Connector::Allowed(const Found& found) const {
  std::vector<Endpoint> allowed;
  absl::Status refused = absl::UnavailableError("the name has no address");
  for (const auto& entry : found) {
    const absl::Status status = policy_.Check(entry.endpoint().address().to_string());
    if (status.ok()) {
      allowed.push_back(entry.endpoint());
    } else {
      refused = status;
    }
  }
  if (allowed.empty()) return refused;
  return allowed;
}

Task<absl::Status> Connector::ConnectTo(Endpoint endpoint, const std::string& domain) {
  socket_.emplace(loop_.impl().context);
  boost::system::error_code error;
  co_await socket_->async_connect(endpoint, AwaitInto(error));
  if (error) co_return absl::UnavailableError(SystemWords(error.value()));
  if (const absl::Status interruption = Interruption(); !interruption.ok()) co_return interruption;
  stream_ = TlsStream::ForClient(loop_, std::move(*socket_), tls_, domain);
  socket_.reset();
  co_return co_await stream_->Handshake();
}

}  // namespace federation::https
