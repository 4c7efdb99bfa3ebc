#include "federation/sqlite_store.h"

#include <cstring>
#include <future>
#include <memory>
#include <signal.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/faulty_disk.h"
#include "store/sqlite_helpers.h"
#include "support/temporary_folder.h"

#include <sqlite3.h>

namespace federation {
namespace {

TEST(SqliteStore, SyncsItsLogAtEveryCommit) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE((*store)
                  ->Transact([](Transaction& transaction) {
                    sqlite3_stmt* statement = nullptr;
                    sqlite3_prepare_v2(*SqliteConnection(transaction), "PRAGMA synchronous", -1, &statement,
                                       nullptr);
                    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
                    EXPECT_EQ(sqlite3_column_int(statement, 0), 2);  // FULL
                    sqlite3_finalize(statement);
                    sqlite3_prepare_v2(*SqliteConnection(transaction), "PRAGMA journal_mode", -1, &statement,
                                       nullptr);
                    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
                    EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)), "wal");
                    sqlite3_finalize(statement);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(SqliteStore, CommitsTogetherWhatManyCallersEnqueueAtOnce) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  int commits = 0;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  (*store)->Submit(
      [&](Transaction& transaction) {
        sqlite3_commit_hook(
            *SqliteConnection(transaction), [](void* count) { return ++*static_cast<int*>(count), 0; },
            &commits);
        return released.wait(), absl::OkStatus();
      },
      [](const absl::Status&) {});
  std::vector<std::future<absl::Status>> all;
  for (int i = 0; i < 1000; ++i) {
    auto done = std::make_shared<std::promise<absl::Status>>();
    all.push_back(done->get_future());
    (*store)->Submit([](Transaction& transaction) { return transaction.Append("b.test", "x").status(); },
                     [done](const absl::Status& status) { done->set_value(status); });
  }
  release.set_value();
  for (auto& done : all) EXPECT_TRUE(done.get().ok());
  EXPECT_LE(commits, 2);  // that of the work that held up the queue, and one for all that had come together
}

TEST(SqliteStore, CommitsTheEmbeddersWritesWithItsOwn) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(
      (*store)->Transact([](Transaction& t) { return Execute(t, "CREATE TABLE mine (n INTEGER)"); }).ok());
  EXPECT_TRUE((*store)
                  ->Transact([](Transaction& transaction) -> absl::Status {
                    (void)transaction.Append("b.test", "x");
                    return Execute(transaction, "INSERT INTO mine VALUES (1)");
                  })
                  .ok());
  EXPECT_FALSE((*store)
                   ->Transact([](Transaction& transaction) -> absl::Status {
                     (void)transaction.Append("b.test", "y");
                     (void)Execute(transaction, "INSERT INTO mine VALUES (2)");
                     return absl::AbortedError("no");
                   })
                   .ok());
  EXPECT_EQ(Query(path, "SELECT sum(n) FROM mine"), 1);
  EXPECT_EQ((*store)->Link("b.test")->numbers.assigned, Seq{1});
}

// A statement that fails hard ends SQLite's transaction; what comes after must not commit alone.
TEST(SqliteStore, CommitsNothingAfterTheTransactionHasEndedByItself) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE((*store)
                  ->Transact([](Transaction& transaction) { return transaction.SetLast("a.test", Seq{1}); })
                  .ok());
  const absl::Status status = (*store)->Transact([](Transaction& transaction) -> absl::Status {
    (void)transaction.SetLast("a.test", Seq{2});
    (void)Execute(transaction, "ROLLBACK");
    EXPECT_FALSE(transaction.Append("b.test", "x").ok());
    EXPECT_FALSE(transaction.SetLast("a.test", Seq{3}).ok());
    EXPECT_FALSE(transaction.Quarantine({.origin = "a.test", .seq = Seq{3}}).ok());
    return absl::OkStatus();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Query(path, "SELECT last FROM federation_inbox"), 1);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox"), 0);
  EXPECT_TRUE((*store)
                  ->Transact([](Transaction& transaction) { return transaction.SetLast("a.test", Seq{2}); })
                  .ok());
}

