#include "fednode/metrics/metrics_server.h"

#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <prometheus/exposer.h>

namespace federation::fednode {
namespace {

// For a scraper, another one, and somebody who looks by hand.
constexpr char kThreads[] = "3";
// Who sends half a request must not take a thread for long.
constexpr char kRequestTimeoutMs[] = "5000";

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    const HostPort& listen, std::vector<std::shared_ptr<prometheus::Collectable>> sources) {
  std::unique_ptr<prometheus::Exposer> exposer;
  try {
    exposer = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", listen.ToString(), "num_threads", kThreads,
                                 "request_timeout_ms", kRequestTimeoutMs});
  } catch (const std::exception& error) {
    return absl::UnavailableError(
        fmt::format("--metrics: cannot listen on {}: {}", listen.ToString(), error.what()));
  }
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(exposer), std::move(sources)));
}

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer,
                             std::vector<std::shared_ptr<prometheus::Collectable>> sources)
    : sources_(std::move(sources)), exposer_(std::move(exposer)) {
  for (const auto& source : sources_) exposer_->RegisterCollectable(source);
}

MetricsServer::~MetricsServer() = default;

std::uint16_t MetricsServer::port() const {
  const std::vector<int> ports = exposer_->GetListeningPorts();
  return ports.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(ports.front());
}

}  // namespace federation::fednode
