// What comes back, and what follows from it.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "delivery/ack_codec.h"
#include "delivery/outbound_link.h"
#include "delivery/refusal_words.h"
#include "delivery/tell.h"
#include "log/log.h"

namespace federation::delivery {

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

void OutboundLink::React(const link::Outbox::Reaction& reaction, Seq next_before) {
  LinkCounters& counters = memory_.counters;
  if (reaction.peer_went_back_from.has_value()) {
    ++counters.peer_store_restored;
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
    ++counters.own_store_restored;
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

}  // namespace federation::delivery
