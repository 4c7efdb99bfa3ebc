// Transactions that begin when they are used: steps, and what others do in between.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "store/store_contract.h"

namespace federation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Runs on another thread, as a second writer would.
template <typename Work>
void Elsewhere(const Work& work) {
  std::thread(work).join();
}

TEST_P(StoreContract, LazyCommitsItsSteps) {
  {
    auto lazy = store_->Begin();
    EXPECT_TRUE(store_->InTransaction());
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
    ASSERT_TRUE(lazy->Checkpoint().ok());
    EXPECT_EQ(*lazy->Append("b.test", "x"), Seq{1});
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{2}).ok());
    EXPECT_EQ(*lazy->Last("a.test"), Seq{2});
    ASSERT_TRUE(lazy->Checkpoint().ok());
    EXPECT_EQ(*lazy->Last("a.test"), Seq{2});
    EXPECT_EQ(*store_->Last("a.test"), Seq{0});
    ASSERT_TRUE(lazy->Commit().ok());
    EXPECT_FALSE(lazy->Commit().ok());
    EXPECT_FALSE(lazy->Append("b.test", "y").ok());
  }
  EXPECT_FALSE(store_->InTransaction());
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:x"));
  EXPECT_EQ(*store_->Last("a.test"), Seq{2});
}

TEST_P(StoreContract, LazyUndoesTheStepsThatFail) {
  auto lazy = store_->Begin();
  for (std::uint64_t i = 1; i <= 9; ++i) {
    ASSERT_TRUE(lazy->Append("b.test", std::to_string(i)).ok());
    ASSERT_TRUE(lazy->Append("new" + std::to_string(i) + ".test", "x").ok());
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{i}).ok());
    if (i % 3 == 0) {
      ASSERT_TRUE(lazy->Undo().ok());
      EXPECT_EQ(*lazy->Last("a.test"), Seq{i - 1});
    }
    ASSERT_TRUE(lazy->Checkpoint().ok());
  }
  // What comes after the last checkpoint is undone.
  ASSERT_TRUE(lazy->Append("b.test", "10").ok());
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{10}).ok());
  ASSERT_TRUE(lazy->Commit().ok());
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2", "3:4", "4:5", "5:7", "6:8"));
  EXPECT_EQ(*store_->Last("a.test"), Seq{8});
  EXPECT_EQ(store_->Links("", 100)->size(), 7U);
}

TEST_P(StoreContract, LazyLeavesNothingWithoutCommit) {
  {
    auto lazy = store_->Begin();
    ASSERT_TRUE(lazy->Append("b.test", "x").ok());
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
  }
  {
    auto lazy = store_->Begin();
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
    ASSERT_TRUE(lazy->Checkpoint().ok());
  }
  EXPECT_EQ(*store_->Last("a.test"), Seq{0});
  EXPECT_EQ(*Append("b.test", "y"), Seq{1});
}

TEST_P(StoreContract, LazyThatIsBusyElsewhereHoldsUpNobody) {
  auto lazy = store_->Begin();
  EXPECT_EQ(*lazy->Append("b.test", "step 1"), Seq{1});
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{2}).ok());  // by the step that does not write
  Elsewhere([&] { EXPECT_EQ(*Append("b.test", "other"), Seq{2}); });
  // The complete step went along; the current one did not.
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:step 1", "2:other"));
  EXPECT_EQ(*store_->Last("a.test"), Seq{1});
  EXPECT_EQ(*lazy->Last("a.test"), Seq{2});
  Elsewhere([&] { EXPECT_TRUE(store_->Transact(AppendWork("b.test", "another")).ok()); });
  EXPECT_EQ(*lazy->Append("b.test", "step 2"), Seq{4});
  ASSERT_TRUE(lazy->Undo().ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  EXPECT_EQ(*lazy->Last("a.test"), Seq{1});
  EXPECT_EQ(*lazy->Append("b.test", "step 3"), Seq{4});
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{3}).ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  Elsewhere([&] {
    auto other = store_->Begin();
    EXPECT_EQ(*other->Append("b.test", "a second one"), Seq{5});
    EXPECT_TRUE(other->Checkpoint().ok());
    EXPECT_TRUE(other->Commit().ok());
  });
  ASSERT_TRUE(lazy->Commit().ok());
  EXPECT_THAT(Stored("b.test"),
              ElementsAre("1:step 1", "2:other", "3:another", "4:step 3", "5:a second one"));
  EXPECT_EQ(*store_->Last("a.test"), Seq{3});
}

