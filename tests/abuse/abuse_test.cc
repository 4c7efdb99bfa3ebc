// Nothing that others send may end the process, grow its memory, be read as two requests, or lead the node to
// where nobody may connect: every row of the abuse table against a complete node with the standard schema,
// and something good after each.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <malloc.h>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"
#include "federation/v1/requests.federation.h"
#include "federation/v1/updates.federation.h"

#include "abuse/attacker.h"
#include "abuse/hostile_servers.h"
#include "abuse/table.h"
#include "support/temporary_folder.h"

#include <sqlite3.h>

namespace federation::abuse {
namespace {

using ::testing::HasSubstr;

// The standard schema's receiver, which counts what nobody must ever apply.
class Receiver final : public UpdateReceiver {
 public:
  Outcome Receive(std::string_view json, const UpdateContext& context) override {
    if (json.find(kSmuggled) != std::string_view::npos) ++smuggled;
    return standard_.Receive(json, context);
  }

  std::atomic<int> smuggled{0};

 private:
  v1::DefaultUpdateHandler handler_;
  v1::UpdateReceiver standard_{handler_};
};

class Users final : public v1::UsersService {
  absl::StatusOr<v1::SearchUsersResponse> SearchUsers(const v1::SearchUsersRequest&,
                                                      const RpcContext&) override {
    return v1::SearchUsersResponse();
  }
};

class Conversations final : public v1::ConversationsService {
  absl::StatusOr<v1::FetchStateResponse> FetchState(const v1::FetchStateRequest&,
                                                    const RpcContext&) override {
    return v1::FetchStateResponse();
  }
};

class AbuseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = OpenSqliteStore(folder_.File("bravo.db"));
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    ASSERT_TRUE(store_
                    ->Transact([](Transaction& transaction) {
                      return transaction.SetLast("alpha.test", Seq{kAbuseLast});
                    })
                    .ok());
    NodeOptions options{.domain = "bravo.test", .listen = {"127.0.0.1", 0}};
    options.tls = certificates_.Of("bravo.test");
    options.allowed_addresses = {kAbuseAllowedAddress};
    servers_.Attract(&options.discovery);
    HttpLimits& limits = options.limits.http;
    limits.header_bytes_max = kAbuseHeaderBytesMax;
    limits.body_bytes_max = kAbuseBodyBytesMax;
    // What never comes is waited for as long.
    limits.handshake_timeout = limits.header_timeout = limits.body_timeout = std::chrono::seconds(1);
    auto node = Node::Create(options, *store_);
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
    node_->Receive(receiver_);
    ASSERT_TRUE(node_->Serve(users_dispatcher_).ok() && node_->Serve(conversations_dispatcher_).ok());
    ASSERT_TRUE(node_->Start().ok());
    attacker_ = std::make_unique<Attacker>(node_->port(), certificates_, "newcomer", 1'000'000);
  }

  void PlayAll() {
    for (const AbuseRow& row : rows_) {
      SCOPED_TRACE(row.name);
      if (IsServer(row.peer)) {
        Resolve(row);
        ExpectResolves();
      } else {
        Play(row);
      }
      ExpectServes();
    }
  }

 private:
  // Sends what the row says, looks at what comes back and at what became of the connection.
  void Play(const AbuseRow& row) {
    const Played played = attacker_->Play(row);
    if (row.peer == AbuseRow::Peer::kPlain) {
      ASSERT_TRUE(played.plain_bytes.has_value());
      EXPECT_LT(*played.plain_bytes, 100U);
      return;
    }
    ASSERT_EQ(played.answer.has_value(), row.status != 0);
    if (!played.answer) {
      EXPECT_TRUE(played.closed);
      return;
    }
    EXPECT_EQ(played.answer->status(), row.status) << played.answer->body;
    EXPECT_THAT(played.answer->body, HasSubstr(row.body));
    EXPECT_EQ(played.answer->Header("Content-Type"),
              row.status == 200 ? "application/json" : "application/problem+json");
    if (row.after == AbuseRow::After::kClosed) {
      EXPECT_EQ(played.answer->Header("Connection"), "close");
      EXPECT_TRUE(played.closed);
      return;
    }
    ASSERT_TRUE(played.next);
    EXPECT_EQ(played.next->status(), 200) << played.next->body;
    if (row.peer != AbuseRow::Peer::kNewcomer) return;
    const auto quarantined = store_->Quarantined(played.newcomer, 0, 1000);
    ASSERT_TRUE(quarantined.ok());
    EXPECT_EQ(quarantined->size(), row.quarantined);
  }

