#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/host_port.h"

#include "directory/candidate.h"
#include "https/awaited.h"
#include "https/connector.h"
#include "https/net.h"
#include "https/tls_stream.h"

namespace federation::https {

struct ClientShared;

// Makes the connection of a call: finds out where the server of its domain may be, unless the call says so,
// and tries those places. On the loop only.
class Dialer {
 public:
  // Borrows it.
  explicit Dialer(const ClientShared& shared) : shared_(shared) {}

  // To be called once. `address`: where the server is; without a host it is looked for. Errors as
  // Connector::Connect, and those of ServerFinder.
  Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Dial(HostPort address, std::string domain);
  void Cancel();

 private:
  using Candidates = std::vector<directory::Candidate>;

  Task<absl::StatusOr<Candidates>> Find(const std::string& domain);
  Task<absl::StatusOr<std::unique_ptr<TlsStream>>> Connect(Candidates candidates);

  const ClientShared& shared_;
  std::shared_ptr<Awaited<absl::StatusOr<Candidates>>> found_;
  std::unique_ptr<Connector> connector_;
  bool cancelled_ = false;
};

}  // namespace federation::https
