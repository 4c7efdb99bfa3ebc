#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <absl/status/statusor.h>

#include "federation/limits.h"
#include "federation/rpc.h"

#include "node/addresses.h"
#include "transport/transport.h"

namespace federation::node {

// The calls of a node to other servers that have no answer yet. To be used on the loop only.
class OutboundCalls {
 public:
  // Called on the loop.
  using Done = std::function<void(absl::StatusOr<transport::Answer>)>;
  using Clock = std::chrono::steady_clock;

  // Borrows all of it; to be destroyed when the loop has ended.
  OutboundCalls(transport::Client& client, const Addresses& addresses, const RpcLimits& limits)
      : client_(client), addresses_(addresses), limits_(limits) {}

  // Makes a call that ends at `deadline`. `done` is called once: here and now, or later on the loop.
  void Start(RpcCall call, Clock::time_point deadline, Done done);
  // Ends all calls as cancelled.
  void Stop();

 private:
  struct Running {
    std::string destination;
    Done done;
  };

  void Finish(std::uint64_t id, absl::StatusOr<transport::Answer> answer);

  transport::Client& client_;
  const Addresses& addresses_;
  const RpcLimits& limits_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Running> running_;
  std::map<std::string, std::size_t, std::less<>> running_by_destination_;
};

// What came of a call, as RpcChannel says of it. Thread-safe.
absl::Status RpcStatusOf(const absl::StatusOr<transport::Answer>& answer);
absl::StatusOr<std::string> RpcAnswerOf(absl::StatusOr<transport::Answer> answer);

}  // namespace federation::node
