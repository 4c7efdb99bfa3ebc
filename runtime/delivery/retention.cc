#include "delivery/retention.h"

#include <utility>
#include <vector>

#include "log/log.h"

namespace federation::delivery {
namespace {

constexpr std::chrono::seconds kInterval{60};
constexpr std::size_t kLinksPerStep = 100;
constexpr std::size_t kUpdatesPerTransaction = 5000;

}  // namespace

struct RetentionRounds::Round {
  std::weak_ptr<bool> alive;
  // A page of links, and which of them is next.
  std::vector<std::string> destinations;
  std::size_t next = 0;
  bool is_last_page = false;
  bool has_failed = false;  // and was told of
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
  const absl::StatusOr<bool> more = PruneSome(*round);
  if (!more.ok()) Log().warn("cannot remove old updates: {}", more.status().ToString());
  if (more.ok() && *more) return workers_.Post([this, round] { Step(round); });
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

absl::StatusOr<bool> RetentionRounds::PruneSome(Round& round) {
  if (round.next == round.destinations.size()) {
    if (round.is_last_page) return false;
    const std::string after = round.destinations.empty() ? "" : round.destinations.back();
    const auto page = store_.Links(after, kLinksPerStep);
    if (!page.ok()) return page.status();
    TellOfWaiting(round, *page);
    round.destinations.clear();
    for (const StoredLink& link : *page) round.destinations.push_back(link.destination);
    round.next = 0;
    round.is_last_page = page->size() < kLinksPerStep;
  }
  while (round.next < round.destinations.size()) {
    const absl::StatusOr<Pruned> pruned = PruneLink(round.destinations[round.next]);
    if (!pruned.ok()) {
      // One link's trouble must not keep the others waiting.
      if (!std::exchange(round.has_failed, true)) {
        Log().warn("link to {}: cannot remove old updates: {}", round.destinations[round.next],
                   pruned.status().ToString());
      }
      ++round.next;
      break;
    }
    if (!pruned->more) ++round.next;
    if (pruned->removed > 0) break;
  }
  return true;
}

absl::StatusOr<Pruned> RetentionRounds::PruneLink(const std::string& destination) {
  const Retention kept{.acked_age_max = limits_.acked_age_max,
                       .waiting_age_max = limits_.waiting_age_max,
                       .waiting_bytes_max = limits_.waiting_bytes_max};
  Pruned pruned;
  absl::Status application;
  absl::Status status = store_.Transact([&](Transaction& transaction) -> absl::Status {
    absl::StatusOr<Pruned> step = transaction.Prune(destination, kept, kUpdatesPerTransaction);
    if (!step.ok()) return step.status();
    pruned = *step;
    if (pruned.given_up_first == Seq{0} || !on_given_up_) return absl::OkStatus();
    application = on_given_up_({destination, pruned.given_up_first, pruned.given_up_last,
                                "it has waited for too long, or too much waits"},
                               transaction);
    return application;
  });
  if (!application.ok()) {
    // Nothing is removed. The next round tries again; other links need not wait for that.
    Log().warn("link to {}: cannot give up old updates: {}", destination, application.ToString());
    return Pruned{};
  }
  if (!status.ok()) return status;
  if (pruned.given_up_first != Seq{0}) {
    Log().error("link to {}: updates {} to {} are given up: too old, or too much waits", destination,
                Value(pruned.given_up_first), Value(pruned.given_up_last));
    loop_.Post([gave_up = gave_up_, destination, pruned] {
      gave_up(destination, pruned.given_up_first, pruned.given_up_last);
    });
  }
  return pruned;
}

}  // namespace federation::delivery
