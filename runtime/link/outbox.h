#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "federation/limits.h"
#include "federation/link_numbers.h"
#include "federation/link_status.h"
#include "federation/seq.h"

#include "link/answer.h"

namespace federation::link {

// The sending side of one link: decides what is pushed next, and when. It has no clock, socket or disk; its
// driver tells it what happened and carries out what it says.
//
// Several pushes may be on their way, one behind the other on one connection; their answers come in order.
// After an answer that is not the expected one nothing is sent until all of them are answered, and what comes
// after the last confirmed update is sent again: what was sent behind a push that the receiver did not take
// is of no use to it.
//
// Rules: proto/PROTOCOL.md, "Sending". Not thread-safe.
class Outbox {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A random number from [0, 1), for the jitter of the back-off.
  using Random = std::function<double()>;

  // Why nothing is sent for a while.
  enum class Pause {
    kNone,
    kBackOff,   // after failures
    kPeerWait,  // the peer has asked for it
    kRefused,   // the peer answers with an error that repeating will hardly cure
  };
  // What an outbox starts from, and what it comes down to while it has nothing to do.
  struct Rest {
    LinkNumbers numbers;
    // The last number that was given out before the store was opened. The first push is an empty one, and its
    // answer tells whether the store has gone back to an older copy since.
    Seq assigned_at_open{0};
    // Whether that push has been answered, and updates have new numbers where they need some.
    bool probed = false;
    bool paused = false;  // by the operator
    int failures = 0;     // since the last progress
    Pause pause = Pause::kNone;
    Time pause_end{};
    Time failed_at{};
  };
  Outbox(const OutboxLimits& limits, const Rest& rest, Random random);

  // --- What happens.

  // Updates up to `assigned` are stored.
  void Enqueued(Seq assigned);
  // Whether weak updates wait.
  void SetWeakWaiting(bool waiting) { weak_waiting_ = waiting; }
  // The peer has spoken to us: it is there, so a back-off that waits for it ends.
  void Heard(Time now);
  // The operator wants a try now. What the peer has asked for with `wait` is kept to all the same.
  void Wake();
  // The operator wants the failures, and all pauses, to be forgotten.
  void Reset();
  void SetPaused(bool paused);

  // --- What to do.

  struct Push {
    // The strong updates to send: from `first` on, at most so many and so many bytes. None if the count is 0.
    Seq first{0};
    std::size_t updates_max = 0;
    std::size_t bytes_max = 0;
    // Whether weak updates may go along.
    bool takes_weak = false;
    // Tells one push from another one.
    unsigned attempt = 0;
  };
  // The push to make now, if any: the driver makes it and says so with Sent, or gives up with NotSent. There
  // is no other one meanwhile.
  std::optional<Push> Poll(Time now);
  // Whether that push is still to be made; not if an answer, or the operator, has changed what is to be sent.
  bool Wants(const Push& push) const { return polled_.has_value() && polled_->attempt == push.attempt; }
  // The push is on its way with so many strong updates and bytes, and with or without weak ones.
  // `expired`: all of the strong ones stand for updates that are gone.
  void Sent(std::size_t updates, std::size_t bytes, bool weak, bool expired = false);
  // The store could not be read.
  void NotSent(Time now);
  // When Poll will have something to do although nothing happens; none if it will not.
  std::optional<Time> WakeTime() const;

  // --- How the pushes went, in the order in which they were made.

  // What the driver does with an answer or a failure, beside polling again.
  struct Reaction {
    // Save the link's acked number; its pause.
    bool save_acked = false;
    bool save_backoff = false;
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
    // The push was made before another one failed: nothing follows from its answer.
    bool superseded = false;
  };

  Reaction Answered(const Answer& answer, Time now);
  // The peer has said `wait`; also to a push of an outbox that was there before this one.
  Reaction Waits(std::chrono::seconds wait, Time now);

  enum class Failure {
    kUnreachable,  // no connection, no answer in time, 5xx, an answer that is none
    kNoAddress,    // nobody knows where the peer is
    kBusy,         // 429 and 503
    kRefused,      // other 4xx
    kTooLarge,     // 413
    kStale,        // the connection had been idle and turned out to be closed; the push may have arrived
  };
  // `retry_after` is the peer's word on when to come again, for kBusy.
  Reaction Failed(Failure failure, std::optional<std::chrono::seconds> retry_after, Time now);

  void Renumbered(LinkNumbers numbers);
  void Replaced() { waiting_for_store_ = false; }

  // --- How it is.

  LinkNumbers numbers() const { return rest_.numbers; }
  const Rest& rest() const { return rest_; }
  // The first update that is not on its way.
  Seq next() const { return next_; }
  // Until when nothing is sent, if that is still to come.
  std::optional<Time> pause_end(Time now) const;
  std::size_t in_flight() const { return in_flight_.size(); }
  // Whether nothing is on its way, nothing waits to be sent, and none of this will change by itself.
  bool idle() const { return in_flight_.empty() && !polled_ && !waiting_for_store_ && !HasWork(); }
  using State = LinkStatus::State;
  State state(Time now) const;

 private:
  struct Flight {
    Seq first{0};
    std::size_t updates = 0;
    std::size_t bytes = 0;
    bool weak = false;
    bool probe = false;
    bool expired = false;
    bool superseded = false;
    unsigned attempt = 0;

    Seq last() const { return Seq{Value(first) + updates - 1}; }
  };

  bool HasWork() const { return rest_.numbers.assigned >= next_ || weak_waiting_; }
  bool MayPush(Time now) const;
  Flight TakeFlight();
  // The peer has everything up to `theirs`.
  Reaction Confirmed(const Flight& flight, Seq theirs, bool hole, Time now);
  Reaction Diverged(Seq boundary, Seq theirs);
  // The peer has given an answer that makes no sense.
  Reaction Contradiction(Time now);
  Reaction TooLarge(const Flight& flight, Time now);
  Reaction Refused(Time now);
  // Sends again what comes after the last confirmed update.
  void StartOver();
  // Returns whether there was a pause, whose end is to be saved.
  bool Progress();
  void BackOff(std::chrono::milliseconds first_delay, Time now);

  OutboxLimits limits_;
  Random random_;
  Rest rest_;
  Seq next_;
  bool weak_waiting_ = false;
  // A push that Poll has returned and that is neither sent nor given up yet.
  std::optional<Flight> polled_;
  unsigned attempts_ = 0;
  std::deque<Flight> in_flight_;
  std::size_t bytes_in_flight_ = 0;
  bool waiting_for_store_ = false;
  bool leave_weak_ = false;  // until the next progress: they may be what makes a push too large
  Seq furthest_;             // what the peer has confirmed at most
  int times_back_ = 0;       // so often it has gone back since
  Seq replaced_{0};          // the last update that was replaced by `expired`
  std::size_t updates_max_;
};

}  // namespace federation::link
