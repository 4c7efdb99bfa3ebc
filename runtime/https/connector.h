#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <boost/asio/ip/tcp.hpp>

#include "federation/host_port.h"
#include "federation/limits.h"

#include "directory/address_policy.h"
#include "https/deadline.h"
#include "https/event_loop.h"
#include "https/net.h"
#include "https/tls.h"
#include "https/tls_stream.h"

namespace federation::https {

// Makes one TLS connection. On the loop only.
class Connector {
 public:
  // Borrows all but the context.
  Connector(EventLoop& loop, const TlsContext& tls, const HttpLimits& limits,
            const directory::AddressPolicy& policy);

  // Connects to the first of the addresses that takes a connection and proves to be the server of `domain`.
  // To be called once. Errors, without the place: permission denied (a refused address, a refused
  // certificate), deadline exceeded (HttpLimits::connect_timeout), cancelled, unavailable.
  Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connect(HostPort address, std::string domain);
  void Cancel();

 private:
  using Endpoint = asio::ip::tcp::endpoint;
  using Found = asio::ip::tcp::resolver::results_type;

  Task<absl::StatusOr<std::vector<Endpoint>>> Resolve(const HostPort& address);
  // Those that the policy allows; its error if there are none.
  absl::StatusOr<std::vector<Endpoint>> Allowed(const Found& found) const;
  // Leaves the connection in stream_.
  Task<absl::Status> ConnectTo(Endpoint endpoint, const std::string& domain);
  // Makes the operation that runs fail.
  void Interrupt();
  // Why it was made to fail; ok if it was not.
  absl::Status Interruption() const;

  EventLoop& loop_;
  TlsContext tls_;
  const HttpLimits& limits_;
  const directory::AddressPolicy& policy_;
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver_;
  Deadline deadline_;
  bool timed_out_ = false;
  bool cancelled_ = false;
  // What is interrupted: the socket while it connects, the stream during the handshake.
  std::optional<Socket> socket_;
  std::unique_ptr<TlsStream> stream_;
};

}  // namespace federation::https
