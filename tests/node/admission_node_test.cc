// Whom a node has to do with, and how much it takes of each: between whole nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/scripted_dispatcher.h"
#include "node/two_nodes.h"

namespace federation::node {
namespace {

using testing::HasSubstr;

class AdmissionBetweenNodes : public TwoNodes {
 protected:
  AdmissionBetweenNodes() {
    bravo.before_start = [this](Node& node) { ASSERT_TRUE(node.Serve(dispatcher_).ok()); };
    alpha.options().limits.outbox.refused_backoff_min = 20ms;
  }
  void TearDown() override {
    // Before the dispatcher.
    alpha.Stop();
    bravo.Stop();
  }
  absl::Status Ask(Server& from, const std::string& to) {
    return from.node().Call({to, R"({"rpc":"find"})", {.timeout = 10s}}).status();
  }

  ScriptedDispatcher dispatcher_{{"find"}};
};

TEST_F(AdmissionBetweenNodes, ADeniedOriginIsRefusedUntilItIsAllowed) {
  bravo.options().access.deny = {"*.test"};
  StartBoth();
  EXPECT_EQ(
      Ask(alpha, "bravo.test"),
      absl::PermissionDeniedError("HTTP 403: this server has nothing to do with alpha.test: it is denied"));
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitForLink(
      bravo, [](const LinkStatus& link) { return link.state == LinkStatus::State::kRefused; }));
  EXPECT_THAT(alpha.LinkTo(bravo).last_error,
              HasSubstr("HTTP 403: this server has nothing to do with alpha.test"));
  EXPECT_EQ(dispatcher_.calls(), 0);
  const Refusals refusals = bravo.node().CountRefusals();
  EXPECT_EQ(refusals.requests.denied, 1U);
  EXPECT_GE(refusals.pushes.denied, 1U);

  ASSERT_TRUE(bravo.node().SetAccess({.allow = {{"alpha.test"}}}).ok());
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_THAT(bravo.journal.WaitFor(1), testing::ElementsAre("alpha.test 1 " + Json(1)));
  EXPECT_TRUE(Ask(alpha, "bravo.test").ok());
}

TEST_F(AdmissionBetweenNodes, NothingIsSentToADeniedDestination) {
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  ASSERT_TRUE(alpha.node().PauseLink("bravo.test").ok());
  alpha.SendTo(bravo, Json(2));

  ASSERT_TRUE(alpha.node().SetAccess({.deny = {"bravo.test"}}).ok());
  const absl::Status denied =
      absl::PermissionDeniedError("this server has nothing to do with bravo.test: it is denied");
  EXPECT_EQ(alpha.node().SendStrong("bravo.test", Json(3)).status(), denied);
  EXPECT_EQ(alpha.node().SendWeak("bravo.test", Json(3)), denied);
  EXPECT_EQ(Ask(alpha, "bravo.test"), denied);
  EXPECT_EQ(alpha.store().Transact([&](Transaction& transaction) {
    return alpha.node().SendStrong(transaction, "bravo.test", Json(3)).status();
  }),
            denied);
  // What was taken before waits.
  ASSERT_TRUE(alpha.node().ResumeLink("bravo.test").ok());
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return link.failures > 0; }));
  EXPECT_THAT(alpha.LinkTo(bravo).last_error, HasSubstr("this server has nothing to do with bravo.test"));
  EXPECT_EQ(alpha.LinkTo(bravo).pending(), 1U);
  EXPECT_EQ(bravo.node().CountRefusals().pushes.denied, 0U);

  ASSERT_TRUE(alpha.node().SetAccess({}).ok());
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_THAT(bravo.journal.WaitFor(2),
              testing::ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2)));
}

TEST_F(AdmissionBetweenNodes, WhatWaitedForADestinationGoesAsSoonAsItIsAllowed) {
  alpha.options().limits.outbox.backoff_min = 1h;
  alpha.options().limits.outbox.backoff_max = 1h;
  StartBoth();
  ASSERT_TRUE(alpha.node().PauseLink("bravo.test").ok());
  alpha.SendTo(bravo, Json(1));
  ASSERT_TRUE(alpha.node().SetAccess({.deny = {"bravo.test"}}).ok());
  ASSERT_TRUE(alpha.node().ResumeLink("bravo.test").ok());
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return link.failures > 0; }));
  ASSERT_TRUE(alpha.node().SetAccess({}).ok());
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
}

TEST_F(AdmissionBetweenNodes, AnOriginThatSendsTooMuchGetsItsTurnLater) {
  bravo.options().limits.origin.requests_per_second_max = 2;
  StartBoth();
  int told_to_wait = 0;
  for (int i = 0; i < 5; ++i) {
    const absl::Status status = Ask(alpha, "bravo.test");
    if (RetryAfter(status).has_value()) ++told_to_wait;
  }
  EXPECT_GE(told_to_wait, 1);
  EXPECT_EQ(bravo.node().CountRefusals().requests.over_rate, static_cast<std::uint64_t>(told_to_wait));
  for (int i = 1; i <= 5; ++i) alpha.SendTo(bravo, Json(i));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_EQ(bravo.journal.WaitFor(5).size(), 5U);
}

TEST_F(AdmissionBetweenNodes, MalformedListsAreRefused) {
  bravo.options().access.allow = {{"*.Bravo.test"}};
  auto store = OpenSqliteStore(folder.File("other.db"));
  ASSERT_TRUE(store.ok());
  const absl::Status created = Node::Create(bravo.options(), **store).status();
  EXPECT_EQ(created.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(created.message()),
              HasSubstr("access.allow: want a domain name, got \"Bravo.test\""));
}

}  // namespace
}  // namespace federation::node
