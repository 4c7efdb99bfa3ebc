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
    return absl::UnavailableError(
        absl::StrCat("the answer is refused: want a header of at most ", limits.header_bytes_max, " bytes"));
  }
  return absl::UnavailableError("the answer is refused: a line does not end with CR LF");
}

// The next head that is not interim, from the front of `input`.
Task<absl::StatusOr<AnswerHead>> ReceiveHead(TlsStream& stream, HttpInput& input, const HttpLimits& limits,
                                             bool* answered) {
  // One bound for all heads: otherwise interim ones could follow each other for ever.
  std::size_t bytes_left = limits.header_bytes_max;
  for (;;) {
    HeadFinder finder(bytes_left);
    HeadFinder::State state = finder.Find(input.bytes());
    while (state == HeadFinder::State::kPartial) {
      const absl::StatusOr<std::size_t> count = co_await input.ReadMore(stream);
      if (!count.ok()) co_return count.status();
      if (*count == 0) co_return absl::UnavailableError("the peer closed the connection before it answered");
      if (answered != nullptr) *answered = true;
      state = finder.Find(input.bytes());
    }
    if (state != HeadFinder::State::kComplete) co_return Refused(state, limits);
    absl::StatusOr<AnswerHead> head =
        ParseAnswerHead(input.bytes().substr(0, finder.head_bytes()), limits.answer_bytes_max);
    input.Take(finder.head_bytes());
    bytes_left -= finder.head_bytes();
    if (!head.ok() || !head->is_interim()) co_return head;
  }
}

}  // namespace

std::string Place(const Call& call) {
  return absl::StrCat(call.destination, " at ", call.address.ToString());
}

absl::Status AtPlace(const Call& call, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(Place(call), ": ", status.message()));
}

absl::Status TimedOut(const Call& call, const char* what) {
  return AtPlace(call,
                 absl::DeadlineExceededError(absl::StrCat(what, " within ", call.timeout.count(), " ms")));
}

// Host is the name that the certificate is checked for, not where it is reached.
std::string RequestHeadOf(const Call& call, const std::string& origin) {
  const std::string port = call.address.port == kHttpsPort ? "" : absl::StrCat(":", call.address.port);
  std::string timeout;
  if (call.told_deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*call.told_deadline - Clock::now());
    timeout = absl::StrCat("Federation-Timeout: ", std::max<std::int64_t>(left.count(), 0), "\r\n");
  }
  return absl::StrCat("POST ", call.target, " HTTP/1.1\r\nHost: ", call.destination, port,
                      "\r\nFederation-Origin: ", origin, "\r\nFederation-Destination: ", call.destination,
                      "\r\n", timeout, "Content-Type: application/json\r\nContent-Length: ", call.body.size(),
                      "\r\n\r\n");
}

Task<absl::StatusOr<ReceivedAnswer>> ReceiveAnswer(TlsStream& stream, HttpInput& input,
                                                   const HttpLimits& limits, bool* answered) {
  const absl::StatusOr<AnswerHead> head = co_await ReceiveHead(stream, input, limits, answered);
  if (!head.ok()) co_return head.status();
  ReceivedAnswer received;
  const absl::StatusOr<bool> whole =
      co_await input.ReceiveBody(stream, head->content_length_bytes, &received.answer.body);
  if (!whole.ok()) co_return whole.status();
  if (!*whole) co_return absl::UnavailableError("the peer closed the connection in the middle of its answer");
  received.answer.status = head->status;
  received.answer.content_type = head->content_type;
  received.answer.retry_after = head->retry_after;
  received.keep_alive = head->keep_alive;
  co_return received;
}

}  // namespace federation::https
