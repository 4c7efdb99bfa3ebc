#pragma once

#include <cstdint>
#include <optional>

#include "link/answer.h"
#include "simulation/books.h"
#include "simulation/byte_queue.h"
#include "simulation/memory_state.h"

namespace federation::simulation {

// The receiver's end of the wire: what it lets wait, how much it takes, and what it says.
class ReceiverChecks {
 public:
  explicit ReceiverChecks(Books& books) : books_(books), links_(books.nodes()) {}

  void OnEnded(NodeId node);
  // Returns the number of the push, for OnReply.
  std::uint64_t OnReceived(NodeId node, NodeId origin, std::size_t bytes);
  // `answer` is none if the push is refused.
  void OnReply(NodeId node, NodeId origin, std::uint64_t push, const std::optional<link::Answer>& answer,
               const MemoryState& state);
  // A push that came so long ago was taken, and not told to wait.
  void OnTaken(NodeId node, NodeId origin, std::uint64_t updates, Micros took);

 private:
  // In the present life of the receiver.
  struct Link {
    ByteQueue queue;  // of pushes
    std::optional<Micros> first_taken;
    std::uint64_t taken = 0;  // updates, and the most in one push
    std::uint64_t taken_max = 0;
  };

  void CheckQueues(NodeId node, NodeId origin);

  Books& books_;
  PerLink<Link> links_;
  std::uint64_t received_ = 0;
};

}  // namespace federation::simulation
