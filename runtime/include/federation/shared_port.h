#pragma once

#include <cstdint>
#include <memory>

#include <absl/status/statusor.h>

#include "federation/host_port.h"
#include "federation/limits.h"

namespace federation {

// A port on which the nodes of several domains listen together, as NodeOptions::shared_port. Each of them is
// a node of its own: with its own store, and so with its own numbers, its own handlers and its own limits.
// But what comes in over HTTP is bounded by the HttpLimits of the port: connections, sizes, times, how much
// of a connection waits for answers. NodeOptions::limits.http counts for what the node sends: its calls, and
// how large its answers may be.
//
// Who connects chooses by name (SNI) whose certificate is shown: by that of a domain, or of a host that
// domains announce (DiscoveryOptions::announced). Who asks for nothing of these gets the one whose node was
// started first. A request goes to the domain that its Federation-Destination names. It is answered with 421
// unless the certificate that was shown is valid for this domain, or for a host that this domain announces
// and that was asked for; and unless this domain has the same file of TlsFiles::authorities as the one whose
// certificate was shown, which the client's was checked against.
//
// So all that announce the same host need the same authorities, and a certificate at one of them that is
// valid for the host, or at the first of them one that is valid for them all. A node that would break this
// does not start; when certificates are read again it is not looked at.
//
// Lives as long as one of the nodes, or whoever else holds it. Thread-safe.
class SharedPort {
 public:
  // Port 0 takes a free one. Of `limits` those of servers count. Errors: unavailable (the address is in use).
  static absl::StatusOr<std::shared_ptr<SharedPort>> Listen(const HostPort& address,
                                                            const HttpLimits& limits = {});
  virtual ~SharedPort() = default;

  virtual std::uint16_t port() const = 0;
};

}  // namespace federation
