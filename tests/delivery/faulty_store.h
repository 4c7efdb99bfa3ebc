#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "federation/store.h"

#include "support/forwarding_store.h"

namespace federation::delivery {

// Passes everything on to another store, but for the faults that a test sets. Borrows that store.
class FaultyStore : public support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

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
  // Called when a lease was given, before the asker is told.
  std::function<void()> after_lease;
  // What was asked of it.
  int begun = 0;
  int link_reads = 0;
  int update_reads = 0;
  int leased = 0;
  std::vector<BackOff> backoff_notes;
  std::vector<std::size_t> quarantined_pages;

  absl::Status Transact(const Work& work) override {
    return transacts.ok() ? ForwardingStore::Transact(work) : transacts;
  }
  std::unique_ptr<LazyTransaction> Begin() override {
    ++begun;
    return std::make_unique<FaultyTransaction>(*this, ForwardingStore::Begin());
  }

  absl::StatusOr<StoredLink> Link(std::string_view destination) override {
    ++link_reads;
    if (!links.ok()) return links;
    return ForwardingStore::Link(destination);
  }
  absl::StatusOr<std::vector<StoredLink>> Links(std::string_view after, std::size_t count_max) override {
    if (!links.ok()) return links;
    return ForwardingStore::Links(after, count_max);
  }
  absl::StatusOr<std::vector<std::string>> WaitingLinks() override {
    if (!waiting_links.ok()) return waiting_links;
    return ForwardingStore::WaitingLinks();
  }
  absl::StatusOr<UpdateRun> Read(std::string_view destination, Seq first, std::size_t count_max,
                                 std::size_t bytes_max) override {
    ++update_reads;
    if (on_read) on_read();
    if (!reads.ok()) return reads;
    absl::StatusOr<UpdateRun> run = ForwardingStore::Read(destination, first, count_max, bytes_max);
    if (after_read) after_read();
    return run;
  }
  absl::StatusOr<Seq> Last(std::string_view origin) override {
    if (!lasts.ok()) return lasts;
    return ForwardingStore::Last(origin);
  }
  absl::StatusOr<std::vector<QuarantinedUpdate>> Quarantined(std::string_view origin, std::int64_t after,
                                                             std::size_t count_max) override {
    quarantined_pages.push_back(count_max);
    return ForwardingStore::Quarantined(origin, after, count_max);
  }

  void NoteBackOff(std::string_view destination, const BackOff& backoff) override {
    backoff_notes.push_back(backoff);
    ForwardingStore::NoteBackOff(destination, backoff);
  }

  absl::StatusOr<bool> Lease(std::string_view destination, std::string_view owner,
                             std::chrono::milliseconds duration) override {
    ++leased;
    if (!leases.ok()) return leases;
    if (lease_is_taken) return false;
    absl::StatusOr<bool> given = ForwardingStore::Lease(destination, owner, duration);
    if (after_lease) after_lease();
    return given;
  }

 private:
  class FaultyTransaction : public support::ForwardingTransaction {
   public:
    FaultyTransaction(FaultyStore& store, std::unique_ptr<LazyTransaction> inner)
        : ForwardingTransaction(std::move(inner)), store_(store) {}

    absl::Status Commit() override {
      return store_.commits.ok() ? ForwardingTransaction::Commit() : store_.commits;
    }

   private:
    FaultyStore& store_;
  };
};

}  // namespace federation::delivery
