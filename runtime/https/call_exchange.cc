#include "https/call_exchange.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include <absl/strings/str_cat.h>

#include "https/http_head.h"

namespace federation::https {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kHttpsPort = 443;

absl::Status Refused(HeadFinder::State state, const HttpLimits& limits) {
  if (state == HeadFinder::State::kTooLong) {
    return absl::UnavailableError(absl::StrCat("the answer is refused: want a header of at most ",
                                               limits.header_bytes_max, " bytes and ",
                                               limits.header_fields_max, " fields"));
  }
  return absl::UnavailableError("the answer is refused: a line does not end with CR LF");
}

absl::Status TooSlow(const char* what, std::chrono::milliseconds time) {
  return absl::UnavailableError(
      absl::StrCat("the answer is refused: its ", what, " did not arrive within ", time.count(), " ms"));
}

// The next head that is not interim, from the front of `input`.
Task<absl::StatusOr<AnswerHead>> ReceiveHead(TlsStream& stream, HttpInput& input, const HttpLimits& limits,
                                             bool* answered) {
  // One bound for all heads: otherwise interim ones could follow each other for ever.
  std::size_t bytes_left = limits.header_bytes_max;
  for (;;) {
    HeadFinder finder(bytes_left, limits.header_fields_max);
    HeadFinder::State state = finder.Find(input.bytes());
    bool begun = false;
    while (state == HeadFinder::State::kPartial) {
      if (!begun && !input.empty()) stream.ExpireReadAfter(limits.header_timeout);
      begun = !input.empty();
      const absl::StatusOr<std::size_t> count = co_await input.ReadMore(stream);
      if (begun && absl::IsDeadlineExceeded(count.status())) co_return TooSlow("head", limits.header_timeout);
      if (!count.ok()) co_return count.status();
      if (*count == 0) co_return absl::UnavailableError("the peer closed the connection before it answered");
      if (answered != nullptr) *answered = true;
      state = finder.Find(input.bytes());
    }
    if (state != HeadFinder::State::kComplete) co_return Refused(state, limits);
    absl::StatusOr<AnswerHead> head =
        ParseAnswerHead(input.bytes().substr(0, finder.head_bytes()), limits.answer_bytes_max);
    input.Take(finder.head_bytes());
    stream.ExpireReadNever();
    bytes_left -= finder.head_bytes();
    if (!head.ok() || !head->is_interim()) co_return head;
  }
}

}  // namespace

std::string Place(const Call& call) {
  std::string server =
      call.relay.empty() ? call.destination : absl::StrCat(call.destination, " through ", call.relay);
  if (call.address.host.empty()) return server;
  return absl::StrCat(server, " at ", call.address.ToString());
}

absl::Status AtPlace(const Call& call, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(Place(call), ": ", status.message()));
}

absl::Status TimedOut(const Call& call, const char* what) {
  return AtPlace(call,
                 absl::DeadlineExceededError(absl::StrCat(what, " within ", call.timeout.count(), " ms")));
}

// Host is the domain whose server it is, not where that is reached; of a server that had to be found, the
// port, too, is no part of its name.
std::string RequestHeadOf(const Call& call, const std::string& own_domain) {
  const bool was_found = call.address.host.empty();
  const std::string port =
      was_found || call.address.port == kHttpsPort ? "" : absl::StrCat(":", call.address.port);
  std::string timeout;
  if (call.told_deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*call.told_deadline - Clock::now());
    timeout = absl::StrCat("Federation-Timeout: ", std::max<std::int64_t>(left.count(), 0), "\r\n");
  }
  const std::string& origin = call.relayed ? call.relayed->origin : own_domain;
  std::string relayed;
  if (call.relayed) {
    relayed =
        absl::StrCat("Federation-Relay: ", own_domain, "\r\nFederation-Hops: ", call.relayed->hops, "\r\n");
  }
  return absl::StrCat("POST ", call.target, " HTTP/1.1\r\nHost: ", call.server(), port,
                      "\r\nFederation-Origin: ", origin, "\r\nFederation-Destination: ", call.destination,
                      "\r\n", relayed, timeout,
                      "Content-Type: application/json\r\nContent-Length: ", call.body.size(), "\r\n\r\n");
}

Task<absl::StatusOr<ReceivedAnswer>> ReceiveAnswer(TlsStream& stream, HttpInput& input,
                                                   const HttpLimits& limits, bool* answered) {
  const absl::StatusOr<AnswerHead> head = co_await ReceiveHead(stream, input, limits, answered);
  if (!head.ok()) co_return head.status();
  ReceivedAnswer received;
  stream.ExpireReadAfter(limits.body_timeout);
  const absl::StatusOr<bool> whole =
      co_await input.ReceiveBody(stream, head->content_length_bytes, &received.answer.body);
  stream.ExpireReadNever();
  if (absl::IsDeadlineExceeded(whole.status())) co_return TooSlow("body", limits.body_timeout);
  if (!whole.ok()) co_return whole.status();
  if (!*whole) co_return absl::UnavailableError("the peer closed the connection in the middle of its answer");
  received.answer.status = head->status;
  received.answer.content_type = head->content_type;
  received.answer.retry_after = head->retry_after;
  received.keep_alive = head->keep_alive;
  co_return received;
}

}  // namespace federation::https
