#include "delivery/inbound.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <absl/strings/escaping.h>
#include <fmt/core.h>

#include "delivery/tell.h"
#include "json/utf8.h"
#include "link/inbox.h"
#include "log/log.h"

namespace federation::delivery {
namespace {

// Origins that are remembered while nothing of theirs waits: which connection of theirs is the newest, how
// fast they send. To forget one is no harm, only less protection.
constexpr std::size_t kOriginsMax = 65'536;
// A push that is late on its way is not later than this: an origin that uses an older connection long after
// it used a newer one has chosen it.
constexpr std::chrono::minutes kLateMax{2};
// A peer takes no longer wait anyway.
constexpr std::chrono::seconds kWaitMax = std::chrono::hours{1};

}  // namespace

struct Inbound::Batch {
  Time deadline;
  // Applied so far, and durable if the transaction commits.
  Seq last{0};
  // Null as long as there is nothing to write.
  std::unique_ptr<LazyTransaction> transaction;
  // Set when an update has to wait: what comes behind it does, too.
  std::optional<std::chrono::seconds> wait;
  std::vector<Applying> pushes;
};

Inbound::Inbound(std::string domain, const InboxLimits& limits, Store& store, UpdateReceiver* receiver,
                 InboundObservers observers, const Loop& clock, Workers& workers)
    : domain_(std::move(domain)),
      limits_(limits),
      store_(store),
      receiver_(receiver),
      observers_(std::move(observers)),
      clock_(clock),
      workers_(workers) {}

// --- In turn.

void Inbound::Apply(InboundPush push, Done done) {
  if (AnswerAtOnce(push, done)) return;
  const std::size_t bytes = push.body.size();
  // Who is called to run, as the map has it.
  const std::string* running = nullptr;
  {
    const std::lock_guard guard(mutex_);
    const auto entry = origins_.try_emplace(push.origin).first;
    running = &entry->first;
    Origin& state = entry->second;
    if (push.connection >= state.newest_connection) {
      state.newest_connection = push.connection;
      state.newest_push = clock_.Now();
    }
    if (!stopping_ && HasRoom(state, bytes)) {
      state.bytes += bytes;
      queued_bytes_ += bytes;
      Job job;
      job.push = std::move(push);
      job.done = std::exchange(done, nullptr);
      job.since = clock_.Now();
      state.jobs.push_back(std::move(job));
      ++state.open;
      if (std::exchange(state.running, true)) return;
    }
  }
  if (done) {
    if (!stopping_) ++over_queued_;
    InboundReply reply;
    reply.answer = Busy();
    return done(reply);
  }
  PostRun(*running);
}

bool Inbound::HasRoom(const Origin& state, std::size_t bytes) const {
  // Who has nothing else, may be as large as he likes.
  if (queued_bytes_ == 0) return true;
  // Half of the room is for origins that have nothing else here: those that send much leave it to the others.
  if (state.bytes == 0) return queued_bytes_ + bytes <= limits_.queued_bytes_total_max;
  return state.jobs.size() < limits_.queued_pushes_max &&  //
         state.bytes + bytes <= limits_.queued_bytes_max &&
         queued_bytes_ + bytes <= limits_.queued_bytes_total_max / 2;
}

void Inbound::Release(const std::string& origin, std::size_t bytes) {
  const std::lock_guard guard(mutex_);
  Origin& state = origins_.find(origin)->second;
  state.bytes -= bytes;
  --state.open;
  queued_bytes_ -= bytes;
}

void Inbound::Enqueue(const std::string& origin, Job job) {
  const std::string* running = nullptr;
  {
    const std::lock_guard guard(mutex_);
    const auto entry = origins_.try_emplace(origin).first;
    running = &entry->first;
    Origin& state = entry->second;
    state.jobs.push_back(std::move(job));
    ++state.open;
    if (std::exchange(state.running, true)) return;
  }
  PostRun(*running);
}

void Inbound::PostRun(const std::string& origin) {
  // The key of a map stays where it is; and small tasks are posted without a copy.
  workers_.Post([this, &origin] { RunOrigin(origin); });
}

void Inbound::RunOrigin(const std::string& origin) {
  const std::optional<Job> next = NextAside(origin);
  if (!next) {
    ApplyGuarded(origin);
  } else if (next->answered) {
    ApplyAnswered(origin, *next->answered);
  } else {
    next->task();
  }
  {
    const std::lock_guard guard(mutex_);
    const auto entry = origins_.find(origin);
    Origin& state = entry->second;
    if (next) TakeOff(state, *next);
    if (state.jobs.empty()) {
      state.running = false;
      if (origins_.size() > kOriginsMax) origins_.erase(entry);
      return;
    }
  }
  // Behind the other origins that wait for a thread.
  PostRun(origin);
}

std::optional<Inbound::Job> Inbound::NextAside(const std::string& origin) {
  const std::lock_guard guard(mutex_);
  std::deque<Job>& jobs = origins_.find(origin)->second.jobs;
  if (jobs.empty() || !(jobs.front().task || jobs.front().answered)) return std::nullopt;
  Job job = std::move(jobs.front());
  jobs.pop_front();
  return job;
}

void Inbound::TakeOff(Origin& state, const Job& done) {
  if (!done.answered) {
    --state.open;
    return;
  }
  --state.answered;
  state.bytes -= done.answered->body.size();
  queued_bytes_ -= done.answered->body.size();
}

std::optional<Inbound::Job> Inbound::NextPush(const std::string& origin) {
  const std::lock_guard guard(mutex_);
  Origin& state = origins_.find(origin)->second;
  if (state.jobs.empty() || state.jobs.front().task || state.jobs.front().answered) return std::nullopt;
  Job job = std::move(state.jobs.front());
  state.jobs.pop_front();
  return job;
}

void Inbound::Remember(const std::string& origin, std::optional<Durable> durable) {
  const std::lock_guard guard(mutex_);
  origins_.find(origin)->second.durable = durable;
}

bool Inbound::IsStale(const std::string& origin, std::uint64_t connection) {
  const std::lock_guard guard(mutex_);
  const Origin& state = origins_.find(origin)->second;
  return connection < state.newest_connection && clock_.Now() < state.newest_push + kLateMax;
}

std::optional<std::chrono::seconds> Inbound::TooFast(const std::string& origin, const link::PushView& push) {
  const std::lock_guard guard(mutex_);
  return origins_.find(origin)->second.rate.Take(push.strong.size() + push.weak.size(),
                                                 limits_.updates_per_second_max, clock_.Now());
}

// --- Pushes.

void Inbound::ApplyGuarded(const std::string& origin) {
  Batch batch;
  try {
    ApplyBatch(origin, batch);
  } catch (const std::exception& error) {
    Log().error("a push of {} ended in an exception: {}", origin, error.what());
    batch.transaction.reset();
    for (Applying& push : batch.pushes) {
      if (!push.job.done) continue;
      Release(origin, push.job.push.body.size());
      push.job.done({.refused = {}, .too_many_updates = false, .answer = Busy()});
    }
  }
}

void Inbound::ApplyBatch(const std::string& origin, Batch& batch) {
  batch.deadline = clock_.Now() + limits_.transaction_time_max;
  const absl::StatusOr<Seq> last = store_.Last(origin);
  absl::Status status = last.status();
  if (last.ok()) batch.last = *last;
  while (std::optional<Job> job = NextPush(origin)) {
    batch.pushes.emplace_back();
    Applying& push = batch.pushes.back();
    push.job = *std::move(job);
    push.reply.answer = Busy();
    if (status.ok() && !stopping_) ApplyPush(origin, batch, push);
    if (clock_.Now() >= batch.deadline) break;
  }
  if (batch.transaction != nullptr) {
    status = batch.transaction->Commit();
    batch.transaction.reset();
  }
  if (!status.ok()) Log().error("cannot apply a push of {}: {}", origin, status.ToString());
  if (status.ok() && !batch.pushes.empty()) {
    // The number was read after the first of them had come.
    Remember(origin, Durable{batch.pushes.front().job.push.connection, batch.last});
  } else {
    Remember(origin, std::nullopt);
  }
  for (Applying& push : batch.pushes) {
    if (!status.ok()) {
      // What was said of `last` may not be so.
      push.reply.answer = Busy();
      push.taken.clear();
    }
    Answer(origin, push);
  }
  // After all answers: these take as long as they take, and nobody waits for them. The origin forgets the
  // weak updates of a push that it is told to repeat; one that does not must not have them twice.
  for (const Applying& push : batch.pushes) {
    const bool wait = push.reply.answer.kind == link::Answer::Kind::kWait;
    if (!push.reply.refused.has_value() && !wait) ApplyWeak(origin, push.view);
  }
}

void Inbound::ApplyPush(const std::string& origin, Batch& batch, Applying& push) {
  InboundReply& reply = push.reply;
  reply.refused = link::ParsePush(push.job.push.body, limits_, &push.view);
  reply.too_many_updates = push.view.too_many_updates;
  if (reply.refused.has_value()) return;
  if (batch.wait.has_value()) {
    reply.answer = link::Answer::Wait(*batch.wait);
    return;
  }
  if (IsStale(origin, push.job.push.connection)) return;  // told to wait; its weak updates are dropped
  const link::InboxPlan plan = link::PlanPush(batch.last, push.view.strong.size(), push.view.seq);
  if (const auto wait = TooFast(origin, push.view)) {
    ++over_updates_;
    reply.answer = link::Answer::Wait(*wait);
    return;
  }
  std::optional<std::chrono::seconds> wait;
  if (plan.kind == link::InboxPlan::Kind::kApply) {
    push.skip = plan.skip;
    if (batch.transaction == nullptr) batch.transaction = store_.Begin();
    const absl::Status status = ApplyUpdates(origin, batch, push, &wait);
    if (!status.ok()) {
      Log().error("cannot apply a push of {}: {}", origin, status.ToString());
      wait = limits_.wait_when_busy;
    }
  }
  batch.wait = wait;
  reply.answer = wait.has_value() ? link::Answer::Wait(*wait) : link::AnswerPush(plan, batch.last);
}

absl::Status Inbound::ApplyUpdates(const std::string& origin, Batch& batch, Applying& push,
                                   std::optional<std::chrono::seconds>* wait) {
  LazyTransaction& transaction = *batch.transaction;
  const std::vector<std::string_view>& strong = push.view.strong;
  for (std::size_t i = push.skip; i < strong.size(); ++i) {
    // The origin waits for an answer; the first update is always tried.
    if (i > push.skip && clock_.Now() > batch.deadline) break;
    const UpdateContext context = ContextOf(origin, Next(batch.last), &transaction);
    Outcome outcome = Receive(strong[i], context);
    if (outcome.kind() != Outcome::Kind::kDone) {
      absl::Status status = transaction.Undo();
      if (!status.ok()) return status;
    }
    if (outcome.kind() == Outcome::Kind::kReject) {
      absl::StatusOr<Outcome> kept = Quarantine(context, strong[i], std::move(outcome));
      if (!kept.ok()) return kept.status();
      outcome = *std::move(kept);
    }
    if (outcome.kind() == Outcome::Kind::kLater) {
      *wait = std::clamp(outcome.delay(), std::chrono::seconds{1}, kWaitMax);
      return absl::OkStatus();
    }
    absl::Status status = transaction.SetLast(origin, context.seq);
    if (status.ok()) status = transaction.Checkpoint();
    if (!status.ok()) return status;
    batch.last = context.seq;
    push.taken.push_back(outcome.kind() == Outcome::Kind::kDone);
  }
  return absl::OkStatus();
}

void Inbound::Answer(const std::string& origin, Applying& push) {
  Tell(origin, push);
  TellReceived(origin, push.view, clock_.Now() - push.job.since,
               push.reply.answer.kind == link::Answer::Kind::kWait);
  const Done done = std::exchange(push.job.done, nullptr);
  // First, as its sender may answer the answer with the next push.
  Release(origin, push.job.push.body.size());
  done(push.reply);
}

// --- One update.

UpdateContext Inbound::ContextOf(std::string_view origin, Seq seq, Transaction* transaction) const {
  UpdateContext context;
  context.origin = origin;
  context.destination = domain_;
  context.delivery = transaction == nullptr ? Delivery::kWeak : Delivery::kStrong;
  context.seq = seq;
  context.transaction = transaction;
  return context;
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
  Thrown& thrown = origins_.find(context.origin)->second.thrown;
  if (thrown.seq != context.seq) thrown = {context.seq, 0};
  if (++thrown.tries < limits_.handler_tries_max) return Outcome::Later(limits_.wait_when_busy);
  const int tries = std::exchange(thrown, {}).tries;
  return Outcome::Reject(fmt::format("the handler threw {} times: {}", tries, what));
}

std::string Inbound::ReasonOf(const Outcome& rejected) {
  return json::IsUtf8(rejected.reason()) ? rejected.reason() : absl::CHexEscape(rejected.reason());
}

absl::StatusOr<Outcome> Inbound::Quarantine(const UpdateContext& context, std::string_view json,
                                            Outcome rejected) {
  QuarantinedUpdate update;
  update.origin = context.origin;
  update.seq = context.seq;
  update.reason = ReasonOf(rejected);
  update.json = json;
  update.since = clock_.WallNow();
  absl::Status status = context.transaction->Quarantine(update);
  if (absl::IsResourceExhausted(status)) {
    Log().error("{}; update {} waits", std::string(status.message()), Value(context.seq));
    return Outcome::Later(limits_.wait_when_busy);
  }
  if (!status.ok()) return status;
  Log().warn("update {} of {} goes to the quarantine: {}", Value(context.seq), context.origin,
             rejected.reason());
  return rejected;
}

void Inbound::TellReceived(const std::string& origin, const link::PushView& push,
                           std::chrono::nanoseconds duration, bool told_to_wait) {
  if (!observers_.received) return;
  Received received;
  received.origin = origin;
  received.strong_updates = push.strong.size();
  received.weak_updates = push.weak.size();
  received.duration = duration;
  received.told_to_wait = told_to_wait;
  delivery::Tell(observers_.received, received);
}

void Inbound::Tell(const std::string& origin, const Applying& push) {
  const std::uint64_t first = Value(push.view.seq) - push.view.strong.size() + 1;
  for (std::size_t i = 0; i < push.taken.size(); ++i) {
    const std::size_t index = push.skip + i;
    if (push.taken[i]) Observe({origin, Seq{first + index}, push.view.strong[index]});
  }
}

void Inbound::ApplyWeak(const std::string& origin, const link::PushView& push) {
  for (const std::string_view json : push.weak) {
    const Outcome outcome = Receive(json, ContextOf(origin, Seq{0}, nullptr));
    if (outcome.kind() == Outcome::Kind::kDone) {
      Observe({origin, std::nullopt, json});
    } else {
      Log().debug("a weak update of {} is dropped: {}", origin, outcome.reason());
    }
  }
}

void Inbound::Observe(const Applied& applied) { delivery::Tell(observers_.applied, applied); }

}  // namespace federation::delivery
