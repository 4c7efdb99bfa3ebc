#include "store/sqlite/writer.h"

#include <chrono>
#include <utility>

namespace federation::sqlite {
namespace {

absl::Status InsideAlready() {
  return absl::FailedPreconditionError(
      "store: this thread is inside of a transaction already; join that one");
}

}  // namespace

absl::Status Writer::Enter(bool may_share) {
  const Gate::Entry entry = gate_.Enter(nullptr);
  if (!entry.entered) return InsideAlready();
  auto* left = static_cast<Parked*>(entry.left);
  if (left != nullptr) {
    absl::Status rest = left->WriteRest(session_);
    if (rest.ok() && may_share) {
      shares_ = left;
      return rest;
    }
    Settle(*left, std::move(rest));
  }
  return Begin();
}

absl::StatusOr<bool> Writer::EnterAs(Parked& self) {
  const Gate::Entry entry = gate_.Enter(&self);
  if (!entry.entered) return InsideAlready();
  if (entry.resumed) return true;
  if (auto* left = static_cast<Parked*>(entry.left)) Settle(*left, left->WriteRest(session_));
  absl::Status status = Begin();
  if (!status.ok()) return status;
  return false;
}

absl::Status Writer::Begin() {
  absl::Status status = session_.Begin();
  if (!status.ok()) gate_.Leave();
  return status;
}

void Writer::Settle(Parked& left, absl::Status status) {
  if (status.ok()) {
    status = CommitAndTell();
  } else {
    session_.Rollback();
  }
  left.Completed(status);
  gate_.Served(left);
}

void Writer::CompleteParked(std::chrono::milliseconds age) {
  const std::chrono::steady_clock::time_point since = gate_.parked_since();
  if (since == std::chrono::steady_clock::time_point() || std::chrono::steady_clock::now() < since + age)
    return;
  const Gate::Entry entry = gate_.Enter(nullptr);
  if (auto* left = static_cast<Parked*>(entry.left)) Settle(*left, left->WriteRest(session_));
  gate_.Leave();
}

absl::Status Writer::CommitAndTell() {
  wal_.MakeRoom();
  const absl::StatusOr<std::vector<AppendedRun>> appended = session_.Commit();
  if (!appended.ok()) return appended.status();
  if (appended->empty()) return absl::OkStatus();
  Tell([&appended](const Store::AppendObserver& observer) {
    for (const AppendedRun& run : *appended) observer({run.destination, run.assigned, run.run});
  });
  return absl::OkStatus();
}

absl::Status Writer::Commit() {
  absl::Status status = CommitAndTell();
  Leave(status);
  return status;
}

void Writer::Rollback() {
  session_.Rollback();
  Leave(absl::UnavailableError("store: undone together with another transaction"));
}

void Writer::Leave(const absl::Status& status) {
  if (Parked* shares = std::exchange(shares_, nullptr)) {
    shares->Completed(status);
    gate_.Served(*shares);
  }
  gate_.Leave();
}

void Writer::Observe(Store::AppendObserver observer) {
  const std::lock_guard guard(observer_mutex_);
  observer_ = std::move(observer);
}

}  // namespace federation::sqlite
