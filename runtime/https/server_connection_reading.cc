// A connection's requests, from their first byte to the handler.
#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "federation/domain.h"

#include "https/event_loop_impl.h"
#include "https/server_connection.h"
#include "log/log.h"

namespace federation::https {
namespace {

constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

int StatusOf(const absl::Status& status) {
  if (absl::IsUnauthenticated(status)) return 401;
  if (absl::IsPermissionDenied(status)) return 403;
  return 400;
}

// The answer that a handler owes.
class Responder {
 public:
  Responder(std::shared_ptr<ServerShared> shared, std::weak_ptr<ServerConnection> connection,
            AnswerQueue::Number number)
      : shared_(std::move(shared)), connection_(std::move(connection)), number_(number) {}
  ~Responder() { Send(ToResponse({.status = 500, .detail = "the request was dropped"})); }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  // The first call counts.
  void Send(Response response) {
    if (sent_.exchange(true)) return;
    shared_->gate.Pass(
        [connection = connection_, number = number_, response = std::move(response)]() mutable {
          if (const auto alive = connection.lock()) alive->Answer(number, std::move(response));
        });
  }

 private:
  std::shared_ptr<ServerShared> shared_;
  std::weak_ptr<ServerConnection> connection_;
  AnswerQueue::Number number_;
  std::atomic<bool> sent_ = false;
};

AnswerForm FormOf(const RequestHead& head) {
  return {.http_1_1 = head.http_1_1, .without_body = head.method == "HEAD"};
}

}  // namespace

Task<void> ServerConnection::ReadRequest() {
  co_await AwaitRoom(0);
  if (reading_ == Reading::kEnded) co_return;
  Received received = co_await ReceiveHead();
  if (reading_ == Reading::kEnded) co_return;
  if (std::holds_alternative<Gone>(received)) co_return EndReading();
  if (const Problem* problem = std::get_if<Problem>(&received)) co_return Refuse(*problem);
  const RequestHead& head = std::get<RequestHead>(received);
  std::variant<Request, Problem> identified = Identify(head);
  if (const Problem* problem = std::get_if<Problem>(&identified)) {
    answers_.Add(FormOf(head), ToResponse(*problem));
    co_return FinishReading(head, head.content_length_bytes == 0);
  }
  Request& request = std::get<Request>(identified);
  const absl::Status status = co_await ReceiveBody(head, &request.body);
  if (reading_ == Reading::kEnded) co_return;
  if (absl::IsDeadlineExceeded(status)) {
    co_return Refuse({.status = 408, .detail = "the body did not arrive in time"});
  }
  if (!status.ok()) co_return EndReading();
  Handle(head, std::move(request));
}

Task<ServerConnection::Received> ServerConnection::ReceiveHead() {
  const HttpLimits& limits = shared_->limits;
  if (!input_.empty()) {
    reading_ = Reading::kRequest;
    stream_->ExpireReadAfter(limits.header_timeout);
  } else if (answers_.empty()) {
    BecomeIdle();
  } else {
    stream_->ExpireReadNever();
  }
  HeadFinder finder(limits.header_bytes_max);
  for (;;) {
    if (std::optional<Received> received = TakeHead(finder)) co_return *std::move(received);
    const absl::StatusOr<std::size_t> count = co_await input_.ReadMore(*stream_);
    if (absl::IsDeadlineExceeded(count.status()) && reading_ == Reading::kRequest) {
      co_return Problem{.status = 408, .detail = "the header did not arrive in time"};
    }
    if (!count.ok() || *count == 0 || reading_ == Reading::kEnded) co_return Gone{};
    if (reading_ == Reading::kBetweenRequests) stream_->ExpireReadAfter(limits.header_timeout);
    reading_ = Reading::kRequest;
  }
}

std::optional<ServerConnection::Received> ServerConnection::TakeHead(HeadFinder& finder) {
  const HttpLimits& limits = shared_->limits;
  switch (finder.Find(input_.bytes())) {
    case HeadFinder::State::kPartial:
      return std::nullopt;
    case HeadFinder::State::kTooLong:
      return Problem{.status = 431,
                     .detail = absl::StrCat("want a header of at most ", limits.header_bytes_max, " bytes")};
    case HeadFinder::State::kMalformed:
      return Problem{.status = 400, .detail = "malformed request: a line does not end with CR LF"};
    case HeadFinder::State::kComplete:
      break;
  }
  const std::string_view head = input_.bytes().substr(0, finder.head_bytes());
  std::variant<RequestHead, Problem> parsed = ParseRequestHead(head, limits.body_bytes_max);
  input_.Take(finder.head_bytes());
  if (Problem* problem = std::get_if<Problem>(&parsed)) return std::move(*problem);
  return std::get<RequestHead>(std::move(parsed));
}

std::variant<Request, Problem> ServerConnection::Identify(const RequestHead& head) {
  absl::StatusOr<std::string> origin = identity_.Origin(head.origin);
  if (!origin.ok()) {
    return Problem{.status = StatusOf(origin.status()), .detail = std::string(origin.status().message())};
  }
  Request request{.method = head.method,
                  .target = head.target,
                  .origin = *std::move(origin),
                  .destination = absl::AsciiStrToLower(head.destination.value_or("")),
                  .timeout = head.timeout,
                  .content_type = head.content_type,
                  .body = {},
                  .connection = number_};
  if (!head.destination) return request;
  if (const absl::Status status = ValidateDomain(request.destination); !status.ok()) {
    return Problem{.status = 400, .detail = absl::StrCat("Federation-Destination: ", status.message())};
  }
  return request;
}

Task<absl::Status> ServerConnection::ReceiveBody(const RequestHead& head, std::string* body) {
  const std::size_t body_bytes = head.content_length_bytes;
  co_await AwaitRoom(body_bytes);
  if (head.expects_continue && input_.bytes().size() < body_bytes) {
    // Behind the answers to the requests before this one, and the time for the body starts only then.
    co_await AwaitAllAnswered();
    answers_.AddInterim(kContinue);
    answered_.cancel();
  }
  stream_->ExpireReadAfter(shared_->limits.body_timeout);
  const absl::StatusOr<bool> whole = co_await input_.ReceiveBody(*stream_, body_bytes, body);
  if (!whole.ok()) co_return whole.status();
  if (!*whole) co_return absl::UnavailableError("the peer closed the connection");
  co_return absl::OkStatus();
}

Task<void> ServerConnection::AwaitRoom(std::size_t body_bytes) {
  const std::size_t requests_max = std::max<std::size_t>(shared_->limits.pipelined_requests_max, 1);
  const std::size_t bytes_max = shared_->limits.pipelined_bytes_max;
  const auto is_full = [&] {
    return answers_.size() >= requests_max || answers_.request_bytes() + body_bytes > bytes_max;
  };
  while (reading_ != Reading::kEnded && !answers_.empty() && is_full()) {
    boost::system::error_code woken;
    co_await sent_.async_wait(AwaitInto(woken));
  }
}

Task<void> ServerConnection::AwaitAllAnswered() {
  while (reading_ != Reading::kEnded && !answers_.empty()) {
    boost::system::error_code woken;
    co_await sent_.async_wait(AwaitInto(woken));
  }
}

void ServerConnection::Handle(const RequestHead& head, Request request) {
  const AnswerQueue::Number number = answers_.Expect(FormOf(head), request.body.size());
  FinishReading(head, true);
  CallHandler(number, std::move(request));
}

void ServerConnection::FinishReading(const RequestHead& head, bool body_was_read) {
  if (head.keep_alive && body_was_read && !draining_) {
    reading_ = Reading::kBetweenRequests;
    answered_.cancel();
  } else {
    EndReading();
  }
}

void ServerConnection::CallHandler(AnswerQueue::Number number, Request request) {
  const auto responder = std::make_shared<Responder>(shared_, weak_from_this(), number);
  try {
    shared_->handler(std::move(request),
                     [responder](Response response) { responder->Send(std::move(response)); });
  } catch (const std::exception& exception) {
    Log().error("a request handler threw: {}", exception.what());
    EndReading();
    responder->Send(ToResponse({.status = 500, .detail = "the request handler failed"}));
  }
}

void ServerConnection::Refuse(const Problem& problem) {
  answers_.Add({}, ToResponse(problem));
  EndReading();
}

}  // namespace federation::https