TEST(SqliteStore, IsForItsOwnerOnly) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok());
  for (const char* name : {"store.db", "store.db-wal"}) {
    struct stat info{};
    ASSERT_EQ(stat(folder.File(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << name;
  }
}

TEST(SqliteStore, KeepsASecondProcessAway) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok());
  const auto second = OpenSqliteStore(folder.File("store.db"));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.status().ToString(), testing::HasSubstr("in use by another process"));
  store->reset();
  EXPECT_TRUE(OpenSqliteStore(folder.File("store.db")).ok());
}

TEST(SqliteStore, RefusesTablesOfAnotherVersion) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  ASSERT_TRUE(OpenSqliteStore(path).ok());
  Query(path, "UPDATE federation_version SET version = 99");
  EXPECT_THAT(OpenSqliteStore(path).status().ToString(),
              testing::HasSubstr("want tables of version 3, got 99"));
}

TEST(SqliteStore, SaysWhyItCannotOpen) {
  for (const char* path : {"", ":memory:", "file:x?mode=memory"}) {
    EXPECT_EQ(OpenSqliteStore(path).status().code(), absl::StatusCode::kInvalidArgument) << path;
  }
  EXPECT_THAT(OpenSqliteStore("/nonexistent/folder/store.db").status().ToString(),
              testing::HasSubstr("cannot open /nonexistent/folder/store.db"));
}

// Every number that was reported durable is there after a SIGKILL in the middle of the traffic, and no gap
// before it.
TEST(SqliteStore, KeepsWhatItReportedWhenItsProcessIsKilled) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  int reported[2];
  ASSERT_EQ(pipe(reported), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto store = OpenSqliteStore(path);
    for (std::uint64_t i = 1;; ++i) {
      std::promise<absl::Status> done;
      (*store)->Submit([&](Transaction& t) { return t.Append("b.test", std::to_string(i)).status(); },
                       [&](const absl::Status& status) { done.set_value(status); });
      if (!done.get_future().get().ok() || write(reported[1], &i, sizeof i) != sizeof i) _exit(1);
    }
  }
  close(reported[1]);
  std::uint64_t last = 0;
  while (last < 100 && read(reported[0], &last, sizeof last) == sizeof last) {
  }
  ASSERT_EQ(kill(child, SIGKILL), 0);
  while (read(reported[0], &last, sizeof last) == sizeof last) {
  }
  close(reported[0]);
  waitpid(child, nullptr, 0);
  ASSERT_GE(last, 100U);
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto kept = (*store)->Read("b.test", Seq{1}, 1'000'000, 1'000'000'000);
  ASSERT_GE(kept->size(), last);
  for (std::size_t i = 0; i < kept->size(); ++i) {
    ASSERT_EQ((*kept)[i], std::to_string(i + 1));
  }
}

TEST(SqliteStore, StoresUpdatesOfOneCommitTogether) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  ASSERT_TRUE((*store)
                  ->Transact([](Transaction& transaction) -> absl::Status {
                    for (int i = 0; i < 2500; ++i) (void)transaction.Append("b.test", "x");
                    for (int i = 0; i < 20; ++i) (void)transaction.Append("c.test", std::string(10'000, 'x'));
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox WHERE link = 1"), 3);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox WHERE link = 2"), 4);
  EXPECT_EQ(Query(path, "SELECT max(assigned) FROM federation_link"), 0);
  // Long ones stand apart, and go with their rows.
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox WHERE length(json) > 900"), 0);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_body"), 7);
  ASSERT_TRUE((*store)->Transact([](Transaction& t) { return t.Remove("b.test", Seq{1}, Seq{2499}); }).ok());
  ASSERT_TRUE((*store)->Transact([](Transaction& t) { return t.Remove("c.test", Seq{2}, Seq{20}); }).ok());
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_body"), 1);
}

