#include "node/outbound_calls.h"

#include <utility>

#include <absl/status/status.h>
#include <fmt/core.h>

#include "delivery/refusal_words.h"
#include "rpc/answer.h"

namespace federation::node {

void OutboundCalls::Start(RpcCall call, Clock::time_point deadline, Done done) {
  const auto peer = peers_.find(call.destination);
  if (peer == peers_.end()) {
    return done(absl::UnavailableError(fmt::format("no address is configured for {}", call.destination)));
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  if (left.count() <= 0) {
    return done(absl::DeadlineExceededError(fmt::format("{}: no time was left", call.destination)));
  }
  std::size_t& running = running_by_destination_[call.destination];
  if (running == limits_.calls_max) {
    return done(absl::ResourceExhaustedError(
        fmt::format("{}: {} calls have no answer yet", call.destination, running)));
  }
  ++running;
  const std::uint64_t id = ++last_id_;
  running_[id] = {call.destination, std::move(done)};

  https::Call post;
  post.destination = std::move(call.destination);
  post.address = peer->second;
  post.target = "/http/v1/rpc";
  post.body = std::move(call.request);
  post.repeatable = call.repeatable;
  post.timeout = left;
  post.told_deadline = deadline;
  client_.Post(std::move(post),
               [this, id](absl::StatusOr<https::Answer> answer) { Finish(id, std::move(answer)); });
}

void OutboundCalls::Finish(std::uint64_t id, absl::StatusOr<https::Answer> answer) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const Running call = std::move(found->second);
  running_.erase(found);
  const auto count = running_by_destination_.find(call.destination);
  if (--count->second == 0) running_by_destination_.erase(count);
  call.done(std::move(answer));
}

void OutboundCalls::Stop() {
  while (!running_.empty()) {
    Finish(running_.begin()->first, absl::CancelledError("the node was stopped before the answer came"));
  }
}

namespace {

// The client's errors in the words of calls. Whether a request arrived whose connection broke is not known;
// and that the destination has not proved who it is, is not the destination's own refusal.
absl::Status StatusOfNoAnswer(const absl::Status& status) {
  if (absl::IsAborted(status)) return absl::UnavailableError(status.message());
  if (absl::IsPermissionDenied(status)) {
    return WithCanRetry(absl::UnavailableError(status.message()), false);
  }
  return status;
}

}  // namespace

absl::StatusOr<std::string> RpcAnswerOf(absl::StatusOr<https::Answer> answer) {
  if (!answer.ok()) return StatusOfNoAnswer(answer.status());
  if (answer->status != 200) {
    return rpc::StatusOfHttp(answer->status, answer->retry_after,
                             delivery::RefusalWords(answer->status, answer->body));
  }
  absl::Status status = rpc::ParseAnswer(answer->body);
  if (!status.ok()) return status;
  return std::move(answer->body);
}

}  // namespace federation::node
