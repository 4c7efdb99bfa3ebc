#include "https/client_bundle.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "https/call_exchange.h"
#include "log/log.h"

namespace federation::https {
namespace {

// Calls run out of time here, not in the pipeline, which ends with the first one that does.
constexpr std::chrono::hours kNever{24};

}  // namespace

ClientBundle::ClientBundle(std::shared_ptr<const ClientShared> shared, std::size_t connections_max,
                           std::size_t calls_max, std::function<void()> unused)
    : shared_(std::move(shared)),
      connections_max_(connections_max),
      calls_max_(calls_max),
      unused_(std::move(unused)),
      due_(shared_->loop, [this] { Expire(); }) {}

void ClientBundle::Post(Call call, Client::Done done) {
  const Clock::time_point due = Clock::now() + call.timeout;
  if (due < earliest_due_) {
    earliest_due_ = due;
    due_.Set(call.timeout);
  }
  waiting_.push_back(std::make_shared<PendingCall>(PendingCall{std::move(call), std::move(done), due}));
  Dispatch();
}

void ClientBundle::Abort() {
  waiting_.clear();
  ended_.clear();
  due_.Clear();
  for (const LanePtr& lane : std::exchange(lanes_, {})) {
    lane->calls.clear();
    lane->pipeline->Abort();
  }
}

void ClientBundle::Dispatch() {
  while (!waiting_.empty()) {
    const LanePtr lane = Choose();
    if (lane == nullptr) return;
    const PendingPtr pending = std::move(waiting_.front());
    waiting_.pop_front();
    Send(lane, pending);
  }
}

ClientBundle::LanePtr ClientBundle::Choose() {
  LanePtr least;
  std::size_t count = 0;
  for (const LanePtr& lane : lanes_) {
    if (lane->late > 0) continue;
    ++count;
    if (least == nullptr || lane->calls.size() < least->calls.size()) least = lane;
  }
  if (least != nullptr && least->calls.empty()) return least;
  if (count < connections_max_) return MakeLane();
  return least->calls.size() < calls_max_ ? least : nullptr;
}

ClientBundle::LanePtr ClientBundle::MakeLane() {
  auto lane = std::make_shared<Lane>();
  lane->pipeline =
      std::make_shared<ClientPipeline>(shared_, [self = weak_from_this(), &loop = shared_->loop] {
        // Not at once: it is the pipeline itself that says so.
        loop.Post([self] {
          if (const auto alive = self.lock()) alive->ForgetUnused();
        });
      });
  lanes_.push_back(lane);
  return lane;
}

void ClientBundle::Send(const LanePtr& lane, const PendingPtr& pending) {
  lane->calls.push_back(pending);
  // A copy, as it may have to be made once more.
  Call call = pending->call;
  call.pipelined = true;
  call.timeout = kNever;
  lane->pipeline->Post(std::move(call), [self = weak_from_this(), lane](absl::StatusOr<Answer> answer) {
    if (const auto alive = self.lock()) alive->Ended(lane, std::move(answer));
  });
}

void ClientBundle::Ended(const LanePtr& lane, absl::StatusOr<Answer> answer) {
  if (lane->calls.empty()) return;  // dropped meanwhile
  const PendingPtr pending = std::move(lane->calls.front());
  lane->calls.pop_front();
  // Of a connection that has brought nothing yet.
  const bool may_be_why = !answer.ok() && !lane->failed && !lane->answered;
  if (answer.ok()) {
    lane->answered = true;
  } else if (!std::exchange(lane->failed, true)) {
    std::erase(lanes_, lane);
  }
  if (pending->done == nullptr) {
    --lane->late;
  } else if (absl::IsAborted(answer.status()) || (absl::IsUnavailable(answer.status()) && !may_be_why)) {
    Repeat(pending, answer.status());
  } else {
    End(pending, std::move(answer));
  }
  EndLateLanes();
  Dispatch();
  TellAll();
}

void ClientBundle::Repeat(const PendingPtr& pending, const absl::Status& failure) {
  if (std::exchange(pending->repeated, true)) return End(pending, failure);
  waiting_.push_back(pending);
}

void ClientBundle::End(const PendingPtr& pending, absl::StatusOr<Answer> answer) {
  ended_.push_back({pending, std::exchange(pending->done, nullptr), std::move(answer)});
}

void ClientBundle::TellAll() {
  const auto self = shared_from_this();
  while (!ended_.empty()) {
    EndedCall ended = std::move(ended_.front());
    ended_.pop_front();
    try {
      ended.done(std::move(ended.answer));
    } catch (const std::exception& exception) {
      Log().error("{}: the caller threw at the answer: {}", Place(ended.pending->call), exception.what());
    } catch (...) {
      Log().error("{}: the caller threw something that is no exception at the answer",
                  Place(ended.pending->call));
    }
  }
  if (is_unused()) unused_();
}

void ClientBundle::ForgetUnused() {
  std::erase_if(lanes_,
                [](const LanePtr& lane) { return lane->calls.empty() && lane->pipeline->is_unused(); });
  if (is_unused()) unused_();
}

void ClientBundle::Expire() {
  const Clock::time_point now = Clock::now();
  earliest_due_ = Clock::time_point::max();
  const auto expires = [&](const PendingPtr& pending) {
    if (pending->done == nullptr) return false;
    earliest_due_ = pending->due > now ? std::min(earliest_due_, pending->due) : earliest_due_;
    if (pending->due > now) return false;
    End(pending, TimedOut(pending->call, "no answer"));
    return true;
  };
  for (const LanePtr& lane : lanes_) {
    lane->late += static_cast<std::size_t>(std::count_if(lane->calls.begin(), lane->calls.end(), expires));
  }
  std::erase_if(waiting_, expires);
  if (earliest_due_ != Clock::time_point::max()) {
    due_.Set(std::chrono::ceil<std::chrono::milliseconds>(earliest_due_ - now));
  }
  EndLateLanes();
  Dispatch();
  TellAll();
}

void ClientBundle::EndLateLanes() {
  std::vector<LanePtr> late;
  for (const LanePtr& lane : lanes_) {
    if (lane->late > 0) late.push_back(lane);
  }
  const std::size_t late_max = (connections_max_ + 1) / 2;
  std::size_t count = late.size();
  for (const LanePtr& lane : late) {
    if (lane->late < lane->calls.size() && count <= late_max) continue;
    --count;
    EndLane(lane);
  }
}

void ClientBundle::EndLane(const LanePtr& lane) {
  std::erase(lanes_, lane);
  for (const PendingPtr& pending : std::exchange(lane->calls, {})) {
    if (pending->done == nullptr) continue;
    Repeat(pending, AtPlace(pending->call, absl::UnavailableError(
                                               "calls before it on its connection had no answer in time")));
  }
  lane->pipeline->Abort();
}

}  // namespace federation::https
