#include "store/sqlite/scope.h"

#include <utility>

#include "log/log.h"

namespace federation::sqlite {

absl::Status Scope::Begin() {
  in_step_ = false;
  saved_ = false;
  spoiled_ = absl::OkStatus();
  return begin_.Run();
}

absl::Status Scope::Commit() {
  absl::Status status = Check();
  if (status.ok()) status = commit_.Run();
  if (!status.ok()) Rollback();
  return status;
}

void Scope::Rollback() {
  in_step_ = false;
  saved_ = false;
  spoiled_ = absl::OkStatus();
  if (!is_open()) return;
  const absl::Status status = rollback_.Run();
  if (!status.ok()) Log().error("{}", status.ToString());
}

void Scope::BeginStep() {
  in_step_ = true;
  saved_ = false;
}

absl::Status Scope::KeepStep() {
  absl::Status status = Check();
  if (status.ok() && saved_) status = release_.Run();
  if (!status.ok()) return Wrote(status);
  in_step_ = false;
  saved_ = false;
  return status;
}

absl::Status Scope::UndoStep() {
  in_step_ = false;
  if (is_open()) spoiled_ = absl::OkStatus();
  absl::Status status = Check();
  if (status.ok() && std::exchange(saved_, false)) {
    status = undo_.Run();
    if (status.ok()) status = release_.Run();
  }
  return Wrote(status);
}

absl::Status Scope::Check() const {
  if (!spoiled_.ok()) return spoiled_;
  if (is_open()) return absl::OkStatus();
  return absl::UnavailableError("store: the transaction has ended after a failure");
}

absl::Status Scope::Ready() {
  absl::Status status = Check();
  if (!status.ok() || !in_step_ || saved_) return status;
  status = Wrote(save_.Run());
  saved_ = status.ok();
  return status;
}

absl::Status Scope::Wrote(absl::Status status) {
  if (!status.ok() && spoiled_.ok()) spoiled_ = status;
  return status;
}

}  // namespace federation::sqlite
