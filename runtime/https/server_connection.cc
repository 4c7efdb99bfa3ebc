#include "https/server_connection.h"

#include <atomic>
#include <exception>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "federation/domain.h"

#include "directory/text.h"
#include "https/event_loop_impl.h"
#include "https/http_answer.h"
#include "log/log.h"

namespace federation::https {
namespace {

// An idle connection keeps no larger buffer than this.
constexpr std::size_t kIdleInputBytesMax = 4096;

constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";

int StatusOf(const absl::Status& status) {
  if (absl::IsUnauthenticated(status)) return 401;
  if (absl::IsPermissionDenied(status)) return 403;
  return 400;
}

// The answer that a handler owes.
class Responder {
 public:
  Responder(std::shared_ptr<ServerShared> shared, std::weak_ptr<ServerConnection> connection)
      : shared_(std::move(shared)), connection_(std::move(connection)) {}
  ~Responder() { Send(ToResponse({.status = 500, .detail = "the request was dropped"})); }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  // The first call counts.
  void Send(Response response) {
    if (sent_.exchange(true)) return;
    shared_->gate.Pass([connection = connection_, response = std::move(response)]() mutable {
      if (const auto alive = connection.lock()) alive->Answer(std::move(response));
    });
  }

 private:
  std::shared_ptr<ServerShared> shared_;
  std::weak_ptr<ServerConnection> connection_;
  std::atomic<bool> sent_ = false;
};

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> shared, std::unique_ptr<TlsStream> stream)
    : shared_(std::move(shared)), stream_(std::move(stream)), answered_(shared_->loop.impl().context) {
  answered_.expires_at(Alarm::time_point::max());
}

Task<void> ServerConnection::Run(std::shared_ptr<ServerConnection> self) {
  TlsStream& stream = *self->stream_;
  const HttpLimits& limits = self->shared_->limits;
  stream.ExpireAfter(limits.handshake_timeout);
  const absl::Status status = co_await stream.Handshake();
  if (!status.ok()) {
    Log().debug("a TLS handshake failed: {}", status.ToString());
    co_await stream.Linger(limits.linger_bytes_max, limits.linger_timeout);
    co_return;
  }
  self->identity_ = PeerIdentity(stream.peer_certificate());
  for (bool more = true; more;) more = co_await self->ServeRequest();
  stream.SendEnd();
  stream.Close();
}

void ServerConnection::Drain() {
  draining_ = true;
  if (!idle_) return;
  stream_->SendEnd();
  stream_->Close();
}

void ServerConnection::Abort() {
  aborted_ = true;
  stream_->Close();
  answered_.cancel();
}

void ServerConnection::Answer(Response response) {
  answer_ = std::move(response);
  answered_.cancel();
}

Task<bool> ServerConnection::ServeRequest() {
  if (draining_) co_return false;
  Received received = co_await ReceiveHead();
  if (std::holds_alternative<Gone>(received)) co_return false;
  if (const Problem* problem = std::get_if<Problem>(&received)) {
    co_await Refuse(*problem);
    co_return false;
  }
  const RequestHead& head = std::get<RequestHead>(received);
  std::variant<Request, Problem> identified = Identify(head);
  if (const Problem* problem = std::get_if<Problem>(&identified)) {
    const Response response = ToResponse(*problem);
    co_return co_await Send(response, head, head.content_length_bytes == 0);
  }
  Request& request = std::get<Request>(identified);
  const absl::Status status = co_await ReceiveBody(head, &request.body);
  if (absl::IsDeadlineExceeded(status)) {
    const Problem problem{.status = 408, .detail = "the body did not arrive in time"};
    co_await Refuse(problem);
  }
  if (!status.ok()) co_return false;
  const std::optional<Response> response = co_await Handle(std::move(request));
  if (!response) co_return false;
  co_return co_await Send(*response, head, true);
}

Task<ServerConnection::Received> ServerConnection::ReceiveHead() {
  const HttpLimits& limits = shared_->limits;
  if (input_.empty() && input_.capacity() > kIdleInputBytesMax) input_ = std::string();
  idle_ = input_.empty();
  stream_->ExpireAfter(idle_ ? limits.idle_timeout : limits.header_timeout);
  HeadFinder finder(limits.header_bytes_max);
  for (;;) {
    switch (finder.Find(input_)) {
      case HeadFinder::State::kComplete: {
        const std::string_view head = std::string_view(input_).substr(0, finder.head_bytes());
        std::variant<RequestHead, Problem> parsed = ParseRequestHead(head, limits.body_bytes_max);
        input_.erase(0, finder.head_bytes());
        if (Problem* problem = std::get_if<Problem>(&parsed)) co_return std::move(*problem);
        co_return std::get<RequestHead>(std::move(parsed));
      }
      case HeadFinder::State::kTooLong:
        co_return Problem{
            .status = 431,
            .detail = absl::StrCat("want a header of at most ", limits.header_bytes_max, " bytes")};
      case HeadFinder::State::kMalformed:
        co_return Problem{.status = 400, .detail = "malformed request: a line does not end with CR LF"};
      case HeadFinder::State::kPartial:
        break;
    }
    const absl::StatusOr<std::size_t> count = co_await stream_->ReadSome(&input_);
    if (absl::IsDeadlineExceeded(count.status()) && !idle_) {
      co_return Problem{.status = 408, .detail = "the header did not arrive in time"};
    }
    if (!count.ok() || *count == 0) co_return Gone{};
    if (idle_) stream_->ExpireAfter(limits.header_timeout);
    idle_ = false;
  }
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
                  .body = {}};
  if (!head.destination) return request;
  if (const absl::Status status = ValidateDomain(request.destination); !status.ok()) {
    return Problem{.status = 400, .detail = absl::StrCat("Federation-Destination: ", status.message())};
  }
  return request;
}

