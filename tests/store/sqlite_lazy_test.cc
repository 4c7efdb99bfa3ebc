// Lazy transactions and the embedder's own writes.
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "store/sqlite_helpers.h"
#include "support/temporary_folder.h"

namespace federation {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class SqliteLazy : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.ok()) << store_.status();
    ASSERT_TRUE(
        store().Transact([](Transaction& t) { return Execute(t, "CREATE TABLE mine (n INTEGER)"); }).ok());
  }
  Store& store() { return **store_; }
  milliseconds TimeOfAnAppend() {
    const auto start = Clock::now();
    std::promise<void> done;
    std::thread([&] {
      store().Append("b.test", "x", [&](const absl::StatusOr<Seq>& seq) {
        EXPECT_TRUE(seq.ok());
        done.set_value();
      });
    }).join();
    done.get_future().wait();
    return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("store.db");
  absl::StatusOr<std::unique_ptr<Store>> store_ = OpenSqliteStore(path_);
};

TEST_F(SqliteLazy, SlowHandlerDoesNotHoldUpAnAppend) {
  auto lazy = store().Begin();
  EXPECT_LT(TimeOfAnAppend(), milliseconds(200));
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(Execute(*lazy, ("INSERT INTO mine VALUES (" + std::to_string(i) + ")").c_str()).ok());
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{static_cast<std::uint64_t>(i)}).ok());
    ASSERT_TRUE(lazy->Checkpoint().ok());
    // The handler of the next update thinks.
    EXPECT_LT(TimeOfAnAppend(), milliseconds(200));
    EXPECT_EQ(Query(path_, "SELECT count(*) FROM mine"), i);
    EXPECT_EQ(Query(path_, "SELECT last FROM federation_inbox"), i);
  }
  ASSERT_TRUE(lazy->Commit().ok());
}

TEST_F(SqliteLazy, SlowHandlerDoesNotHoldUpAnotherConnection) {
  auto lazy = store().Begin();
  ASSERT_TRUE(Execute(*lazy, "INSERT INTO mine VALUES (1)").ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  const OwnConnection mine(path_);
  EXPECT_EQ(mine.Execute("BEGIN IMMEDIATE; INSERT INTO mine VALUES (2); COMMIT"), SQLITE_OK);
  EXPECT_EQ(Query(path_, "SELECT count(*) FROM mine"), 2);
  ASSERT_TRUE(lazy->Commit().ok());
}

TEST_F(SqliteLazy, UndoesTheEmbeddersWritesOfAStep) {
  auto lazy = store().Begin();
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Execute(*lazy, "INSERT INTO mine VALUES (1)").ok());
    ASSERT_TRUE(lazy->Append("b.test", "x").ok());
    ASSERT_TRUE(Execute(*lazy, "INSERT INTO mine VALUES (1)").ok());
    if (i % 2 == 1) {
      ASSERT_TRUE(lazy->Undo().ok());
    }
    ASSERT_TRUE(lazy->Checkpoint().ok());
  }
  ASSERT_TRUE(lazy->Commit().ok());
  EXPECT_EQ(Query(path_, "SELECT count(*) FROM mine"), 4);
  EXPECT_EQ(store().Link("b.test")->numbers.assigned, Seq{2});
}

TEST_F(SqliteLazy, StepsThatDoNotWriteCostNoTransaction) {
  auto lazy = store().Begin();
  for (std::uint64_t i = 1; i <= 10; ++i) {
    ASSERT_TRUE(lazy->SetLast("a.test", Seq{i}).ok());
    ASSERT_TRUE(lazy->Checkpoint().ok());
    const OwnConnection mine(path_);
    EXPECT_EQ(mine.Execute("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; COMMIT"), SQLITE_OK);
  }
  ASSERT_TRUE(lazy->Commit().ok());
  EXPECT_EQ(*store().Last("a.test"), Seq{10});
}

TEST_F(SqliteLazy, CommitsNothingAfterTheTransactionHasEndedByItself) {
  auto lazy = store().Begin();
  ASSERT_TRUE(Execute(*lazy, "INSERT INTO mine VALUES (1)").ok());
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{1}).ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  ASSERT_TRUE(Execute(*lazy, "INSERT INTO mine VALUES (2)").ok());
  (void)Execute(*lazy, "ROLLBACK");
  EXPECT_FALSE(lazy->Append("b.test", "x").ok());
  EXPECT_FALSE(SqliteConnection(*lazy).ok());
  EXPECT_FALSE(lazy->Undo().ok());
  ASSERT_TRUE(lazy->SetLast("a.test", Seq{2}).ok());
  (void)lazy->Checkpoint();
  EXPECT_EQ(lazy->Commit().code(), absl::StatusCode::kUnavailable);
  lazy.reset();
  EXPECT_EQ(*store().Last("a.test"), Seq{0});
  EXPECT_EQ(Query(path_, "SELECT count(*) FROM mine"), 0);
  EXPECT_EQ(*store().Last("a.test"), Seq{0});
  EXPECT_LT(TimeOfAnAppend(), milliseconds(200));
}

TEST_F(SqliteLazy, SaysThatItCannotBegin) {
  const OwnConnection mine(path_);
  ASSERT_EQ(mine.Execute("BEGIN IMMEDIATE"), SQLITE_OK);
  auto lazy = store().Begin();
  EXPECT_EQ(SqliteConnection(*lazy).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(lazy->Undo().ok());
  ASSERT_EQ(mine.Execute("COMMIT"), SQLITE_OK);
  // Nothing was lost: the next step may begin.
  EXPECT_TRUE(SqliteConnection(*lazy).ok());
  ASSERT_TRUE(lazy->Checkpoint().ok());
  EXPECT_TRUE(lazy->Commit().ok());
}

}  // namespace
}  // namespace federation
