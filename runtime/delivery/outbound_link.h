#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "federation/limits.h"
#include "federation/link_status.h"
#include "federation/store.h"

#include "delivery/byte_budget.h"
#include "delivery/ready_runs.h"
#include "delivery/surroundings.h"
#include "link/outbox.h"
#include "link/weak_queue.h"

namespace federation::delivery {

// How long is waited before a store that has failed is tried again.
inline constexpr std::chrono::seconds kStoreRetryDelay{1};

// Who wants to know what becomes of updates. Each may be null.
struct OutboundObservers {
  std::function<void(const Delivered&)> delivered;
  std::function<void(const Pushed&)> pushed;
  // Called in the transaction that removes the updates.
  std::function<absl::Status(const GivenUp&, Transaction&)> given_up;
};

// What all links of a node share. Borrowed; outlives the links.
struct LinkServices {
  Loop& loop;
  Transport& transport;
  Store& store;
  // Where the store is read and written: that may block, and must not hold up the network.
  Workers& workers;
  const OutboxLimits& limits;
  // Who takes the lease of a link.
  const std::string& owner;
  link::Outbox::Random random;
  const OutboundObservers& observers;
  // Updates that are kept at hand, and pushes that are on their way.
  ByteBudget& ready;
  ByteBudget& in_flight;

  // No pause is longer, whatever has become of the clock.
  std::chrono::milliseconds longest_pause() const { return std::max(limits.backoff_max, limits.wait_max); }
  // When that will be by the wall clock, as it is set now.
  std::chrono::system_clock::time_point WallTime(std::chrono::steady_clock::time_point time) const {
    return loop.WallNow() +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(time - loop.Now());
  }
};

// What is remembered of a link while it has nothing to do.
struct LinkMemory {
  // Whether the link was read from the store since this process started, or took it over; `rest` is up to
  // date only then.
  bool loaded = false;
  link::Outbox::Rest rest;
  // Counted from when the store was asked, as the store does; its answer may be long in coming.
  std::chrono::steady_clock::time_point leased_until{};

  // Whether the destination has spoken since the link had something to do.
  bool heard = false;
  std::optional<std::chrono::system_clock::time_point> last_heard;
  std::string last_error;
  std::string loss;
  LinkCounters counters;
};

// Carries out what the state machine of one link decides: reads updates from the store, pushes them, tells
// the machine what came of it. Exists while there is something to do. To be used on the loop only.
class OutboundLink : public std::enable_shared_from_this<OutboundLink> {
 public:
  // `memory` outlives the link. `idle` is called, from within any call, when there is nothing to do any more.
  OutboundLink(LinkServices services, std::string destination, LinkMemory& memory,
               std::function<void()> idle);

  // Begins, with what is remembered or with what the store has. Once, before everything else.
  void Start();

  void Appended(Seq assigned, std::shared_ptr<const UpdateRun> run);
  void SendWeak(std::string json, std::string replace_key);
  // The destination has spoken to us.
  void Heard();
  void Wake();
  void SetPaused(bool paused);
  // Updates that waited are not in the store any more.
  void GaveUp();
  // The operator wants a fresh start.
  void Reset();

  bool idle() const;
  bool is_loaded() const { return outbox_.has_value(); }
  // All but what only the store knows: that is, until the link is loaded, its numbers and its pause, too.
  LinkStatus Status() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  using Failure = link::Outbox::Failure;

  void Load();
  // `asked`: when the lease was asked for.
  void OnLoaded(const absl::StatusOr<std::optional<StoredLink>>& stored, SteadyTime asked);
  void MakeOutbox(const link::Outbox::Rest& rest);
  // Keeps the lease as long as the link has work.
  void RenewLease();
  void OnLease(const absl::StatusOr<bool>& leased, SteadyTime asked);
  // Begins anew, once nothing is on its way any more that the outbox to come would not know of.
  void LoadAgain();

  void Poll();
  // Whether all links together have room for one more push. The first one of a link needs none.
  bool HasRoomInFlight() const;
  // Returns whether the push was made at once.
  bool Make(const link::Outbox::Push& push);
  void ReadUpdates(const link::Outbox::Push& push);
  // `assigned` is the last number that had been given out when the read began.
  void OnRead(const link::Outbox::Push& push, Seq assigned, const absl::StatusOr<UpdateRun>& stored);
  // Pushes `pieces`, each one update or several with commas, together `updates` from push.first on.
  // `expired`: none of them is there any more.
  void Send(const link::Outbox::Push& push, const std::vector<std::string_view>& pieces, std::size_t updates,
            bool expired = false);
  void OnAnswer(const absl::StatusOr<PushAnswer>& answer, Pushed pushed, SteadyTime since);
  // To a push that the outbox knows nothing of.
  void OnLateAnswer(const absl::StatusOr<PushAnswer>& answer);
  void OnHttpAnswer(const PushAnswer& answer, Pushed& pushed);
  void OnAck(const link::Answer& ack, Pushed& pushed);
  void Fail(Failure failure, std::optional<std::chrono::seconds> retry_after, std::string why,
            Pushed& pushed);
  void React(const link::Outbox::Reaction& reaction, Seq next_before);
  void NoteDivergence(const link::Outbox::Reaction::Renumber& renumber);
  void SaveBackOff();
  void Renumber(link::Outbox::Reaction::Renumber renumber);
  void Replace(Seq seq);
  // Runs `work` on a worker, then `done` with its status on the loop, where this link still exists.
  void WithStore(Store::Work work, std::function<void(const absl::Status&)> done);
  void SetTimer(std::unique_ptr<Timer>& timer, std::chrono::milliseconds delay, std::function<void()> task);
  // Has Poll called at that time.
  void WakeAt(SteadyTime wake);
  void DoNotWake();
  void NoteFailure(std::string why);
  void NoteHeard();
  void NoteWeakDropped();
  void NoteLoss(std::string what);

  LinkServices services_;
  const std::string destination_;
  LinkMemory& memory_;
  std::function<void()> idle_;
  std::optional<link::Outbox> outbox_;  // none until the link is loaded
  Seq appended_{0};                     // what is known of the link's numbers until then
  // What the operator and the peer have said until then: newer than what the store has said.
  struct Told {
    std::optional<bool> paused;
    bool wake = false;
    bool reset = false;
    bool heard = false;
    // The peer has told a push to wait that the outbox to come knows nothing of.
    std::optional<std::chrono::seconds> wait;
    SteadyTime wait_told{};
  } told_;
  link::WeakQueue weak_;
  ReadyRuns ready_;
  int store_work_ = 0;  // that runs
  bool renewing_ = false;
  int on_their_way_ = 0;            // pushes
  std::uint64_t weak_dropped_ = 0;  // of those that weak_ has dropped, so many are counted
  bool loads_again_ = false;
  // Rises when the link is lost to another process: what was begun before is nothing to the outbox after
  // that.
  unsigned tenure_ = 0;
  std::unique_ptr<Timer> timer_;
  // What it is set to; none if it is not.
  std::optional<SteadyTime> wake_;
  // Of their own: Poll cancels timer_, and a lease that cannot be renewed must not stop what waits for the
  // store.
  std::unique_ptr<Timer> store_timer_;
  std::unique_ptr<Timer> lease_timer_;
};

}  // namespace federation::delivery
