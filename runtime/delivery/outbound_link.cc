#include "delivery/outbound_link.h"

#include <algorithm>
#include <utility>

#include "log/log.h"

namespace federation::delivery {
namespace {

// How long a link waits before it asks again for a lease that another process has.
constexpr std::chrono::seconds kLeaseRetryDelay{10};

}  // namespace

OutboundLink::OutboundLink(LinkServices services, std::string destination, LinkMemory& memory,
                           std::function<void()> idle)
    : services_(std::move(services)),
      destination_(std::move(destination)),
      memory_(memory),
      idle_(std::move(idle)),
      weak_(services_.limits),
      ready_(services_.ready, services_.limits.ready_bytes_max) {}

// --- From the store, and back to memory.

void OutboundLink::Start() {
  told_.heard = std::exchange(memory_.heard, false);
  if (!memory_.loaded || services_.loop.Now() >= memory_.leased_until) return Load();
  MakeOutbox(memory_.rest);
}

void OutboundLink::Load() {
  ++store_work_;
  services_.workers.Post([self = weak_from_this(), services = services_, destination = destination_] {
    absl::StatusOr<std::optional<StoredLink>> stored = std::nullopt;
    const SteadyTime asked = services.loop.Now();
    const absl::StatusOr<bool> leased =
        services.store.Lease(destination, services.owner, services.limits.lease);
    if (!leased.ok()) {
      stored = leased.status();
    } else if (*leased) {
      stored = services.store.Link(destination);
    }
    services.loop.Post([self, stored = std::move(stored), asked] {
      if (const auto link = self.lock()) link->OnLoaded(stored, asked);
    });
  });
}

void OutboundLink::OnLoaded(const absl::StatusOr<std::optional<StoredLink>>& stored, SteadyTime asked) {
  --store_work_;
  if (!stored.ok()) {
    NoteFailure(std::string(stored.status().message()));
    return SetTimer(store_timer_, kStoreRetryDelay, [this] { Load(); });
  }
  if (!stored->has_value()) {
    NoteFailure("another process sends on this link");
    return SetTimer(store_timer_, kLeaseRetryDelay, [this] { Load(); });
  }
  const StoredLink& link = **stored;
  // Who has compared numbers with the destination once need not do so again: what it was sent since has
  // numbers that it knows, and so has what another process was sending meanwhile.
  const bool probed = memory_.rest.probed;
  memory_.loaded = true;
  memory_.leased_until = asked + services_.limits.lease;
  link::Outbox::Rest rest;
  rest.numbers = link.numbers;
  rest.assigned_at_open = link.assigned_at_open;
  rest.probed = probed;
  rest.paused = link.paused;
  rest.failures = link.backoff.failures;
  bool clock_was_set = false;
  if (link.backoff.until.has_value()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*link.backoff.until - services_.loop.WallNow());
    const std::chrono::milliseconds longest = services_.longest_pause();
    clock_was_set = left > longest;
    // A pause without a failure is one that the peer has asked for.
    rest.pause = rest.failures > 0 ? link::Outbox::Pause::kBackOff : link::Outbox::Pause::kPeerWait;
    rest.pause_end = services_.loop.Now() +
                     std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds{0}, longest);
    rest.failed_at = services_.loop.Now();
    // What this process remembers of the same pause was not measured by a clock that somebody may set.
    const link::Outbox::Rest& before = memory_.rest;
    if (before.pause != link::Outbox::Pause::kNone && before.pause_end > services_.loop.Now()) {
      rest.pause = before.pause;
      rest.failures = before.failures;
      rest.failed_at = before.failed_at;
      rest.pause_end = std::max(rest.pause_end, before.pause_end);
    }
  }
  MakeOutbox(rest);
  // Or it would be the longest one again with each start.
  if (clock_was_set && outbox_.has_value()) SaveBackOff();
}

void OutboundLink::MakeOutbox(const link::Outbox::Rest& rest) {
  outbox_.emplace(services_.limits, rest, services_.random);
  outbox_->Enqueued(appended_);
  const Told told = std::exchange(told_, {});
  if (told.paused.has_value()) outbox_->SetPaused(*told.paused);
  if (told.heard) outbox_->Heard(services_.loop.Now());
  if (told.wake) outbox_->Wake();
  if (told.reset) outbox_->Reset();
  // The peer's last word: a reset after that has removed it.
  if (told.wait.has_value()) outbox_->Waits(*told.wait, told.wait_told);
  if (told.reset || told.wait.has_value()) SaveBackOff();
  Poll();
}

void OutboundLink::RenewLease() {
  if (renewing_ || memory_.leased_until - services_.loop.Now() > services_.limits.lease / 2) return;
  renewing_ = true;
  ++store_work_;
  services_.workers.Post([self = weak_from_this(), services = services_, destination = destination_] {
    const SteadyTime asked = services.loop.Now();
    const absl::StatusOr<bool> leased =
        services.store.Lease(destination, services.owner, services.limits.lease);
    services.loop.Post([self, leased, asked] {
      if (const auto link = self.lock()) link->OnLease(leased, asked);
    });
  });
}

