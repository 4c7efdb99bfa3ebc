#include <algorithm>
#include <utility>

#include "delivery/inbound.h"

namespace federation::delivery {
namespace {

// Between pages the origin's pushes have their turn.
constexpr std::size_t kReplayPageSize = 100;

}  // namespace

struct Inbound::Replaying {
  std::string origin;
  // Which ones; empty for all.
  std::vector<std::int64_t> ids;
  ReplayDone done;
  std::int64_t after = 0;
  std::vector<Replayed> results;
  bool stopped = false;
};

void Inbound::Replay(const std::string& origin, std::vector<std::int64_t> ids, ReplayDone done) {
  auto replaying = std::make_shared<Replaying>();
  replaying->origin = origin;
  replaying->ids = std::move(ids);
  std::sort(replaying->ids.begin(), replaying->ids.end());
  replaying->done = std::move(done);
  Job job;
  job.task = [this, replaying] { ReplaySome(replaying); };
  Enqueue(origin, std::move(job));
}

void Inbound::ReplaySome(const std::shared_ptr<Replaying>& replaying) {
  Replaying& replay = *replaying;
  if (stopping_) return replay.done(absl::UnavailableError("the node stops"));
  const auto page = store_.Quarantined(replay.origin, replay.after, kReplayPageSize);
  if (!page.ok()) return replay.done(page.status());
  if (absl::Status status = ReplayPage(replay, *page); !status.ok()) return replay.done(status);
  if (replay.stopped || page->size() < kReplayPageSize) return replay.done(std::move(replay.results));
  replay.after = page->back().id;
  Job job;
  job.task = [this, replaying] { ReplaySome(replaying); };
  Enqueue(replay.origin, std::move(job));
}

absl::Status Inbound::ReplayPage(Replaying& replay, const std::vector<QuarantinedUpdate>& page) {
  std::unique_ptr<LazyTransaction> transaction = store_.Begin();
  std::vector<Replayed> results;
  std::vector<const QuarantinedUpdate*> applied;
  for (const QuarantinedUpdate& update : page) {
    if (!replay.ids.empty() && !std::binary_search(replay.ids.begin(), replay.ids.end(), update.id)) continue;
    const Outcome outcome = Receive(update.json, ContextOf(replay.origin, update.seq, transaction.get()));
    absl::Status status = absl::OkStatus();
    Replayed result{update.id, update.seq, Replayed::Result::kDone, ReasonOf(outcome)};
    switch (outcome.kind()) {
      case Outcome::Kind::kDone:
        status = transaction->Unquarantine(replay.origin, update.id);
        break;
      case Outcome::Kind::kReject:
        result.result = Replayed::Result::kRejected;
        status = transaction->Undo();
        if (status.ok()) status = transaction->SetReason(replay.origin, update.id, result.reason);
        break;
      case Outcome::Kind::kLater:
        result.result = Replayed::Result::kLater;
        status = transaction->Undo();
        replay.stopped = true;
        break;
    }
    if (absl::IsNotFound(status)) {
      // The operator has dropped it since the page was read.
      status = transaction->Undo();
      if (!status.ok()) return status;
      continue;
    }
    if (status.ok()) status = transaction->Checkpoint();
    if (!status.ok()) return status;
    if (result.result == Replayed::Result::kDone) applied.push_back(&update);
    results.push_back(std::move(result));
    if (replay.stopped) break;
  }
  absl::Status status = transaction->Commit();
  transaction.reset();
  if (!status.ok()) return status;
  replay.results.insert(replay.results.end(), results.begin(), results.end());
  for (const QuarantinedUpdate* update : applied) Observe({replay.origin, update->seq, update->json});
  return absl::OkStatus();
}

}  // namespace federation::delivery
