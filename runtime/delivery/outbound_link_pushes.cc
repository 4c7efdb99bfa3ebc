// What is pushed, and when.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "delivery/outbound_link.h"
#include "link/push.h"

namespace federation::delivery {
namespace {

// Stands for an update that is no longer there. A receiver whose schema has no such case keeps it in the
// quarantine.
constexpr std::string_view kExpired = R"({"update":"expired"})";

}  // namespace

void OutboundLink::Poll() {
  if (!weak_.empty()) {
    weak_.DropOld(services_.loop.Now());
    NoteWeakDropped();
  }
  outbox_->SetWeakWaiting(!weak_.empty());
  if (idle()) {
    memory_.rest = outbox_->rest();
    return idle_();
  }
  RenewLease();
  // Not ours any more, until it is renewed.
  if (services_.loop.Now() >= memory_.leased_until) return;
  while (HasRoomInFlight()) {
    const std::optional<link::Outbox::Push> push = outbox_->Poll(services_.loop.Now());
    if (!push.has_value()) break;
    DoNotWake();
    if (!Make(*push)) return;
  }
  std::optional<SteadyTime> wake = outbox_->WakeTime();
  if (!wake.has_value()) return DoNotWake();
  // Weak updates alone are not worth a try when they are too old.
  if (!weak_.empty()) wake = std::min(*wake, weak_.oldest_end() + std::chrono::milliseconds{1});
  WakeAt(*wake);
}

bool OutboundLink::HasRoomInFlight() const {
  return outbox_->in_flight() == 0 || services_.in_flight.bytes < services_.in_flight.bytes_max;
}

void OutboundLink::WakeAt(SteadyTime wake) {
  // Each update for a link that waits comes by here.
  if (wake_ == wake) return;
  wake_ = wake;
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(wake - services_.loop.Now());
  SetTimer(timer_, std::max(delay, std::chrono::milliseconds{0}), [this] {
    wake_.reset();
    Poll();
  });
}

void OutboundLink::DoNotWake() {
  if (!wake_.has_value()) return;
  wake_.reset();
  timer_->Cancel();
}

bool OutboundLink::Make(const link::Outbox::Push& push) {
  if (push.updates_max == 0) {
    Send(push, {}, 0);
    return true;
  }
  const ReadyRuns::Taken taken = ready_.Take(push.first, push.updates_max, push.bytes_max);
  if (taken.updates == 0) {
    ReadUpdates(push);
    return false;
  }
  std::vector<std::string_view> pieces;
  pieces.reserve(taken.runs.size());
  for (const auto& run : taken.runs) pieces.push_back(run->json());
  Send(push, pieces, taken.updates);
  return true;
}

void OutboundLink::ReadUpdates(const link::Outbox::Push& push) {
  ++store_work_;
  // What is stored from now on may come too late for the read; that it is not found says nothing.
  const Seq assigned = outbox_->numbers().assigned;
  services_.workers.Post([self = weak_from_this(), services = services_, destination = destination_, push,
                          assigned, tenure = tenure_] {
    absl::StatusOr<UpdateRun> stored =
        services.store.Read(destination, push.first, push.updates_max, push.bytes_max);
    services.loop.Post([self, stored = std::move(stored), push, assigned, tenure] {
      const auto link = self.lock();
      if (link == nullptr) return;
      --link->store_work_;
      if (tenure != link->tenure_) return;
      if (link->outbox_->Wants(push)) link->OnRead(push, assigned, stored);
      link->Poll();
    });
  });
}

void OutboundLink::OnRead(const link::Outbox::Push& push, Seq assigned,
                          const absl::StatusOr<UpdateRun>& stored) {
  if (!stored.ok()) {
    NoteFailure(std::string(stored.status().message()));
    return outbox_->NotSent(services_.loop.Now());
  }
  // Numbers that are no longer kept stand before the first one that is, or are all that is left.
  const Seq kept = stored->empty() ? Next(assigned) : stored->first();
  const std::size_t missing = std::min<std::size_t>(Value(kept) - Value(push.first), push.updates_max);
  std::vector<std::string_view> pieces(missing, kExpired);
  if (missing > 0) {
    memory_.counters.expired_updates += missing;
    if (memory_.counters.peer_store_restored > 0) {
      NoteLoss(
          fmt::format("the peer has lost updates that are no longer kept, {} to {} the latest ones of them",
                      Value(push.first), Value(push.first) + missing - 1));
    }
    return Send(push, pieces, missing, true);
  }
  pieces.push_back(stored->json());
  Send(push, pieces, stored->size());
}

void OutboundLink::Send(const link::Outbox::Push& push, const std::vector<std::string_view>& pieces,
                        std::size_t updates, bool expired) {
  std::vector<std::string> weak;
  if (push.takes_weak) weak = weak_.Take(services_.loop.Now(), services_.limits.push_bytes_max);
  NoteWeakDropped();
  outbox_->SetWeakWaiting(!weak_.empty());
  memory_.counters.weak_sent += weak.size();
  PushCall call;
  call.destination = destination_;
  call.body = link::FormatPush(weak, pieces, Seq{Value(push.first) + updates - 1});
  call.timeout = services_.limits.push_timeout;
  Pushed pushed;
  pushed.strong_updates = updates;
  pushed.weak_updates = weak.size();
  pushed.bytes = call.body.size();
  outbox_->Sent(updates, pushed.bytes, !weak.empty(), expired);
  ++on_their_way_;
  services_.in_flight.bytes += pushed.bytes;
  services_.transport.Push(std::move(call), [self = weak_from_this(), pushed, since = services_.loop.Now(),
                                             tenure = tenure_](const absl::StatusOr<PushAnswer>& answer) {
    const auto link = self.lock();
    if (link == nullptr) return;
    --link->on_their_way_;
    link->services_.in_flight.bytes -= pushed.bytes;
    if (tenure == link->tenure_) return link->OnAnswer(answer, pushed, since);
    link->OnLateAnswer(answer);
    if (link->loads_again_) link->LoadAgain();
  });
}

}  // namespace federation::delivery
