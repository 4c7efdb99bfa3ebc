// Pushes that are answered when they come: those that bring weak updates alone, which need no transaction.
#include <memory>
#include <string_view>
#include <utility>

#include "delivery/inbound.h"
#include "link/inbox.h"

namespace federation::delivery {
namespace {

// Who hands pushes over must not be kept: larger ones are looked at by workers.
constexpr std::size_t kBodyBytesMax = std::size_t{4} * 1024;
// Of an origin, as many may be answered and wait for the handler. Those behind them get their answers in
// turn, so that an origin does not send faster than the handler takes it.
constexpr std::size_t kAnsweredMax = 16;
// As writers put it. A push that puts it otherwise is left to the workers.
constexpr std::string_view kNothingStrong = "\"strong\":[]";

}  // namespace

// The store would say the same number: one process at a time has it, a store goes back to an older copy only
// between two processes, and no push is dealt with that may move the number. What `ok` says of it is durable,
// and stays true. That the number was read for a push of the same connection is a second fence: should
// another process have moved it all the same, a new process of the origin, which may have an older store and
// other numbers, has its first push answered from the store. So are holes.
bool Inbound::AnswerAtOnce(InboundPush& push, const Done& done) {
  if (push.body.size() > kBodyBytesMax || push.body.find(kNothingStrong) == std::string::npos) return false;
  const Time since = clock_.Now();
  if (!MayAnswerAtOnce(push)) return false;
  auto answered = std::make_unique<AnsweredPush>();
  answered->body = std::move(push.body);
  const bool parsed = !link::ParsePush(answered->body, limits_, &answered->view).has_value();
  InboundReply reply;
  if (!parsed || !TakeAnswered(push, since, answered, &reply.answer)) {
    push.body = std::move(answered->body);
    return false;
  }
  done(reply);
  return true;
}

bool Inbound::MayAnswerAtOnce(const InboundPush& push) {
  const std::lock_guard guard(mutex_);
  const auto state = origins_.find(push.origin);
  return state != origins_.end() && IsSettled(state->second, push.connection);
}

bool Inbound::IsSettled(const Origin& state, std::uint64_t connection) const {
  return !stopping_ && state.durable.has_value() && state.open == 0 && state.answered < kAnsweredMax &&
         connection == state.durable->connection && connection == state.newest_connection;
}

bool Inbound::TakeAnswered(const InboundPush& push, Time since, std::unique_ptr<AnsweredPush>& answered,
                           link::Answer* answer) {
  const link::PushView& view = answered->view;
  const std::size_t bytes = answered->body.size();
  const std::string* running = nullptr;
  {
    const std::lock_guard guard(mutex_);
    const auto entry = origins_.find(push.origin);
    if (entry == origins_.end() || !IsSettled(entry->second, push.connection)) return false;
    running = &entry->first;
    Origin& state = entry->second;
    const Seq last = state.durable->last;
    if (!view.strong.empty() || view.seq > last || !HasRoom(state, bytes)) return false;
    if (state.rate.Take(view.weak.size(), limits_.updates_per_second_max, since)) return false;
    state.newest_push = since;
    *answer = link::Answer::Ok(last);
    answered->duration = clock_.Now() - since;
    state.bytes += bytes;
    queued_bytes_ += bytes;
    ++state.answered;
    Job job;
    job.answered = std::move(answered);
    state.jobs.push_back(std::move(job));
    if (std::exchange(state.running, true)) return true;
  }
  PostRun(*running);
  return true;
}

void Inbound::ApplyAnswered(const std::string& origin, const AnsweredPush& push) {
  TellReceived(origin, push.view, push.duration, false);
  ApplyWeak(origin, push.view);
}

}  // namespace federation::delivery
