#include "link/outbox.h"

#include <algorithm>
#include <utility>

namespace federation::link {
namespace {

constexpr std::chrono::seconds kPeerWaitMin{1};
// A peer that claims more leaves too little room for what is numbered behind it.
constexpr std::uint64_t kPeerSeqMax = kSeqMax - (std::uint64_t{1} << 40);

}  // namespace

Outbox::Outbox(const OutboxLimits& limits, LinkNumbers stored, Random random)
    : limits_(limits),
      random_(std::move(random)),
      assigned_(stored.assigned),
      acked_(stored.acked),
      assigned_at_start_(stored.assigned),
      updates_max_(limits.push_updates_max) {}

void Outbox::Enqueued(Seq assigned) { assigned_ = std::max(assigned_, assigned); }

void Outbox::Heard(Time now) {
  if (block_ != Block::kBackOff) return;
  // Not at once after a failure: a peer that speaks but does not answer would have us try with each of its
  // words.
  blocked_until_ = std::min(blocked_until_, std::max(now, failed_at_ + limits_.backoff_min));
}

std::optional<Outbox::Push> Outbox::Poll(Time now) {
  if (in_flight_ || waiting_for_store_ || !HasWork()) return std::nullopt;
  if (block_ != Block::kNone && now < blocked_until_) return std::nullopt;
  in_flight_ = true;
  probe_in_flight_ = !probed_;
  Push push;
  push.first = Next(acked_);
  if (probe_in_flight_) return push;
  push.updates_max = assigned_ > acked_ ? updates_max_ : 0;
  push.weak = leave_weak_ && push.updates_max > 0 ? Push::Weak::kLeave : Push::Weak::kTake;
  weak_in_flight_ = push.weak == Push::Weak::kTake && weak_waiting_;
  return push;
}

std::optional<Outbox::Time> Outbox::WakeTime() const {
  if (in_flight_ || waiting_for_store_ || !HasWork() || block_ == Block::kNone) return std::nullopt;
  return blocked_until_;
}

Outbox::Reaction Outbox::Answered(std::size_t sent, const Answer& answer, Time now) {
  in_flight_ = false;
  // The store may have had more than Enqueued has told of yet; an ack for that is no sign of an older store.
  Enqueued(Seq{Value(acked_) + sent});
  switch (answer.kind) {
    case Answer::Kind::kWait:
      block_ = Block::kPeerWait;
      // Compared before it is added: a peer may say any number.
      blocked_until_ = now + std::clamp<std::chrono::seconds>(
                                 answer.wait, kPeerWaitMin,
                                 std::chrono::duration_cast<std::chrono::seconds>(limits_.wait_max));
      return {};
    case Answer::Kind::kOk:
      return Confirmed(answer.seq, sent, /*hole=*/false, now);
    case Answer::Kind::kHoleDetected:
      break;
  }
  if (answer.seq == Seq{0}) {
    // No update has the number 0, so none can be missing.
    BackOff(limits_.backoff_min, now);
    return {.contradiction = true};
  }
  return Confirmed(Seq{Value(answer.seq) - 1}, sent, /*hole=*/true, now);
}

Outbox::Reaction Outbox::Confirmed(Seq theirs, std::size_t sent, bool hole, Time now) {
  if (Value(theirs) > kPeerSeqMax) {
    BackOff(limits_.backoff_min, now);
    return {.contradiction = true};
  }
  if (std::exchange(probe_in_flight_, false)) {
    probed_ = true;
    // What was stored before the start has the numbers that the peer knows; what came since is new to it.
    if (theirs > assigned_at_start_) {
      Progress();
      return Diverged(assigned_at_start_, theirs);
    }
  } else if (theirs > assigned_) {
    // After the first exchange that takes a peer that makes numbers up, who must not keep us busy.
    BackOff(limits_.backoff_min, now);
    return Diverged(acked_, theirs);
  }

  Reaction reaction;
  const Seq first = Next(acked_);
  const bool advanced = theirs >= first;
  if (theirs < acked_) reaction.peer_went_back_from = acked_;
  reaction.save_acked = theirs != acked_;
  acked_ = theirs;
  if (advanced || sent == 0) {
    Progress();
    return reaction;
  }
  // It got updates and has none of them. If it wants earlier ones, they are sent at once; the second time in
  // a row, and when it wants just what it was sent, it contradicts itself, and must not keep us busy.
  const bool wants_earlier = hole && Next(theirs) < first;
  if (!wants_earlier || failures_ > 0) {
    reaction.contradiction = true;
    BackOff(limits_.backoff_min, now);
  } else {
    ++failures_;
    block_ = Block::kNone;
  }
  return reaction;
}

Outbox::Reaction Outbox::Diverged(Seq boundary, Seq theirs) {
  waiting_for_store_ = true;
  Reaction reaction;
  reaction.renumber = Reaction::Renumber{boundary, theirs};
  return reaction;
}

void Outbox::Renumbered(LinkNumbers numbers) {
  waiting_for_store_ = false;
  assigned_ = std::max(assigned_, numbers.assigned);
  acked_ = numbers.acked;
}

void Outbox::Progress() {
  failures_ = 0;
  block_ = Block::kNone;
  leave_weak_ = false;
  updates_max_ = std::min(updates_max_ * 2, limits_.push_updates_max);
}

Outbox::Reaction Outbox::Failed(Failure failure, std::size_t sent,
                                std::optional<std::chrono::seconds> retry_after, Time now) {
  in_flight_ = false;
  probe_in_flight_ = false;
  switch (failure) {
    case Failure::kUnreachable:
      BackOff(limits_.backoff_min, now);
      return {};
    case Failure::kBusy:
      if (!retry_after.has_value()) {
        BackOff(limits_.backoff_min, now);
        return {};
      }
      return Answered(sent, Answer::Wait(*retry_after), now);
    case Failure::kRefused:
      Refused(now);
      return {};
    case Failure::kTooLarge:
      return TooLarge(sent, now);
    case Failure::kStale:
      break;
  }
  // Connections end when they are idle: the first time in a row that is nobody's fault.
  if (failures_ > 0) {
    BackOff(limits_.backoff_min, now);
  } else {
    ++failures_;
    block_ = Block::kNone;
  }
  return {};
}

Outbox::Reaction Outbox::TooLarge(std::size_t sent, Time now) {
  if (sent > 1) {
    updates_max_ = sent / 2;
    return {};
  }
  if (sent == 0) {
    // The weak updates were too large, and are gone; an empty push that is too large is a refusal.
    BackOff(limits_.backoff_min, now);
    return {};
  }
  updates_max_ = 1;
  if (weak_in_flight_) {
    // It may have been refused for the weak updates beside it: once more, alone.
    leave_weak_ = true;
    return {};
  }
  const Seq refused = Next(acked_);
  if (replaced_ == refused) {
    Refused(now);
    return {};
  }
  replaced_ = refused;
  waiting_for_store_ = true;
  Reaction reaction;
  reaction.undeliverable = refused;
  return reaction;
}

void Outbox::Refused(Time now) {
  BackOff(limits_.refused_backoff_min, now);
  block_ = Block::kRefused;
}

void Outbox::BackOff(std::chrono::milliseconds first_delay, Time now) {
  // Full jitter: any time up to a ceiling that doubles, so that links do not come back together.
  std::chrono::milliseconds ceiling = std::min(first_delay, limits_.backoff_max);
  for (int i = 0; i < failures_ && ceiling < limits_.backoff_max; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, limits_.backoff_max);
  ++failures_;
  block_ = Block::kBackOff;
  failed_at_ = now;
  blocked_until_ = now + std::chrono::milliseconds(
                             static_cast<std::int64_t>(random_() * static_cast<double>(ceiling.count())));
}

Outbox::State Outbox::state(Time now) const {
  if (block_ == Block::kRefused) return State::kRefused;
  if (in_flight_ || waiting_for_store_) return State::kSending;
  if (!HasWork()) return State::kIdle;
  if (block_ != Block::kNone && now < blocked_until_) return State::kWaiting;
  return State::kSending;
}

}  // namespace federation::link