  // Has the node look for the server of evil.test, and connect to what it finds.
  void Resolve(const AbuseRow& row) {
    servers_.Become(row);
    const absl::StatusOr<Resolution> found = node_->Resolve("evil.test", Lookup::kFresh);
    ASSERT_TRUE(found.ok()) << found.status();
    const std::string text = Describe(*found);
    EXPECT_THAT(text, HasSubstr(row.body));
    const auto source =
        row.peer == AbuseRow::Peer::kDnsServer ? Resolution::Source::kSrv : Resolution::Source::kWellKnown;
    const bool is_taken =
        found->steps.back().source == source && found->steps.back().outcome == Resolution::Outcome::kTaken;
    EXPECT_EQ(is_taken, row.status == 200) << text;
    EXPECT_LE(found->expires_in, std::chrono::hours(1));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    if (!is_taken) return;
    EXPECT_FALSE(
        node_->Call({"evil.test", R"({"rpc":"x"})", {.timeout = std::chrono::seconds(5), .tries_max = 1}})
            .ok());
  }

  void ExpectResolves() {
    servers_.BecomeGood();
    const absl::StatusOr<Resolution> by_document = node_->Resolve("good.test", Lookup::kFresh);
    ASSERT_TRUE(by_document.ok());
    EXPECT_THAT(Describe(*by_document), HasSubstr("well-known taken"));
    EXPECT_THAT(Describe(*by_document), HasSubstr("1. node.good.test:9880 \n127.0.0.1 \n1 places"));
    const absl::StatusOr<Resolution> by_dns = node_->Resolve("srv.good.test", Lookup::kFresh);
    ASSERT_TRUE(by_dns.ok());
    EXPECT_THAT(Describe(*by_dns), HasSubstr("srv taken"));
    EXPECT_THAT(Describe(*by_dns), HasSubstr("1. node.good.test:9880 \n127.0.0.1 \n1 places"));
  }

  void ExpectServes() {
    const Played played = attacker_->PlayGood();
    ASSERT_TRUE(played.answer);
    EXPECT_EQ(played.answer->body, R"({"receive":"ok","seq":3})");
  }

  const std::vector<AbuseRow> rows_ = AllRows();
  TemporaryFolder folder_;
  Certificates certificates_;
  HostileServers servers_{certificates_};
  std::unique_ptr<Store> store_;
  Users users_;
  Conversations conversations_;
  v1::UsersDispatcher users_dispatcher_{users_};
  v1::ConversationsDispatcher conversations_dispatcher_{conversations_};

 protected:
  Receiver receiver_;
  std::unique_ptr<Node> node_;

 private:
  std::unique_ptr<Attacker> attacker_;
};

TEST_F(AbuseTest, EndsOneConnectionAtMostAndSmugglesNothing) {
  PlayAll();
  EXPECT_EQ(receiver_.smuggled, 0);
}

TEST_F(AbuseTest, GrowsNoMemory) {
  // Without the page caches of SQLite, which have a bound of their own and fill with what goes to the
  // quarantine.
  const auto bytes_in_use = [] {
    return static_cast<std::int64_t>(mallinfo2().uordblks) - sqlite3_memory_used();
  };
  // The first time fills caches.
  PlayAll();
  const std::int64_t before = bytes_in_use();
  constexpr int kTimes = 2;
  for (int i = 0; i < kTimes; ++i) PlayAll();
  const std::int64_t after = bytes_in_use();
  // A connection that is left over takes 40 KiB and more, and each time has hundreds of them.
  EXPECT_LT(after, before + std::int64_t{512} * 1024);
}

// Rows are found by their names.
TEST(AbuseTable, HasManyRowsEachWithANameOfItsOwn) {
  std::set<std::string> names;
  for (const AbuseRow& row : AllRows()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  EXPECT_GE(names.size(), 400U);
}

}  // namespace
}  // namespace federation::abuse
