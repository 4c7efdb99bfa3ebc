#pragma once

#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "federation/sqlite_store.h"
#include "federation/store.h"

namespace federation {

// A place for one store, with its troubles. To have another kind of store tested, derive from this, link
// federation_store_contract, and
//
//   INSTANTIATE_TEST_SUITE_P(Mine, StoreContract, testing::Values(StoreKind{"Mine", MakeMine}), NameOfKind);
class StoreMaker {
 public:
  virtual ~StoreMaker() = default;

  // Opens the one store that is here, and creates it at first. Only one is open at a time, unless Crash
  // stands in between.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(const StoreLimits& limits, WallClock clock) = 0;
  // The power fails now. The open store may live on for a while, but what it does is lost; the next Open
  // finds what was durable.
  virtual void Crash() = 0;
  // From now on nothing more can be written, and then it can again.
  virtual void FillDisk() = 0;
  virtual void FreeDisk() = 0;
  // From now on nothing can be made durable, and then it can again.
  virtual void FailSync() = 0;
  virtual void HealSync() = 0;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreMaker>()> make;
};

inline std::string NameOfKind(const testing::TestParamInfo<StoreKind>& info) { return info.param.name; }
inline std::ostream& operator<<(std::ostream& out, const StoreKind& kind) { return out << kind.name; }

// What any store must do, whatever it is made of.
class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen(const StoreLimits& limits = {}) {
    store_.reset();
    auto opened = maker_->Open(limits, [this] { return now_; });
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  void CrashAndReopen() {
    maker_->Crash();
    Reopen();
  }

  // Hands over an update, and waits for its number.
  absl::StatusOr<Seq> Append(std::string_view destination, std::string_view json) {
    auto done = std::make_shared<std::promise<absl::StatusOr<Seq>>>();
    store_->Append(std::string(destination), std::string(json),
                   [done](const absl::StatusOr<Seq>& seq) { done->set_value(seq); });
    return done->get_future().get();
  }

  absl::Status SubmitAndWait(Store::Work work) {
    auto done = std::make_shared<std::promise<absl::Status>>();
    store_->Submit(std::move(work), [done](const absl::Status& status) { done->set_value(status); });
    return done->get_future().get();
  }

  // A commit of the store's thread: notes go with it.
  void SaveNotes() {
    ASSERT_TRUE(SubmitAndWait([](Transaction&) { return absl::OkStatus(); }).ok());
  }

  static Store::Work AppendWork(std::string destination, std::string json) {
    return [=](Transaction& transaction) { return transaction.Append(destination, json).status(); };
  }

  // So many updates with their numbers as JSON, in one transaction.
  void AppendNumbers(const std::string& destination, std::uint64_t first, std::uint64_t last) {
    ASSERT_TRUE(store_
                    ->Transact([&](Transaction& transaction) -> absl::Status {
                      for (std::uint64_t i = first; i <= last; ++i) {
                        const auto seq = transaction.Append(destination, std::to_string(i));
                        if (!seq.ok()) return seq.status();
                      }
                      return absl::OkStatus();
                    })
                    .ok());
  }

  // What is kept of a link, each update behind its number, over all gaps.
  std::vector<std::string> Stored(std::string_view destination, Seq first = Seq{1}) {
    std::vector<std::string> found;
    while (true) {
      const auto run = store_->Read(destination, first, 1000, std::size_t{1024} * 1024);
      EXPECT_TRUE(run.ok()) << run.status();
      if (!run.ok() || run->empty()) return found;
      for (std::size_t i = 0; i < run->size(); ++i) {
        found.push_back(std::to_string(Value(run->first()) + i) + ":" + std::string((*run)[i]));
      }
      first = Next(run->last());
    }
  }

  LinkNumbers NumbersOf(std::string_view destination) {
    const auto link = store_->Link(destination);
    EXPECT_TRUE(link.ok()) << link.status();
    return link.ok() ? link->numbers : LinkNumbers{};
  }

  Seq AtOpen(std::string_view destination) {
    const auto link = store_->Link(destination);
    EXPECT_TRUE(link.ok()) << link.status();
    return link.ok() ? link->assigned_at_open : Seq{0};
  }

  const std::unique_ptr<StoreMaker> maker_ = GetParam().make();
  // The wall clock of the store; to be set while it is idle.
  std::chrono::system_clock::time_point now_{std::chrono::seconds(1'700'000'000)};
  std::unique_ptr<Store> store_;
};

}  // namespace federation
