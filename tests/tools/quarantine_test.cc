#include "fednode/quarantine.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "support/temporary_folder.h"
#include "tools/fake_node.h"

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// More than the node reads at a time.
constexpr std::uint64_t kMany = 250;
constexpr std::chrono::system_clock::time_point kSince{std::chrono::milliseconds{1714564800123}};

class QuarantineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Store>> store = OpenSqliteStore(folder_.File("db"));
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Gets the ids 1 to `count`.
  void Fill(const std::string& origin, std::uint64_t count) {
    absl::Status status = store_->Transact([&](Transaction& transaction) -> absl::Status {
      for (std::uint64_t seq = 1; seq <= count; ++seq) {
        absl::Status kept = transaction.Quarantine({.origin = origin,
                                                    .seq = Seq{seq + 100},
                                                    .reason = "unknown",
                                                    .json = R"({"update":"dance"})",
                                                    .since = kSince});
        if (!kept.ok()) return kept;
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  std::vector<std::int64_t> Ids(const std::string& origin) {
    std::vector<std::int64_t> ids;
    const absl::StatusOr<std::vector<QuarantinedUpdate>> updates = store_->Quarantined(origin, 0, 10'000);
    EXPECT_TRUE(updates.ok()) << updates.status();
    for (const QuarantinedUpdate& update : *updates) ids.push_back(update.id);
    return ids;
  }

  absl::StatusOr<admin::v1::DropQuarantinedUpdatesResponse> Drop(const std::string& origin,
                                                                 std::vector<std::int64_t> ids, bool all) {
    admin::v1::DropQuarantinedUpdatesRequest request;
    request.set_origin(origin);
    request.mutable_ids()->Add(ids.begin(), ids.end());
    request.set_all(all);
    return DropQuarantinedUpdates(*store_, request);
  }

  absl::StatusOr<admin::v1::ReplayQuarantinedUpdatesResponse> Replay(const std::string& origin,
                                                                     std::vector<std::int64_t> ids,
                                                                     bool all) {
    admin::v1::ReplayQuarantinedUpdatesRequest request;
    request.set_origin(origin);
    request.mutable_ids()->Add(ids.begin(), ids.end());
    request.set_all(all);
    return ReplayQuarantinedUpdates(node_, *store_, request);
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  FakeNode node_;
};

TEST_F(QuarantineTest, ListsItsOriginsWithTheirSizes) {
  EXPECT_EQ(ListQuarantines(*store_)->quarantines_size(), 0);
  Fill("alpha.test", 2);
  Fill("c.test", 1);
  const absl::StatusOr<admin::v1::ListQuarantinesResponse> list = ListQuarantines(*store_);
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->quarantines_size(), 2);
  EXPECT_EQ(list->quarantines(0).origin(), "alpha.test");
  EXPECT_EQ(list->quarantines(0).updates(), 2u);
  EXPECT_EQ(list->quarantines(0).bytes(), 36u);
  EXPECT_EQ(list->quarantines(1).origin(), "c.test");
}

TEST_F(QuarantineTest, ListsTheUpdatesOfAnOriginPageByPage) {
  Fill("alpha.test", kMany);
  admin::v1::ListQuarantinedUpdatesRequest request;
  request.set_origin("alpha.test");
  std::int64_t expected = 1;
  for (bool more = true; more;) {
    const auto page = ListQuarantinedUpdates(*store_, request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_GT(page->updates_size(), 0);
    for (const admin::v1::QuarantinedUpdate& update : page->updates()) {
      EXPECT_EQ(update.id(), expected++);
      EXPECT_EQ(update.update(), "");
      EXPECT_EQ(update.bytes(), 18u);
    }
    more = page->more();
    request.set_after_id(page->updates(page->updates_size() - 1).id());
  }
  EXPECT_EQ(expected, static_cast<std::int64_t>(kMany) + 1);
}

TEST_F(QuarantineTest, ListsNoMoreThanItIsAskedFor) {
  Fill("alpha.test", 3);
  admin::v1::ListQuarantinedUpdatesRequest request;
  request.set_origin("alpha.test");
  request.set_count_max(2);
  EXPECT_EQ(ListQuarantinedUpdates(*store_, request)->updates_size(), 2);
  EXPECT_TRUE(ListQuarantinedUpdates(*store_, request)->more());
  request.set_count_max(3);
  EXPECT_EQ(ListQuarantinedUpdates(*store_, request)->updates_size(), 3);
  EXPECT_FALSE(ListQuarantinedUpdates(*store_, request)->more());
  request.set_origin("Alpha Test");
  EXPECT_TRUE(absl::IsInvalidArgument(ListQuarantinedUpdates(*store_, request).status()));
}

TEST_F(QuarantineTest, ShowsOneUpdateWithItsJson) {
  Fill("alpha.test", 3);
  admin::v1::GetQuarantinedUpdateRequest request;
  request.set_origin("alpha.test");
  request.set_id(2);
  const auto response = GetQuarantinedUpdate(*store_, request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->update().id(), 2);
  EXPECT_EQ(response->update().origin(), "alpha.test");
  EXPECT_EQ(response->update().seq(), 102u);
  EXPECT_EQ(response->update().reason(), "unknown");
  EXPECT_EQ(response->update().update(), R"({"update":"dance"})");
  EXPECT_EQ(response->update().since_ms(), 1714564800123);
  for (std::int64_t id : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{4}, INT64_MIN, INT64_MAX}) {
    request.set_id(id);
    const absl::Status status = GetQuarantinedUpdate(*store_, request).status();
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("id: no update of alpha.test with the id "));
  }
}

TEST_F(QuarantineTest, DropsSomeUpdatesOrNone) {
  Fill("alpha.test", 4);
  Fill("c.test", 1);
  const absl::Status missing = Drop("alpha.test", {1, 7}, false).status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_THAT(Ids("alpha.test"), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(Drop("alpha.test", {3, 1, 3}, false)->dropped_updates(), 2u);
  EXPECT_THAT(Ids("alpha.test"), ElementsAre(2, 4));
  EXPECT_THAT(Ids("c.test"), ElementsAre(1));
}

TEST_F(QuarantineTest, DropsAllUpdatesOfOneOrigin) {
  Fill("alpha.test", kMany);
  Fill("c.test", 1);
  EXPECT_EQ(Drop("alpha.test", {}, true)->dropped_updates(), kMany);
  EXPECT_THAT(Ids("alpha.test"), IsEmpty());
  EXPECT_THAT(Ids("c.test"), ElementsAre(1));
  EXPECT_EQ(Drop("alpha.test", {}, true)->dropped_updates(), 0u);
}

TEST_F(QuarantineTest, WantsToBeToldWhichUpdates) {
  Fill("alpha.test", 1);
  for (const absl::Status& status :
       {Drop("alpha.test", {}, false).status(), Drop("alpha.test", {1}, true).status(),
        Replay("alpha.test", {}, false).status(), Replay("alpha.test", {1}, true).status()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("ids: want "));
  }
  for (const absl::Status& status : {Drop("", {}, true).status(), Replay("ALPHA", {}, true).status()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("origin: "));
  }
  EXPECT_THAT(Ids("alpha.test"), ElementsAre(1));
  EXPECT_THAT(node_.operations, IsEmpty());
}

TEST_F(QuarantineTest, ReplaysByTheNode) {
  Fill("alpha.test", 3);
  node_.replayed = {{1, Seq{101}, Replayed::Result::kDone, ""},
                    {2, Seq{102}, Replayed::Result::kRejected, "no"},
                    {3, Seq{103}, Replayed::Result::kLater, ""}};
  const auto response = Replay("alpha.test", {}, true);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->replayed_size(), 3);
  EXPECT_EQ(response->replayed(0).result(), admin::v1::Replayed::RESULT_DONE);
  EXPECT_EQ(response->replayed(1).id(), 2);
  EXPECT_EQ(response->replayed(1).seq(), 102u);
  EXPECT_EQ(response->replayed(1).result(), admin::v1::Replayed::RESULT_REJECTED);
  EXPECT_EQ(response->replayed(1).reason(), "no");
  EXPECT_EQ(response->replayed(2).result(), admin::v1::Replayed::RESULT_LATER);
  EXPECT_TRUE(Replay("alpha.test", {2, 3}, false).ok());
  EXPECT_TRUE(absl::IsNotFound(Replay("alpha.test", {2, 9}, false).status()));
  EXPECT_THAT(node_.operations, ElementsAre("replay alpha.test", "replay 2 3 alpha.test"));
  node_.operation_status = absl::UnavailableError("the node stops");
  EXPECT_EQ(Replay("alpha.test", {}, true).status(), node_.operation_status);
}

}  // namespace
}  // namespace federation::fednode
