#include "federation/shared_port.h"

#include <chrono>
#include <future>
#include <utility>

#include "node/shared_port_impl.h"

namespace federation {
namespace node {
namespace {

// Nobody is asked any more; what has been said needs no longer to get out.
constexpr std::chrono::seconds kShutdownGrace{1};

}  // namespace

absl::Status SharedPortImpl::Listen(const HostPort& address, const HttpLimits& limits) {
  absl::StatusOr<std::unique_ptr<https::Server>> server = https::Server::Listen(loop_, address, limits);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  loop_.Start();
  return absl::OkStatus();
}

SharedPortImpl::~SharedPortImpl() {
  if (server_ == nullptr) return;
  std::promise<void> drained;
  server_->Shutdown(kShutdownGrace, [&drained] { drained.set_value(); });
  drained.get_future().wait();
  loop_.Stop();
}

}  // namespace node

absl::StatusOr<std::shared_ptr<SharedPort>> SharedPort::Listen(const HostPort& address,
                                                               const HttpLimits& limits) {
  auto port = std::make_shared<node::SharedPortImpl>();
  absl::Status status = port->Listen(address, limits);
  if (!status.ok()) return status;
  return port;
}

}  // namespace federation
