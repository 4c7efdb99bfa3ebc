#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/seq.h"

#include "link/answer.h"
#include "simulation/memory_state.h"
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

// An update as the model sees it.
struct Update {
  NodeId origin = 0;
  NodeId destination = 0;
  bool weak = false;
  bool joined = false;  // sent together with a row of the application

  // Strong, at the origin.
  bool committed = false;
  bool lost = false;      // the origin went back to a backup from before
  bool given_up = false;  // reported, or no longer kept after it was acknowledged
  std::uint32_t place = 0;
  Micros committed_at{0};
  std::array<Seq, 4> seqs{};  // numbers that it was given, the latest ones
  std::uint8_t seq_count = 0;

  // Strong, at the destination, as it is durable there now.
  bool applied = false;
  bool quarantined = false;
  bool dropped = false;  // out of the quarantine, by the operator
  std::uint16_t tries = 0;

  // Weak.
  Micros sent_at{0};
  std::optional<Micros> replaced_at;
  std::uint8_t pushed = 0;
  std::uint8_t delivered = 0;
};

// Knows what was committed and applied everywhere, from what the stores made durable and what went over the
// wire, and holds it against the promises. Independent of the code that it checks.
class Checker {
 public:
  explicit Checker(World& world) : world_(world) {}

  struct NodeTraits {
    OutboxLimits outbox;
    InboxLimits inbox;
    bool liar = false;
    // Neither this node nor what it is connected to has faults of its own.
    bool healthy = false;
  };
  void AddNode(NodeTraits traits);

  struct Violation {
    Invariant invariant;
    std::string text;
  };
  const std::optional<Violation>& violation() const { return violation_; }
  void Fail(Invariant invariant, std::string text);

  // --- Updates.
  std::uint64_t NewUpdate(NodeId origin, NodeId destination, bool weak, bool joined);
  // The first of one for each node; what is sent to several carries its id.
  std::uint64_t NewFan(NodeId origin, std::size_t nodes);
  Update& At(std::uint64_t id) { return updates_[id]; }
  bool Knows(std::uint64_t id) const { return id < updates_.size(); }
  std::size_t updates() const { return updates_.size(); }

  // --- Stores.
  void OnCommitted(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state);
  // The application was told that this update is applied.
  void OnToldOfApplied(NodeId node, NodeId origin, std::uint64_t id);
  void OnNotedAcked(NodeId node, NodeId destination, Seq acked);
  // A sender was told that its update is stored.
  void OnSendReported(std::uint64_t id);
  struct Mark {
    std::vector<std::size_t> committed;  // of each destination
    std::vector<std::size_t> sure;  // and those of them whose numbers the destination has not seen before
  };
  Mark OnBackup(NodeId node) const;
  void OnRestored(NodeId node, const Mark& mark, const MemoryState& state);
  // Somebody has set the wall clock: from now on ages are what they are.
  void OnClockSet(NodeId node) { clock_was_set_[node] = true; }
  // Gives up what waits, and forgets all pauses.
  void OnReset(NodeId node, NodeId destination);
  // Nothing waits any more; all that did was given up.
  void OnWasReset(NodeId node, NodeId destination, const MemoryState& state);
  void OnUnquarantine(std::uint64_t id) { updates_[id].dropped = true; }

  // --- The sender's end of the wire.
  void OnStarted(NodeId node);
  void OnPush(NodeId from, NodeId to, const PushOnWire& push);
  // What came back for the oldest push without an answer; none if there was no answer.
  struct Heard {
    int status = 0;
    std::optional<link::Answer> answer;
    std::optional<std::chrono::seconds> retry_after;
    bool stale = false;
  };
  void OnHeard(NodeId from, NodeId to, const Heard& heard);
  void OnPaused(NodeId node, NodeId destination, bool paused);
  void OnWoken(NodeId node, NodeId destination);
  // Another process has the link: what is on its way is nobody's business any more.
  void OnLeaseLost(NodeId node, NodeId destination);
  void OnStatus(NodeId node, const std::vector<LinkStatus>& links, const MemoryState& state);

