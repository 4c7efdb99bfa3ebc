#pragma once

#include <memory>
#include <string>

#include "federation/discovery.h"

#include "abuse/certificates.h"
#include "abuse/hostile_dns.h"
#include "abuse/table.h"
#include "support/raw_tls_server.h"
#include "support/reserved_port.h"

namespace federation::abuse {

// The DNS server and the web server that a node asks where others are: hostile as a row says, or good. Not
// thread-safe, but for the servers themselves.
class HostileServers {
 public:
  // Borrows the certificates.
  explicit HostileServers(Certificates& certificates) : certificates_(certificates) {}

  // Has a node ask these servers, and wait for them for a short time only.
  void Attract(DiscoveryOptions* options) const;

  // For evil.test.
  void Become(const AbuseRow& row);
  // The web server has a document for good.test.
  void BecomeGood();

 private:
  void ServeWeb(const TlsFiles& files, support::RawTlsServer::Script script);

  Certificates& certificates_;
  HostileDns dns_;
  support::ReservedPort web_port_;
  std::unique_ptr<support::RawTlsServer> web_;
};

}  // namespace federation::abuse
