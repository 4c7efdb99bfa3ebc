// Crashes at any moment, full disks, failing syncs.
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include <gmock/gmock.h>

#include "store/store_contract.h"

namespace federation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(StoreContract, KeepsWhatItReportedThroughCrashes) {
  std::uint64_t reported = 0;
  std::mt19937 random(7);
  for (int round = 0; round < 12; ++round) {
    std::mutex mutex;
    bool crashed = false;
    std::atomic<bool> stop{false};
    std::atomic<int> waiting{0};
    std::thread writer([&] {
      for (std::uint64_t i = reported + 1; !stop; ++i) {
        // The number of each update is its JSON, as there is one writer.
        ++waiting;
        store_->Append("b.test", std::to_string(i), [&](const absl::StatusOr<Seq>& seq) {
          const std::lock_guard guard(mutex);
          if (!crashed && seq.ok()) reported = Value(*seq);
          --waiting;
        });
        while (waiting > 50 && !stop) std::this_thread::yield();
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    {
      const std::lock_guard guard(mutex);
      maker_->Crash();
      crashed = true;
    }
    stop = true;
    writer.join();
    store_.reset();
    Reopen();
    const std::vector<std::string> stored = Stored("b.test");
    ASSERT_GE(stored.size(), reported);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      ASSERT_EQ(stored[i], std::to_string(i + 1) + ":" + std::to_string(i + 1));
    }
    ASSERT_EQ(NumbersOf("b.test").assigned, Seq{stored.size()});
    reported = stored.size();
  }
  EXPECT_GT(reported, 0U);
}

TEST_P(StoreContract, LeavesNothingOfWhatWasNotCommittedAtACrash) {
  AppendNumbers("b.test", 1, 3);
  {
    auto lazy = store_->Begin();
    ASSERT_TRUE(lazy->Append("b.test", "lost").ok());
    ASSERT_TRUE(lazy->Checkpoint().ok());
    ASSERT_TRUE(lazy->Append("b.test", std::string(200'000, 'x')).ok());
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
    maker_->Crash();
  }
  Reopen();
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2", "3:3"));
  EXPECT_EQ(*store_->Last("a.test"), Seq{0});
  EXPECT_EQ(*Append("b.test", "x"), Seq{4});
}

TEST_P(StoreContract, KeepsAllOrNothingOfATransactionThroughACrash) {
  std::mt19937 random(11);
  for (int round = 0; round < 8; ++round) {
    std::atomic<bool> stop{false};
    std::thread writer([&] {
      while (!stop) {
        (void)store_->Transact([](Transaction& transaction) -> absl::Status {
          const absl::StatusOr<Seq> seq = transaction.Append("b.test", "x");
          if (!seq.ok()) return seq.status();
          (void)transaction.Append("c.test", "y");
          (void)transaction.Quarantine({.origin = "a.test", .seq = *seq, .json = "{}"});
          return transaction.SetLast("a.test", *seq);
        });
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 10'000));
    maker_->Crash();
    stop = true;
    writer.join();
    store_.reset();
    Reopen();
    const Seq last = *store_->Last("a.test");
    EXPECT_EQ(NumbersOf("b.test").assigned, last);
    EXPECT_EQ(NumbersOf("c.test").assigned, last);
    EXPECT_EQ(store_->Quarantined("a.test", 0, 1'000'000)->size(), Value(last));
  }
}

TEST_P(StoreContract, GoesOnWhenAFullDiskHasRoomAgain) {
  AppendNumbers("b.test", 1, 2);
  maker_->FillDisk();
  EXPECT_EQ(Append("b.test", "lost").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(SubmitAndWait(AppendWork("b.test", "lost")).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(store_->Transact(AppendWork("b.test", std::string(5'000'000, 'x'))).code(),
            absl::StatusCode::kUnavailable);
  {
    auto lazy = store_->Begin();
    (void)lazy->Append("b.test", "lost");
    (void)lazy->SetLast("a.test", Seq{1});
    (void)lazy->Checkpoint();
    EXPECT_EQ(lazy->Commit().code(), absl::StatusCode::kUnavailable);
  }
  {
    auto lazy = store_->Begin();
    (void)lazy->SetLast("a.test", Seq{1});
    (void)lazy->Checkpoint();
    EXPECT_EQ(lazy->Commit().code(), absl::StatusCode::kUnavailable);
  }
  store_->NoteAcked("b.test", Seq{1});
  EXPECT_FALSE(Append("b.test", "lost").ok());  // the note is not
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2"));
  maker_->FreeDisk();
  EXPECT_EQ(*Append("b.test", "3"), Seq{3});
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{3}, Seq{1}}));
  EXPECT_EQ(*store_->Last("a.test"), Seq{0});
  CrashAndReopen();
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2", "3:3"));
}

TEST_P(StoreContract, ReportsASyncThatFails) {
  AppendNumbers("b.test", 1, 2);
  maker_->FailSync();
  EXPECT_EQ(Append("b.test", "lost").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(store_->Transact(AppendWork("c.test", "lost")).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2"));
  EXPECT_THAT(Stored("c.test"), IsEmpty());
  maker_->HealSync();
  EXPECT_EQ(*Append("b.test", "3"), Seq{3});
  CrashAndReopen();
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2", "3:3"));
}

TEST_P(StoreContract, ReleasesWhatAFailedCommitHadCounted) {
  StoreLimits limits;
  limits.waiting_bytes_total_max = 100;
  Reopen(limits);
  maker_->FailSync();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Append("b.test", std::string(60, 'x')).ok());
  maker_->HealSync();
  EXPECT_TRUE(Append("b.test", std::string(60, 'x')).ok());
}

}  // namespace
}  // namespace federation
