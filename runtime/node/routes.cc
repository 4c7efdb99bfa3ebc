#include "node/routes.h"

#include <optional>
#include <utility>

#include <fmt/core.h>

#include "delivery/ack_codec.h"
#include "directory/well_known.h"
#include "rpc/answer.h"
#include "transport/problem.h"

namespace federation::node {
namespace {

// A move to another place is noticed after ten minutes.
constexpr char kWellKnownCacheControl[] = "max-age=600";

transport::Response Refused(int status, const json::DecodeError& error) {
  transport::Problem problem;
  problem.status = status;
  problem.detail = std::string(error.ToStatus().message());
  problem.pointer = error.pointer;
  problem.offset_bytes = error.offset_bytes;
  return transport::ToResponse(problem);
}

transport::Response ProblemOf(int status, std::string detail) {
  transport::Problem problem;
  problem.status = status;
  problem.detail = std::move(detail);
  return transport::ToResponse(problem);
}

constexpr std::string_view kUpdatesTarget = "/http/v1/updates";

}  // namespace

struct Routes::Route {
  std::string_view target;
  std::string_view method;
  // Another one that is served in the same way; empty without.
  std::string_view other_method;
  Admission::Kind kind;
  void (Routes::*serve)(transport::Request&, transport::Respond&) const;
};

const Routes::Route Routes::kRoutes[] = {
    {kUpdatesTarget, "POST", "", Admission::Kind::kPush, &Routes::ServeUpdates},
    {"/http/v1/rpc", "POST", "", Admission::Kind::kRequest, &Routes::ServeRpc},
    {directory::kWellKnownPath, "GET", "HEAD", Admission::Kind::kOther, &Routes::ServeWellKnown},
};

Routes::Routes(std::string domain, std::string well_known, Admission& admission, delivery::Delivery& delivery,
               InboundRequests& requests)
    : domain_(std::move(domain)),
      well_known_(std::move(well_known)),
      admission_(admission),
      delivery_(delivery),
      requests_(requests) {}

std::map<std::string, transport::Response, std::less<>> Routes::WhenDismissed(const Limits& limits) {
  transport::Response updates;
  updates.body = delivery::FormatAnswer(link::Answer::Wait(limits.inbox.wait_when_busy));
  return {{std::string(kUpdatesTarget), std::move(updates)}};
}

Admission::Kind Routes::KindOf(std::string_view target) {
  for (const Route& route : kRoutes) {
    if (route.target == target) return route.kind;
  }
  return Admission::Kind::kOther;
}

void Routes::Serve(transport::Request request, transport::Respond respond) const {
  for (const std::string* who : {&request.origin, &request.relay}) {
    if (who->empty()) continue;
    const absl::Status denied = admission_.CheckOrigin(*who, KindOf(request.target));
    if (!denied.ok()) return respond(ProblemOf(403, std::string(denied.message())));
  }
  if (!request.relay.empty() && KindOf(request.target) != Admission::Kind::kPush) {
    return respond(ProblemOf(403, "want nothing but updates through a relay"));
  }
  if (!request.destination.empty() && request.destination != domain_) {
    return respond(ProblemOf(
        404, fmt::format("this node speaks for {}, not for the destination that was named", domain_)));
  }
  for (const Route& route : kRoutes) {
    if (request.target != route.target) continue;
    if (request.method != route.method &&
        (route.other_method.empty() || request.method != route.other_method)) {
      const std::string allowed =
          fmt::format("{}{}{}", route.method, route.other_method.empty() ? "" : ", ", route.other_method);
      transport::Response response =
          ProblemOf(405, fmt::format("{} is served to {} only", route.target, allowed));
      response.headers.emplace_back("Allow", allowed);
      return respond(std::move(response));
    }
    if (route.serve == &Routes::ServeWellKnown) return (this->*route.serve)(request, respond);
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

void Routes::ServeUpdates(transport::Request& request, transport::Respond& respond) const {
  if (const auto wait = admission_.Take(request.origin, Admission::Kind::kPush, request.body.size())) {
    transport::Response response;
    response.body = delivery::FormatAnswer(link::Answer::Wait(*wait));
    return respond(std::move(response));
  }
  delivery_.Push({std::move(request.origin), request.connection, std::move(request.body)},
                 [respond = std::move(respond)](const delivery::InboundReply& reply) {
                   if (reply.refused.has_value()) {
                     return respond(Refused(reply.too_many_updates ? 413 : 400, *reply.refused));
                   }
                   transport::Response response;
                   response.body = delivery::FormatAnswer(reply.answer);
                   respond(std::move(response));
                 });
}

void Routes::ServeRpc(transport::Request& request, transport::Respond& respond) const {
  if (const auto wait = admission_.Take(request.origin, Admission::Kind::kRequest, request.body.size())) {
    transport::Response response;
    response.body = rpc::FormatFailure(Wait(*wait));
    return respond(std::move(response));
  }
  requests_.Serve(
      {std::move(request.origin), std::move(request.body), request.timeout, std::move(request.caller_gone)},
      [respond = std::move(respond)](const InboundRequests::Reply& reply) {
        if (reply.malformed.has_value()) return respond(Refused(400, *reply.malformed));
        transport::Response response;
        response.body = reply.answer;
        respond(std::move(response));
      });
}

void Routes::ServeWellKnown(transport::Request& /*request*/, transport::Respond& respond) const {
  transport::Response response;
  response.body = well_known_;
  response.headers.emplace_back("Cache-Control", kWellKnownCacheControl);
  respond(std::move(response));
}

}  // namespace federation::node
