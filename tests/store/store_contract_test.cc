// Writing, reading, bounds, notes, leases and the quarantine.
#include "store/store_contract.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>

namespace federation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_P(StoreContract, NumbersEachLinkFromOneWithoutGaps) {
  EXPECT_EQ(*Append("b.test", "x"), Seq{1});
  ASSERT_TRUE(store_->Transact(AppendWork("c.test", "y")).ok());
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "z")).ok());
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:x", "2:z"));
  EXPECT_THAT(Stored("c.test"), ElementsAre("1:y"));
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{2}, Seq{0}}));
  EXPECT_EQ(NumbersOf("nobody.test"), LinkNumbers{});
}

TEST_P(StoreContract, KeepsEverythingOverAReopen) {
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    (void)transaction.Append("b.test", "x");
                    (void)transaction.SetPaused("b.test", true);
                    return transaction.SetLast("b.test", Seq{9});
                  })
                  .ok());
  const BackOff backoff{3, now_ + std::chrono::milliseconds(1234)};
  store_->NoteAcked("b.test", Seq{1});
  store_->NoteBackOff("b.test", backoff);
  Reopen();  // what was noted is written at the latest now
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{1}, Seq{1}}));
  EXPECT_EQ(store_->Link("b.test")->backoff, backoff);
  EXPECT_TRUE(store_->Link("b.test")->paused);
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:x"));
  EXPECT_EQ(*store_->Last("b.test"), Seq{9});
  EXPECT_EQ(*store_->Last("c.test"), Seq{0});
}

