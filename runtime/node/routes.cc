#include "node/routes.h"

#include <optional>
#include <utility>

#include <fmt/core.h>

#include "delivery/ack_codec.h"
#include "https/problem.h"

namespace federation::node {
namespace {

https::Response Refused(int status, const json::DecodeError& error) {
  https::Problem problem;
  problem.status = status;
  problem.detail = std::string(error.ToStatus().message());
  problem.pointer = error.pointer;
  problem.offset_bytes = error.offset_bytes;
  return https::ToResponse(problem);
}

https::Response ProblemOf(int status, std::string detail) {
  https::Problem problem;
  problem.status = status;
  problem.detail = std::move(detail);
  return https::ToResponse(problem);
}

}  // namespace

struct Routes::Route {
  std::string_view target;
  std::string_view method;
  void (Routes::*serve)(https::Request&, https::Server::Respond&) const;
};

const Routes::Route Routes::kRoutes[] = {
    {"/http/v1/updates", "POST", &Routes::ServeUpdates},
    {"/http/v1/rpc", "POST", &Routes::ServeRpc},
};

Routes::Routes(std::string domain, delivery::Delivery& delivery, InboundRequests& requests)
    : domain_(std::move(domain)), delivery_(delivery), requests_(requests) {}

void Routes::Serve(https::Request request, https::Server::Respond respond) const {
  if (!request.destination.empty() && request.destination != domain_) {
    return respond(ProblemOf(
        404, fmt::format("this node speaks for {}, not for the destination that was named", domain_)));
  }
  for (const Route& route : kRoutes) {
    if (request.target != route.target) continue;
    if (request.method != route.method) {
      https::Response response =
          ProblemOf(405, fmt::format("{} is served to {} only", route.target, route.method));
      response.headers.emplace_back("Allow", route.method);
      return respond(std::move(response));
    }
    // Without a media type the body is looked at; with another one its sender means something else.
    if (!request.content_type.empty() && request.content_type != "application/json") {
      return respond(ProblemOf(415, "want a body of application/json"));
    }
    // Whoever asks for something is there to be told something.
    delivery_.Heard(request.origin);
    return (this->*route.serve)(request, respond);
  }
  respond(ProblemOf(404, "there is nothing at this path"));
}

void Routes::ServeUpdates(https::Request& request, https::Server::Respond& respond) const {
  delivery_.Push({std::move(request.origin), request.connection, std::move(request.body)},
                 [respond = std::move(respond)](const delivery::InboundReply& reply) {
                   if (reply.refused.has_value()) {
                     return respond(Refused(reply.too_many_updates ? 413 : 400, *reply.refused));
                   }
                   https::Response response;
                   response.body = delivery::FormatAnswer(reply.answer);
                   respond(std::move(response));
                 });
}

void Routes::ServeRpc(https::Request& request, https::Server::Respond& respond) const {
  requests_.Serve({std::move(request.origin), std::move(request.body), request.timeout},
                  [respond = std::move(respond)](const InboundRequests::Reply& reply) {
                    if (reply.malformed.has_value()) return respond(Refused(400, *reply.malformed));
                    https::Response response;
                    response.body = reply.answer;
                    respond(std::move(response));
                  });
}

}  // namespace federation::node
