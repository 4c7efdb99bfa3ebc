#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/store.h"

#include "delivery/surroundings.h"

namespace federation::delivery {

// Removes what need not be kept any longer, and gives up what has waited for too long or is too much. In
// small steps, so that sending never waits for it. To be used on the loop only.
class RetentionRounds {
 public:
  // Called in the transaction that removes the updates; may be null.
  using OnGivenUp = std::function<absl::Status(const GivenUp&, Transaction&)>;
  // Called on the loop, after the commit.
  using GaveUp = std::function<void(const std::string& destination, Seq first, Seq last)>;
  // Called on the loop for every link for which updates wait, with its last number; may be null. A link that
  // was not told of an update, as its commit was reported as failed, or is another process's, hears of it
  // now.
  using Waiting = std::function<void(const std::string& destination, Seq assigned)>;

  RetentionRounds(const OutboxLimits& limits, Store& store, Loop& loop, Workers& workers,
                  OnGivenUp on_given_up, GaveUp gave_up, Waiting waiting = nullptr);

  // Makes a round of all links now and then.
  void Start();
  void Stop();

 private:
  struct Round;
  // Some of a round, then the rest of it behind whatever else the worker has to do.
  void Step(const std::shared_ptr<Round>& round);
  void TellOfWaiting(const Round& round, const std::vector<StoredLink>& links);
  // Looks at links, one page at most, until it has removed something. Returns whether the round goes on.
  absl::StatusOr<bool> PruneSome(Round& round);
  absl::StatusOr<Pruned> PruneLink(const std::string& destination);

  const OutboxLimits& limits_;
  Store& store_;
  Loop& loop_;
  Workers& workers_;
  const OnGivenUp on_given_up_;
  const GaveUp gave_up_;
  const Waiting waiting_;
  std::unique_ptr<Timer> timer_;
  // Says to tasks whether this still runs.
  std::shared_ptr<bool> alive_;
};

}  // namespace federation::delivery
