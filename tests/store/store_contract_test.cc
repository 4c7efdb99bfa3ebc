// What any store must do, whatever it is made of. A store joins by a row in the list at the end.
#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "support/temporary_folder.h"

namespace federation {
namespace {

struct Kind {
  const char* name;
  absl::StatusOr<std::unique_ptr<Store>> (*open)(const TemporaryFolder& folder, const StoreLimits& limits);
};

class StoreContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen(const StoreLimits& limits = {}) {
    store_.reset();
    auto opened = GetParam().open(folder_, limits);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  absl::Status SubmitAndWait(Store::Work work) {
    std::promise<absl::Status> done;
    store_->Submit(std::move(work), [&](const absl::Status& status) { done.set_value(status); });
    return done.get_future().get();
  }

  static Store::Work AppendWork(std::string destination, std::string json) {
    return [=](Transaction& transaction) { return transaction.Append(destination, json).status(); };
  }

  std::vector<std::string> Stored(std::string_view destination, Seq first = Seq{1}) {
    std::vector<std::string> found;
    const auto updates = store_->Read(destination, first, 100'000, 100'000'000);
    EXPECT_TRUE(updates.ok()) << updates.status();
    for (const StoredUpdate& update : *updates)
      found.push_back(std::to_string(Value(update.seq)) + update.json);
    return found;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, NumbersEachLinkFromOneWithoutGaps) {
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "x")).ok());
  ASSERT_TRUE(store_->Transact(AppendWork("c.test", "y")).ok());
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "z")).ok());
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("1x", "2z"));
  EXPECT_THAT(Stored("c.test"), testing::ElementsAre("1y"));
  EXPECT_EQ(*store_->Link("b.test"), (LinkNumbers{Seq{2}, Seq{0}}));
  EXPECT_EQ(*store_->Link("nobody.test"), LinkNumbers{});
}

TEST_P(StoreContract, KeepsEverythingOverAReopen) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    (void)transaction.Append("b.test", "x");
                    return transaction.SetLast("b.test", Seq{9});
                  })
                  .ok());
  store_->NoteAcked("b.test", Seq{1});
  Reopen();  // what was noted is written at the latest now
  EXPECT_EQ(*store_->Link("b.test"), (LinkNumbers{Seq{1}, Seq{1}}));
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("1x"));
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    EXPECT_EQ(*transaction.Last("b.test"), Seq{9});
                    EXPECT_EQ(*transaction.Last("c.test"), Seq{0});
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_P(StoreContract, LeavesNothingOfWorkThatFails) {
  const auto fail = [](Transaction& transaction) {
    (void)transaction.Append("b.test", "lost");
    (void)transaction.SetLast("b.test", Seq{5});
    return absl::AbortedError("no");
  };
  EXPECT_EQ(store_->Transact(fail).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(SubmitAndWait(fail).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(*store_->Link("b.test"), LinkNumbers{});
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "kept")).ok());
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("1kept"));
}

TEST_P(StoreContract, TurnsAnExceptionIntoAFailure) {
  const auto thrower = [](Transaction& transaction) -> absl::Status {
    (void)transaction.Append("b.test", "lost");
    throw std::runtime_error("oh");
  };
  EXPECT_THAT(store_->Transact(thrower).ToString(), testing::HasSubstr("threw: oh"));
  EXPECT_THAT(SubmitAndWait(thrower).ToString(), testing::HasSubstr("threw: oh"));
  EXPECT_EQ(*store_->Link("b.test"), LinkNumbers{});
}

TEST_P(StoreContract, UndoesWorkOfOneCallerWithoutTheOthers) {
  // All that is queued while the first work runs shares the next commit.
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  store_->Submit([released](Transaction&) { return released.wait(), absl::OkStatus(); },
                 [](const absl::Status&) {});
  std::vector<std::future<absl::Status>> statuses;
  for (int i = 0; i < 10; ++i) {
    auto done = std::make_shared<std::promise<absl::Status>>();
    statuses.push_back(done->get_future());
    store_->Submit(
        [i](Transaction& transaction) -> absl::Status {
          absl::Status status = transaction.Append("b.test", std::to_string(i)).status();
          return i % 3 == 1 ? absl::AbortedError("no") : status;
        },
        [done](const absl::Status& status) { done->set_value(status); });
  }
  release.set_value();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(statuses[static_cast<std::size_t>(i)].get().ok(), i % 3 != 1) << i;
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("10", "22", "33", "45", "56", "68", "79"));
}

