#include "node/repeating_calls.h"

#include <utility>

#include <absl/status/status.h>

#include "rpc/repeats.h"

namespace federation::node {
namespace {

// A longer body is no failure: there is no use in reading it on the network's thread.
constexpr std::size_t kFailureBytesMax = std::size_t{32} * 1024;

absl::Status FailureOf(const absl::StatusOr<transport::Answer>& answer) {
  // Where nobody knows of a server, or where the call was not made, asking again at once helps nobody.
  if (absl::IsNotFound(answer.status())) return answer.status();
  if (answer.ok() && answer->body.size() > kFailureBytesMax) return absl::OkStatus();
  return RpcStatusOf(answer);
}

}  // namespace

void RepeatingCalls::Start(RpcCall call, Clock::time_point deadline, Done done) {
  if (!call.repeatable || call.options.tries_max <= 1) {
    return calls_.Start(std::move(call), deadline, std::move(done));
  }
  Try(std::make_shared<Repeated>(Repeated{std::move(call), deadline, std::move(done)}));
}

void RepeatingCalls::Try(const std::shared_ptr<Repeated>& call) {
  ++call->tries;
  calls_.Start(call->call, call->deadline,
               [this, call](absl::StatusOr<transport::Answer> answer) { Finish(call, std::move(answer)); });
}

void RepeatingCalls::Finish(const std::shared_ptr<Repeated>& call, absl::StatusOr<transport::Answer> answer) {
  if (!Repeat(call, answer)) call->done(std::move(answer));
}

bool RepeatingCalls::Repeat(const std::shared_ptr<Repeated>& call,
                            const absl::StatusOr<transport::Answer>& answer) {
  const absl::Status failure = FailureOf(answer);
  if (failure.ok() || pausing_.size() >= limits_.calls_waiting_max) return false;
  const auto left = std::chrono::floor<std::chrono::milliseconds>(call->deadline - Clock::now());
  const auto pause =
      rpc::PauseBeforeRepeat({failure, call->tries, call->call.options.tries_max, left}, limits_, random_());
  if (!pause.has_value()) return false;
  const std::uint64_t id = ++last_id_;
  Pausing& entry = pausing_[id];
  entry = {call, std::make_unique<https::EventLoop::Timer>(loop_)};
  entry.timer->Set(*pause, [this, id] {
    const auto found = pausing_.find(id);
    if (found == pausing_.end()) return;
    const std::shared_ptr<Repeated> next = found->second.call;
    pausing_.erase(found);
    Try(next);
  });
  return true;
}

void RepeatingCalls::Stop() {
  while (!pausing_.empty()) {
    const std::shared_ptr<Repeated> call = pausing_.begin()->second.call;
    pausing_.erase(pausing_.begin());
    call->done(absl::CancelledError("the node was stopped before the call could be repeated"));
  }
}

}  // namespace federation::node