TEST_P(StoreContract, LazyInUseIsWaitedFor) {
  auto lazy = store_->Begin();
  ASSERT_TRUE(lazy->Append("b.test", "undone").ok());
  std::atomic<bool> appended{false};
  std::thread other([&] {
    EXPECT_EQ(*Append("b.test", "other"), Seq{1});
    appended = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_FALSE(appended);
  lazy.reset();
  other.join();
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:other"));
}

TEST_P(StoreContract, LazyRefusesToWaitForItself) {
  auto lazy = store_->Begin();
  EXPECT_EQ(store_->Transact([](Transaction&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kFailedPrecondition);
}

// Steps of several transactions, of which some are undone, and updates in between: each step's update and its
// number go together, and numbers are without gaps.
TEST_P(StoreContract, LazyStepsGoTogetherWithTheirNumbersAmongManyWriters) {
  constexpr std::uint64_t kSteps = 300;
  std::vector<std::thread> threads;
  std::atomic<bool> stop{false};
  for (const std::string origin : {"a.test", "b.test", "c.test"}) {
    threads.emplace_back([this, origin] {
      std::uint64_t next = 1;
      for (int round = 0; next <= kSteps; ++round) {
        auto lazy = store_->Begin();
        for (std::uint64_t i = 0; i < 20 && next + i <= kSteps; ++i) {
          const bool writes = (next + i) % 2 == 0;
          if (writes) {
            ASSERT_TRUE(lazy->Append("to." + origin, std::to_string(next + i)).ok());
            ASSERT_TRUE(lazy->Append("all.test", origin).ok());
          }
          if (i % 7 == 3) {
            ASSERT_TRUE(lazy->Undo().ok());
            if (writes) {
              ASSERT_TRUE(lazy->Append("to." + origin, std::to_string(next + i)).ok());
            }
          }
          ASSERT_TRUE(lazy->SetLast(origin, Seq{next + i}).ok());
          ASSERT_TRUE(lazy->Checkpoint().ok());
        }
        if (round % 3 == 0) {
          lazy.reset();  // some of it may be committed: the store tells
        } else {
          ASSERT_TRUE(lazy->Commit().ok());
        }
        next = Value(*store_->Last(origin)) + 1;
      }
    });
  }
  std::thread appender([&] {
    while (!stop) {
      ASSERT_TRUE(Append("all.test", "append").ok());
      ASSERT_TRUE(store_->Transact(AppendWork("all.test", "transact")).ok());
    }
  });
  for (std::thread& thread : threads) thread.join();
  stop = true;
  appender.join();
  for (const std::string origin : {"a.test", "b.test", "c.test"}) {
    std::vector<std::string> want;
    for (std::uint64_t i = 1; i <= kSteps / 2; ++i)
      want.push_back(std::to_string(i) + ":" + std::to_string(2 * i));
    EXPECT_EQ(Stored("to." + origin), want);
  }
  EXPECT_EQ(Value(NumbersOf("all.test").assigned), Stored("all.test").size());
}

TEST_P(StoreContract, LazyLearnsThatItsStepsWereLost) {
  auto lazy = store_->Begin();
  ASSERT_TRUE(lazy->Append("b.test", "lost").ok());
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  maker_->FailSync();
  Elsewhere([&] { EXPECT_FALSE(Append("b.test", "lost, too").ok()); });
  maker_->HealSync();
  EXPECT_FALSE(lazy->Append("b.test", "too late").ok());
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{2}).ok());
  (void)lazy->Checkpoint();
  EXPECT_EQ(lazy->Commit().code(), absl::StatusCode::kUnavailable);
  lazy.reset();
  EXPECT_EQ(*store_->Last("a.test"), Seq{0});
  EXPECT_THAT(Stored("b.test"), IsEmpty());
  EXPECT_EQ(*Append("b.test", "x"), Seq{1});
}

TEST_P(StoreContract, LazyIsNotStarvedAndStarvesNobody) {
  std::atomic<bool> stop{false};
  std::atomic<int> steps{0};
  std::atomic<int> appends{0};
  std::thread stepper([&] {
    while (!stop) {
      auto lazy = store_->Begin();
      for (int i = 0; i < 10'000 && !stop; ++i, ++steps) {
        ASSERT_TRUE(lazy->Append("b.test", "step").ok());
        ASSERT_TRUE(lazy->Checkpoint().ok());
      }
      ASSERT_TRUE(lazy->Commit().ok());
    }
  });
  std::thread appender([&] {
    for (; !stop; ++appends) ASSERT_TRUE(Append("b.test", "append").ok());
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  stop = true;
  stepper.join();
  appender.join();
  EXPECT_GT(steps, 20);
  EXPECT_GT(appends, 3);
}

}  // namespace
}  // namespace federation
