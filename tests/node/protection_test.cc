// The protection level between whole nodes, over real TLS and SQLite.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/rpc.h"

#include "node/scripted_dispatcher.h"
#include "node/two_nodes.h"
#include "support/eventually.h"
#include "support/raw_tls_client.h"
#include "support/sealing_protection.h"

namespace federation::node {
namespace {

using support::SealingProtection;
using testing::ElementsAre;

class ProtectionTest : public TwoNodes {
 protected:
  ProtectionTest() {
    bravo.before_start = [this](Node& node) { ASSERT_TRUE(node.Serve(dispatcher_).ok()); };
  }
  ~ProtectionTest() override { bravo.Stop(); }

  static std::shared_ptr<SealingProtection> Protect(Server& server, const std::string& key) {
    auto protection = std::make_shared<SealingProtection>(key);
    server.options().protection = protection;
    return protection;
  }
  absl::StatusOr<std::string> Call() {
    return alpha.node().Call({"bravo.test", R"({"rpc":"find"})", {.timeout = 20s}});
  }

  ScriptedDispatcher dispatcher_{{"find"}};
};

TEST_F(ProtectionTest, BringsUpdatesAndRequestsOfThoseWhoHaveTheSameOne) {
  const auto ours = Protect(alpha, "key");
  const auto theirs = Protect(bravo, "key");
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  ASSERT_TRUE(alpha.node().SendWeak("bravo.test", Json(2), "").ok());
  bravo.SendTo(alpha, Json(3));
  EXPECT_EQ(bravo.journal.WaitFor(2).size(), 2U);
  EXPECT_THAT(alpha.journal.WaitFor(1), ElementsAre("bravo.test 1 " + Json(3)));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  const auto answer = Call();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, R"({"result":"ok"})");
  EXPECT_EQ(ours->refused() + theirs->refused(), 0);
}

TEST_F(ProtectionTest, RefusesThoseWhoHaveAnotherOneAndLosesNothing) {
  Protect(alpha, "key");
  const auto theirs = Protect(bravo, "another key");
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(support::Eventually([&] { return theirs->refused() > 2; }, 20s));
  EXPECT_EQ(alpha.LinkTo(bravo).pending(), 1U);
  const absl::Status status = Call().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(dispatcher_.calls(), 0);
  // The operators have agreed.
  alpha.Stop();
  Protect(alpha, "another key");
  alpha.Start();
  EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
}

TEST_F(ProtectionTest, RefusesWhoHasNone) {
  const auto theirs = Protect(bravo, "key");
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(support::Eventually([&] { return theirs->refused() > 2; }, 20s));
  EXPECT_EQ(alpha.LinkTo(bravo).pending(), 1U);
}

// What bravo, which knows of no protection, confirms is no confirmation.
TEST_F(ProtectionTest, TakesNoWordOfWhoHasNone) {
  const auto ours = Protect(alpha, "key");
  StartBoth();
  ASSERT_EQ(Call().status().code(), absl::StatusCode::kInvalidArgument);
  alpha.SendTo(bravo, Json(1));
  EXPECT_FALSE(support::Eventually([&] { return alpha.LinkTo(bravo).pending() == 0; }, 1s));
}

// Who reads it has agreed on nothing, also where he shows who he is.
TEST_F(ProtectionTest, LeavesTheDocumentForEverybodyAsItIs) {
  const auto theirs = Protect(bravo, "key");
  StartBoth();
  auto connection = support::ConnectRawTls(bravo.options().listen.port, alpha.options().tls, "bravo.test");
  const auto ask = [&](const std::string& method, const std::string& target) {
    connection.Send(method + " " + target + " HTTP/1.1\r\nHost: bravo.test\r\nContent-Length: 0\r\n\r\n");
    return connection.Receive();
  };
  const auto answer = ask("GET", "/.well-known/actor-federation");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 200);
  EXPECT_THAT(answer->body, testing::StartsWith(R"({"endpoints":[)"));
  EXPECT_EQ(ask("GET", "/http/v1/updates")->status(), 405);
  EXPECT_EQ(ask("POST", "/")->status(), 404);
  EXPECT_EQ(theirs->refused(), 0);
  EXPECT_EQ(ask("POST", "/http/v1/updates")->status(), 403);
  EXPECT_EQ(theirs->refused(), 1);
}

}  // namespace
}  // namespace federation::node