// What each of `destinations` has is `json` under the numbers 1 .. last.
void ExpectAll(Store& store, const std::vector<std::string>& destinations, std::string_view json, Seq last) {
  for (const std::string& destination : destinations) {
    ASSERT_EQ(store.Link(destination)->numbers.assigned, last);
    ASSERT_EQ(store.Link(destination)->waiting_bytes, Value(last) * json.size());
    const auto run = store.Read(destination, Seq{1}, SIZE_MAX, SIZE_MAX);
    ASSERT_TRUE(run.ok());
    ASSERT_EQ(run->first(), Seq{1});
    ASSERT_EQ(run->last(), last);
    for (std::size_t i = 0; i < run->size(); ++i) ASSERT_EQ((*run)[i], json);
  }
}

TEST(SqliteStore, MovesWhatManyGotWhenThereIsMuchOfIt) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  std::vector<std::string> all;
  for (int i = 0; i < 100; ++i) all.push_back("d" + std::to_string(i) + ".test");
  const auto send = [&](Transaction& t) { return t.AppendToAll(all, "x").status(); };
  const auto send_one = [&](Transaction& t) { return t.Append(all[7], "x").status(); };
  // Among those that one alone gets.
  ASSERT_TRUE((*store)->Transact(send_one).ok());
  for (int i = 0; i < 32; ++i) ASSERT_TRUE((*store)->Transact(send).ok());
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_recent"), 3200);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox"), 1);
  ASSERT_TRUE((*store)->Transact(send_one).ok());
  ExpectAll(**store, {all[7]}, "x", Seq{34});
  ExpectAll(**store, {all[0], all[6], all[8], all[99]}, "x", Seq{32});
  EXPECT_EQ((*store)->WaitingLinks()->size(), 100U);

  store->reset();
  store = OpenSqliteStore(path);
  ASSERT_TRUE((*store)->Transact(send).ok());
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_recent"), 100);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox"), 3202);
  ExpectAll(**store, {all[7]}, "x", Seq{35});
  ExpectAll(**store, {all[0], all[99]}, "x", Seq{33});

  // An undone one has not moved anything for those who come after it.
  EXPECT_FALSE((*store)
                   ->Transact([&](Transaction& t) {
                     EXPECT_TRUE(send(t).ok());
                     EXPECT_TRUE(t.Remove(all[0], Seq{1}, Seq{1}).ok());
                     return absl::InternalError("undo");
                   })
                   .ok());
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_recent"), 100);
  ExpectAll(**store, {all[0], all[99]}, "x", Seq{33});
}

TEST(SqliteStore, MovesWhatManyGotBeforeItIsChanged) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  std::vector<std::string> all;
  for (int i = 0; i < 100; ++i) all.push_back("d" + std::to_string(i) + ".test");
  const auto send = [&](Transaction& t) { return t.AppendToAll(all, "x").status(); };
  ASSERT_TRUE((*store)->Transact(send).ok());
  ASSERT_TRUE((*store)->Transact(send).ok());
  ASSERT_TRUE((*store)->Transact([&](Transaction& t) { return t.Remove(all[5], Seq{1}, Seq{1}); }).ok());
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_recent"), 0);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox"), 199);
  EXPECT_EQ((*store)->Read(all[5], Seq{1}, 9, 99)->first(), Seq{2});

  ASSERT_TRUE((*store)->Transact(send).ok());
  ASSERT_TRUE(
      (*store)->Transact([&](Transaction& t) { return t.Renumber(all[6], Seq{2}, Seq{9}).status(); }).ok());
  EXPECT_EQ((*store)->Read(all[6], Seq{9}, 9, 99)->first(), Seq{10});
  ExpectAll(**store, {all[7]}, "x", Seq{3});
}

