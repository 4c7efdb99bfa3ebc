#include "node/relay.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>
#include <fmt/core.h>

#include "log/log.h"
#include "transport/problem.h"

namespace federation::node {
namespace {

using transport::Request;
using transport::Response;

constexpr std::string_view kUpdates = "/http/v1/updates";

// Links that are remembered while no push of theirs is on its way: which connection is their newest. To
// forget one is no harm, only less protection.
constexpr std::size_t kLinksMax = 65'536;
// As at a destination: see delivery::Inbound.
constexpr std::chrono::minutes kLateMax{2};

std::string LinkName(const std::string& origin, const std::string& destination) {
  return absl::StrCat(origin, " ", destination);
}

Response ProblemOf(int status, std::string detail) {
  return transport::ToResponse({.status = status, .detail = std::move(detail)});
}

}  // namespace

Relay::Relay(std::string domain, RelayRules rules, const RelayLimits& limits, const Addresses& addresses,
             const Access& access, Admission& admission, transport::Client& client, Clock clock)
    : domain_(std::move(domain)),
      rules_(std::move(rules)),
      limits_(limits),
      addresses_(addresses),
      access_(access),
      admission_(admission),
      client_(client),
      clock_(std::move(clock)) {}

bool Relay::Takes(const Request& request) const {
  return request.target == kUpdates && request.method == "POST" && !request.origin.empty() &&
         request.destination != domain_ && rules_.Has(request.destination);
}

void Relay::Serve(Request request, transport::Respond respond) {
  transport::Call call;
  call.destination = request.destination;
  call.target = request.target;
  call.pipelined = true;
  call.relayed = transport::Relayed{request.origin, request.hops + 1};
  const bool has_address = addresses_.Direct(&call);
  if (Refusal refusal = CheckWay(request, call)) return respond(*std::move(refusal));
  if (!has_address) {
    return respond(ProblemOf(502, fmt::format("{} knows no address of {}", domain_, call.server())));
  }
  if (Refusal refusal = CheckRoom(request)) return respond(*std::move(refusal));
  call.timeout = TimeoutOf(request);
  if (call.timeout.count() <= 0) return respond(ProblemOf(504, "no time was left"));
  call.told_deadline = clock_() + call.timeout;
  call.body = std::move(request.body);
  Post(std::move(call), std::move(respond));
}

Relay::Refusal Relay::CheckWay(const Request& request, const transport::Call& call) const {
  for (const std::string* who : {&request.origin, &request.relay}) {
    if (who->empty()) continue;
    const absl::Status denied = admission_.CheckOrigin(*who, Admission::Kind::kPush);
    if (!denied.ok()) return ProblemOf(403, std::string(denied.message()));
  }
  if (!rules_.Allows(request.destination, request.origin)) {
    return ProblemOf(
        403, fmt::format("{} hands on no updates of {} to {}", domain_, request.origin, request.destination));
  }
  for (const std::string* whom : {&call.destination, &call.server()}) {
    const absl::Status denied = access_.Check(*whom);
    if (!denied.ok()) return ProblemOf(403, std::string(denied.message()));
  }
  if (!request.content_type.empty() && request.content_type != "application/json") {
    return ProblemOf(415, "want a body of application/json");
  }
  if (request.hops >= limits_.hops_max) {
    return ProblemOf(508, fmt::format("{}: it has come through {} servers on its way to {}, want at most {}",
                                      domain_, request.hops, request.destination, limits_.hops_max));
  }
  if (call.server() == request.relay || call.server() == request.origin) {
    return ProblemOf(508, fmt::format("{}: the way to {} leads back to {}, where it comes from", domain_,
                                      request.destination, call.server()));
  }
  return std::nullopt;
}

Relay::Refusal Relay::CheckRoom(const Request& request) {
  const std::size_t bytes = request.body.size();
  if (const auto wait = admission_.Take(request.origin, Admission::Kind::kPush, bytes)) {
    return Busy(*wait, "its origin sends too much");
  }
  if (IsStale(request)) return Busy(limits_.wait_when_busy, "its origin uses a newer connection");
  const auto found = origins_.find(request.origin);
  if (found != origins_.end() && (found->second.pushes >= limits_.origin_pushes_max ||
                                  found->second.bytes + bytes > limits_.origin_bytes_max)) {
    return Busy(limits_.wait_when_busy, "too many pushes of its origin have no answer yet");
  }
  // Somebody's only one is always taken.
  if (all_.pushes > 0 && (all_.pushes >= limits_.pushes_max || all_.bytes + bytes > limits_.bytes_max)) {
    return Busy(limits_.wait_when_busy, "too many pushes have no answer yet");
  }
  return std::nullopt;
}

// Pushes of a link come to their destination in the order in which the origin has sent them, those of a
// process that is gone first: what its older connection still brings after the newer one is too late.
bool Relay::IsStale(const Request& request) {
  Link& link = FindLink(LinkName(request.origin, request.destination));
  const Time now = clock_();
  if (request.connection < link.newest_connection && now < link.newest_push + kLateMax) return true;
  link.newest_connection = request.connection;
  link.newest_push = now;
  return false;
}

Relay::Link& Relay::FindLink(const std::string& name) {
  const auto found = links_.find(name);
  if (found != links_.end()) return found->second;
  if (links_.size() >= kLinksMax) {
    // No more than RelayLimits::pushes_max of them are in the way.
    const auto resting =
        std::find_if(links_.begin(), links_.end(), [](const auto& link) { return link.second.pushes == 0; });
    if (resting != links_.end()) links_.erase(resting);
  }
  return links_[name];
}

Response Relay::Busy(std::chrono::seconds wait, std::string detail) const {
  Response response = ProblemOf(503, fmt::format("{}: {}", domain_, detail));
  response.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return response;
}

std::chrono::milliseconds Relay::TimeoutOf(const Request& request) const {
  if (!request.timeout) return limits_.push_timeout;
  return std::min(limits_.push_timeout, *request.timeout - *request.timeout / 10);
}

void Relay::Post(transport::Call call, transport::Respond respond) {
  const std::string origin = call.relayed->origin;
  const std::string destination = call.destination;
  const std::size_t bytes = call.body.size();
  InFlight& of_origin = origins_[origin];
  ++of_origin.pushes;
  of_origin.bytes += bytes;
  ++all_.pushes;
  all_.bytes += bytes;
  ++FindLink(LinkName(origin, destination)).pushes;
  client_.Post(std::move(call), [this, origin, destination, bytes,
                                 respond = std::move(respond)](absl::StatusOr<transport::Answer> answer) {
    Answered(origin, destination, bytes);
    respond(ResponseTo(std::move(answer), destination));
  });
}

void Relay::Answered(const std::string& origin, const std::string& destination, std::size_t bytes) {
  const auto of_origin = origins_.find(origin);
  of_origin->second.bytes -= bytes;
  if (--of_origin->second.pushes == 0) origins_.erase(of_origin);
  --all_.pushes;
  all_.bytes -= bytes;
  --FindLink(LinkName(origin, destination)).pushes;
}

// What the network says of addresses is not for others.
Response Relay::ResponseTo(absl::StatusOr<transport::Answer> answer, const std::string& destination) const {
  if (!answer.ok()) {
    Log().debug("relay: {}", std::string(answer.status().message()));
    const bool late = absl::IsDeadlineExceeded(answer.status());
    return ProblemOf(late ? 504 : 502,
                     fmt::format("{} got no answer from {}{}", domain_, destination, late ? " in time" : ""));
  }
  Response response{.status = answer->status,
                    .content_type = std::move(answer->content_type),
                    .body = std::move(answer->body)};
  if (answer->retry_after) {
    response.headers.emplace_back("Retry-After", std::to_string(answer->retry_after->count()));
  }
  return response;
}

}  // namespace federation::node
