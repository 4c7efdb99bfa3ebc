#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "https/client.h"
#include "https/client_destination.h"
#include "https/client_pipeline.h"
#include "https/deadline.h"

namespace federation::https {

// The calls to one domain that its server may get twice: over a few connections, on each of which several may
// be on their way. On the loop only.
//
// A call takes a connection that has nothing to do, or a new one as long as there may be more; else the one
// with the fewest calls, up to a bound; else it waits until one of those ends. As answers come in the order
// of the calls, it may have to wait for those before it.
//
// A call that runs out of time fails alone: those behind it keep their connection, which takes no more until
// what is late has come, and does not count meanwhile. Where nobody waits any more, the connection is ended;
// and the oldest late one where they are more than half as many as there may be of the others.
//
// When a connection fails, its calls are made once more at once. But where it has brought no answer yet, the
// first of them may be why, and fails.
class ClientBundle : public std::enable_shared_from_this<ClientBundle> {
 public:
  // `calls_max`: on each connection. `unused` is called, from within anything else, when there is neither a
  // call nor a connection any more.
  ClientBundle(std::shared_ptr<const ClientShared> shared, std::size_t connections_max, std::size_t calls_max,
               std::function<void()> unused);

  void Post(Call call, Client::Done done);
  // Drops all calls, without a word to who made them.
  void Abort();
  bool is_unused() const { return lanes_.empty() && waiting_.empty() && ended_.empty(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct PendingCall {
    Call call;
    // Null as soon as nobody waits for the answer.
    Client::Done done;
    Clock::time_point due;
    bool repeated = false;
  };
  using PendingPtr = std::shared_ptr<PendingCall>;
  // A connection, or several after each other, and its calls in their order.
  struct Lane {
    std::shared_ptr<ClientPipeline> pipeline;
    std::deque<PendingPtr> calls;
    // Of them, those that have run out of time.
    std::size_t late = 0;
    bool answered = false;
    bool failed = false;
  };
  using LanePtr = std::shared_ptr<Lane>;
  // A call whose caller is to be told.
  struct EndedCall {
    PendingPtr pending;
    Client::Done done;
    absl::StatusOr<Answer> answer;
  };

  // Gives lanes to the calls that wait, as far as there are any.
  void Dispatch();
  // The lane for the next call; null if it has to wait.
  LanePtr Choose();
  LanePtr MakeLane();
  void Send(const LanePtr& lane, const PendingPtr& pending);
  // The lane's first call has ended.
  void Ended(const LanePtr& lane, absl::StatusOr<Answer> answer);
  // Forgets connections that were closed as nobody used them.
  void ForgetUnused();
  // Some call has run out of time.
  void Expire();
  // Ends the connections on which nobody waits any more, and the oldest ones that are late where they are too
  // many.
  void EndLateLanes();
  void EndLane(const LanePtr& lane);
  // Makes it once more, or has it fail.
  void Repeat(const PendingPtr& pending, const absl::Status& failure);
  void End(const PendingPtr& pending, absl::StatusOr<Answer> answer);
  // Tells the callers of calls that have ended, last of all: they may post calls, or destroy the client.
  void TellAll();

  std::shared_ptr<const ClientShared> shared_;
  const std::size_t connections_max_;
  const std::size_t calls_max_;
  const std::function<void()> unused_;
  std::vector<LanePtr> lanes_;
  // Without a lane.
  std::deque<PendingPtr> waiting_;
  std::deque<EndedCall> ended_;
  // The earliest time at which a call may be due.
  Clock::time_point earliest_due_ = Clock::time_point::max();
  Deadline due_;
};

}  // namespace federation::https