TEST(SqliteStore, StoresTheBytesOfOneUpdateForManyOnce) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  std::vector<std::string> all;
  for (int i = 0; i < 100; ++i) all.push_back("d" + std::to_string(i) + ".test");
  const auto send = [&](Transaction& t) { return t.AppendToAll(all, std::string(50'000, 'x')).status(); };
  ASSERT_TRUE((*store)->Transact(send).ok());
  ASSERT_TRUE((*store)->Transact(send).ok());
  EXPECT_EQ(Query(path, "SELECT sum(length(json)) FROM federation_body"), 100'000);
  EXPECT_LT(Query(path, "PRAGMA page_count") * 4096, 200'000);
  for (const std::string& destination : all) {
    EXPECT_EQ((*store)->Link(destination)->waiting_bytes, 100'000U);
    ASSERT_TRUE(
        (*store)->Transact([&](Transaction& t) { return t.Remove(destination, Seq{1}, Seq{1}); }).ok());
  }
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_body"), 1);
  for (const std::string& destination : all) {
    ASSERT_TRUE(
        (*store)->Transact([&](Transaction& t) { return t.Remove(destination, Seq{1}, Seq{9}); }).ok());
  }
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_body"), 0);
  EXPECT_EQ(Query(path, "SELECT count(*) FROM federation_outbox"), 0);
}

// The second statement of a call fails, and nobody looks at what the call says.
TEST(SqliteStore, CommitsNothingThatIsHalfDone) {
  TemporaryFolder folder;
  const std::string path = folder.File("store.db");
  auto store = OpenSqliteStore(path);
  const OwnConnection mine(path);
  ASSERT_EQ(mine.Execute("CREATE TRIGGER no BEFORE INSERT ON federation_quarantine"
                         " BEGIN SELECT RAISE(ABORT, 'no'); END"),
            SQLITE_OK);
  const auto careless = [](Transaction& transaction) {
    (void)transaction.Quarantine({.origin = "a.test", .seq = Seq{1}});
    return transaction.SetLast("a.test", Seq{1});
  };
  const auto forgets = [&](Transaction& transaction) {
    return (void)careless(transaction), absl::OkStatus();
  };
  EXPECT_FALSE((*store)->Transact(forgets).ok());
  std::promise<absl::Status> done;
  (*store)->Submit(forgets, [&](const absl::Status& status) { done.set_value(status); });
  EXPECT_FALSE(done.get_future().get().ok());
  {
    auto lazy = (*store)->Begin();
    (void)careless(*lazy);
    EXPECT_FALSE(lazy->Checkpoint().ok());
    EXPECT_FALSE(lazy->Commit().ok());
  }
  EXPECT_EQ(mine.Query("SELECT count(*) FROM federation_inbox"), 0);
  {
    auto lazy = (*store)->Begin();
    (void)careless(*lazy);
    EXPECT_TRUE(lazy->Undo().ok());
    EXPECT_TRUE(lazy->SetLast("a.test", Seq{2}).ok());
    EXPECT_TRUE(lazy->Checkpoint().ok());
    EXPECT_TRUE(lazy->Commit().ok());
  }
  EXPECT_EQ(mine.Query("SELECT sum(last) + sum(quarantined_updates) FROM federation_inbox"), 2);
}

// Each write of a commit in turn is the one for which there is no room.
TEST(SqliteStore, IsWholeWhereverTheDiskFillsUp) {
  TemporaryFolder folder;
  const std::string file = folder.File("store.db");
  FaultyDisk disk(file.substr(0, file.rfind('/')));
  auto store = OpenSqliteStore(file);
  ASSERT_TRUE(store.ok());
  std::uint64_t committed = 0;
  for (int write = 1; write <= 80; ++write) {
    disk.FailWritesFrom(write);
    const absl::Status status = (*store)->Transact([&](Transaction& transaction) -> absl::Status {
      const absl::StatusOr<Seq> seq = transaction.Append("b.test", std::string(20'000, 'x'));
      if (!seq.ok()) return seq.status();
      (void)transaction.Remove("b.test", Seq{Value(*seq) / 2}, Seq{Value(*seq) / 2});
      (void)transaction.Quarantine({.origin = "a.test", .seq = *seq, .json = std::string(9000, 'y')});
      return transaction.SetLast("a.test", *seq);
    });
    disk.FailWritesFrom(0);
    if (status.ok()) {
      ++committed;
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    }
    EXPECT_EQ((*store)->Link("b.test")->numbers.assigned, Seq{committed});
    EXPECT_EQ(*(*store)->Last("a.test"), Seq{committed});
    EXPECT_EQ((*store)->Quarantined("a.test", 0, 100)->size(), committed);
  }
  EXPECT_GT(committed, 10U);
  EXPECT_EQ(Query(file, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

}  // namespace
}  // namespace federation
