// A connection's requests, from their first byte to the handler.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "federation/domain.h"

#include "https/certificate.h"
#include "https/event_loop_impl.h"
#include "https/server_connection.h"
#include "log/log.h"

namespace federation::https {
namespace {

// What it is answered with.
constexpr int kTooManyOrigins = 429;

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
  ~Responder() {
    if (!sent_) Send(ToResponse({.status = 500, .detail = "the request was dropped"}));
  }
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

// A body that nobody wants is not read from who has not said who it is.
bool IsPublic(const RequestHead& head, const std::string& public_target) {
  return !public_target.empty() && head.target == public_target && head.content_length_bytes == 0 &&
         (head.method == "GET" || head.method == "HEAD");
}

Problem NotServed(const std::string& domain) {
  return {.status = 503, .detail = absl::StrCat(domain, " is not served any more")};
}

// Shares the domain.
std::shared_ptr<const Response> WhenDismissed(const ServedDomains::Ptr& served, const std::string& target) {
  if (served == nullptr) return nullptr;
  const auto found = served->options.when_dismissed.find(target);
  if (found == served->options.when_dismissed.end()) return nullptr;
  return {served, &found->second};
}

AnswerForm FormOf(const RequestHead& head) {
  return {.http_1_1 = head.http_1_1, .without_body = head.method == "HEAD"};
}

}  // namespace

// One coroutine for all of them, and others only where there is something to wait for: their frames are large
// enough to cost more than what they do.
Task<void> ServerConnection::ReadRequests() {
  while (reading_ != Reading::kEnded) {
    if (IsFull(0)) co_await AwaitRoom(0);
    if (reading_ == Reading::kEnded) co_return;
    HeadFinder finder(shared_->limits.header_bytes_max, shared_->limits.header_fields_max);
    std::optional<Received> received = BeginHead(finder);
    while (!received) {
      absl::Status readable;
      if (!stream_->may_read()) readable = co_await stream_->AwaitReadable();
      received = readable.ok() ? ReadHead(finder) : NoHead(readable);
    }
    if (reading_ == Reading::kEnded) co_return;
    RequestHead* head = HeadIn(*received);
    if (head == nullptr) co_return;
    std::variant<Request, Response> identified = Identify(*head);
    if (Response* refusal = std::get_if<Response>(&identified)) {
      co_await TurnAway(*head, std::move(*refusal));
      continue;
    }
    Request& request = std::get<Request>(identified);
    const std::size_t body_bytes = head->content_length_bytes;
    if (input_.bytes().size() >= body_bytes && !IsFull(body_bytes)) {
      request.body = input_.bytes().substr(0, body_bytes);
      input_.Take(body_bytes);
    } else {
      const absl::Status status = co_await ReceiveBody(*head, &request.body);
      if (reading_ == Reading::kEnded) co_return;
      if (absl::IsDeadlineExceeded(status)) {
        co_return Refuse(ToResponse({.status = 408, .detail = "the body did not arrive in time"}));
      }
      if (absl::IsResourceExhausted(status)) co_return Refuse(BusyAnswer(503, std::string(status.message())));
      if (!status.ok()) co_return EndReading();
    }
    Handle(*head, std::move(request));
  }
}

RequestHead* ServerConnection::HeadIn(Received& received) {
  if (std::holds_alternative<Gone>(received)) {
    TellCallerGone();
    EndReading();
  } else if (const Problem* problem = std::get_if<Problem>(&received)) {
    Refuse(ToResponse(*problem));
  }
  return std::get_if<RequestHead>(&received);
}

Task<void> ServerConnection::TurnAway(const RequestHead& head, Response response) {
  // A peer without a certificate that wants more than what is for everybody has nothing else to say.
  bool may_go_on = identity_.has_certificate() && head.content_length_bytes == 0;
  if (identity_.has_certificate() && (head.relay || response.status == kTooManyOrigins)) {
    // A connection of many origins: what is refused to one must not end it for the others.
    std::string dropped;
    const absl::Status status = co_await ReceiveBody(head, &dropped);
    if (reading_ == Reading::kEnded) co_return;
    may_go_on = status.ok();
  }
  answers_.Add(FormOf(head), std::move(response));
  FinishReading(head, may_go_on);
  answered_.cancel();
}

std::optional<ServerConnection::Received> ServerConnection::BeginHead(HeadFinder& finder) {
  if (!input_.empty()) return TakeHead(finder);
  if (answers_.empty()) {
    BecomeIdle();
  } else {
    stream_->ExpireReadNever();
  }
  return std::nullopt;
}

std::optional<ServerConnection::Received> ServerConnection::ReadHead(HeadFinder& finder) {
  const std::optional<absl::StatusOr<std::size_t>> count = input_.TryReadMore(*stream_);
  if (!count) return std::nullopt;
  if (!count->ok() || **count == 0 || reading_ == Reading::kEnded) return NoHead(count->status());
  return TakeHead(finder);
}

ServerConnection::Received ServerConnection::NoHead(const absl::Status& status) const {
  if (absl::IsDeadlineExceeded(status) && reading_ == Reading::kRequest) {
    return Problem{.status = 408, .detail = "the header did not arrive in time"};
  }
  return Gone{};
}

std::optional<ServerConnection::Received> ServerConnection::TakeHead(HeadFinder& finder) {
  const HttpLimits& limits = shared_->limits;
  switch (finder.Find(input_.bytes())) {
    case HeadFinder::State::kPartial:
      // From its first byte on.
      if (reading_ == Reading::kBetweenRequests) stream_->ExpireReadAfter(limits.header_timeout);
      reading_ = Reading::kRequest;
      return std::nullopt;
    case HeadFinder::State::kTooLong:
      return Problem{.status = 431,
                     .detail = absl::StrCat("want a header of at most ", limits.header_bytes_max,
                                            " bytes and ", limits.header_fields_max, " fields")};
    case HeadFinder::State::kMalformed:
      return Problem{.status = 400, .detail = "malformed request: a line does not end with CR LF"};
    case HeadFinder::State::kComplete:
      break;
  }
  reading_ = Reading::kRequest;
  const std::string_view head = input_.bytes().substr(0, finder.head_bytes());
  std::variant<RequestHead, Problem> parsed = ParseRequestHead(head, limits.body_bytes_max);
  input_.Take(finder.head_bytes());
  if (Problem* problem = std::get_if<Problem>(&parsed)) return std::move(*problem);
  return std::get<RequestHead>(std::move(parsed));
}

std::optional<Problem> ServerConnection::CheckLeadsTo(const ServedDomain& served) const {
  if (served.domain != domain_) {
    X509* const shown = stream_->own_certificate();
    // The peer takes a host's certificate for the domain's where the domain's document names the host.
    const bool is_delegate = served.Announces(asked_) && IsValidFor(shown, asked_);
    if (!is_delegate && !IsValidFor(shown, served.domain)) {
      return Problem{
          .status = 421,
          .detail = absl::StrCat("want a connection to ", served.domain, " (SNI), got one to ", domain_)};
    }
  }
  // What one domain takes for proof of an origin need be none for another one, nor for one that has come
  // again.
  if (served.tls->authorities() != tls_->authorities()) {
    return Problem{
        .status = 421,
        .detail = absl::StrCat("want a new connection to ", served.domain,
                               " (SNI): the client certificate was checked against other authorities "
                               "than those of ",
                               served.domain)};
  }
  return std::nullopt;
}

std::variant<ServedDomains::Ptr, Problem> ServerConnection::AddresseeOf(const RequestHead& head) const {
  ServedDomains::Ptr served;
  if (head.destination) served = shared_->domains.Find(absl::AsciiStrToLower(*head.destination));
  if (served == nullptr) served = shared_->domains.Find(domain_);
  if (served == nullptr) return NotServed(domain_);
  if (std::optional<Problem> problem = CheckLeadsTo(*served)) return *std::move(problem);
  return served;
}

std::variant<Request, Response> ServerConnection::Identify(RequestHead& head) {
  const std::variant<ServedDomains::Ptr, Problem> addressee = AddresseeOf(head);
  if (const Problem* problem = std::get_if<Problem>(&addressee)) return ToResponse(*problem);
  const ServedDomain& served = *std::get<ServedDomains::Ptr>(addressee);
  addressee_ = served.domain;
  const ServerOptions& options = served.options;
  absl::StatusOr<Speaker> speaker = identity_.Identify(head.origin, head.relay, options.trusts_relay);
  const bool is_public = IsPublic(head, options.public_target);
  if (!speaker.ok() && is_public) speaker = Speaker{};
  if (!speaker.ok()) {
    return ToResponse(
        {.status = StatusOf(speaker.status()), .detail = std::string(speaker.status().message())});
  }
  // Those that a relay brings are its operator's choice, and this one's.
  if (counts_origins_ && !is_public && speaker->relay.empty()) {
    if (const auto wait = CountOrigin(speaker->origin)) {
      return BusyAnswer(
          kTooManyOrigins,
          absl::StrCat("want at most ", shared_->limits.origins_per_peer_max, " origins of one certificate"),
          *wait);
    }
  }
  Request request{.method = head.method,
                  .target = std::move(head.target),
                  .origin = std::move(speaker->origin),
                  .relay = std::move(speaker->relay),
                  .hops = head.hops,
                  .destination = absl::AsciiStrToLower(head.destination.value_or("")),
                  .timeout = head.timeout,
                  .content_type = std::move(head.content_type),
                  .body = {},
                  .connection = number_,
                  .caller_gone = CallerGone()};
  if (!head.destination) return request;
  if (const absl::Status status = ValidateDomain(request.destination); !status.ok()) {
    return ToResponse({.status = 400, .detail = absl::StrCat("Federation-Destination: ", status.message())});
  }
  return request;
}

std::optional<std::chrono::seconds> ServerConnection::CountOrigin(const std::string& origin) {
  if (origin == counted_origin_) return std::nullopt;
  const auto wait = shared_->origins.Take(identity_.Key(), origin, std::chrono::steady_clock::now());
  if (!wait) counted_origin_ = origin;
  return wait;
}

Task<absl::Status> ServerConnection::ReceiveBody(const RequestHead& head, std::string* body) {
  const std::size_t body_bytes = head.content_length_bytes;
  co_await AwaitRoom(body_bytes);
  const bool is_slow = input_.bytes().size() < body_bytes;
  PeerHeldBytes::Part held;
  if (is_slow && body_bytes > HeldBytes::kSmallBodyBytes) {
    held = held_->Take(body_bytes);
    if (!held)
      co_return absl::ResourceExhaustedError("too many bodies are on their way: want fewer at a time");
  }
  if (head.expects_continue && is_slow) {
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

bool ServerConnection::IsFull(std::size_t body_bytes) const {
  const std::size_t requests_max = std::max<std::size_t>(shared_->limits.pipelined_requests_max, 1);
  return !answers_.empty() && (answers_.size() >= requests_max ||
                               answers_.request_bytes() + body_bytes > shared_->limits.pipelined_bytes_max);
}

Task<void> ServerConnection::AwaitRoom(std::size_t body_bytes) {
  while (reading_ != Reading::kEnded && IsFull(body_bytes)) {
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
  // It may have gone since the head came.
  const ServedDomains::Ptr served = shared_->domains.Find(addressee_);
  const AnswerQueue::Number number =
      answers_.Expect(FormOf(head), request.body.size(), WhenDismissed(served, request.target));
  // Who has no certificate has asked for all that is for everybody.
  FinishReading(head, identity_.has_certificate());
  handling_ = true;
  CallHandler(served.get(), number, std::move(request));
  // Often the answer is there already. Those to requests that have come together leave together.
  if (input_.empty()) SendAnswers();
  handling_ = false;
  if (batch_ || answers_.has_ready() || !MayHaveToSend()) answered_.cancel();
}

void ServerConnection::FinishReading(const RequestHead& head, bool may_go_on) {
  served_ = true;
  if (head.keep_alive && may_go_on && !draining_) {
    reading_ = Reading::kBetweenRequests;
  } else {
    EndReading();
  }
}

void ServerConnection::CallHandler(const ServedDomain* served, AnswerQueue::Number number, Request request) {
  const auto responder = std::make_shared<Responder>(shared_, weak_from_this(), number);
  if (served == nullptr) return responder->Send(ToResponse(NotServed(addressee_)));
  try {
    served->handler(std::move(request),
                    [responder](Response response) { responder->Send(std::move(response)); });
  } catch (const std::exception& exception) {
    Log().error("a request handler threw: {}", exception.what());
    EndReading();
    responder->Send(ToResponse({.status = 500, .detail = "the request handler failed"}));
  }
}

void ServerConnection::Refuse(Response response) {
  answers_.Add({}, std::move(response));
  EndReading();
}

}  // namespace federation::https
