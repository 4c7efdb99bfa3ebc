#include "fednode/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "support/temporary_folder.h"

#include <sqlite3.h>

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() : store_(*OpenSqliteStore(dir_.File("store.db"))) {}

  std::unique_ptr<History> Open(std::uint64_t rows_max) {
    absl::StatusOr<std::unique_ptr<History>> history = History::Open(*store_, rows_max);
    EXPECT_TRUE(history.ok()) << history.status();
    return *std::move(history);
  }

  absl::Status Record(History& history, std::uint64_t seq, const absl::Status& result = absl::OkStatus()) {
    return store_->Transact([&](Transaction& transaction) {
      UpdateContext context;
      context.origin = "alpha.test";
      context.delivery = Delivery::kStrong;
      context.seq = Seq{seq};
      context.transaction = &transaction;
      absl::Status status = history.Record("{\"n\":" + std::to_string(seq) + "}", context);
      return status.ok() ? result : status;
    });
  }

  // The first column of what a connection of its own reads: committed rows.
  std::vector<std::string> Rows(const char* sql) {
    std::vector<std::string> rows;
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open(dir_.File("store.db").c_str(), &connection), SQLITE_OK);
    auto add = [](void* out, int, char** values, char**) {
      static_cast<std::vector<std::string>*>(out)->push_back(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(connection, sql, add, &rows, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
    sqlite3_close(connection);
    return rows;
  }
  std::uint64_t Count() { return std::stoull(Rows("SELECT count(*) FROM fednode_history").at(0)); }

  TemporaryFolder dir_;
  std::unique_ptr<Store> store_;
};

TEST_F(HistoryTest, RecordsOriginNumberAndJson) {
  std::unique_ptr<History> history = Open(10);
  ASSERT_TRUE(Record(*history, 1).ok());
  ASSERT_TRUE(Record(*history, 2).ok());
  EXPECT_THAT(
      Rows("SELECT id || ' ' || origin || ' ' || seq || ' ' || update_json FROM fednode_history ORDER BY id"),
      ElementsAre("1 alpha.test 1 {\"n\":1}", "2 alpha.test 2 {\"n\":2}"));
}

TEST_F(HistoryTest, ForgetsARowWhoseTransactionFails) {
  std::unique_ptr<History> history = Open(10);
  EXPECT_FALSE(Record(*history, 1, absl::AbortedError("")).ok());
  ASSERT_TRUE(Record(*history, 2).ok());
  EXPECT_THAT(Rows("SELECT id || ' ' || seq FROM fednode_history"), ElementsAre("1 2"));
}

TEST_F(HistoryTest, NeverHoldsMoreThanItsBoundAndKeepsTheNewestRows) {
  for (std::uint64_t rows_max : {1u, 7u, 40u}) {
    std::unique_ptr<History> history = Open(rows_max);
    for (std::uint64_t seq = 1; seq <= 100; ++seq) {
      ASSERT_TRUE(Record(*history, seq).ok());
      ASSERT_LE(Count(), rows_max);
    }
    EXPECT_GE(Count(), rows_max * 9 / 10);
    EXPECT_THAT(Rows("SELECT seq FROM fednode_history ORDER BY id DESC LIMIT 1"), ElementsAre("100"));
  }
}

TEST_F(HistoryTest, ShrinksWhenItIsOpenedWithALowerBound) {
  {
    std::unique_ptr<History> history = Open(1000);
    for (std::uint64_t seq = 1; seq <= 50; ++seq) ASSERT_TRUE(Record(*history, seq).ok());
  }
  std::unique_ptr<History> history = Open(20);
  EXPECT_LE(Count(), 20u);
  EXPECT_THAT(Rows("SELECT max(seq) FROM fednode_history"), ElementsAre("50"));
}

TEST_F(HistoryTest, KeepsNothingWithABoundOfZero) {
  std::unique_ptr<History> history = Open(0);
  EXPECT_TRUE(Record(*history, 1).ok());
  EXPECT_EQ(Count(), 0u);
}

// Says of every update what it is told to say.
class FixedReceiver final : public UpdateReceiver {
 public:
  explicit FixedReceiver(Outcome outcome) : outcome_(std::move(outcome)) {}
  Outcome Receive(std::string_view, const UpdateContext&) override { return outcome_; }

 private:
  const Outcome outcome_;
};

TEST_F(HistoryTest, RecordsOnlyUpdatesThatWereApplied) {
  std::unique_ptr<History> history = Open(10);
  for (const Outcome& outcome :
       {Outcome::Done(), Outcome::Later(std::chrono::seconds{1}), Outcome::Reject("no")}) {
    FixedReceiver inner(outcome);
    RecordingReceiver receiver(inner, *history);
    ASSERT_TRUE(store_
                    ->Transact([&](Transaction& transaction) {
                      UpdateContext context;
                      context.origin = "alpha.test";
                      context.seq = Seq{1};
                      context.transaction = &transaction;
                      EXPECT_EQ(receiver.Receive("{}", context).kind(), outcome.kind());
                      return absl::OkStatus();
                    })
                    .ok());
  }
  EXPECT_EQ(Count(), 1u);
}

TEST_F(HistoryTest, DoesNotRecordWeakUpdates) {
  std::unique_ptr<History> history = Open(10);
  FixedReceiver inner(Outcome::Done());
  RecordingReceiver receiver(inner, *history);
  EXPECT_EQ(receiver.Receive("{}", UpdateContext{}).kind(), Outcome::Kind::kDone);
  EXPECT_EQ(Count(), 0u);
}

}  // namespace
}  // namespace federation::fednode
