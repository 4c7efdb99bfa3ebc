#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "federation/link_status.h"
#include "federation/seq.h"

#include "link/answer.h"
#include "simulation/books.h"
#include "simulation/byte_queue.h"
#include "simulation/expected_pause.h"
#include "simulation/memory_state.h"

namespace federation::simulation {

// The sender's end of the wire: when pushes are made, and how large they are; what the sender says of its
// links, and what it lets wait before it is stored.
class SenderChecks {
 public:
  explicit SenderChecks(Books& books);

  void OnStarted(NodeId node);
  void OnEnded(NodeId node) { handed_over_[node].Clear(); }
  // An update is handed over to the store. What becomes of it is told to OnStored, perhaps within the call.
  void OnHandedOver(NodeId node, std::uint64_t id, std::size_t bytes) { handed_over_[node].Add(id, bytes); }
  void OnStored(NodeId node, std::uint64_t id) { handed_over_[node].Remove(id); }
  // After that call.
  void CheckHandedOver(NodeId node);
  // There is something to send where nothing was before.
  void OnWork(NodeId node, NodeId destination);

  void OnPush(NodeId from, NodeId to, const PushOnWire& push);
  // What came back for the oldest push without an answer; none if there was no answer.
  struct Heard {
    int status = 0;
    std::optional<link::Answer> answer;
    std::optional<std::chrono::seconds> retry_after;
    bool stale = false;
  };
  // Returns false if the push was made before its sender lost the link.
  bool OnHeard(NodeId from, NodeId to, const Heard& heard);
  // `peer` has sent a push to `node`.
  void OnPeerSpoke(NodeId node, NodeId peer);

  void OnPaused(NodeId node, NodeId destination, bool paused);
  void OnWoken(NodeId node, NodeId destination);
  // Forgets all pauses.
  void OnReset(NodeId node, NodeId destination);
  // Another process has the link: what is on its way is nobody's business any more.
  void OnLeaseLost(NodeId node, NodeId destination);

  // Whether updates wait for a try that is overdue.
  void CheckTries(NodeId node, Micros disk_trouble_at, const MemoryState& state);
  void OnStatus(NodeId node, const std::vector<LinkStatus>& links, const MemoryState& state);
  // A node has had nothing new to do for a while, and so many timers are set.
  void OnRest(NodeId node, const std::vector<LinkStatus>& links, int timers);

 private:
  struct Flight {
    std::size_t strong = 0;
    std::size_t bytes = 0;
    Seq seq{0};
  };
  // In the present life of the sender.
  struct Link {
    bool probed = false;
    bool paused = false;
    std::deque<Flight> flights;
    std::size_t abandoned = 0;  // of them, the first ones
    std::size_t bytes_in_flight = 0;
    ExpectedPause pause;

    Seq confirmed{0};
    Seq furthest{0};           // that it ever was
    std::uint64_t rounds = 0;  // how often a first push was made, with nothing on its way, since it was
    Micros rounds_since{0};

    std::size_t in_flight() const { return flights.size() - abandoned; }
  };

  void CheckMayPush(NodeId from, NodeId to, const Link& link, const PushOnWire& push);
  void CheckCalm(NodeId from, NodeId to, Link& link);
  static std::optional<std::chrono::seconds> WaitOf(const Heard& heard);
  void OnAck(NodeId to, Link& link, const Flight& flight, const link::Answer& answer);
  void OnConfirmed(NodeId to, Link& link, const Flight& flight, Seq theirs);
  void StartCounting(Link& link);

  Books& books_;
  PerLink<Link> links_;
  std::vector<ByteQueue> handed_over_;  // of each node: updates that wait for their commit
};

}  // namespace federation::simulation
