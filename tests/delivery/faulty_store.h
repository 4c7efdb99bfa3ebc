#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "federation/store.h"

namespace federation::delivery {

// Passes everything on to another store, but for the faults that a test sets. Borrows that store.
class FaultyStore : public Store {
 public:
  explicit FaultyStore(Store& store) : store_(store) {}

  // What fails while it is not OK.
  absl::Status commits;
  absl::Status transacts;
  absl::Status reads;
  absl::Status links;
  absl::Status waiting_links;
  absl::Status lasts;
  absl::Status leases;
  // Another process has every lease.
  bool lease_is_taken = false;
  // Called before and after each read.
  std::function<void()> on_read;
  std::function<void()> after_read;
  // What was asked of it.
  int begun = 0;
  int link_reads = 0;
  int update_reads = 0;
  int leased = 0;
  std::vector<BackOff> backoff_notes;

  void Append(std::string destination, std::string json, AppendDone done) override {
    store_.Append(std::move(destination), std::move(json), std::move(done));
  }
  void Submit(Work work, Done done) override { store_.Submit(std::move(work), std::move(done)); }
  absl::Status Transact(const Work& work) override {
    return transacts.ok() ? store_.Transact(work) : transacts;
  }
  std::unique_ptr<LazyTransaction> Begin() override {
    ++begun;
    return std::make_unique<FaultyTransaction>(*this, store_.Begin());
  }
  bool InTransaction() const override { return store_.InTransaction(); }

  absl::StatusOr<StoredLink> Link(std::string_view destination) override {
    ++link_reads;
    if (!links.ok()) return links;
    return store_.Link(destination);
  }
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) override {
    if (!links.ok()) return links;
    return store_.Links(after, count_max);
  }
  absl::StatusOr<std::vector<std::string>> WaitingLinks() override {
    if (!waiting_links.ok()) return waiting_links;
    return store_.WaitingLinks();
  }
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max) override {
    ++update_reads;
    if (on_read) on_read();
    if (!reads.ok()) return reads;
    absl::StatusOr<UpdateRun> run = store_.Read(destination, first, count_max, bytes_max);
    if (after_read) after_read();
    return run;
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override {
    if (!lasts.ok()) return lasts;
    return store_.Last(origin);
  }
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max) override {
    quarantined_pages.push_back(count_max);
    return store_.Quarantined(origin, after, count_max);
  }
  std::vector<std::size_t> quarantined_pages;
  absl::StatusOr<std::vector<QuarantineSize>> Quarantines() override { return store_.Quarantines(); }

  void NoteAcked(std::string_view destination, Seq acked) override { store_.NoteAcked(destination, acked); }
  void NoteBackOff(std::string_view destination, const BackOff& backoff) override {
    backoff_notes.push_back(backoff);
    store_.NoteBackOff(destination, backoff);
  }
  void NoteCompared(std::string_view destination) override { store_.NoteCompared(destination); }

  absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                             std::chrono::milliseconds duration) override {
    ++leased;
    if (!leases.ok()) return leases;
    if (lease_is_taken) return false;
    return store_.Lease(destination, owner, duration);
  }
  void EndLease(std::string_view destination, std::string_view owner) override {
    store_.EndLease(destination, owner);
  }
  void ObserveAppends(AppendObserver observer) override { store_.ObserveAppends(std::move(observer)); }

 private:
  class FaultyTransaction : public LazyTransaction {
   public:
    FaultyTransaction(FaultyStore& store, std::unique_ptr<LazyTransaction> inner)
        : store_(store), inner_(std::move(inner)) {}

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
    absl::Status Commit() override { return store_.commits.ok() ? inner_->Commit() : store_.commits; }

   private:
    FaultyStore& store_;
    std::unique_ptr<LazyTransaction> inner_;
  };

  Store& store_;
};

}  // namespace federation::delivery
