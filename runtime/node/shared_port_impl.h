#pragma once

#include <memory>
#include <string>

#include "federation/shared_port.h"

#include "https/event_loop.h"
#include "https/server.h"

namespace federation::node {

// A server on a loop of its own, whose domains are served by the nodes.
class SharedPortImpl final : public SharedPort {
 public:
  // Errors: unavailable.
  absl::Status Listen(const HostPort& address, const HttpLimits& limits);
  // Lets the answers that are on their way go out.
  ~SharedPortImpl() override;

  std::uint16_t port() const override { return server_->port(); }
  // See https::Server; handlers are called on the port's own loop.
  https::Server& server() { return *server_; }

 private:
  https::EventLoop loop_;
  std::unique_ptr<https::Server> server_;
};

}  // namespace federation::node
