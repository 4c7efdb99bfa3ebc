#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "federation/seq.h"

namespace federation {

// What has happened on a link since the process started. All of them only grow.
struct LinkCounters {
  std::uint64_t pushes = 0;  // that were answered or failed
  std::uint64_t acked_updates = 0;
  std::uint64_t repeated_updates = 0;  // sent once more
  std::uint64_t holes = 0;             // hole_detected
  std::uint64_t waits = 0;             // the peer said `wait`
  std::uint64_t expired_updates = 0;   // sent as `expired`
  std::uint64_t given_up_updates = 0;
  std::uint64_t weak_sent = 0;
  std::uint64_t weak_dropped = 0;  // too old, too many, or replaced
  // Failures by kind.
  std::uint64_t unreachable = 0;
  std::uint64_t busy = 0;
  std::uint64_t refused = 0;
  std::uint64_t too_large = 0;
  std::uint64_t contradictions = 0;
  // Restored stores that were noticed.
  std::uint64_t own_store_restored = 0;
  std::uint64_t peer_store_restored = 0;
};

// How a link is.
struct LinkStatus {
  enum class State {
    kIdle,     // nothing to send
    kSending,  // pushes are on their way
    kWaiting,  // the peer said `wait`, or the node backs off after a failure
    kRefused,  // the peer answers with an error that repeating will hardly cure
    kPaused,   // the operator wants nothing to be sent
  };
  std::string destination;
  Seq assigned{0};
  Seq acked{0};
  State state = State::kIdle;
  // Of what waits, as it was stored.
  std::uint64_t pending_bytes = 0;
  std::optional<std::chrono::system_clock::time_point> pending_since;
  // Failures since the last success, and when the next try is.
  int failures = 0;
  std::optional<std::chrono::system_clock::time_point> retry_at;
  // When the peer last answered, or pushed something to us, since this process started.
  std::optional<std::chrono::system_clock::time_point> last_heard;
  // The latest failure since the last success; empty if none.
  std::string last_error;
  // What a restored store has cost that the link could not heal by itself, since this process started; empty
  // if nothing.
  std::string loss;
  LinkCounters counters;

  std::uint64_t pending() const { return Value(assigned) - Value(acked); }
};

// What follows is what observers are told. The views are valid during the call only.

// An update of a peer that was applied.
struct Applied {
  std::string_view origin;
  std::optional<Seq> seq;  // none for weak updates
  std::string_view json;
};

// A push that was answered, or failed.
struct Pushed {
  enum class Result { kAcked, kHole, kWait, kFailed };
  std::string_view destination;
  std::size_t strong_updates = 0;
  std::size_t weak_updates = 0;
  std::size_t bytes = 0;
  // From handing it to the network to the answer.
  std::chrono::nanoseconds duration{0};
  Result result = Result::kFailed;
};

// A push of a peer that was answered.
struct Received {
  std::string_view origin;
  std::size_t strong_updates = 0;
  std::size_t weak_updates = 0;
  // From its arrival to the answer.
  std::chrono::nanoseconds duration{0};
  // Whether the peer was told to wait.
  bool told_to_wait = false;
};

// Updates that a destination has confirmed: those up to `up_to`.
struct Delivered {
  std::string_view destination;
  Seq up_to{0};
};

// Updates that will not be delivered: too old, too much, refused for their size, or dropped by the operator.
// The destination gets `expired` for each that it has not had yet: one that was on its way may have arrived
// all the same.
struct GivenUp {
  std::string_view destination;
  Seq first{0};
  Seq last{0};
  std::string_view reason;
};

}  // namespace federation
