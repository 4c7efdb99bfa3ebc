#pragma once

#include <chrono>
#include <optional>

#include "federation/limits.h"

#include "simulation/random.h"

namespace federation::simulation {

// What the simulated machine may add to a time that is promised: hand-overs, late timers, slow disks.
inline constexpr Micros kSlack = std::chrono::seconds{8};

// The pause of a link, as far as it shows on the wire: until when its sender has to be quiet, and by when it
// has to have tried again. The sender takes several failures at a time for one and this does not, so it may
// allow more time than the sender takes, and never less.
class ExpectedPause {
 public:
  // Until when nothing may be sent, if the peer has ever asked for that.
  std::optional<Micros> quiet_until() const { return quiet_until_; }
  // Since when the try is missing that had to come by now.
  std::optional<Micros> OverdueSince(Micros now) const;

  // A push is made, or what became of the ones before is nobody's business any more.
  void Forget();
  // The peer has said `wait`.
  void KeepQuiet(Micros now, std::chrono::seconds wait, const OutboxLimits& limits);
  // The operator has removed that.
  void NeedNotBeQuiet() { quiet_until_.reset(); }

  // How a push went. Told before AllAnswered.
  void Waits(Micros now);
  void Fails(bool refused, const OutboxLimits& limits);
  // It is no failure by itself, but counts for the next one; `perhaps_refused` if it may be taken for one.
  void Struggles(bool perhaps_refused);
  void Succeeds() { failing_ = false; }
  // No push is on its way any more: what was, has held up the next try.
  void AllAnswered(Micros now);

  // The peer has spoken, or the operator wants a try; `pushes` are on their way.
  void PeerSpoke(Micros now, bool pushes, const OutboxLimits& limits);
  void Wake(Micros now, bool pushes) { End(now, pushes, Micros{0}); }
  // Until now there was nothing to try, or it was not allowed.
  void MayTryFrom(Micros now);

 private:
  // The pause ends now, but not sooner than so long after the failure.
  void End(Micros now, bool pushes, Micros after_failure);

  std::optional<Micros> quiet_until_;
  bool failing_ = true;  // it may have been, before
  bool refused_ = false;
  std::optional<Micros> longest_;
  Micros failed_at_{0};
  std::optional<Micros> try_until_;
};

}  // namespace federation::simulation
