#include "delivery/retention.h"

#include <utility>

#include "log/log.h"

namespace federation::delivery {
namespace {

constexpr std::chrono::seconds kInterval{60};
constexpr std::size_t kLinksPerStep = 100;
constexpr std::size_t kUpdatesPerTransaction = 5000;

}  // namespace

struct RetentionRounds::Round {
  std::weak_ptr<bool> alive;
  std::string after;
};

RetentionRounds::RetentionRounds(const OutboxLimits& limits, Store& store, Loop& loop, Workers& workers,
                                 OnGivenUp on_given_up, GaveUp gave_up, Waiting waiting)
    : limits_(limits),
      store_(store),
      loop_(loop),
      workers_(workers),
      on_given_up_(std::move(on_given_up)),
      gave_up_(std::move(gave_up)),
      waiting_(std::move(waiting)) {}

void RetentionRounds::Start() {
  if (alive_ == nullptr) alive_ = std::make_shared<bool>(true);
  if (timer_ == nullptr) timer_ = loop_.MakeTimer();
  timer_->Set(kInterval, [this] {
    auto round = std::make_shared<Round>();
    round->alive = alive_;
    workers_.Post([this, round] { Step(round); });
  });
}

void RetentionRounds::Stop() {
  alive_.reset();
  timer_.reset();
}

void RetentionRounds::Step(const std::shared_ptr<Round>& round) {
  if (round->alive.expired()) return;
  const auto page = store_.Links(round->after, kLinksPerStep);
  absl::Status status = page.status();
  if (page.ok()) {
    TellOfWaiting(*round, *page);
    for (const StoredLink& link : *page) {
      if (status.ok()) status = PruneLink(link.destination);
    }
  }
  if (!status.ok()) Log().warn("cannot remove old updates: {}", status.ToString());
  if (status.ok() && page->size() == kLinksPerStep) {
    round->after = page->back().destination;
    return workers_.Post([this, round] { Step(round); });
  }
  loop_.Post([this, round] {
    if (!round->alive.expired()) Start();
  });
}

void RetentionRounds::TellOfWaiting(const Round& round, const std::vector<StoredLink>& links) {
  if (!waiting_) return;
  for (const StoredLink& link : links) {
    if (link.numbers.assigned <= link.numbers.acked) continue;
    loop_.Post([alive = round.alive, waiting = waiting_, destination = link.destination,
                assigned = link.numbers.assigned] {
      if (!alive.expired()) waiting(destination, assigned);
    });
  }
}

absl::Status RetentionRounds::PruneLink(const std::string& destination) {
  const Retention kept{.acked_age_max = limits_.acked_age_max,
                       .waiting_age_max = limits_.waiting_age_max,
                       .waiting_bytes_max = limits_.waiting_bytes_max};
  for (bool more = true; more;) {
    Pruned pruned;
    absl::Status status = store_.Transact([&](Transaction& transaction) -> absl::Status {
      absl::StatusOr<Pruned> step = transaction.Prune(destination, kept, kUpdatesPerTransaction);
      if (!step.ok()) return step.status();
      pruned = *step;
      if (pruned.given_up_first == Seq{0} || !on_given_up_) return absl::OkStatus();
      return on_given_up_({destination, pruned.given_up_first, pruned.given_up_last,
                           "it has waited for too long, or too much waits"},
                          transaction);
    });
    if (!status.ok()) return status;
    if (pruned.given_up_first != Seq{0}) {
      Log().error("link to {}: updates {} to {} are given up: too old, or too much waits", destination,
                  Value(pruned.given_up_first), Value(pruned.given_up_last));
      loop_.Post([gave_up = gave_up_, destination, pruned] {
        gave_up(destination, pruned.given_up_first, pruned.given_up_last);
      });
    }
    more = pruned.more;
  }
  return absl::OkStatus();
}

}  // namespace federation::delivery