TEST_P(StoreContract, LeavesNothingOfWorkThatFails) {
  const auto fail = [](Transaction& transaction) {
    (void)transaction.Append("b.test", "lost");
    (void)transaction.SetLast("b.test", Seq{5});
    (void)transaction.Quarantine({.origin = "b.test", .seq = Seq{5}, .json = "{}"});
    return absl::AbortedError("no");
  };
  EXPECT_EQ(store_->Transact(fail).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(SubmitAndWait(fail).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(NumbersOf("b.test"), LinkNumbers{});
  EXPECT_EQ(*store_->Last("b.test"), Seq{0});
  EXPECT_TRUE(store_->Quarantines()->empty());
  ASSERT_TRUE(SubmitAndWait(AppendWork("b.test", "kept")).ok());
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:kept"));
}

TEST_P(StoreContract, TurnsAnExceptionIntoAFailure) {
  const auto thrower = [](Transaction& transaction) -> absl::Status {
    (void)transaction.Append("b.test", "lost");
    throw std::runtime_error("oh");
  };
  EXPECT_THAT(store_->Transact(thrower).ToString(), HasSubstr("threw: oh"));
  EXPECT_THAT(SubmitAndWait(thrower).ToString(), HasSubstr("threw: oh"));
  EXPECT_EQ(NumbersOf("b.test"), LinkNumbers{});
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
    store_->Append("b.test", "a" + std::to_string(i), [](const absl::StatusOr<Seq>&) {});
    store_->Submit(
        [i](Transaction& transaction) -> absl::Status {
          // Enough of them that a row is written before the end.
          for (int k = 0; k < 1500; ++k) {
            if (!transaction.Append("c.test", std::to_string(i)).ok()) return absl::InternalError("");
          }
          absl::Status status = transaction.Append("b.test", std::to_string(i)).status();
          return i % 3 == 1 ? absl::AbortedError("no") : status;
        },
        [done](const absl::Status& status) { done->set_value(status); });
  }
  release.set_value();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(statuses[static_cast<std::size_t>(i)].get().ok(), i % 3 != 1) << i;
  EXPECT_THAT(Stored("b.test"),
              ElementsAre("1:a0", "2:0", "3:a1", "4:a2", "5:2", "6:a3", "7:3", "8:a4", "9:a5", "10:5",
                          "11:a6", "12:6", "13:a7", "14:a8", "15:8", "16:a9", "17:9"));
  EXPECT_EQ(NumbersOf("c.test").assigned, Seq{7 * 1500});
}

TEST_P(StoreContract, StoresOneUpdateForMany) {
  ASSERT_TRUE(Append("b.test", "before").ok());
  const std::vector<std::string> destinations = {"b.test", "c.test", "d.test"};
  std::vector<Seq> numbers;
  ASSERT_TRUE(store_
                  ->Transact([&](Transaction& transaction) {
                    (void)transaction.Append("c.test", "gathered");
                    const auto all = transaction.AppendToAll(destinations, "shared");
                    if (all.ok()) numbers = *all;
                    (void)transaction.Append("c.test", "after");
                    return all.status();
                  })
                  .ok());
  EXPECT_THAT(numbers, ElementsAre(Seq{2}, Seq{2}, Seq{1}));
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:before", "2:shared"));
  EXPECT_THAT(Stored("c.test"), ElementsAre("1:gathered", "2:shared", "3:after"));
  EXPECT_THAT(Stored("d.test"), ElementsAre("1:shared"));
}

TEST_P(StoreContract, TellsWhatWasAppendedAfterTheCommit) {
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> told;
  std::map<std::string, std::uint64_t> assigned;
  store_->ObserveAppends([&](const Store::Appended& appended) {
    const std::lock_guard guard(mutex);
    const std::string destination(appended.destination);
    EXPECT_GT(Value(appended.assigned), assigned[destination]);
    assigned[destination] = Value(appended.assigned);
    if (appended.run == nullptr) return;
    EXPECT_EQ(appended.run->last(), appended.assigned);
    for (std::size_t i = 0; i < appended.run->size(); ++i) {
      told[destination].push_back(std::to_string(Value(appended.run->first()) + i) + ":" +
                                  std::string((*appended.run)[i]));
    }
  });
  AppendNumbers("b.test", 1, 2500);
  EXPECT_FALSE(SubmitAndWait([](Transaction& transaction) -> absl::Status {
                 (void)transaction.Append("failed.test", "x");
                 (void)transaction.Append("b.test", "x");
                 return absl::AbortedError("no");
               }).ok());
  ASSERT_TRUE(Append("b.test", "2501").ok());
  const std::vector<std::string> destinations = {"b.test", "c.test"};
  ASSERT_TRUE(SubmitAndWait([&](Transaction& transaction) {
                return transaction.AppendToAll(destinations, "all").status();
              }).ok());
  store_->ObserveAppends(nullptr);
  ASSERT_TRUE(Append("later.test", "x").ok());
  EXPECT_EQ(assigned, (std::map<std::string, std::uint64_t>{{"b.test", 2502}, {"c.test", 1}}));
  // Everything was at hand.
  EXPECT_EQ(told["b.test"], Stored("b.test"));
  EXPECT_EQ(told["c.test"], Stored("c.test"));
}

TEST_P(StoreContract, TellsNoRunThatHasChangedBeforeTheCommit) {
  std::map<std::string, std::uint64_t> assigned;
  store_->ObserveAppends([&](const Store::Appended& appended) {
    assigned[std::string(appended.destination)] = Value(appended.assigned);
    if (appended.run == nullptr) return;
    // What it says is what can be read.
    const auto stored = store_->Read(appended.destination, appended.run->first(), 100, 1000);
    EXPECT_EQ(*stored, *appended.run) << appended.destination;
  });
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) -> absl::Status {
                    for (const char* destination : {"removed.test", "renumbered.test", "kept.test"}) {
                      for (const char* json : {"a", "b", "c"}) (void)transaction.Append(destination, json);
                    }
                    (void)transaction.Remove("removed.test", Seq{2}, Seq{2});
                    return transaction.Renumber("renumbered.test", Seq{1}, Seq{5}).status();
                  })
                  .ok());
  EXPECT_EQ(assigned, (std::map<std::string, std::uint64_t>{
                          {"removed.test", 3}, {"renumbered.test", 7}, {"kept.test", 3}}));
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

TEST_P(StoreContract, ReadsWithinBothLimitsFromEveryOffset) {
  AppendNumbers("b.test", 1000, 1009);
  AppendNumbers("b.test", 1010, 1010);
  AppendNumbers("b.test", 1011, 1019);
  for (std::uint64_t first = 0; first <= 21; ++first) {
    for (std::size_t count = 1; count <= 21; ++count) {
      for (const std::size_t bytes : {1U, 4U, 8U, 9U, 50U, 1000U}) {
        const auto run = store_->Read("b.test", Seq{first}, count, bytes);
        ASSERT_TRUE(run.ok());
        const std::uint64_t start = std::max<std::uint64_t>(first, 1);
        // Four digits each, and commas in between.
        const std::size_t fit = std::max<std::size_t>(1, (bytes + 1) / 5);
        const std::size_t want = start > 20 ? 0 : std::min({count, fit, std::size_t{21 - start}});
        ASSERT_EQ(run->size(), want) << first << " " << count << " " << bytes;
        for (std::size_t i = 0; i < want; ++i) {
          ASSERT_EQ((*run)[i], std::to_string(999 + start + i));
          ASSERT_EQ(run->first(), Seq{start});
        }
      }
    }
  }
}

