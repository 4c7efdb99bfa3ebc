#include "delivery/outbound_link.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "delivery/ack_codec.h"
#include "delivery/refusal_words.h"
#include "delivery/tell.h"
#include "link/push.h"
#include "log/log.h"

namespace federation::delivery {
namespace {

// Stands for an update that is no longer there. A receiver whose schema has no such case keeps it in the
// quarantine.
constexpr std::string_view kExpired = R"({"update":"expired"})";
// How long a link waits before it tries the store again, or a lease that another process has.
constexpr std::chrono::seconds kStoreRetryDelay{1};
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
    const absl::StatusOr<bool> leased =
        services.store.Lease(destination, services.owner, services.limits.lease);
    if (!leased.ok()) {
      stored = leased.status();
    } else if (*leased) {
      stored = services.store.Link(destination);
    }
    services.loop.Post([self, stored = std::move(stored)] {
      if (const auto link = self.lock()) link->OnLoaded(stored);
    });
  });
}

void OutboundLink::OnLoaded(const absl::StatusOr<std::optional<StoredLink>>& stored) {
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
  memory_.leased_until = services_.loop.Now() + services_.limits.lease;
  link::Outbox::Rest rest;
  rest.numbers = link.numbers;
  rest.assigned_at_open = link.assigned_at_open;
  rest.probed = probed;
  rest.paused = link.paused;
  rest.failures = link.backoff.failures;
  bool clock_was_set = false;
  if (link.backoff.until.has_value()) {
    // No pause is longer than the longest one, whatever has become of the clock.
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*link.backoff.until - services_.loop.WallNow());
    const auto longest = std::max(services_.limits.backoff_max, services_.limits.wait_max);
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
  if (told.wait.has_value()) {
    outbox_->Waits(*told.wait, told.wait_told);
    SaveBackOff();
  }
  if (told.reset) {
    outbox_->Reset();
    SaveBackOff();
  }
  Poll();
}

void OutboundLink::RenewLease() {
  if (renewing_ || memory_.leased_until - services_.loop.Now() > services_.limits.lease / 2) return;
  renewing_ = true;
  ++store_work_;
  services_.workers.Post([self = weak_from_this(), services = services_, destination = destination_] {
    const absl::StatusOr<bool> leased =
        services.store.Lease(destination, services.owner, services.limits.lease);
    services.loop.Post([self, leased] {
      if (const auto link = self.lock()) link->OnLease(leased);
    });
  });
}

void OutboundLink::OnLease(const absl::StatusOr<bool>& leased) {
  --store_work_;
  renewing_ = false;
  const SteadyTime now = services_.loop.Now();
  if (leased.ok() && *leased && now < memory_.leased_until) {
    memory_.leased_until = now + services_.limits.lease;
    return Poll();
  }
  if (!leased.ok()) {
    // It may still be ours for a while.
    NoteFailure(std::string(leased.status().message()));
    return SetTimer(lease_timer_, kStoreRetryDelay, [this] { Poll(); });
  }
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
  if (told_.reset) return;
  outbox_->Reset();
  SaveBackOff();
  Poll();
}

void OutboundLink::NoteHeard() { memory_.last_heard = services_.loop.WallNow(); }

void OutboundLink::NoteWeakDropped() {
  memory_.counters.weak_dropped += weak_.dropped() - weak_dropped_;
  weak_dropped_ = weak_.dropped();
}

// --- Sending.

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
  while (const std::optional<link::Outbox::Push> push = outbox_->Poll(services_.loop.Now())) {
    DoNotWake();
    if (!Make(*push)) return;
  }
  std::optional<SteadyTime> wake = outbox_->WakeTime();
  if (!wake.has_value()) return DoNotWake();
  // Weak updates alone are not worth a try when they are too old.
  if (!weak_.empty()) wake = std::min(*wake, weak_.oldest_end() + std::chrono::milliseconds{1});
  WakeAt(*wake);
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
    if (memory_.counters.peer_went_back > 0) {
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
  services_.transport.Push(std::move(call), [self = weak_from_this(), pushed, since = services_.loop.Now(),
                                             tenure = tenure_](const absl::StatusOr<PushAnswer>& answer) {
    const auto link = self.lock();
    if (link == nullptr) return;
    --link->on_their_way_;
    if (tenure == link->tenure_) return link->OnAnswer(answer, pushed, since);
    link->OnLateAnswer(answer);
    if (link->loads_again_) link->LoadAgain();
  });
}

// --- What comes back.

void OutboundLink::OnAnswer(const absl::StatusOr<PushAnswer>& answer, Pushed pushed, SteadyTime since) {
  pushed.destination = destination_;
  pushed.duration = services_.loop.Now() - since;
  ++memory_.counters.pushes;
  if (answer.ok()) {
    NoteHeard();
    OnHttpAnswer(*answer, pushed);
  } else {
    const Failure failure = absl::IsAborted(answer.status())    ? Failure::kStale
                            : absl::IsNotFound(answer.status()) ? Failure::kNoAddress
                                                                : Failure::kUnreachable;
    Fail(failure, std::nullopt, std::string(answer.status().message()), pushed);
  }
  Tell(services_.observers.pushed, pushed);
}

