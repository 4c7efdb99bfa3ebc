#pragma once

#include <string>
#include <string_view>

#include "delivery/delivery.h"
#include "https/server.h"
#include "node/inbound_requests.h"

namespace federation::node {

// What a node serves over HTTPS (proto/PROTOCOL.md, "HTTP"): finds the endpoint of a request, or the problem
// document that says why there is none. To be used on the loop.
class Routes {
 public:
  // Borrows both.
  Routes(std::string domain, delivery::Delivery& delivery, InboundRequests& requests);

  void Serve(https::Request request, https::Server::Respond respond) const;

 private:
  struct Route;
  static const Route kRoutes[];

  // Both may take what they are given.
  void ServeUpdates(https::Request& request, https::Server::Respond& respond) const;
  void ServeRpc(https::Request& request, https::Server::Respond& respond) const;

  const std::string domain_;
  delivery::Delivery& delivery_;
  InboundRequests& requests_;
};

}  // namespace federation::node