TEST_P(StoreContract, RollsBackToItsMark) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) -> absl::Status {
                    EXPECT_TRUE(transaction.Mark().ok());
                    EXPECT_TRUE(transaction.Append("b.test", "kept").ok());
                    EXPECT_TRUE(transaction.Mark().ok());
                    EXPECT_TRUE(transaction.Append("b.test", "undone").ok());
                    EXPECT_TRUE(transaction.Append("c.test", "undone").ok());
                    EXPECT_TRUE(transaction.RollbackToMark().ok());
                    EXPECT_TRUE(transaction.Mark().ok());
                    EXPECT_EQ(*transaction.Append("b.test", "kept too"), Seq{2});
                    return transaction.SetLast("a.test", Seq{3});
                  })
                  .ok());
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("1kept", "2kept too"));
  EXPECT_TRUE(Stored("c.test").empty());
}

TEST_P(StoreContract, TellsOfAppendsAfterTheCommit) {
  std::mutex mutex;
  std::map<std::string, std::uint64_t> told;
  store_->ObserveAppends([&](std::string_view destination, Seq assigned) {
    const std::lock_guard guard(mutex);
    told[std::string(destination)] = Value(assigned);
  });
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "x")).ok());
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) -> absl::Status {
                    (void)transaction.Append("b.test", "y");
                    (void)transaction.Mark();
                    (void)transaction.Append("undone.test", "z");
                    return transaction.RollbackToMark();
                  })
                  .ok());
  EXPECT_FALSE(store_
                   ->Transact([](Transaction& transaction) -> absl::Status {
                     (void)transaction.Append("failed.test", "x");
                     return absl::AbortedError("no");
                   })
                   .ok());
  store_->ObserveAppends(nullptr);
  ASSERT_TRUE(SubmitAndWait(AppendWork("later.test", "x")).ok());
  EXPECT_THAT(told, testing::ElementsAre(testing::Pair("b.test", 2)));
}

TEST_P(StoreContract, RefusesATransactionInsideOfAnother) {
  ASSERT_TRUE(store_
                  ->Transact([&](Transaction&) {
                    EXPECT_TRUE(store_->InTransaction());
                    EXPECT_EQ(store_->Transact([](Transaction&) { return absl::OkStatus(); }).code(),
                              absl::StatusCode::kFailedPrecondition);
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_FALSE(store_->InTransaction());
}

TEST_P(StoreContract, ReadsWithinBothLimits) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    for (int i = 0; i < 10; ++i) (void)transaction.Append("b.test", "0123456789");
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(store_->Read("b.test", Seq{3}, 4, 1000)->size(), 4U);
  EXPECT_EQ(store_->Read("b.test", Seq{3}, 100, 35)->size(), 3U);
  EXPECT_EQ(store_->Read("b.test", Seq{3}, 100, 1)->size(), 1U);
  EXPECT_EQ(store_->Read("b.test", Seq{10}, 100, 1000)->front().seq, Seq{10});
  EXPECT_TRUE(store_->Read("b.test", Seq{11}, 100, 1000)->empty());
}

TEST_P(StoreContract, RenumbersWhatWaits) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    for (const char* json : {"a", "b", "c", "d"}) (void)transaction.Append("b.test", json);
                    return absl::OkStatus();
                  })
                  .ok());
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    const auto numbers = transaction.Renumber("b.test", Seq{2}, Seq{3});
                    EXPECT_EQ(*numbers, (LinkNumbers{Seq{5}, Seq{3}}));
                    return numbers.status();
                  })
                  .ok());
  EXPECT_THAT(Stored("b.test", Seq{4}), testing::ElementsAre("4c", "5d"));
  EXPECT_EQ(*store_->Link("b.test"), (LinkNumbers{Seq{5}, Seq{3}}));
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "e")).ok());
  EXPECT_THAT(Stored("b.test", Seq{6}), testing::ElementsAre("6e"));
}

TEST_P(StoreContract, RenumbersALinkThatItDoesNotKnow) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    return transaction.Renumber("b.test", Seq{0}, Seq{7}).status();
                  })
                  .ok());
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "x")).ok());
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("8x"));
}

TEST_P(StoreContract, ReplacesOneUpdate) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    for (const char* json : {"a", "b", "c"}) (void)transaction.Append("b.test", json);
                    return transaction.Replace("b.test", Seq{2}, "gone");
                  })
                  .ok());
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("1a", "2gone", "3c"));
}

