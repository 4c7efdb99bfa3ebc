#include "node/outbound_link.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "link/push.h"
#include "log/log.h"
#include "node/ack_codec.h"
#include "node/answer_words.h"

namespace federation::node {
namespace {

using Failure = link::Outbox::Failure;

// Stands for an update that is no longer there. A receiver whose schema has no such case keeps it in the
// quarantine.
constexpr const char* kExpired = R"({"update":"expired"})";
// How long a link waits before it tries the store again.
constexpr std::chrono::seconds kStoreRetryDelay{1};

// The updates from `first` up to `assigned`, as many as are stored together, with an `expired` in the place
// of each that is no longer kept.
std::vector<std::string> FillGaps(Seq first, Seq assigned, std::vector<StoredUpdate> stored,
                                  std::size_t count_max) {
  std::vector<std::string> updates;
  std::uint64_t wanted = Value(first);
  for (StoredUpdate& update : stored) {
    for (; wanted < Value(update.seq) && updates.size() < count_max; ++wanted) updates.emplace_back(kExpired);
    if (updates.size() >= count_max) break;
    updates.push_back(std::move(update.json));
    ++wanted;
  }
  if (stored.empty()) {
    for (; wanted <= Value(assigned) && updates.size() < count_max; ++wanted) updates.emplace_back(kExpired);
  }
  return updates;
}

}  // namespace

OutboundLink::OutboundLink(LinkServices services, std::string destination, std::optional<HostPort> address,
                           LinkNumbers stored)
    : services_(std::move(services)),
      destination_(std::move(destination)),
      address_(std::move(address)),
      outbox_(services_.limits, stored, services_.random),
      weak_(services_.limits),
      timer_(services_.loop),
      store_timer_(services_.loop) {}

void OutboundLink::Enqueued(Seq assigned) {
  outbox_.Enqueued(assigned);
  Poll();
}

void OutboundLink::SendWeak(std::string json, std::string replace_key) {
  weak_.Add(std::move(json), std::move(replace_key), Clock::now());
  outbox_.SetWeakWaiting(true);
  Poll();
}

void OutboundLink::Heard() {
  NoteHeard();
  outbox_.Heard(Clock::now());
  Poll();
}

void OutboundLink::NoteHeard() { last_heard_ = std::chrono::system_clock::now(); }

void OutboundLink::Poll() {
  const std::optional<link::Outbox::Push> push = outbox_.Poll(Clock::now());
  if (push.has_value()) {
    timer_.Cancel();
    if (!address_.has_value()) {
      return Fail(Failure::kUnreachable, 0, std::nullopt,
                  fmt::format("no address is configured for {}", destination_));
    }
    if (push->updates_max == 0) return Send({}, *push);
    return ReadUpdates(*push);
  }
  const std::optional<Clock::time_point> wake = outbox_.WakeTime();
  if (!wake.has_value()) return timer_.Cancel();
  const auto delay = std::chrono::ceil<std::chrono::milliseconds>(*wake - Clock::now());
  timer_.Set(std::max(delay, std::chrono::milliseconds{0}), [this] { Poll(); });
}

void OutboundLink::ReadUpdates(const link::Outbox::Push& push) {
  services_.workers.Post([self = weak_from_this(), services = services_, destination = destination_, push] {
    absl::StatusOr<std::vector<StoredUpdate>> stored =
        services.store.Read(destination, push.first, push.updates_max, services.limits.push_bytes_max);
    services.loop.Post([self, stored = std::move(stored), push]() mutable {
      const std::shared_ptr<OutboundLink> link = self.lock();
      if (link == nullptr) return;
      if (!stored.ok()) {
        return link->Fail(Failure::kUnreachable, 0, std::nullopt, std::string(stored.status().message()));
      }
      const std::vector<std::string> strong =
          FillGaps(push.first, link->outbox_.numbers().assigned, *std::move(stored), push.updates_max);
      link->Send(strong, push);
    });
  });
}

void OutboundLink::Send(const std::vector<std::string>& strong, link::Outbox::Push push) {
  std::vector<std::string> weak;
  if (push.weak == link::Outbox::Push::Weak::kTake) {
    weak = weak_.Take(Clock::now(), services_.limits.push_bytes_max);
    outbox_.SetWeakWaiting(!weak_.empty());
  }
  const std::size_t sent = strong.size();
  const Seq last{Value(push.first) + sent - 1};
  https::Call call;
  call.destination = destination_;
  call.address = *address_;
  call.target = "/http/v1/updates";
  call.body = link::FormatPush(weak, strong, last);
  call.timeout = services_.limits.push_timeout;
  // Strong updates are recognised when they come twice; weak ones are not.
  call.repeatable = weak.empty();
  services_.client.Post(std::move(call),
                        [self = weak_from_this(), sent](const absl::StatusOr<https::Answer>& answer) {
                          const std::shared_ptr<OutboundLink> link = self.lock();
                          if (link != nullptr) link->OnAnswer(sent, answer);
                        });
}

void OutboundLink::OnAnswer(std::size_t sent, const absl::StatusOr<https::Answer>& answer) {
  if (!answer.ok()) return OnNoAnswer(sent, answer.status());
  NoteHeard();
  OnHttpAnswer(sent, *answer);
}

void OutboundLink::OnNoAnswer(std::size_t sent, const absl::Status& status) {
  const Failure failure = absl::IsAborted(status) ? Failure::kStale : Failure::kUnreachable;
  Fail(failure, sent, std::nullopt, std::string(status.message()));
}

void OutboundLink::OnHttpAnswer(std::size_t sent, const https::Answer& answer) {
  switch (answer.status) {
    case 200:
      break;
    case 413:
      return Fail(Failure::kTooLarge, sent, std::nullopt, WordsOf(answer));
    case 429:
    case 503:
      return Fail(Failure::kBusy, sent, answer.retry_after, WordsOf(answer));
    default: {
      const bool refused = answer.status >= 400 && answer.status < 500;
      return Fail(refused ? Failure::kRefused : Failure::kUnreachable, sent, std::nullopt, WordsOf(answer));
    }
  }
  const absl::StatusOr<link::Answer> ack = ParseAnswer(answer.body);
  if (!ack.ok()) {
    return Fail(Failure::kUnreachable, sent, std::nullopt,
                fmt::format("the answer is no ack: {}", std::string(ack.status().message())));
  }
  last_error_.clear();
  if (ack->kind == link::Answer::Kind::kWait)
    last_error_ = fmt::format("told to wait {} s", ack->wait.count());
  React(outbox_.Answered(sent, *ack, Clock::now()));
}

void OutboundLink::Fail(Failure failure, std::size_t sent, std::optional<std::chrono::seconds> retry_after,
                        std::string why) {
  NoteFailure(std::move(why));
  React(outbox_.Failed(failure, sent, retry_after, Clock::now()));
}

void OutboundLink::NoteFailure(std::string why) {
  // Once for each cause: a peer that is down for a day must not fill the log.
  if (why != last_error_) Log().warn("link to {}: {}", destination_, why);
  last_error_ = std::move(why);
}

void OutboundLink::React(const link::Outbox::Reaction& reaction) {
  if (reaction.peer_went_back_from.has_value()) {
    Log().error(
        "link to {}: the peer has lost updates that it had acknowledged up to {}; sending again from {}",
        destination_, Value(*reaction.peer_went_back_from), Value(outbox_.numbers().acked) + 1);
  }
  if (reaction.contradiction) NoteFailure("the peer's answers contradict each other");
  if (reaction.save_acked) services_.store.NoteAcked(destination_, outbox_.numbers().acked);
  if (reaction.renumber.has_value()) return Renumber(*reaction.renumber);
  if (reaction.undeliverable.has_value()) return Replace(*reaction.undeliverable);
  Poll();
}

void OutboundLink::WithStore(Store::Work work, std::function<void(const absl::Status&)> done) {
  services_.workers.Post([self = weak_from_this(), services = services_, work = std::move(work),
                          done = std::move(done)]() mutable {
    const absl::Status status = services.store.Transact(work);
    services.loop.Post([self, status, done = std::move(done)] {
      if (self.lock() != nullptr) done(status);
    });
  });
}

void OutboundLink::Renumber(link::Outbox::Reaction::Renumber renumber) {
  Log().error(
      "link to {}: our store has gone back to an older copy: the peer has {}, we had given out {}; updates "
      "that wait get new numbers",
      destination_, Value(renumber.theirs), Value(renumber.boundary));
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
          return store_timer_.Set(kStoreRetryDelay, [this, renumber] { Renumber(renumber); });
        }
        outbox_.Renumbered(*numbers);
        Poll();
      });
}

void OutboundLink::Replace(Seq seq) {
  Log().error("link to {}: the peer does not take update {} for its size; sending `expired` in its place",
              destination_, Value(seq));
  WithStore([destination = destination_,
             seq](Transaction& transaction) { return transaction.Replace(destination, seq, kExpired); },
            [this, seq](const absl::Status& status) {
              if (!status.ok()) {
                NoteFailure(std::string(status.message()));
                return store_timer_.Set(kStoreRetryDelay, [this, seq] { Replace(seq); });
              }
              outbox_.Replaced();
              Poll();
            });
}

LinkStatus OutboundLink::Status() const {
  LinkStatus status;
  status.destination = destination_;
  status.assigned = outbox_.numbers().assigned;
  status.acked = outbox_.numbers().acked;
  switch (outbox_.state(Clock::now())) {
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
  }
  status.last_heard = last_heard_;
  status.last_error = last_error_;
  return status;
}

}  // namespace federation::node
