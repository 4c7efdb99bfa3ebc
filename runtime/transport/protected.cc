#include "transport/protected.h"

#include <utility>

#include <absl/status/status.h>
#include <fmt/core.h>

#include "transport/problem.h"

namespace federation::transport {
namespace {

constexpr int kOk = 200;

// What the two ends have agreed on; anything else is for everybody, or for nobody.
bool IsProtocol(const Request& request) {
  return request.method == "POST" && request.target.rfind("/http/v1/", 0) == 0;
}

absl::Status Refused(const std::string& destination, const char* what, const absl::Status& why) {
  return absl::UnavailableError(
      fmt::format("{}: the protection refuses {}: {}", destination, what, std::string(why.message())));
}

Response Refused(int status, std::string detail) {
  Problem problem;
  problem.status = status;
  problem.detail = std::move(detail);
  return ToResponse(problem);
}

absl::StatusOr<std::string> Bounded(absl::StatusOr<std::string> body, std::size_t bytes_max) {
  if (body.ok() && body->size() > bytes_max) {
    return absl::ResourceExhaustedError(
        fmt::format("{} bytes came of the body, want at most {}", body->size(), bytes_max));
  }
  return body;
}

}  // namespace

ProtectedClient::ProtectedClient(Client& client, std::shared_ptr<Protection> protection, std::string origin,
                                 std::size_t answer_bytes_max,
                                 std::function<void(std::function<void()>)> later)
    : client_(client),
      protection_(std::move(protection)),
      origin_(std::move(origin)),
      answer_bytes_max_(answer_bytes_max),
      later_(std::move(later)) {}

void ProtectedClient::Post(Call call, Done done) {
  if (protection_->passes_through()) return client_.Post(std::move(call), std::move(done));
  auto exchange = std::make_shared<Protection::Exchange>();
  exchange->origin = origin_;
  exchange->destination = call.destination;
  exchange->target = call.target;
  absl::StatusOr<std::string> body = protection_->ProtectRequest(*exchange, std::move(call.body));
  if (!body.ok()) {
    later_([status = Refused(call.destination, "to send this", body.status()), done = std::move(done)] {
      done(status);
    });
    return;
  }
  call.body = *std::move(body);
  client_.Post(std::move(call),
               [protection = protection_, exchange = std::move(exchange), bytes_max = answer_bytes_max_,
                done = std::move(done)](absl::StatusOr<Answer> answer) {
                 if (!answer.ok() || answer->status != kOk) return done(std::move(answer));
                 absl::StatusOr<std::string> checked =
                     Bounded(protection->CheckAnswer(*exchange, std::move(answer->body)), bytes_max);
                 if (!checked.ok())
                   return done(Refused(exchange->destination, "the answer", checked.status()));
                 answer->body = *std::move(checked);
                 done(std::move(answer));
               });
}

Handler Protected(std::shared_ptr<Protection> protection, std::string destination,
                  std::size_t request_bytes_max, Handler handler) {
  if (protection->passes_through()) return handler;
  return [protection = std::move(protection), own = std::move(destination), request_bytes_max,
          handler = std::move(handler)](Request request, Respond respond) {
    if (!IsProtocol(request)) return handler(std::move(request), std::move(respond));
    auto exchange = std::make_shared<Protection::Exchange>();
    exchange->origin = request.origin;
    exchange->destination = request.destination.empty() ? own : request.destination;
    exchange->target = request.target;
    absl::StatusOr<std::string> body =
        Bounded(protection->CheckRequest(*exchange, std::move(request.body)), request_bytes_max);
    if (!body.ok()) {
      return respond(Refused(absl::IsResourceExhausted(body.status()) ? 413 : 403,
                             fmt::format("protection: {}", std::string(body.status().message()))));
    }
    request.body = *std::move(body);
    handler(std::move(request), [protection, exchange = std::move(exchange),
                                 respond = std::move(respond)](Response response) {
      if (response.status != kOk) return respond(std::move(response));
      absl::StatusOr<std::string> sealed = protection->ProtectAnswer(*exchange, std::move(response.body));
      if (!sealed.ok()) return respond(Refused(500, "protection: the answer cannot be protected"));
      response.body = *std::move(sealed);
      respond(std::move(response));
    });
  };
}

}  // namespace federation::transport
