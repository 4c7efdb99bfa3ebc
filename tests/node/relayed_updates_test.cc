// Updates through a third server: between whole nodes.
#include <functional>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/two_nodes.h"
#include "support/raw_tls_client.h"
#include "support/sealing_protection.h"

namespace federation::node {
namespace {

using support::SealingProtection;
using testing::ElementsAre;
using testing::HasSubstr;

// alpha.test and bravo.test know each other no more: what they say goes through relay.test.
class RelayedUpdates : public TwoNodes {
 protected:
  void StartAll() {
    for (Server* server : {&alpha, &bravo, &relay}) server->Start();
    for (Server* server : {&alpha, &bravo, &relay}) server->Stop();
    for (Server* server : {&alpha, &bravo}) {
      Server& other = server == &alpha ? bravo : alpha;
      server->KnowPeer(relay);
      relay.KnowPeer(*server);
      server->options().relay.via[other.options().domain] = "relay.test";
      server->options().relay.trusted["relay.test"] = {"*"};
      relay.options().relay.serves[server->options().domain] = {other.options().domain};
    }
    for (Server* server : {&alpha, &bravo, &relay}) {
      server->options().limits.outbox.refused_backoff_min = 20ms;
      server->Start();
    }
  }

  Server relay{"relay.test", ca, folder.File("relay.db")};
};

TEST_F(RelayedUpdates, ArriveInBothDirectionsAndTheirAnswersComeBack) {
  StartAll();
  alpha.SendTo(bravo, Json(1));
  alpha.SendTo(bravo, Json(2));
  bravo.SendTo(alpha, Json(3));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_TRUE(bravo.WaitUntilDelivered(alpha));
  ASSERT_TRUE(alpha.node().SendWeak("bravo.test", Json(4), "").ok());
  EXPECT_THAT(bravo.journal.WaitFor(3), ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2),
                                                    "alpha.test weak " + Json(4)));
  EXPECT_THAT(alpha.journal.WaitFor(1), ElementsAre("bravo.test 1 " + Json(3)));
  EXPECT_THAT(relay.journal.WaitFor(0), ElementsAre());
}

TEST_F(RelayedUpdates, GoByTheProtectionOfTheRelay) {
  alpha.options().protection = std::make_shared<SealingProtection>("of both ends");
  bravo.options().protection = alpha.options().protection;
  const auto of_relay = std::make_shared<SealingProtection>("of the relay");
  relay.options().protection = of_relay;
  StartAll();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
  EXPECT_EQ(of_relay->refused(), 0);
}

TEST_F(RelayedUpdates, WaitWhereTheDestinationDoesNotTrustTheRelay) {
  StartAll();
  bravo.Stop();
  bravo.options().relay.trusted["relay.test"] = {"*.alpha.test"};
  bravo.Start();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitForLink(
      bravo, [](const LinkStatus& link) { return link.state == LinkStatus::State::kRefused; }));
  EXPECT_THAT(alpha.LinkTo(bravo).last_error,
              HasSubstr("HTTP 403: Federation-Relay: relay.test is not trusted here for alpha.test"));
  bravo.Stop();
  bravo.options().relay.trusted["relay.test"] = {"alpha.test"};
  bravo.Start();
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
}

// What a relay may say that is not like this one.
TEST_F(RelayedUpdates, AreAllThatADestinationTakesAndNoneOfItsOwn) {
  StartAll();
  const auto status_of = [&](const char* target, const char* origin) {
    support::RawTlsConnection connection =
        support::ConnectRawTls(bravo.node().port(), relay.options().tls, "bravo.test");
    connection.Send(
        fmt::format("POST {} HTTP/1.1\r\nHost: bravo.test\r\nFederation-Origin: {}\r\n"
                    "Federation-Relay: relay.test\r\nFederation-Hops: 1\r\n"
                    "Content-Length: 9\r\n\r\n{{\"seq\":0}}",
                    target, origin));
    const auto answer = connection.Receive();
    return answer ? answer->status() : 0;
  };
  EXPECT_EQ(status_of("/http/v1/updates", "alpha.test"), 200);
  EXPECT_EQ(status_of("/http/v1/updates", "bravo.test"), 403);
  EXPECT_EQ(status_of("/http/v1/rpc", "alpha.test"), 403);
  ASSERT_TRUE(bravo.node().SetAccess({.deny = {"relay.test"}}).ok());
  EXPECT_EQ(status_of("/http/v1/updates", "alpha.test"), 403);
}

