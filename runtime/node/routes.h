#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "https/server.h"
#include "node/inbound.h"
#include "node/inbound_requests.h"

namespace federation::node {

// What a node serves over HTTPS (proto/PROTOCOL.md, "HTTP"): finds the endpoint of a request, or the problem
// document that says why there is none. Thread-safe.
class Routes {
 public:
  // `heard` is told the origin of every request.
  Routes(std::string domain, Inbound& inbound, InboundRequests& requests,
         std::function<void(const std::string& origin)> heard);

  void Serve(https::Request request, https::Server::Respond respond) const;

 private:
  struct Route;
  static const Route kRoutes[];

  // Both may take what they are given.
  void ServeUpdates(https::Request& request, https::Server::Respond& respond) const;
  void ServeRpc(https::Request& request, https::Server::Respond& respond) const;

  const std::string domain_;
  Inbound& inbound_;
  InboundRequests& requests_;
  const std::function<void(const std::string& origin)> heard_;
};

}  // namespace federation::node
