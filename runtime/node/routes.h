#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "federation/limits.h"

#include "delivery/delivery.h"
#include "node/admission.h"
#include "node/inbound_requests.h"
#include "transport/transport.h"

namespace federation::node {

// What a node serves over HTTPS (proto/PROTOCOL.md, "HTTP"): finds the endpoint of a request, or the problem
// document that says why there is none. To be used on the loop.
class Routes {
 public:
  // Borrows the last three. `well_known`: the document that says where this node is reached.
  Routes(std::string domain, std::string well_known, Admission& admission, delivery::Delivery& delivery,
         InboundRequests& requests);

  void Serve(transport::Request request, transport::Respond respond) const;

  // What is told to who has no answer when the node ends, by the target: pushes are to `wait`. A request
  // whose handler runs gets no such promise that nothing is done with it.
  static std::map<std::string, transport::Response, std::less<>> WhenDismissed(const Limits& limits);

 private:
  struct Route;
  static const Route kRoutes[];

  static Admission::Kind KindOf(std::string_view target);

  // They may take what they are given.
  void ServeUpdates(transport::Request& request, transport::Respond& respond) const;
  void ServeRpc(transport::Request& request, transport::Respond& respond) const;
  void ServeWellKnown(transport::Request& request, transport::Respond& respond) const;

  const std::string domain_;
  const std::string well_known_;
  Admission& admission_;
  delivery::Delivery& delivery_;
  InboundRequests& requests_;
};

}  // namespace federation::node