void OutboundLink::OnLateAnswer(const absl::StatusOr<PushAnswer>& answer) {
  if (!answer.ok()) return;
  std::optional<std::chrono::seconds> wait;
  if (answer->status == 200) {
    const absl::StatusOr<link::Answer> ack = ParseAnswer(answer->body);
    if (ack.ok() && ack->kind == link::Answer::Kind::kWait) wait = ack->wait;
  } else if (answer->status == 429 || answer->status == 503) {
    wait = answer->retry_after;
  }
  if (!wait.has_value()) return;
  // Of several, the longest.
  told_.wait = std::max(*wait, told_.wait.value_or(*wait));
  told_.wait_told = services_.loop.Now();
}

void OutboundLink::OnHttpAnswer(const PushAnswer& answer, Pushed& pushed) {
  switch (answer.status) {
    case 200:
      break;
    case 413:
      return Fail(Failure::kTooLarge, std::nullopt, RefusalWords(answer.status, answer.body), pushed);
    case 429:
    case 503:
      return Fail(Failure::kBusy, answer.retry_after, RefusalWords(answer.status, answer.body), pushed);
    default: {
      const bool refused = answer.status >= 400 && answer.status < 500;
      return Fail(refused ? Failure::kRefused : Failure::kUnreachable, std::nullopt,
                  RefusalWords(answer.status, answer.body), pushed);
    }
  }
  const absl::StatusOr<link::Answer> ack = ParseAnswer(answer.body);
  if (!ack.ok()) {
    return Fail(Failure::kUnreachable, std::nullopt,
                fmt::format("the answer is no ack: {}", std::string(ack.status().message())), pushed);
  }
  OnAck(*ack, pushed);
}

void OutboundLink::OnAck(const link::Answer& ack, Pushed& pushed) {
  LinkCounters& counters = memory_.counters;
  const Seq acked_before = outbox_->numbers().acked;
  const Seq next_before = outbox_->next();
  const bool compared_before = outbox_->rest().probed;
  const link::Outbox::Reaction reaction = outbox_->Answered(ack, services_.loop.Now());
  if (!compared_before && outbox_->rest().probed) services_.store.NoteCompared(destination_);
  if (reaction.superseded) return React(reaction, next_before);
  memory_.last_error.clear();
  switch (ack.kind) {
    case link::Answer::Kind::kOk:
      pushed.result = Pushed::Result::kAcked;
      break;
    case link::Answer::Kind::kHoleDetected:
      pushed.result = Pushed::Result::kHole;
      ++counters.holes;
      break;
    case link::Answer::Kind::kWait:
      pushed.result = Pushed::Result::kWait;
      ++counters.waits;
      memory_.last_error = fmt::format("told to wait {} s", ack.wait.count());
      break;
  }
  const Seq acked = outbox_->numbers().acked;
  if (acked > acked_before && !reaction.renumber.has_value()) {
    counters.acked_updates += Value(acked) - Value(acked_before);
    Tell(services_.observers.delivered, Delivered{destination_, acked});
  }
  React(reaction, next_before);
}

