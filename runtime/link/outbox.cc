#include "link/outbox.h"

#include <algorithm>
#include <utility>

namespace federation::link {
namespace {

constexpr std::chrono::seconds kPeerWaitMin{1};
// A peer that claims more leaves too little room for what is numbered behind it.
constexpr std::uint64_t kPeerSeqMax = kSeqMax - (std::uint64_t{1} << 40);
// With so many pushes on their way, only full ones are added: each costs the same, however few updates are in
// it, and the updates that wait meanwhile make the next one fuller.
constexpr std::size_t kSmallPushesInFlightMax = 4;

}  // namespace

Outbox::Outbox(const OutboxLimits& limits, const Rest& rest, Random random)
    : limits_(limits),
      random_(std::move(random)),
      rest_(rest),
      next_(Next(rest.numbers.acked)),
      furthest_(rest.numbers.acked),
      updates_max_(limits.push_updates_max) {}

void Outbox::Enqueued(Seq assigned) { rest_.numbers.assigned = std::max(rest_.numbers.assigned, assigned); }

void Outbox::Heard(Time now) {
  if (rest_.pause != Pause::kBackOff) return;
  // Not at once after a failure: a peer that speaks but does not answer would have us try with each of its
  // words.
  rest_.pause_end = std::min(rest_.pause_end, std::max(now, rest_.failed_at + limits_.backoff_min));
}

void Outbox::Wake() {
  if (rest_.pause != Pause::kPeerWait) rest_.pause = Pause::kNone;
}

void Outbox::Reset() {
  rest_.failures = 0;
  rest_.pause = Pause::kNone;
}

void Outbox::SetPaused(bool paused) {
  rest_.paused = paused;
  if (paused) polled_.reset();
}

bool Outbox::MayPush(Time now) const {
  if (polled_ || waiting_for_store_ || rest_.paused || !HasWork()) return false;
  if (rest_.pause != Pause::kNone && now < rest_.pause_end) return false;
  if (in_flight_.empty()) return true;
  // One push tries whether a peer is there, or can take more, again; and nothing is sent behind a push that
  // has failed.
  if (!rest_.probed || rest_.failures > 0 || rest_.pause != Pause::kNone) return false;
  if (in_flight_.back().superseded) return false;
  // A peer that has asked for numbers that are long gone need not be answered with all of them at once: it
  // can ask for more than there ever were.
  if (in_flight_.back().expired) return false;
  if (in_flight_.size() >= limits_.pushes_in_flight_max) return false;
  if (bytes_in_flight_ >= limits_.bytes_in_flight_max) return false;
  if (rest_.numbers.assigned < next_) return false;  // weak updates alone go when the link is idle
  if (in_flight_.size() < kSmallPushesInFlightMax) return true;
  // As large ones fill a push in small numbers, the last push tells for the next one.
  const std::uint64_t waiting = Value(rest_.numbers.assigned) - Value(next_) + 1;
  return waiting >= updates_max_ || in_flight_.back().bytes >= limits_.push_bytes_max / 2;
}

std::optional<Outbox::Push> Outbox::Poll(Time now) {
  if (!MayPush(now)) return std::nullopt;
  polled_ = Flight{.first = next_, .probe = !rest_.probed, .attempt = ++attempts_};
  Push push;
  push.first = next_;
  push.attempt = attempts_;
  if (polled_->probe) return push;
  push.updates_max = rest_.numbers.assigned >= next_ ? updates_max_ : 0;
  push.bytes_max = limits_.push_bytes_max;
  push.takes_weak = !leave_weak_ || push.updates_max == 0;
  return push;
}

void Outbox::Sent(std::size_t updates, std::size_t bytes, bool weak, bool expired) {
  Flight flight = *std::exchange(polled_, std::nullopt);
  flight.updates = updates;
  flight.bytes = bytes;
  flight.weak = weak;
  flight.expired = expired;
  next_ = Seq{Value(flight.first) + updates};
  // The store may have had more than Enqueued has told of yet; an ack for that is no sign of an older store.
  Enqueued(Seq{Value(next_) - 1});
  bytes_in_flight_ += bytes;
  in_flight_.push_back(flight);
}

void Outbox::NotSent(Time now) {
  polled_.reset();
  BackOff(limits_.backoff_min, now);
}

std::optional<Outbox::Time> Outbox::WakeTime() const {
  if (rest_.pause == Pause::kNone || polled_ || waiting_for_store_ || rest_.paused || !HasWork())
    return std::nullopt;
  if (!in_flight_.empty()) return std::nullopt;
  return rest_.pause_end;
}

Outbox::Flight Outbox::TakeFlight() {
  Flight flight = in_flight_.front();
  in_flight_.pop_front();
  bytes_in_flight_ -= flight.bytes;
  return flight;
}

void Outbox::StartOver() {
  for (Flight& flight : in_flight_) flight.superseded = true;
  polled_.reset();
  next_ = Next(rest_.numbers.acked);
}

Outbox::Reaction Outbox::Answered(const Answer& answer, Time now) {
  const Flight flight = TakeFlight();
  if (flight.superseded) {
    // To come later is asked of all that would come, whatever has become of the push.
    if (answer.kind != Answer::Kind::kWait) return {.superseded = true};
    Reaction reaction = Waits(answer.wait, now);
    reaction.superseded = true;
    return reaction;
  }
  switch (answer.kind) {
    case Answer::Kind::kWait:
      return Waits(answer.wait, now);
    case Answer::Kind::kOk:
      return Confirmed(flight, answer.seq, /*hole=*/false, now);
    case Answer::Kind::kHoleDetected:
      break;
  }
  // No update has the number 0, so none can be missing.
  if (answer.seq == Seq{0}) return Contradiction(now);
  return Confirmed(flight, Seq{Value(answer.seq) - 1}, /*hole=*/true, now);
}

Outbox::Reaction Outbox::Waits(std::chrono::seconds wait, Time now) {
  StartOver();
  // Compared before it is added: a peer may say any number.
  const Time end =
      now + std::clamp<std::chrono::seconds>(
                wait, kPeerWaitMin, std::chrono::duration_cast<std::chrono::seconds>(limits_.wait_max));
  // It takes the place of a back-off even when that is longer, as hearing of the peer would end that one.
  if (rest_.pause == Pause::kPeerWait && rest_.pause_end > end) return {};  // it has asked for more
  rest_.pause = Pause::kPeerWait;
  rest_.pause_end = end;
  return {.save_backoff = true};
}

Outbox::Reaction Outbox::Contradiction(Time now) {
  StartOver();
  BackOff(limits_.backoff_min, now);
  return {.save_backoff = true, .contradiction = true};
}

Outbox::Reaction Outbox::Confirmed(const Flight& flight, Seq theirs, bool hole, Time now) {
  if (Value(theirs) > kPeerSeqMax) return Contradiction(now);
  if (flight.probe) {
    // What was stored before the store was opened has the numbers that the peer knows; what came since is new
    // to it.
    if (theirs > rest_.assigned_at_open) {
      Reaction reaction = Diverged(rest_.assigned_at_open, theirs);
      reaction.save_backoff = Progress();
      return reaction;
    }
    rest_.probed = true;
  } else if (theirs > rest_.numbers.assigned) {
    // After the first exchange that takes a peer that makes numbers up, who must not keep us busy.
    Reaction reaction = Diverged(rest_.numbers.acked, theirs);
    BackOff(limits_.backoff_min, now);
    reaction.save_backoff = true;
    return reaction;
  }

  Reaction reaction;
  if (theirs < rest_.numbers.acked) {
    reaction.peer_went_back_from = rest_.numbers.acked;
    ++times_back_;
  } else if (theirs > furthest_) {
    furthest_ = theirs;
    times_back_ = 0;
  }
  reaction.save_acked = theirs != rest_.numbers.acked;
  rest_.numbers.acked = theirs;
  const bool as_expected = !hole && theirs >= flight.last();
  if (as_expected) {
    // It may have had more than we knew of.
    next_ = std::max(next_, Next(rest_.numbers.acked));
  } else {
    StartOver();
  }
  if (theirs >= flight.first || flight.updates == 0) {
    reaction.save_backoff = Progress();
    return reaction;
  }
  // It got updates and has none of them. If it wants earlier ones, they are sent at once; the second time
  // before it has got further than ever, and when it wants just what it was sent, it contradicts itself, and
  // must not keep us busy, even if it takes in between what it had before.
  const bool wants_earlier = hole && Next(theirs) < flight.first;
  if (!wants_earlier || rest_.failures > 0 || times_back_ > 1) {
    reaction.contradiction = true;
    rest_.failures = std::max(rest_.failures, times_back_ - 1);
    BackOff(limits_.backoff_min, now);
  } else {
    ++rest_.failures;
    rest_.pause = Pause::kNone;
  }
  reaction.save_backoff = true;
  return reaction;
}

Outbox::Reaction Outbox::Diverged(Seq boundary, Seq theirs) {
  StartOver();
  waiting_for_store_ = true;
  Reaction reaction;
  reaction.renumber = Reaction::Renumber{boundary, theirs};
  return reaction;
}

void Outbox::Renumbered(LinkNumbers numbers) {
  waiting_for_store_ = false;
  rest_.probed = true;
  rest_.numbers.assigned = std::max(rest_.numbers.assigned, numbers.assigned);
  rest_.numbers.acked = numbers.acked;
  furthest_ = std::max(furthest_, numbers.acked);
  next_ = Next(rest_.numbers.acked);
}

bool Outbox::Progress() {
  const bool had_pause = rest_.failures > 0 || rest_.pause != Pause::kNone;
  rest_.failures = 0;
  rest_.pause = Pause::kNone;
  leave_weak_ = false;
  // Slowly: a peer that takes no larger push refuses each try.
  updates_max_ = std::min(updates_max_ + updates_max_ / 16 + 1, limits_.push_updates_max);
  return had_pause;
}

Outbox::Reaction Outbox::Failed(Failure failure, std::optional<std::chrono::seconds> retry_after, Time now) {
  const Flight flight = TakeFlight();
  if (flight.superseded) {
    if (failure != Failure::kBusy || !retry_after.has_value()) return {.superseded = true};
    Reaction reaction = Waits(*retry_after, now);
    reaction.superseded = true;
    return reaction;
  }
  StartOver();
  switch (failure) {
    case Failure::kUnreachable:
      break;
    case Failure::kNoAddress:
      // The next process may be configured better: nothing to be remembered.
      BackOff(limits_.backoff_min, now);
      return {};
    case Failure::kBusy:
      if (retry_after.has_value()) return Waits(*retry_after, now);
      break;
    case Failure::kRefused:
      return Refused(now);
    case Failure::kTooLarge:
      return TooLarge(flight, now);
    case Failure::kStale:
      // Connections end when they are idle: the first time in a row that is nobody's fault.
      if (rest_.failures > 0) break;
      ++rest_.failures;
      rest_.pause = Pause::kNone;
      return {};
  }
  BackOff(limits_.backoff_min, now);
  return {.save_backoff = true};
}

Outbox::Reaction Outbox::TooLarge(const Flight& flight, Time now) {
  if (flight.updates > 1) {
    updates_max_ = flight.updates / 2;
    return {};
  }
  if (flight.updates == 0) {
    // The weak updates were too large, and are gone; an empty push that is too large is a refusal.
    BackOff(limits_.backoff_min, now);
    return {.save_backoff = true};
  }
  updates_max_ = 1;
  if (flight.weak) {
    // It may have been refused for the weak updates beside it: once more, alone.
    leave_weak_ = true;
    return {};
  }
  if (replaced_ == flight.first) return Refused(now);
  replaced_ = flight.first;
  waiting_for_store_ = true;
  Reaction reaction;
  reaction.undeliverable = flight.first;
  return reaction;
}

Outbox::Reaction Outbox::Refused(Time now) {
  BackOff(limits_.refused_backoff_min, now);
  rest_.pause = Pause::kRefused;
  return {.save_backoff = true};
}

void Outbox::BackOff(std::chrono::milliseconds first_delay, Time now) {
  // Full jitter: any time up to a ceiling that doubles, so that links do not come back together.
  std::chrono::milliseconds ceiling = std::min(first_delay, limits_.backoff_max);
  for (int i = 0; i < rest_.failures && ceiling < limits_.backoff_max; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, limits_.backoff_max);
  ++rest_.failures;
  rest_.pause = Pause::kBackOff;
  rest_.failed_at = now;
  rest_.pause_end = now + std::chrono::milliseconds(
                              static_cast<std::int64_t>(random_() * static_cast<double>(ceiling.count())));
}

std::optional<Outbox::Time> Outbox::pause_end(Time now) const {
  if (rest_.pause == Pause::kNone || now >= rest_.pause_end) return std::nullopt;
  return rest_.pause_end;
}

Outbox::State Outbox::state(Time now) const {
  if (rest_.paused) return State::kPaused;
  if (rest_.pause == Pause::kRefused) return State::kRefused;
  if (!in_flight_.empty() || polled_ || waiting_for_store_) return State::kSending;
  if (!HasWork()) return State::kIdle;
  if (pause_end(now).has_value()) return State::kWaiting;
  return State::kSending;
}

}  // namespace federation::link
