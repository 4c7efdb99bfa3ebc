#include "fednode/conversations.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "fednode/history.h"
#include "support/temporary_folder.h"

#include <sqlite3.h>

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string MessageJson(const std::string& peer, const std::string& id) {
  return R"({"update":"message","peer":)" + peer + R"(,"message_id":")" + id + "\"}";
}

class ConversationsTest : public ::testing::Test {
 protected:
  static constexpr const char* kGroup7 = R"({"type":"group","id":7})";

  ConversationsTest() : store_(*OpenSqliteStore(dir_.File("store.db"))) {
    history_ = *History::Open(*store_, 1000);
    rows_ = *ConversationHistory::Open(dir_.File("store.db"));
    conversations_ = std::make_unique<RecordedConversations>(*rows_);
  }

  void Applied(const std::string& origin, const std::string& json) {
    const absl::Status status = store_->Transact([&](Transaction& transaction) {
      UpdateContext context;
      context.origin = origin;
      context.seq = Seq{++seq_};
      context.transaction = &transaction;
      return history_->Record(json, context);
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  void Sent(const std::string& destination, const std::string& json) {
    const absl::Status status = store_->Transact([&](Transaction& transaction) {
      return history_->RecordSent(transaction, "bravo.test", destination, Seq{++seq_}, json);
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  absl::StatusOr<v1::FetchStateResponse> Fetch(const v1::FetchStateRequest& request) {
    return conversations_->FetchState(request, {"alpha.test", "bravo.test", {}, nullptr});
  }
  static v1::FetchStateRequest Group7(std::uint32_t updates_max = 0, const std::string& older = "") {
    v1::FetchStateRequest request;
    request.mutable_peer()->set_type(v1::PEER_TYPE_GROUP);
    request.mutable_peer()->set_id(7);
    request.set_updates_max(updates_max);
    request.set_older(older);
    return request;
  }
  static std::vector<std::string> Ids(const v1::FetchStateResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Update& update : response.updates()) ids.push_back(update.message().message_id());
    return ids;
  }

  TemporaryFolder dir_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<History> history_;
  std::unique_ptr<ConversationHistory> rows_;
  std::unique_ptr<RecordedConversations> conversations_;
  std::uint64_t seq_ = 0;
};

TEST_F(ConversationsTest, AreWhatTheCallerSentAndGotInOrder) {
  Applied("alpha.test", MessageJson(kGroup7, "1"));
  Sent("alpha.test", MessageJson(kGroup7, "2"));
  Applied("alpha.test", MessageJson(R"({"id":"7","type":"group"})", "3"));
  const auto response = Fetch(Group7());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Ids(*response), ElementsAre("1", "2", "3"));
}

TEST_F(ConversationsTest, TellNobodyWhatOthersSay) {
  Applied("charlie.test", MessageJson(kGroup7, "1"));
  Sent("charlie.test", MessageJson(kGroup7, "2"));
  const auto response = Fetch(Group7());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Ids(*response), IsEmpty());
  EXPECT_EQ(response->older(), "");
}

TEST_F(ConversationsTest, LeaveOutOtherConversationsAndWhatBelongsToNone) {
  Applied("alpha.test", MessageJson(R"({"type":"private","id":7})", "1"));
  Applied("alpha.test", MessageJson(R"({"type":"group","id":8})", "2"));
  Applied("alpha.test", R"({"update":"expired"})");
  Applied("alpha.test", R"({"update":"avatar_change","user_id":"steve","url":"x"})");
  // None that this node understands: these are in the table all the same.
  Applied("alpha.test", R"({"update":"newer","peer":{"type":"group","id":7}})");
  Applied("alpha.test", R"({"update":"message","peer":"7"})");
  Applied("alpha.test", R"({"update":"message","peer":{"id":{}}})");
  Applied("alpha.test", "no JSON at all");
  Applied("alpha.test", MessageJson(kGroup7, "3"));
  const auto response = Fetch(Group7());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Ids(*response), ElementsAre("3"));
}

TEST_F(ConversationsTest, ComeInPagesFromTheLatestOn) {
  for (int i = 1; i <= 5; ++i) Sent("alpha.test", MessageJson(kGroup7, std::to_string(i)));
  auto page = Fetch(Group7(2));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(Ids(*page), ElementsAre("4", "5"));
  // What comes meanwhile moves no page.
  Sent("alpha.test", MessageJson(kGroup7, "6"));
  page = Fetch(Group7(2, page->older()));
  EXPECT_THAT(Ids(*page), ElementsAre("2", "3"));
  page = Fetch(Group7(2, page->older()));
  EXPECT_THAT(Ids(*page), ElementsAre("1"));
  page = Fetch(Group7(2, page->older()));
  EXPECT_THAT(Ids(*page), IsEmpty());
  EXPECT_EQ(page->older(), "");
}

TEST_F(ConversationsTest, AreBoundedInNumberAndBytes) {
  for (int i = 0; i < 150; ++i) Sent("alpha.test", MessageJson(kGroup7, std::to_string(i)));
  EXPECT_EQ(Fetch(Group7(1'000'000))->updates_size(), 100);
  for (int i = 0; i < 4; ++i) Sent("alpha.test", MessageJson(kGroup7, std::string(150'000, 'x')));
  EXPECT_EQ(Fetch(Group7())->updates_size(), 2);
  // One that fits into no answer does not hide those before it.
  Applied("alpha.test", MessageJson(kGroup7, std::string(500'000, 'x')));
  const auto page = Fetch(Group7());
  EXPECT_EQ(page->updates_size(), 0);
  EXPECT_EQ(Fetch(Group7(0, page->older()))->updates_size(), 2);
}

TEST_F(ConversationsTest, RefuseWhatIsNoRequest) {
  EXPECT_EQ(Fetch({}).status(), absl::InvalidArgumentError("peer: want a conversation, got none"));
  for (const char* older : {"x", "-1", "0", "7x", "99999999999999999999"}) {
    EXPECT_EQ(Fetch(Group7(0, older)).status().code(), absl::StatusCode::kInvalidArgument) << older;
  }
}

// A database of fednode before sent updates were kept.
TEST(HistoryOfAnOlderFednode, GetsItsColumnAndKeepsItsRows) {
  TemporaryFolder dir;
  std::unique_ptr<Store> store = *OpenSqliteStore(dir.File("store.db"));
  const auto execute = [&](const std::string& sql) {
    return store->Transact([&](Transaction& transaction) {
      const int result = sqlite3_exec(*SqliteConnection(transaction), sql.c_str(), nullptr, nullptr, nullptr);
      return result == SQLITE_OK ? absl::OkStatus() : absl::InternalError(sql);
    });
  };
  ASSERT_TRUE(
      execute("CREATE TABLE fednode_history(id INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT NOT NULL, "
              "seq INTEGER NOT NULL, update_json TEXT NOT NULL)")
          .ok());
  ASSERT_TRUE(execute("INSERT INTO fednode_history(origin, seq, update_json) VALUES('alpha.test', 1, '" +
                      MessageJson(R"({"type":"group","id":7})", "1") + "')")
                  .ok());
  for (int i = 0; i < 2; ++i) {
    const auto history = History::Open(*store, 10);
    ASSERT_TRUE(history.ok()) << history.status();
  }
  const auto rows = ConversationHistory::Open(dir.File("store.db"));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ((*rows)->Read(7, "alpha.test", 100, 10, 1000)->size(), 1u);
}

}  // namespace
}  // namespace federation::fednode
