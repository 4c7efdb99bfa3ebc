#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "federation/limits.h"
#include "federation/link_numbers.h"
#include "federation/seq.h"

#include "link/answer.h"

namespace federation::link {

// The sending side of one link: decides what is pushed next, and when. It has no clock, socket or disk; its
// driver tells it what happened and carries out what it says. At most one push is on its way at a time.
//
// Rules: proto/PROTOCOL.md, "Sending". Not thread-safe.
class Outbox {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A random number from [0, 1), for the jitter of the back-off.
  using Random = std::function<double()>;

  // `stored` are the link's numbers when the process started, before it gave out any: the first push is an
  // empty one, and its answer tells whether the store has gone back to an older copy since.
  Outbox(const OutboxLimits& limits, LinkNumbers stored, Random random);

  // --- What happens.

  // Updates up to `assigned` are stored.
  void Enqueued(Seq assigned);
  // Whether weak updates wait.
  void SetWeakWaiting(bool waiting) { weak_waiting_ = waiting; }
  // The peer has spoken to us: it is there, so a back-off that waits for it ends.
  void Heard(Time now);

  // --- What to do.

  struct Push {
    // The strong updates to send: from `first` on, at most so many. None if the count is 0.
    Seq first{0};
    std::size_t updates_max = 0;
    // Whether weak updates go along.
    enum class Weak { kLeave, kTake };
    Weak weak = Weak::kLeave;
  };
  // The push to make now, if any. It counts as on its way until Answered or Failed.
  std::optional<Push> Poll(Time now);
  // When Poll will have something to do although nothing happens; none if it will not.
  std::optional<Time> WakeTime() const;

  // --- How the push went.

  // What the driver does with an answer or a failure, beside polling again.
  struct Reaction {
    // Save the link's acked number.
    bool save_acked = false;
    // The store is an older copy: the updates after `boundary` get numbers after `theirs`; Renumbered tells
    // when that is done. Nothing is pushed meanwhile.
    struct Renumber {
      Seq boundary{0};
      Seq theirs{0};
    };
    std::optional<Renumber> renumber = std::nullopt;
    // The destination refuses this update for its size: it is to be replaced by `expired`; Replaced tells
    // when that is done. Nothing is pushed meanwhile.
    std::optional<Seq> undeliverable = std::nullopt;
    // The peer has gone back to an older store than the one that had acknowledged up to here.
    std::optional<Seq> peer_went_back_from = std::nullopt;
    // The answer contradicts the push or an earlier answer.
    bool contradiction = false;
  };

  // `sent` is the number of strong updates that the push carried.
  Reaction Answered(std::size_t sent, const Answer& answer, Time now);

  enum class Failure {
    kUnreachable,  // no connection, no answer in time, 5xx, an answer that is none
    kBusy,         // 429 and 503
    kRefused,      // other 4xx
    kTooLarge,     // 413
    kStale,        // the connection had been idle and turned out to be closed; the push may have arrived
  };
  // `retry_after` is the peer's word on when to come again, for kBusy.
  Reaction Failed(Failure failure, std::size_t sent, std::optional<std::chrono::seconds> retry_after,
                  Time now);

  void Renumbered(LinkNumbers numbers);
  void Replaced() { waiting_for_store_ = false; }

  // --- How it is.

  LinkNumbers numbers() const { return {assigned_, acked_}; }
  enum class State { kIdle, kSending, kWaiting, kRefused };
  State state(Time now) const;

 private:
  bool HasWork() const { return assigned_ > acked_ || weak_waiting_; }
  // The peer has everything up to `theirs`.
  Reaction Confirmed(Seq theirs, std::size_t sent, bool hole, Time now);
  Reaction Diverged(Seq boundary, Seq theirs);
  Reaction TooLarge(std::size_t sent, Time now);
  void Refused(Time now);
  void Progress();
  void BackOff(std::chrono::milliseconds first_delay, Time now);

  OutboxLimits limits_;
  Random random_;
  Seq assigned_;
  Seq acked_;
  // The last number given out before this process started; until the first answer it decides whether we have
  // diverged.
  Seq assigned_at_start_;
  bool probed_ = false;
  bool in_flight_ = false;
  bool waiting_for_store_ = false;
  bool weak_waiting_ = false;
  bool probe_in_flight_ = false;
  bool weak_in_flight_ = false;
  bool leave_weak_ = false;  // until the next progress: they may be what makes a push too large
  Seq replaced_{0};          // the last update that was replaced by `expired`
  std::size_t updates_max_;
  int failures_ = 0;  // since the last progress
  enum class Block { kNone, kBackOff, kPeerWait, kRefused };
  Block block_ = Block::kNone;
  Time blocked_until_{};
  Time failed_at_{};
};

}  // namespace federation::link
