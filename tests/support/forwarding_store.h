#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "federation/store.h"

namespace federation::support {

// Passes everything on to another transaction. A test derives from it and overrides what is to be otherwise.
class ForwardingTransaction : public LazyTransaction {
 public:
  explicit ForwardingTransaction(std::unique_ptr<LazyTransaction> inner) : inner_(std::move(inner)) {}

  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) override {
    return inner_->Append(destination, json);
  }
  absl::StatusOr<std::vector<Seq>> AppendToAll(std::span<const std::string> destinations,
                                               std::string_view json) override {
    return inner_->AppendToAll(destinations, json);
  }
  absl::StatusOr<LinkNumbers> Renumber(std::string_view destination, Seq boundary, Seq theirs) override {
    return inner_->Renumber(destination, boundary, theirs);
  }
  absl::Status Remove(std::string_view destination, Seq first, Seq last) override {
    return inner_->Remove(destination, first, last);
  }
  absl::StatusOr<Pruned> Prune(std::string_view destination, const Retention& retention,
                               std::size_t count_max) override {
    return inner_->Prune(destination, retention, count_max);
  }
  absl::Status SetPaused(std::string_view destination, bool paused) override {
    return inner_->SetPaused(destination, paused);
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override { return inner_->Last(origin); }
  absl::Status SetLast(std::string_view origin, Seq last) override { return inner_->SetLast(origin, last); }
  absl::Status Quarantine(const QuarantinedUpdate& update) override { return inner_->Quarantine(update); }
  absl::Status SetReason(std::string_view origin, std::int64_t id, std::string_view reason) override {
    return inner_->SetReason(origin, id, reason);
  }
  absl::Status Unquarantine(std::string_view origin, std::int64_t id) override {
    return inner_->Unquarantine(origin, id);
  }
  absl::Status Checkpoint() override { return inner_->Checkpoint(); }
  absl::Status Undo() override { return inner_->Undo(); }
  absl::Status Commit() override { return inner_->Commit(); }

 private:
  std::unique_ptr<LazyTransaction> inner_;
};

// Passes everything on to another store, which it borrows. A test derives from it and overrides what is to be
// otherwise. As thread-safe as that store.
class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(Store& inner) : inner_(inner) {}

  void Append(std::string destination, std::string json, AppendDone done) override {
    inner_.Append(std::move(destination), std::move(json), std::move(done));
  }
  void Submit(Work work, Done done) override { inner_.Submit(std::move(work), std::move(done)); }
  absl::Status Transact(const Work& work) override { return inner_.Transact(work); }
  std::unique_ptr<LazyTransaction> Begin() override { return inner_.Begin(); }
  bool InTransaction() const override { return inner_.InTransaction(); }

  absl::StatusOr<StoredLink> Link(std::string_view destination) override { return inner_.Link(destination); }
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) override {
    return inner_.Links(after, count_max);
  }
  absl::StatusOr<std::vector<std::string>> WaitingLinks() override { return inner_.WaitingLinks(); }
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max) override {
    return inner_.Read(destination, first, count_max, bytes_max);
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override { return inner_.Last(origin); }
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max) override {
    return inner_.Quarantined(origin, after, count_max);
  }
  absl::StatusOr<std::vector<QuarantineSize>> Quarantines() override { return inner_.Quarantines(); }

  void NoteAcked(std::string_view destination, Seq acked) override { inner_.NoteAcked(destination, acked); }
  void NoteBackOff(std::string_view destination, const BackOff& backoff) override {
    inner_.NoteBackOff(destination, backoff);
  }
  void NoteCompared(std::string_view destination) override { inner_.NoteCompared(destination); }

  absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                             std::chrono::milliseconds duration) override {
    return inner_.Lease(destination, owner, duration);
  }
  void EndLease(std::string_view destination, std::string_view owner) override {
    inner_.EndLease(destination, owner);
  }
  void ObserveAppends(AppendObserver observer) override { inner_.ObserveAppends(std::move(observer)); }

 private:
  Store& inner_;
};

}  // namespace federation::support