Task<absl::Status> ServerConnection::ReceiveBody(const RequestHead& head, std::string* body) {
  stream_->ExpireAfter(shared_->limits.body_timeout);
  const std::size_t body_bytes = head.content_length_bytes;
  *body = std::exchange(input_, {});
  if (head.expects_continue && body->size() < body_bytes) {
    const absl::Status status = co_await stream_->Write(kContinue);
    if (!status.ok()) co_return status;
  }
  // Grows with what arrives, not with what was announced.
  while (body->size() < body_bytes) {
    const absl::StatusOr<std::size_t> count = co_await stream_->ReadSome(body);
    if (!count.ok()) co_return count.status();
    if (*count == 0) co_return absl::UnavailableError("the peer closed the connection");
  }
  input_ = body->substr(body_bytes);
  body->resize(body_bytes);
  co_return absl::OkStatus();
}

Task<std::optional<Response>> ServerConnection::Handle(Request request) {
  answer_.reset();
  CallHandler(std::move(request));
  while (!answer_ && !aborted_) {
    boost::system::error_code cancelled;
    co_await answered_.async_wait(AwaitInto(cancelled));
  }
  co_return std::exchange(answer_, std::nullopt);
}

void ServerConnection::CallHandler(Request request) {
  const auto responder = std::make_shared<Responder>(shared_, weak_from_this());
  try {
    shared_->handler(std::move(request),
                     [responder](Response response) { responder->Send(std::move(response)); });
  } catch (const std::exception& exception) {
    Log().error("a request handler threw: {}", exception.what());
    draining_ = true;
    responder->Send(ToResponse({.status = 500, .detail = "the request handler failed"}));
  }
}

Task<void> ServerConnection::Refuse(const Problem& problem) {
  const Response response = ToResponse(problem);
  const AnswerForm form{.keep_alive = false};
  co_await Write(response, form);
}

Task<bool> ServerConnection::Send(const Response& response, const RequestHead& head, bool body_was_read) {
  const AnswerForm form{.keep_alive = head.keep_alive && body_was_read && !draining_,
                        .http_1_1 = head.http_1_1,
                        .without_body = head.method == "HEAD"};
  if (!co_await Write(response, form)) co_return false;
  co_return form.keep_alive;
}

Task<bool> ServerConnection::Write(const Response& response, const AnswerForm& form) {
  const HttpLimits& limits = shared_->limits;
  const std::string bytes = Serialize(response, form, shared_->date.Now());
  stream_->ExpireAfter(limits.write_timeout);
  const absl::Status status = co_await stream_->Write(bytes);
  if (!status.ok()) co_return false;
  if (!form.keep_alive) co_await stream_->Linger(limits.linger_bytes_max, limits.linger_timeout);
  co_return true;
}

}  // namespace federation::https
