#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <absl/status/statusor.h>
#include <prometheus/collectable.h>

#include "federation/host_port.h"

namespace prometheus {
class Exposer;
}

namespace federation::fednode {

// Serves metrics at /metrics, in Prometheus' text format over plain HTTP and without authentication: for
// loopback, or a network that is trusted. On threads of its own.
class MetricsServer {
 public:
  // Errors: unavailable (the address cannot be listened on). Port 0 takes a free one.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      const HostPort& listen, std::vector<std::shared_ptr<prometheus::Collectable>> sources);
  // Waits for the answers that are under way.
  ~MetricsServer();

  std::uint16_t port() const;

 private:
  MetricsServer(std::unique_ptr<prometheus::Exposer> exposer,
                std::vector<std::shared_ptr<prometheus::Collectable>> sources);

  // The exposer borrows them.
  const std::vector<std::shared_ptr<prometheus::Collectable>> sources_;
  const std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace federation::fednode