TEST_P(StoreContract, ReadsWhatIsLargeOrEmpty) {
  const std::vector<std::string> updates = {"", std::string(300'000, 'x'), "",
                                            "", std::string(70'000, 'y'),  "z"};
  ASSERT_TRUE(store_
                  ->Transact([&](Transaction& transaction) -> absl::Status {
                    for (const std::string& json : updates) (void)transaction.Append("b.test", json);
                    return absl::OkStatus();
                  })
                  .ok());
  const auto run = store_->Read("b.test", Seq{1}, 100, 10'000'000);
  ASSERT_EQ(run->size(), updates.size());
  for (std::size_t i = 0; i < updates.size(); ++i) EXPECT_EQ((*run)[i], updates[i]) << i;
  EXPECT_EQ(store_->Link("b.test")->waiting_bytes, 370'001U);
}

TEST_P(StoreContract, PagesThroughLinks) {
  for (const char* destination : {"d.test", "a.test", "c.test", "b.test"})
    ASSERT_TRUE(Append(destination, "xy").ok());
  now_ += std::chrono::seconds(5);
  ASSERT_TRUE(Append("c.test", "z").ok());
  store_->NoteAcked("a.test", Seq{1});
  store_->NoteAcked("c.test", Seq{1});
  SaveNotes();
  const auto links = store_->Links("a.test", 2);
  ASSERT_EQ(links->size(), 2U);
  EXPECT_EQ(links->at(0).destination, "b.test");
  EXPECT_EQ(links->at(0).waiting_bytes, 2U);
  EXPECT_EQ(links->at(0).waiting_since, now_ - std::chrono::seconds(5));
  EXPECT_EQ(links->at(1).destination, "c.test");
  EXPECT_EQ(links->at(1).numbers, (LinkNumbers{Seq{2}, Seq{1}}));
  EXPECT_EQ(links->at(1).waiting_bytes, 1U);
  EXPECT_EQ(links->at(1).waiting_since, now_);
  EXPECT_EQ(store_->Links("", 100)->size(), 4U);
  EXPECT_EQ(store_->Link("a.test")->waiting_since, std::nullopt);
  EXPECT_EQ(store_->Link("a.test")->waiting_bytes, 0U);
  EXPECT_THAT(*store_->WaitingLinks(), testing::UnorderedElementsAre("b.test", "c.test", "d.test"));
}

TEST_P(StoreContract, GivesEachOfManyThreadsItsOwnNumbersInOrder) {
  constexpr int kThreads = 8;
  constexpr int kEach = 200;
  std::mutex mutex;
  std::set<std::uint64_t> numbers;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::uint64_t before = 0;
      for (int i = 0; i < kEach; ++i) {
        absl::StatusOr<Seq> seq = Seq{0};
        const auto append = [&](Transaction& transaction) {
          seq = transaction.Append("b.test", "x");
          return seq.status();
        };
        if (t == 0) {
          ASSERT_TRUE(store_->Transact(append).ok());
        } else if (t == 1) {
          ASSERT_TRUE(SubmitAndWait(append).ok());
        } else if (t == 2) {
          auto lazy = store_->Begin();
          seq = lazy->Append("b.test", "x");
          ASSERT_TRUE(lazy->Checkpoint().ok());
          ASSERT_TRUE(lazy->Commit().ok());
        } else {
          seq = Append("b.test", "x");
        }
        ASSERT_TRUE(seq.ok()) << seq.status();
        const std::lock_guard guard(mutex);
        EXPECT_TRUE(numbers.insert(Value(*seq)).second);
        EXPECT_GT(Value(*seq), before);
        before = Value(*seq);
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
    store_->Submit(AppendWork("b.test", "x"), [&](const absl::Status& status) { committed += status.ok(); });
    store_->Append("b.test", "y", [&](const absl::StatusOr<Seq>& seq) { committed += seq.ok(); });
  }
  Reopen();
  EXPECT_EQ(committed, 1000);
  EXPECT_EQ(NumbersOf("b.test").assigned, Seq{1000});
}

TEST_P(StoreContract, LeasesALinkToOneOwnerAtATime) {
  using std::chrono::milliseconds;
  EXPECT_TRUE(*store_->Lease("b.test", "one", milliseconds(50)));
  EXPECT_FALSE(*store_->Lease("b.test", "two", milliseconds(50)));
  EXPECT_TRUE(*store_->Lease("c.test", "two", milliseconds(50)));
  EXPECT_TRUE(*store_->Lease("b.test", "one", std::chrono::hours(1)));
  store_->EndLease("b.test", "two");
  EXPECT_FALSE(*store_->Lease("b.test", "two", milliseconds(50)));
  store_->EndLease("b.test", "one");
  EXPECT_TRUE(*store_->Lease("b.test", "two", milliseconds(0)));
  EXPECT_TRUE(*store_->Lease("b.test", "one", milliseconds(0)));
}

}  // namespace
}  // namespace federation