TEST_F(RelayedUpdates, SurviveTheRelay) {
  StartAll();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  relay.Stop();
  alpha.SendTo(bravo, Json(2));
  EXPECT_TRUE(alpha.WaitForLink(
      bravo, [](const LinkStatus& link) { return link.state == LinkStatus::State::kWaiting; }));
  relay.Start();
  alpha.SendTo(bravo, Json(3));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_THAT(bravo.journal.WaitFor(3),
              ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2), "alpha.test 3 " + Json(3)));
}

TEST_F(RelayedUpdates, HearOfADestinationThatIsDownFromTheRelay) {
  StartAll();
  bravo.Stop();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return !link.last_error.empty(); }));
  EXPECT_THAT(alpha.LinkTo(bravo).last_error,
              HasSubstr("HTTP 502: relay.test got no answer from bravo.test"));
  EXPECT_EQ(alpha.LinkTo(bravo).last_heard, std::nullopt) << "the relay is not the destination";
  bravo.Start();
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
}

TEST_F(RelayedUpdates, MayTakeTheStraightWayInstead) {
  StartAll();
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  alpha.Stop();
  alpha.options().relay.via.clear();
  alpha.KnowPeer(bravo);
  alpha.Start();
  alpha.SendTo(bravo, Json(2));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_THAT(bravo.journal.WaitFor(2), ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2)));
}

TEST_F(RelayedUpdates, WaitWhileTheRelayIsDenied) {
  StartAll();
  ASSERT_TRUE(alpha.node().SetAccess({.deny = {"relay.test"}}).ok());
  alpha.SendTo(bravo, Json(1));
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return !link.last_error.empty(); }));
  EXPECT_THAT(alpha.LinkTo(bravo).last_error, HasSubstr("relay.test"));
  ASSERT_TRUE(alpha.node().SetAccess({}).ok());
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
}

TEST_F(RelayedUpdates, AreAllThatGoesThroughARelay) {
  StartAll();
  const absl::Status status =
      alpha.node().Call({"bravo.test", R"({"rpc":"find"})", {.timeout = 10s}}).status();
  EXPECT_EQ(status, absl::UnimplementedError(
                        "bravo.test is reached through relay.test, which hands on updates only"));
}

TEST(RelayOptions, AreChecked) {
  support::TestCa ca;
  TemporaryFolder folder;
  auto store = OpenSqliteStore(folder.File("store.db"));
  ASSERT_TRUE(store.ok());
  NodeOptions good{.domain = "a.test", .listen = {"127.0.0.1", 0}};
  good.tls = ca.Issue("a.test");
  good.peers["p.test"] = {"127.0.0.1", 1};
  good.relay.via["d.test"] = "r.test";
  ASSERT_TRUE(Node::Create(good, **store).ok());
  const auto error_of = [&](const std::function<void(RelayOptions&)>& change) {
    NodeOptions options = good;
    change(options.relay);
    return std::string(Node::Create(options, **store).status().message());
  };
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.via["D"] = "r.test"; }), HasSubstr("relay.via: "));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.via["e.test"] = "a.test"; }),
              HasSubstr("is this node itself"));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.via["a.test"] = "r.test"; }),
              HasSubstr("is this node itself"));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.via["p.test"] = "r.test"; }),
              HasSubstr("one of `peers`"));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.via["e.test"] = "d.test"; }),
              HasSubstr("itself reached through r.test"));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.serves["d.test"] = {"*x"}; }),
              HasSubstr("relay.serves: "));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.serves["a.test"] = {"*"}; }),
              HasSubstr("relay.serves: a.test is this node"));
  EXPECT_THAT(error_of([](RelayOptions& relay) { relay.trusted["R"] = {"*"}; }),
              HasSubstr("relay.trusted: "));
}

}  // namespace
}  // namespace federation::node
