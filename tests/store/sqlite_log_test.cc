#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "store/sqlite_helpers.h"
#include "support/temporary_folder.h"

namespace federation {
namespace {

constexpr std::uintmax_t kMiB = 1024 * 1024;

// Each is a commit of its own.
void Append(Store& store, int count, std::size_t bytes) {
  const std::string json = R"({"update":"message","text":")" + std::string(bytes, 'x') + R"("})";
  for (int i = 0; i < count; ++i) {
    const absl::Status status = store.Transact(
        [&](Transaction& transaction) { return transaction.Append("bravo.test", json).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }
}

TEST(SqliteLog, CommitsFindRoomInTheFileInsteadOfMakingItLonger) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  const std::filesystem::path log = folder.File("store.db-wal");
  Append(**store, 1, 100);
  const std::uintmax_t size = std::filesystem::file_size(log);
  EXPECT_GE(size, kMiB);
  Append(**store, 50, 100);
  EXPECT_EQ(std::filesystem::file_size(log), size);
  // More than there was room for: longer by steps.
  Append(**store, 100, 30'000);
  EXPECT_GT(std::filesystem::file_size(log), size);
}

TEST(SqliteLog, IsMovedToTheDatabaseWhenItIsLong) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  Append(**store, 100, 400'000);
  EXPECT_LE(std::filesystem::file_size(folder.File("store.db-wal")), 18 * kMiB);
  EXPECT_GE(std::filesystem::file_size(folder.File("store.db")), 20 * kMiB);
}

TEST(SqliteLog, WhatFollowsTheLastCommitIsNoneAfterACrash) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  Append(**store, 10, 100);
  // What a crash of the machine leaves: the files as they are.
  std::filesystem::copy_file(folder.File("store.db"), folder.File("copy.db"));
  std::filesystem::copy_file(folder.File("store.db-wal"), folder.File("copy.db-wal"));
  auto copy = OpenSqliteStore(folder.File("copy.db"));
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(Value((*copy)->Link("bravo.test")->numbers.assigned), 10U);
  Append(**copy, 1, 100);
  EXPECT_EQ(Value((*copy)->Link("bravo.test")->numbers.assigned), 11U);
  EXPECT_EQ(OwnConnection(folder.File("copy.db"))
                .Query("SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
            1);
}

// While somebody else writes, the end of the file may be his.
TEST(SqliteLog, ConnectionsOfTheEmbedderWriteBesideIt) {
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok()) << store.status();
  const OwnConnection own(folder.File("store.db"));
  ASSERT_EQ(own.Execute("CREATE TABLE said (text TEXT)"), SQLITE_OK);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(own.Execute("INSERT INTO said VALUES (zeroblob(100000))"), SQLITE_OK);
    Append(**store, 1, 100'000);
  }
  EXPECT_EQ(own.Query("SELECT count(*) FROM said"), 50);
  EXPECT_EQ(own.Query("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
  EXPECT_EQ(Value((*store)->Link("bravo.test")->numbers.assigned), 50U);
}

}  // namespace
}  // namespace federation
