#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/books.h"
#include "simulation/memory_state.h"
#include "simulation/receiver_checks.h"
#include "simulation/sender_checks.h"
#include "simulation/strong_checks.h"
#include "simulation/weak_checks.h"
#include "simulation/wire.h"
#include "simulation/world.h"

namespace federation::simulation {

// What must be true. A violation names one of these.
enum class Invariant {
  kNoLoss,          // a strong update that was committed is applied, unless it was given up aloud
  kNoDuplicate,     // and applied once
  kOrder,           // in the order of commits
  kPrefix,          // none before all earlier ones
  kNumber,          // under a number that it was given
  kOneTransaction,  // what a handler writes, and the number, commit together
  kJoined,          // what an application writes, and what it sends, commit together
  kOkIsDurable,     // an `ok` speaks of what survives a crash
  kHoleIsHonest,    // a `hole_detected` names what is missing, and nothing else
  kWaitIsObeyed,    // who is told to wait sends nothing so long
  kPauseIsObeyed,   // nor does a link that its operator has paused
  kBackOff,         // tries come soon after the first failure, then less and less often, but never too seldom
  kProbe,           // the first push of a process is an empty one, and alone
  kSenderBounds,    // pushes, and what is on its way, are within the limits
  kReceiverBounds,  // so are the pushes that wait
  kIsolation,       // sick peers do not slow down the others
  kWeakOnce,        // a weak update arrives at most once
  kWeakFresh,       // and is not sent when it is too old, or after one that replaces it
  kWeakOrder,       // and not behind younger ones
  kGivenUpAloud,    // what is given up is reported, and for a reason
  kQuarantine,      // what is in quarantine stays until it is replayed or dropped
  kAckIsTrue,       // an origin holds for confirmed what its destination has
  kIdleIsQuiet,     // links without work have no timers
  kCounters,        // counters and states fit to each other
  kDrains,          // after the faults everything is delivered
  kCalm,            // links that get nowhere do not keep the network busy
};
std::string_view NameOf(Invariant invariant);

// Knows what was committed and applied everywhere, from what the stores made durable and what went over the
// wire, and holds it against the promises. Independent of the code that it checks.
//
// Each of its parts watches something else. What concerns one of them is told to that one, what concerns
// several is told here.
class Checker {
 public:
  Checker(World& world, std::vector<NodeBooks> nodes)
      : books_(world, std::move(nodes)), strong_(books_), weak_(books_), sender_(books_), receiver_(books_) {}

  Books& books() { return books_; }
  StrongChecks& strong() { return strong_; }
  WeakChecks& weak() { return weak_; }
  SenderChecks& sender() { return sender_; }
  ReceiverChecks& receiver() { return receiver_; }

  void OnStarted(NodeId node);
  void OnEnded(NodeId node);
  void OnCommitted(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state);
  // What has become of an update that was handed over.
  void OnStored(NodeId node, std::uint64_t id, bool stored);
  // Gives up what waits, and forgets all pauses.
  void OnReset(NodeId node, NodeId destination);

  void OnPush(NodeId from, NodeId to, const PushOnWire& push);
  void OnHeard(NodeId from, NodeId to, const SenderChecks::Heard& heard);
  // As ReceiverChecks::OnReceived.
  std::uint64_t OnReceived(NodeId node, NodeId origin, std::size_t bytes);

  std::uint64_t pushes() const { return pushes_; }

 private:
  Books books_;
  StrongChecks strong_;
  WeakChecks weak_;
  SenderChecks sender_;
  ReceiverChecks receiver_;
  std::uint64_t pushes_ = 0;
};

}  // namespace federation::simulation