void OutboundLink::OnLease(const absl::StatusOr<bool>& leased, SteadyTime asked) {
  --store_work_;
  renewing_ = false;
  const SteadyTime now = services_.loop.Now();
  if (leased.ok() && *leased && now < memory_.leased_until) {
    memory_.leased_until = asked + services_.limits.lease;
    return Poll();
  }
  if (!leased.ok()) {
    // It may still be ours for a while.
    NoteFailure(std::string(leased.status().message()));
    return SetTimer(lease_timer_, kStoreRetryDelay, [this] { Poll(); });
  }
  // Somebody's word may have ended a pause of which the store still knows.
  told_.wake = *leased && !outbox_->pause_end(now).has_value();
  memory_.loaded = false;
  memory_.rest = outbox_->rest();
  outbox_.reset();
  ready_.Clear();
  ++tenure_;
  DoNotWake();
  if (lease_timer_ != nullptr) lease_timer_->Cancel();
  if (store_timer_ != nullptr) store_timer_->Cancel();
  // It had ended: meanwhile another process may have sent.
  if (*leased) return LoadAgain();
  NoteFailure("another process sends on this link");
  SetTimer(store_timer_, kLeaseRetryDelay, [this] { LoadAgain(); });
}

void OutboundLink::LoadAgain() {
  loads_again_ = on_their_way_ > 0;
  if (!loads_again_) Load();
}

bool OutboundLink::idle() const {
  return outbox_.has_value() && outbox_->idle() && weak_.empty() && store_work_ == 0;
}

// --- What happens.

void OutboundLink::Appended(Seq assigned, std::shared_ptr<const UpdateRun> run) {
  appended_ = std::max(appended_, assigned);
  if (!outbox_.has_value()) return;
  outbox_->Enqueued(assigned);
  // Kept only where it will be sent soon: what is kept for one link, others cannot keep.
  const std::uint64_t soon = services_.limits.push_updates_max * services_.limits.pushes_in_flight_max;
  const bool blocked = outbox_->rest().paused || outbox_->pause_end(services_.loop.Now()).has_value();
  if (run != nullptr && !blocked && Value(run->last()) - Value(outbox_->numbers().acked) <= soon) {
    ready_.Add(std::move(run));
  }
  Poll();
}

void OutboundLink::SendWeak(std::string json, std::string replace_key) {
  weak_.Add(std::move(json), std::move(replace_key), services_.loop.Now());
  NoteWeakDropped();
  if (outbox_.has_value()) Poll();
}

void OutboundLink::Heard() {
  NoteHeard();
  told_.heard = !outbox_.has_value();
  if (told_.heard) return;
  outbox_->Heard(services_.loop.Now());
  Poll();
}

void OutboundLink::Wake() {
  told_.wake = !outbox_.has_value();
  if (told_.wake) return;
  outbox_->Wake();
  Poll();
}

void OutboundLink::SetPaused(bool paused) {
  if (!outbox_.has_value()) {
    told_.paused = paused;
    return;
  }
  outbox_->SetPaused(paused);
  ready_.Clear();
  Poll();
}

void OutboundLink::GaveUp() {
  // Read again: there are gaps now.
  ready_.Clear();
}

void OutboundLink::Reset() {
  ready_.Clear();
  memory_.last_error.clear();
  told_.reset = !outbox_.has_value();
  told_.wait.reset();
  if (told_.reset) return;
  outbox_->Reset();
  SaveBackOff();
  Poll();
}

// --- What is remembered, and what others use.

void OutboundLink::NoteHeard() { memory_.last_heard = services_.loop.WallNow(); }

void OutboundLink::NoteWeakDropped() {
  memory_.counters.weak_dropped += weak_.dropped() - weak_dropped_;
  weak_dropped_ = weak_.dropped();
}

void OutboundLink::NoteFailure(std::string why) {
  // Once for each cause: a peer that is down for a day must not fill the log.
  if (why != memory_.last_error) Log().warn("link to {}: {}", destination_, why);
  memory_.last_error = std::move(why);
}

void OutboundLink::NoteLoss(std::string what) {
  Log().error("link to {}: {}", destination_, what);
  memory_.loss = std::move(what);
}

void OutboundLink::SaveBackOff() {
  BackOff backoff;
  // Without any it is known for one that the peer has asked for, also by the next process.
  const bool asked_for = outbox_->rest().pause == link::Outbox::Pause::kPeerWait;
  backoff.failures = asked_for ? 0 : outbox_->rest().failures;
  const auto end = outbox_->pause_end(services_.loop.Now());
  if (end.has_value()) backoff.until = services_.WallTime(*end);
  services_.store.NoteBackOff(destination_, backoff);
}

void OutboundLink::SetTimer(std::unique_ptr<Timer>& timer, std::chrono::milliseconds delay,
                            std::function<void()> task) {
  if (timer == nullptr) timer = services_.loop.MakeTimer();
  timer->Set(delay, std::move(task));
}

LinkStatus OutboundLink::Status() const {
  LinkStatus status;
  status.destination = destination_;
  status.last_heard = memory_.last_heard;
  status.last_error = memory_.last_error;
  status.loss = memory_.loss;
  status.counters = memory_.counters;
  if (!outbox_.has_value()) return status;
  const SteadyTime now = services_.loop.Now();
  status.assigned = outbox_->numbers().assigned;
  status.acked = outbox_->numbers().acked;
  status.failures = outbox_->rest().failures;
  if (const auto end = outbox_->pause_end(now)) status.retry_at = services_.WallTime(*end);
  status.state = outbox_->state(now);
  return status;
}

}  // namespace federation::delivery
