#include "node/outbound_calls.h"

#include <optional>
#include <utility>

#include <absl/status/status.h>
#include <fmt/core.h>

#include "delivery/refusal_words.h"
#include "rpc/answer.h"

namespace federation::node {

void OutboundCalls::Start(RpcCall call, Clock::time_point deadline, Done done) {
  if (const std::string* relay = addresses_.RelayTo(call.destination)) {
    return done(absl::UnimplementedError(
        fmt::format("{} is reached through {}, which hands on updates only", call.destination, *relay)));
  }
  std::optional<HostPort> address = addresses_.Of(call.destination);
  if (!address) {
    return done(absl::NotFoundError(fmt::format("no address is configured for {}", call.destination)));
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

  transport::Call post;
  post.destination = std::move(call.destination);
  post.address = *std::move(address);
  post.target = "/http/v1/rpc";
  post.body = std::move(call.request);
  post.repeatable = call.repeatable;
  post.timeout = left;
  post.told_deadline = deadline;
  client_.Post(std::move(post),
               [this, id](absl::StatusOr<transport::Answer> answer) { Finish(id, std::move(answer)); });
}

void OutboundCalls::Finish(std::uint64_t id, absl::StatusOr<transport::Answer> answer) {
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
// and that the destination has not proved who it is, or has no server, is not the destination's own word.
absl::Status StatusOfNoAnswer(const absl::Status& status) {
  if (absl::IsAborted(status) || absl::IsNotFound(status)) return absl::UnavailableError(status.message());
  if (absl::IsPermissionDenied(status)) {
    return WithCanRetry(absl::UnavailableError(status.message()), false);
  }
  return status;
}

}  // namespace

absl::Status RpcStatusOf(const absl::StatusOr<transport::Answer>& answer) {
  if (!answer.ok()) return StatusOfNoAnswer(answer.status());
  if (answer->status != 200) {
    return rpc::StatusOfHttp(answer->status, answer->retry_after,
                             delivery::RefusalWords(answer->status, answer->body));
  }
  return rpc::ParseAnswer(answer->body);
}

absl::StatusOr<std::string> RpcAnswerOf(absl::StatusOr<transport::Answer> answer) {
  absl::Status status = RpcStatusOf(answer);
  if (!status.ok()) return status;
  return std::move(answer->body);
}

}  // namespace federation::node
