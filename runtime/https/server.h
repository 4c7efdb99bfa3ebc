#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/limits.h"

#include "https/event_loop.h"
#include "https/reloadable_tls.h"
#include "https/served_domains.h"
#include "transport/transport.h"

namespace federation::https {

using transport::Request;
using transport::Response;

// Listens for TLS connections and hands each complete, identified request to a handler. Requests that a peer
// sends without waiting for answers (RFC 9112, section 9.3.2) come to the handler one behind the other, up to
// HttpLimits::pipelined_requests_max of a connection; whenever they are answered, the answers leave in the
// order of the requests.
//
// What is not a request of an identified server, nor a GET or HEAD of what is for everybody, never reaches
// the handler: it is answered here with a problem document (RFC 9457): 400, 401, 403, 408, 411, 413, 417,
// 421, 429, 431. An exception in one connection ends that connection only.
//
// It may serve several domains, each with a certificate of its own, which a client chooses by the name that
// it asks for (SNI, RFC 6066, section 3): that of a domain, or else of a host that domains announce; whoever
// asks for none of them gets that of the first one. A request is for the domain in Federation-Destination if
// that is served, or else for the one whose certificate was shown.
//
// It is misdirected (421, RFC 9110, section 15.5.20) if that certificate is valid neither for the domain that
// it is for, nor for a host that this one announces and that was asked for; or if that domain has other
// authorities (TlsFiles::authorities) than those that the client's certificate was checked against. So a host
// that several domains announce needs a certificate that is valid for it, or for them all, and they need the
// same authorities.
class Server final : public transport::Server {
 public:
  // If it is destroyed without a call, the answer is 500.
  using Respond = transport::Respond;
  using Handler = transport::Handler;

  // For domains that are to come; meanwhile connections are closed as soon as they are accepted. Errors:
  // unavailable with the address and the system's words.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(EventLoop& loop, const HostPort& address,
                                                        const HttpLimits& limits);
  // For one domain, whatever it is called.
  static absl::StatusOr<std::unique_ptr<Server>> Listen(EventLoop& loop, const HostPort& address,
                                                        std::shared_ptr<const ReloadableTls> tls,
                                                        const HttpLimits& limits, Handler handler,
                                                        ServerOptions options = {});
  // Closes all connections. The loop must still run, or have been stopped.
  ~Server() override;

  std::uint16_t port() const override;

  // Serves one more domain. Errors: already exists (it is served already), invalid argument (with it a host
  // would be announced that does not bring to all who announce it). Thread-safe.
  absl::Status Serve(ServedDomain domain);
  // Stops serving it: when this returns, its handler is not called any more, and its requests are answered
  // with 503. Its connections go on. The loop must run, or have been stopped.
  void StopServing(const std::string& domain);

  // Accepts no more, closes idle connections, and the others after the answers that they wait for; `drained`
  // is called on the loop when none is left. After `grace` the requests that still have no answer get
  // ServerOptions::when_dismissed, or 503, and what is left HttpLimits::linger_timeout later is closed.
  void Shutdown(std::chrono::milliseconds grace, std::function<void()> drained) override;

  struct Impl;

 private:
  explicit Server(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace federation::https
