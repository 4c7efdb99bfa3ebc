#include "node/inbound.h"

#include <exception>
#include <utility>

#include <fmt/core.h>

#include "link/inbox.h"
#include "log/log.h"

namespace federation::node {

Inbound::Inbound(std::string domain, const InboxLimits& limits, Store& store, UpdateReceiver* receiver,
                 Observer observer, WorkerPool& workers)
    : domain_(std::move(domain)),
      limits_(limits),
      store_(store),
      receiver_(receiver),
      observer_(std::move(observer)),
      workers_(workers) {}

void Inbound::Apply(std::string origin, std::string body, Done done) {
  Done refused;
  bool runs = false;
  {
    const std::lock_guard guard(mutex_);
    const auto entry = waiting_.find(origin);
    runs = entry != waiting_.end();
    if (stopping_ || (runs && entry->second.size() > limits_.queued_pushes_max)) {
      refused = std::move(done);
    } else {
      waiting_[origin].push_back({std::move(body), std::move(done)});
    }
  }
  if (refused) return refused(Busy());
  if (!runs) workers_.Post([this, origin = std::move(origin)] { RunOrigin(origin); });
}

void Inbound::RunOrigin(const std::string& origin) {
  Push push;
  {
    const std::lock_guard guard(mutex_);
    push = std::move(waiting_.find(origin)->second.front());
  }
  push.done(stopping_ ? Busy() : ApplyGuarded(origin, push.body));
  {
    const std::lock_guard guard(mutex_);
    const auto entry = waiting_.find(origin);
    entry->second.pop_front();
    if (entry->second.empty()) {
      waiting_.erase(entry);
      return;
    }
  }
  // Behind the other origins that wait for a thread.
  workers_.Post([this, origin] { RunOrigin(origin); });
}

Inbound::Reply Inbound::Busy() const {
  Reply reply;
  reply.answer = link::Answer::Wait(limits_.wait_when_busy);
  return reply;
}

Inbound::Reply Inbound::ApplyGuarded(const std::string& origin, const std::string& body) {
  try {
    return ApplyPush(origin, body);
  } catch (const std::exception& error) {
    Log().error("a push of {} ended in an exception: {}", origin, error.what());
    return Busy();
  }
}

Inbound::Reply Inbound::ApplyPush(const std::string& origin, const std::string& body) {
  Reply reply;
  link::PushView push;
  reply.refused = link::ParsePush(body, limits_, &push);
  reply.too_many_updates = push.too_many_updates;
  if (reply.refused.has_value()) return reply;
  const Result result = ApplyStrong(origin, push);
  Tell(origin, push, result);
  // The origin forgets the weak updates of a push that it is told to repeat; one that does not must not have
  // them twice.
  if (result.answer.kind != link::Answer::Kind::kWait) ApplyWeak(origin, push);
  reply.answer = result.answer;
  return reply;
}

Inbound::Result Inbound::ApplyStrong(const std::string& origin, const link::PushView& push) {
  Result result;
  const absl::Status status = store_.Transact(
      [&](Transaction& transaction) { return ApplyInTransaction(origin, push, transaction, &result); });
  if (status.ok()) return result;
  Log().error("cannot apply a push of {}: {}", origin, status.ToString());
  result.answer = link::Answer::Wait(limits_.wait_when_busy);
  result.taken.clear();
  return result;
}

absl::Status Inbound::ApplyInTransaction(const std::string& origin, const link::PushView& push,
                                         Transaction& transaction, Result* result) {
  const absl::StatusOr<Seq> stored = transaction.Last(origin);
  if (!stored.ok()) return stored.status();
  Seq last = *stored;
  const link::InboxPlan plan = link::PlanPush(last, push.strong.size(), push.seq);
  std::optional<std::chrono::seconds> wait;
  if (plan.kind == link::InboxPlan::Kind::kApply) {
    result->skip = plan.skip;
    const auto deadline = std::chrono::steady_clock::now() + limits_.transaction_time_max;
    for (std::size_t i = plan.skip; i < push.strong.size() && !wait.has_value(); ++i) {
      // Others wait for the store; the first update is always tried.
      if (i > plan.skip && std::chrono::steady_clock::now() > deadline) break;
      absl::Status status = transaction.Mark();
      if (!status.ok()) return status;
      UpdateContext context;
      context.origin = origin;
      context.destination = domain_;
      context.delivery = Delivery::kStrong;
      context.seq = Next(last);
      context.transaction = &transaction;
      Outcome outcome = Receive(push.strong[i], context);
      if (outcome.kind() != Outcome::Kind::kDone) {
        status = transaction.RollbackToMark();
        if (!status.ok()) return status;
      }
      if (outcome.kind() == Outcome::Kind::kReject) {
        status = transaction.Quarantine({origin, context.seq, outcome.reason(), std::string(push.strong[i])});
        if (absl::IsResourceExhausted(status)) {
          Log().error("{}; update {} waits", std::string(status.message()), Value(context.seq));
          outcome = Outcome::Later(limits_.wait_when_busy);
        } else if (!status.ok()) {
          return status;
        } else {
          Log().warn("update {} of {} goes to the quarantine: {}", Value(context.seq), origin,
                     outcome.reason());
        }
      }
      if (outcome.kind() == Outcome::Kind::kLater) {
        wait = outcome.delay();
      } else {
        last = context.seq;
        result->taken.push_back(outcome.kind() == Outcome::Kind::kDone);
      }
    }
  }
  if (last != *stored) {
    absl::Status status = transaction.SetLast(origin, last);
    if (!status.ok()) return status;
  }
  result->answer = wait.has_value() ? link::Answer::Wait(*wait) : link::AnswerPush(plan, last);
  return absl::OkStatus();
}

Outcome Inbound::Receive(std::string_view json, const UpdateContext& context) {
  if (receiver_ == nullptr) return Outcome::Reject("no receiver is registered");
  try {
    return receiver_->Receive(json, context);
  } catch (const std::exception& error) {
    return OutcomeOfException(context, error.what());
  } catch (...) {
    return OutcomeOfException(context, "an exception that is no std::exception");
  }
}

Outcome Inbound::OutcomeOfException(const UpdateContext& context, std::string_view what) {
  Log().error("the handler of an update of {} threw: {}", context.origin, what);
  if (context.delivery == Delivery::kWeak) return Outcome::Reject("");
  const std::lock_guard guard(mutex_);
  Thrown& thrown = thrown_[std::string(context.origin)];
  if (thrown.seq != context.seq) thrown = {context.seq, 0};
  if (++thrown.tries < limits_.handler_tries_max) return Outcome::Later(limits_.wait_when_busy);
  const int tries = thrown.tries;
  thrown_.erase(thrown_.find(context.origin));
  return Outcome::Reject(fmt::format("the handler threw {} times: {}", tries, what));
}

void Inbound::Tell(const std::string& origin, const link::PushView& push, const Result& result) {
  const std::uint64_t first = Value(push.seq) - push.strong.size() + 1;
  for (std::size_t i = 0; i < result.taken.size(); ++i) {
    const std::size_t index = result.skip + i;
    if (result.taken[i]) Observe({origin, Seq{first + index}, push.strong[index]});
  }
}

void Inbound::ApplyWeak(const std::string& origin, const link::PushView& push) {
  for (const std::string_view json : push.weak) {
    UpdateContext context;
    context.origin = origin;
    context.destination = domain_;
    const Outcome outcome = Receive(json, context);
    if (outcome.kind() == Outcome::Kind::kDone) {
      Observe({origin, std::nullopt, json});
    } else {
      Log().debug("a weak update of {} is dropped: {}", origin, outcome.reason());
    }
  }
}

void Inbound::Observe(const Node::Applied& applied) {
  if (!observer_) return;
  try {
    observer_(applied);
  } catch (const std::exception& error) {
    // What it was told of is committed all the same.
    Log().error("the observer of applied updates threw: {}", error.what());
  }
}

}  // namespace federation::node