void OutboundLink::Fail(Failure failure, std::optional<std::chrono::seconds> retry_after, std::string why,
                        Pushed& pushed) {
  pushed.result = Pushed::Result::kFailed;
  const Seq next_before = outbox_->next();
  const link::Outbox::Reaction reaction = outbox_->Failed(failure, retry_after, services_.loop.Now());
  if (!reaction.superseded) {
    LinkCounters& counters = memory_.counters;
    switch (failure) {
      case Failure::kUnreachable:
      case Failure::kNoAddress:
        ++counters.unreachable;
        break;
      case Failure::kBusy:
        ++counters.busy;
        break;
      case Failure::kRefused:
        ++counters.refused;
        break;
      case Failure::kTooLarge:
        ++counters.too_large;
        break;
      case Failure::kStale:
        break;
    }
    NoteFailure(std::move(why));
  }
  React(reaction, next_before);
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

void OutboundLink::React(const link::Outbox::Reaction& reaction, Seq next_before) {
  LinkCounters& counters = memory_.counters;
  if (reaction.peer_went_back_from.has_value()) {
    ++counters.peer_went_back;
    Log().error(
        "link to {}: the peer has lost updates that it had acknowledged up to {}; sending again from {}",
        destination_, Value(*reaction.peer_went_back_from), Value(outbox_->numbers().acked) + 1);
  }
  if (reaction.contradiction) {
    ++counters.contradictions;
    NoteFailure("the peer's answers contradict each other");
  }
  if (outbox_->next() < next_before) {
    counters.repeated_updates += Value(next_before) - Value(outbox_->next());
    ready_.Clear();
  }
  if (reaction.save_acked) services_.store.NoteAcked(destination_, outbox_->numbers().acked);
  if (reaction.save_backoff) SaveBackOff();
  if (reaction.renumber.has_value()) {
    ++counters.diverged;
    NoteDivergence(*reaction.renumber);
    return Renumber(*reaction.renumber);
  }
  if (reaction.undeliverable.has_value()) return Replace(*reaction.undeliverable);
  Poll();
}

void OutboundLink::NoteDivergence(const link::Outbox::Reaction::Renumber& renumber) {
  std::string what = fmt::format(
      "our store has gone back to an older copy: the peer has {}, we had given out {} when it was opened; "
      "what was "
      "sent since gets new numbers",
      Value(renumber.theirs), Value(renumber.boundary));
  const Seq acked = outbox_->numbers().acked;
  if (acked < renumber.boundary) {
    what += fmt::format(
        ". What the store had under the numbers {} to {} the peer has got, or other updates in its place",
        Value(acked) + 1, Value(renumber.boundary));
  }
  NoteLoss(std::move(what));
}

void OutboundLink::SaveBackOff() {
  BackOff backoff;
  // Without any it is known for one that the peer has asked for, also by the next process.
  const bool asked_for = outbox_->rest().pause == link::Outbox::Pause::kPeerWait;
  backoff.failures = asked_for ? 0 : outbox_->rest().failures;
  const SteadyTime now = services_.loop.Now();
  if (const auto end = outbox_->pause_end(now)) {
    backoff.until = services_.loop.WallNow() +
                    std::chrono::duration_cast<std::chrono::system_clock::duration>(*end - now);
  }
  services_.store.NoteBackOff(destination_, backoff);
}

// --- What the store has to do.

void OutboundLink::WithStore(Store::Work work, std::function<void(const absl::Status&)> done) {
  ++store_work_;
  services_.workers.Post([self = weak_from_this(), services = services_, work = std::move(work),
                          done = std::move(done), tenure = tenure_]() mutable {
    const absl::Status status = services.store.Transact(work);
    services.loop.Post([self, status, done = std::move(done), tenure] {
      const auto link = self.lock();
      if (link == nullptr) return;
      --link->store_work_;
      if (tenure == link->tenure_) done(status);
    });
  });
}

void OutboundLink::Renumber(link::Outbox::Reaction::Renumber renumber) {
  auto numbers = std::make_shared<LinkNumbers>();
  WithStore(
      [destination = destination_, renumber, numbers](Transaction& transaction) -> absl::Status {
        const absl::StatusOr<LinkNumbers> renumbered =
            transaction.Renumber(destination, renumber.boundary, renumber.theirs);
        if (!renumbered.ok()) return renumbered.status();
        *numbers = *renumbered;
        return absl::OkStatus();
      },
      [this, renumber, numbers](const absl::Status& status) {
        if (!status.ok()) {
          NoteFailure(std::string(status.message()));
          return SetTimer(store_timer_, kStoreRetryDelay, [this, renumber] { Renumber(renumber); });
        }
        // What was told of its old numbers is of no use.
        ready_.Clear();
        appended_ = Seq{0};
        outbox_->Renumbered(*numbers);
        services_.store.NoteCompared(destination_);
        Poll();
      });
}

void OutboundLink::Replace(Seq seq) {
  Log().error("link to {}: the peer does not take update {} for its size; sending `expired` in its place",
              destination_, Value(seq));
  WithStore(
      [destination = destination_, seq,
       given_up = services_.observers.given_up](Transaction& transaction) -> absl::Status {
        absl::Status status = transaction.Remove(destination, seq, seq);
        if (!status.ok() || !given_up) return status;
        return given_up({destination, seq, seq, "the destination does not take it for its size"},
                        transaction);
      },
      [this, seq](const absl::Status& status) {
        if (!status.ok()) {
          NoteFailure(std::string(status.message()));
          return SetTimer(store_timer_, kStoreRetryDelay, [this, seq] { Replace(seq); });
        }
        ++memory_.counters.given_up_updates;
        ready_.Clear();
        outbox_->Replaced();
        Poll();
      });
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
  if (const auto end = outbox_->pause_end(now)) {
    status.retry_at = services_.loop.WallNow() +
                      std::chrono::duration_cast<std::chrono::system_clock::duration>(*end - now);
  }
  switch (outbox_->state(now)) {
    case link::Outbox::State::kIdle:
      status.state = LinkStatus::State::kIdle;
      break;
    case link::Outbox::State::kSending:
      status.state = LinkStatus::State::kSending;
      break;
    case link::Outbox::State::kWaiting:
      status.state = LinkStatus::State::kWaiting;
      break;
    case link::Outbox::State::kRefused:
      status.state = LinkStatus::State::kRefused;
      break;
    case link::Outbox::State::kPaused:
      status.state = LinkStatus::State::kPaused;
      break;
  }
  return status;
}

}  // namespace federation::delivery
