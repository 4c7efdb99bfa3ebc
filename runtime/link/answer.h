#pragma once

#include <chrono>

#include "federation/seq.h"

namespace federation::link {

// What a receiver says to a push.
struct Answer {
  enum class Kind {
    kOk,            // everything up to `seq` is durably applied
    kHoleDetected,  // everything before `seq` is; all strong updates from `seq` on are wanted
    kWait,          // nothing is said; repeat after `wait`
  };
  Kind kind = Kind::kWait;
  Seq seq{0};
  std::chrono::seconds wait{0};

  static Answer Ok(Seq last) { return {Kind::kOk, last, {}}; }
  static Answer HoleDetected(Seq wanted) { return {Kind::kHoleDetected, wanted, {}}; }
  static Answer Wait(std::chrono::seconds wait) { return {Kind::kWait, Seq{0}, wait}; }

  friend bool operator==(const Answer&, const Answer&) = default;
};

}  // namespace federation::link
