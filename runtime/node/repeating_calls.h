#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "federation/limits.h"
#include "federation/rpc.h"

#include "https/event_loop.h"
#include "node/outbound_calls.h"

namespace federation::node {

// Makes calls, and makes those again that have failed for the moment, where their destination may get them
// twice (CallOptions::tries_max). To be used on the loop only.
class RepeatingCalls {
 public:
  using Done = OutboundCalls::Done;
  using Clock = OutboundCalls::Clock;

  // Borrows the loop, the calls and the limits; to be destroyed when the loop has ended. `random`: from
  // [0, 1).
  RepeatingCalls(https::EventLoop& loop, OutboundCalls& calls, const RpcLimits& limits,
                 std::function<double()> random)
      : loop_(loop), calls_(calls), limits_(limits), random_(std::move(random)) {}

  // Makes a call that ends at `deadline`. `done` is called once, with what came of the last try: here and
  // now, or later on the loop.
  void Start(RpcCall call, Clock::time_point deadline, Done done);
  // Ends all calls as cancelled.
  void Stop();

 private:
  struct Repeated {
    RpcCall call;
    Clock::time_point deadline;
    Done done;
    int tries = 0;
  };
  struct Pausing {
    std::shared_ptr<Repeated> call;
    std::unique_ptr<https::EventLoop::Timer> timer;
  };

  void Try(const std::shared_ptr<Repeated>& call);
  void Finish(const std::shared_ptr<Repeated>& call, absl::StatusOr<transport::Answer> answer);
  // Returns whether the call will be made again.
  bool Repeat(const std::shared_ptr<Repeated>& call, const absl::StatusOr<transport::Answer>& answer);

  https::EventLoop& loop_;
  OutboundCalls& calls_;
  const RpcLimits& limits_;
  const std::function<double()> random_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Pausing> pausing_;
};

}  // namespace federation::node