TEST_P(StoreContract, PrunesConfirmedUpdatesThatAreOld) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    for (const char* json : {"a", "b", "c", "d"}) (void)transaction.Append("b.test", json);
                    return absl::OkStatus();
                  })
                  .ok());
  store_->NoteAcked("b.test", Seq{3});
  ASSERT_TRUE(SubmitAndWait(AppendWork("c.test", "x")).ok());  // takes the note along
  EXPECT_EQ(*store_->Prune(std::chrono::hours(1), 100), 0U);
  EXPECT_EQ(*store_->Prune(std::chrono::seconds(-5), 2), 2U);
  EXPECT_EQ(*store_->Prune(std::chrono::seconds(-5), 100), 1U);
  EXPECT_THAT(Stored("b.test"), testing::ElementsAre("4d"));
  EXPECT_EQ(*store_->Link("b.test"), (LinkNumbers{Seq{4}, Seq{3}}));
}

TEST_P(StoreContract, HasABoundOnWhatWaits) {
  StoreLimits limits;
  limits.pending_updates_max = 2;
  Reopen(limits);
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "1")).ok());
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "2")).ok());
  EXPECT_EQ(SubmitAndWait(AppendWork("b.test", "3")).code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(SubmitAndWait(AppendWork("c.test", "1")).ok());
  EXPECT_EQ(store_->Link("b.test")->assigned, Seq{2});
  store_->NoteAcked("b.test", Seq{1});
  ASSERT_TRUE(SubmitAndWait([](Transaction&) { return absl::OkStatus(); }).ok());
  EXPECT_TRUE(SubmitAndWait(AppendWork("b.test", "3")).ok());
}

TEST_P(StoreContract, KeepsAQuarantineWithABound) {
  StoreLimits limits;
  limits.quarantine_updates_max = 2;
  limits.quarantine_bytes_max = 100;
  Reopen(limits);
  const auto quarantine = [&](std::string origin, std::uint64_t seq, std::string json) {
    return store_->Transact(
        [&](Transaction& transaction) { return transaction.Quarantine({origin, Seq{seq}, "why", json}); });
  };
  EXPECT_TRUE(quarantine("b.test", 1, "one").ok());
  EXPECT_TRUE(quarantine("b.test", 2, "two").ok());
  EXPECT_EQ(quarantine("b.test", 3, "three").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(quarantine("c.test", 1, std::string(90, 'x')).ok());
  EXPECT_EQ(quarantine("c.test", 2, std::string(90, 'x')).code(), absl::StatusCode::kResourceExhausted);
  const auto kept = store_->Quarantined("b.test", 10);
  ASSERT_EQ(kept->size(), 2U);
  EXPECT_EQ(kept->back().seq, Seq{2});
  EXPECT_EQ(kept->back().json, "two");
  EXPECT_EQ(kept->back().reason, "why");
}

TEST_P(StoreContract, GivesEachOfManyThreadsItsOwnNumber) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        Seq seq{0};
        const auto append = [&](Transaction& transaction) {
          const auto appended = transaction.Append("b.test", "x");
          if (appended.ok()) seq = *appended;
          return appended.status();
        };
        const absl::Status status = t == 0 ? store_->Transact(append) : SubmitAndWait(append);
        ASSERT_TRUE(status.ok()) << status;
        const std::lock_guard guard(mutex);
        EXPECT_TRUE(numbers.insert(Value(seq)).second);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*numbers.begin(), 1U);
  EXPECT_EQ(*numbers.rbegin(), static_cast<std::uint64_t>(kThreads * kEach));
}

TEST_P(StoreContract, FinishesWhatIsQueuedWhenItIsClosed) {
  std::atomic<int> committed{0};
  for (int i = 0; i < 500; ++i) {
    store_->Submit(AppendWork("b.test", "x"),
                   [&](const absl::Status& status) { committed += status.ok() ? 1 : 0; });
  }
  Reopen();
  EXPECT_EQ(committed, 500);
  EXPECT_EQ(store_->Link("b.test")->assigned, Seq{500});
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract,
                         testing::Values(Kind{"Sqlite",
                                              [](const TemporaryFolder& folder, const StoreLimits& limits) {
                                                return OpenSqliteStore(folder.File("store.db"), limits);
                                              }}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace federation
