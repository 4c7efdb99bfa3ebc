#include "simulation/expected_pause.h"

#include <algorithm>

namespace federation::simulation {

using std::chrono::seconds;

std::optional<Micros> ExpectedPause::OverdueSince(Micros now) const {
  if (!try_until_.has_value() || now <= *try_until_) return std::nullopt;
  return failed_at_;
}

void ExpectedPause::Forget() {
  try_until_.reset();
  longest_.reset();
  refused_ = false;
}

void ExpectedPause::KeepQuiet(Micros now, seconds wait, const OutboxLimits& limits) {
  const Micros until =
      now + Micros{std::clamp(wait, seconds{1}, std::chrono::duration_cast<seconds>(limits.wait_max))};
  quiet_until_ = std::max(quiet_until_.value_or(until), until);
}

void ExpectedPause::Waits(Micros now) {
  failing_ = true;
  longest_ = *quiet_until_ - now;
}

void ExpectedPause::Fails(bool refused, const OutboxLimits& limits) {
  const Micros longest{limits.backoff_max};
  const Micros first = refused ? limits.refused_backoff_min : limits.backoff_min;
  // Smaller troubles before may have doubled it.
  longest_ = failing_ ? longest : std::min(longest, first * 4);
  failing_ = true;
  refused_ = refused_ || refused;
}

void ExpectedPause::Struggles(bool perhaps_refused) {
  failing_ = true;
  refused_ = refused_ || perhaps_refused;
}

void ExpectedPause::AllAnswered(Micros now) {
  if (!longest_.has_value()) return;
  failed_at_ = now;
  try_until_ = now + *longest_ + kSlack;
  // What the peer has asked for may be longer.
  if (quiet_until_.has_value()) try_until_ = std::max(*try_until_, *quiet_until_ + kSlack);
}

void ExpectedPause::PeerSpoke(Micros now, bool pushes, const OutboxLimits& limits) {
  // Who refuses us does not take that back by speaking.
  if (!refused_) End(now, pushes, limits.backoff_min);
}

void ExpectedPause::End(Micros now, bool pushes, Micros after_failure) {
  if (!longest_.has_value()) return;
  if (pushes) {
    longest_ = std::min(*longest_, after_failure);
    return;
  }
  Micros due = std::max(now, failed_at_ + after_failure);
  if (quiet_until_.has_value()) due = std::max(due, *quiet_until_);
  try_until_ = std::min(*try_until_, due + kSlack);
}

void ExpectedPause::MayTryFrom(Micros now) {
  if (try_until_.has_value()) try_until_ = std::max(*try_until_, now + kSlack);
}

}  // namespace federation::simulation