  // --- The receiver's end.
  void OnReceived(NodeId node, NodeId origin, std::size_t bytes, const MemoryState& state);
  void OnReply(NodeId node, NodeId origin, std::size_t bytes, const std::optional<link::Answer>& answer,
               const MemoryState& state);
  // A push was taken, and not told to wait.
  void OnTaken(NodeId node, NodeId origin, std::uint64_t updates);
  void OnReceiverEnded(NodeId node);

  // --- Weak updates.
  void OnWeakSent(std::uint64_t id, std::uint64_t key);
  void OnWeakHandled(NodeId node, NodeId origin, std::uint64_t id);

  // --- The end. True if nothing is missing.
  bool Drained() const;
  void OnEnd();
  // A node has had nothing new to do for a while, and so many timers are set.
  void OnRest(NodeId node, const std::vector<LinkStatus>& links, int timers);
  // Whether updates wait for a try that is overdue.
  void CheckTries(NodeId node, Micros disk_trouble_at, const MemoryState& state);

  std::uint64_t pushes() const { return pushes_; }
  std::uint64_t applied() const { return applied_; }

 private:
  // A link from one node to another one, seen from above.
  struct Link {
    // At the origin: updates in the order of their commits.
    std::vector<std::uint64_t> order;
    bool reset = false;
    bool too_large = false;
    // At the destination, as it is durable.
    std::size_t resolved = 0;  // all in `order` before this are dealt with
    std::optional<std::uint32_t> last_place;
    Seq numbered{0};

    // Since the origin went back to a backup: where `order` was then, until it has compared numbers.
    std::optional<std::size_t> restored_at;
    int starts_since_restored = 0;

    // At the sender, in its present life.
    std::uint64_t pushes = 0;
    bool probed = false;
    std::size_t bytes_in_flight = 0;
    struct Flight {
      std::size_t strong = 0;
      std::size_t bytes = 0;
    };
    std::deque<Flight> flights;
    std::size_t abandoned = 0;  // of them, the first ones
    bool paused = false;
    std::optional<Micros> quiet_until;
    bool failing = false;
    Micros failed_at{0};
    std::optional<Micros> longest_pause;
    std::optional<Micros> try_until;
    std::uint64_t idle_pushes = 0;  // since the last progress
    Micros idle_since{0};
    Seq confirmed{0};

    // At the receiver, in its present life.
    std::size_t queued = 0;
    std::size_t queued_bytes = 0;
    std::size_t largest = 0;  // push that ever came
    Micros first_taken{-1};
    std::uint64_t taken = 0;  // updates, and the most in one push
    std::uint64_t taken_max = 0;

    std::optional<std::uint64_t> last_weak;
    std::map<std::uint64_t, std::uint64_t> weak_keys;
  };

  Link& At(NodeId from, NodeId to) { return links_[from * traits_.size() + to]; }
  const Link& At(NodeId from, NodeId to) const { return links_[from * traits_.size() + to]; }
  bool Resolved(const Update& update) const;
  void Advance(Link& link);
  void Commit(NodeId node, NodeId destination, const MemoryChange& change);
  void Renumber(NodeId destination, const MemoryChange& change);
  void Apply(NodeId node, NodeId origin, const Row& row);
  void ApplyKnown(NodeId node, NodeId origin, Link& link, const Row& row);
  void Number(NodeId node, NodeId origin, Link& link, Seq seq);
  void CheckRemoved(NodeId node, const std::vector<MemoryChange>& changes, const MemoryState& state);
  void CheckJoined(NodeId node, const std::vector<MemoryChange>& changes);
  void CheckUnquarantined(NodeId node, const std::vector<MemoryChange>& changes);
  void CheckWeakOnWire(NodeId from, NodeId to, const PushOnWire& push);
  void CheckCalm(NodeId from, NodeId to, Link& link);
  void Failed(NodeId from, Link& link, bool refused);
  void AwaitTry(Link& link);
  void Progress(Link& link);
  std::optional<std::uint64_t> IdOf(NodeId destination, std::string_view json) const;

  World& world_;
  std::vector<NodeTraits> traits_;
  std::vector<Link> links_;
  std::vector<bool> went_back_;
  std::vector<bool> clock_was_set_;
  std::vector<Update> updates_;
  std::uint64_t pushes_ = 0;
  std::uint64_t applied_ = 0;
  std::optional<Violation> violation_;
};

}  // namespace federation::simulation
