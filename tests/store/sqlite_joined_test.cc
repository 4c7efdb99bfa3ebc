// Transactions that the embedder has open on connections of its own.
#include <atomic>
#include <future>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "store/sqlite_helpers.h"
#include "support/temporary_folder.h"

namespace federation {
namespace {

class SqliteJoined : public testing::Test {
 protected:
  void SetUp() override { Reopen({}); }

  void Reopen(const StoreLimits& limits) {
    store_.reset();
    auto opened = OpenSqliteStore(path_, limits);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  // Sends one update in a transaction of its own on `mine`, and ends that as told.
  absl::StatusOr<Seq> Send(const OwnConnection& mine, const std::string& destination, const std::string& json,
                           const char* end = "COMMIT") {
    EXPECT_EQ(mine.Execute("BEGIN IMMEDIATE"), SQLITE_OK);
    auto joined = JoinSqlite(*store_, mine.get());
    EXPECT_TRUE(joined.ok()) << joined.status();
    const absl::StatusOr<Seq> seq = (*joined)->Append(destination, json);
    EXPECT_EQ(mine.Execute(end), SQLITE_OK);
    return seq;
  }

  absl::StatusOr<Seq> Append(const std::string& destination, const std::string& json) {
    std::promise<absl::StatusOr<Seq>> done;
    store_->Append(destination, json, [&](const absl::StatusOr<Seq>& seq) { done.set_value(seq); });
    return done.get_future().get();
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("store.db");
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteJoined, NumbersUpdatesOfBothConnectionsInTurn) {
  const OwnConnection mine(path_);
  ASSERT_EQ(mine.Execute("CREATE TABLE said (n INTEGER)"), SQLITE_OK);
  std::uint64_t next = 1;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(*Send(mine, "b.test", "mine"), Seq{next++});
    EXPECT_EQ(*Append("b.test", "ours"), Seq{next++});
    EXPECT_EQ(*Send(mine, "b.test", "undone", "ROLLBACK"), Seq{next});
    if (i % 3 == 0) {
      EXPECT_EQ(*Append("b.test", "ours"), Seq{next++});
    }
    if (i % 5 == 0) {
      store_->NoteAcked("b.test", Seq{next - 2});
      EXPECT_EQ(*Append("c.test", ""), Seq{static_cast<std::uint64_t>(i) / 5 + 1});
      EXPECT_EQ(store_->Link("b.test")->waiting_bytes, 4U);
    }
  }
  const auto all = store_->Read("b.test", Seq{1}, 1000, 100'000);
  EXPECT_EQ(all->size(), next - 1);
  EXPECT_EQ(all->json().find("undone"), std::string::npos);
}

TEST_F(SqliteJoined, CountsItsUpdatesAsNewSinceTheStoreWasOpened) {
  const OwnConnection mine(path_);
  EXPECT_EQ(*Append("b.test", "1"), Seq{1});
  Reopen({});
  EXPECT_EQ(*Send(mine, "b.test", "undone", "ROLLBACK"), Seq{2});
  EXPECT_EQ(*Send(mine, "b.test", "2"), Seq{2});
  EXPECT_EQ(*Append("b.test", "3"), Seq{3});
  EXPECT_EQ(store_->Link("b.test")->assigned_at_open, Seq{1});
}

TEST_F(SqliteJoined, TellsWhatGrew) {
  const OwnConnection mine(path_);
  std::map<std::string, std::uint64_t> told;
  store_->ObserveAppends([&](const Store::Appended& appended) {
    told[std::string(appended.destination)] = Value(appended.assigned);
  });
  ASSERT_TRUE(Send(mine, "lost.test", "x", "ROLLBACK").ok());
  EXPECT_TRUE(told.empty());
  ASSERT_TRUE(Send(mine, "b.test", "x").ok());
  ASSERT_TRUE(Send(mine, "b.test", "x").ok());
  EXPECT_EQ(told, (std::map<std::string, std::uint64_t>{{"b.test", 2}}));
  EXPECT_EQ(store_->Link("lost.test")->numbers, LinkNumbers{});
}

TEST_F(SqliteJoined, SendsToManyAndDoesTheRest) {
  const OwnConnection mine(path_);
  ASSERT_TRUE(Append("b.test", "x").ok());
  ASSERT_EQ(mine.Execute("BEGIN IMMEDIATE"), SQLITE_OK);
  {
    auto joined = JoinSqlite(*store_, mine.get());
    EXPECT_TRUE(store_->InTransaction());
    const std::vector<std::string> all = {"b.test", "c.test"};
    EXPECT_THAT(*(*joined)->AppendToAll(all, "shared"), testing::ElementsAre(Seq{2}, Seq{1}));
    EXPECT_TRUE((*joined)->SetLast("a.test", Seq{3}).ok());
    EXPECT_EQ(*(*joined)->Last("a.test"), Seq{3});
    EXPECT_EQ(*SqliteConnection(**joined), mine.get());
    ASSERT_EQ(mine.Execute("COMMIT"), SQLITE_OK);
  }
  EXPECT_FALSE(store_->InTransaction());
  EXPECT_EQ(store_->Read("c.test", Seq{1}, 10, 100)->json(), "shared");
  EXPECT_EQ(*store_->Last("a.test"), Seq{3});
}

TEST_F(SqliteJoined, KeepsTheBoundsTogetherWithTheStore) {
  StoreLimits limits;
  limits.waiting_bytes_max = 100;
  limits.waiting_bytes_total_max = 150;
  Reopen(limits);
  const OwnConnection mine(path_);
  ASSERT_TRUE(Send(mine, "b.test", std::string(60, 'x')).ok());
  ASSERT_TRUE(Send(mine, "b.test", std::string(60, 'x'), "ROLLBACK").status().code() ==
              absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Append("b.test", std::string(60, 'x')).status().code(), absl::StatusCode::kResourceExhausted);
  ASSERT_TRUE(Append("b.test", std::string(40, 'x')).ok());
  ASSERT_TRUE(Send(mine, "c.test", std::string(50, 'x'), "ROLLBACK").ok());
  ASSERT_TRUE(Append("c.test", std::string(50, 'x')).ok());
  EXPECT_EQ(Append("d.test", "x").status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Send(mine, "d.test", "x").status().code(), absl::StatusCode::kResourceExhausted);
  Reopen(limits);
  EXPECT_EQ(Append("d.test", "x").status().code(), absl::StatusCode::kResourceExhausted);
  store_->NoteAcked("b.test", Seq{2});
  ASSERT_TRUE(store_->Transact([](Transaction&) { return absl::OkStatus(); }).ok());
  ASSERT_TRUE(Send(mine, "d.test", std::string(100, 'x')).ok());
  EXPECT_EQ(Append("e.test", "x").status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(SqliteJoined, WantsAnOpenTransactionOnTheSameFile) {
  const OwnConnection mine(path_);
  EXPECT_EQ(JoinSqlite(*store_, mine.get()).status().code(), absl::StatusCode::kFailedPrecondition);
  const OwnConnection other(folder_.File("other.db"));
  ASSERT_EQ(other.Execute("BEGIN IMMEDIATE"), SQLITE_OK);
  EXPECT_EQ(JoinSqlite(*store_, other.get()).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_EQ(other.Execute("COMMIT"), SQLITE_OK);
  const OwnConnection memory(":memory:");
  ASSERT_EQ(memory.Execute("BEGIN"), SQLITE_OK);
  EXPECT_EQ(JoinSqlite(*store_, memory.get()).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SqliteJoined, WorksWhileOthersAppend) {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> appended{0};
  std::thread other([&] {
    while (!stop) {
      ASSERT_TRUE(Append("b.test", "ours").ok());
      ++appended;
    }
  });
  const OwnConnection mine(path_);
  for (int i = 0; i < 100; ++i) {
    const auto seq = Send(mine, "b.test", "mine", i % 4 == 0 ? "ROLLBACK" : "COMMIT");
    ASSERT_TRUE(seq.ok()) << seq.status();
  }
  stop = true;
  other.join();
  const std::uint64_t all = appended + 75;
  EXPECT_EQ(store_->Link("b.test")->numbers.assigned, Seq{all});
  EXPECT_EQ(store_->Link("b.test")->waiting_bytes, 4 * all);
  EXPECT_EQ(store_->Read("b.test", Seq{1}, 1'000'000, 100'000'000)->size(), all);
}

}  // namespace
}  // namespace federation
