// Complete nodes that find each other through a DNS server, and are found.
#include <future>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "discovery/silent_server.h"
#include "node/two_nodes.h"
#include "support/dns_server.h"
#include "support/eventually.h"
#include "support/raw_tls_client.h"
#include "support/sealing_protection.h"

namespace federation::node {
namespace {

using support::DnsServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kGet[] = "GET /.well-known/actor-federation HTTP/1.1\r\nHost: bravo.test\r\n\r\n";

class FindingNodesTest : public TwoNodes {
 protected:
  FindingNodesTest() {
    for (Server* server : {&alpha, &bravo}) {
      DiscoveryOptions& discovery = server->options().discovery;
      discovery.enabled = true;
      discovery.dns_servers = {{"127.0.0.1", dns.port()}};
      // Nobody listens there, unless a test says who does.
      discovery.well_known_port = 1;
      discovery.default_port = 1;
      server->options().allowed_addresses = {"127.0.0.0/8"};
    }
  }
  void Start() {
    alpha.Start();
    bravo.Start();
  }
  // Once more, with other options.
  void Restart() {
    alpha.Stop();
    bravo.Stop();
    Start();
  }
  void ExpectDeliveryBothWays() {
    alpha.SendTo(bravo, Json(1));
    bravo.SendTo(alpha, Json(2));
    EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
    EXPECT_THAT(alpha.journal.WaitFor(1), ElementsAre("bravo.test 1 " + Json(2)));
  }
  std::string LastError() {
    EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return !link.last_error.empty(); }));
    return alpha.LinkTo(bravo).last_error;
  }
  std::uint16_t PortOf(Server& server) { return server.node().port(); }

  DnsServer dns{folder.File("")};
};

TEST_F(FindingNodesTest, FindEachOtherBySrv) {
  Start();
  dns.Start({DnsServer::Srv("alpha.test", "node.alpha.test", PortOf(alpha)),
             DnsServer::Srv("bravo.test", "node.bravo.test", PortOf(bravo)),
             "--host-record=node.alpha.test,127.0.0.1", "--host-record=node.bravo.test,127.0.0.1"});
  ExpectDeliveryBothWays();
}

TEST_F(FindingNodesTest, FindEachOtherByWellKnownAlone) {
  Start();
  // Each is the web server of its own domain, too.
  alpha.options().discovery.well_known_port = PortOf(bravo);
  bravo.options().discovery.well_known_port = PortOf(alpha);
  Restart();
  dns.Start({"--host-record=alpha.test,127.0.0.1", "--host-record=bravo.test,127.0.0.1"});
  ExpectDeliveryBothWays();
  const auto found = alpha.node().Resolve("bravo.test", Lookup::kRemembered);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->steps.back().source, Resolution::Source::kWellKnown);
}

TEST_F(FindingNodesTest, FindEachOtherByWellKnownUnderAProtection) {
  Start();
  alpha.options().discovery.well_known_port = PortOf(bravo);
  bravo.options().discovery.well_known_port = PortOf(alpha);
  for (Server* server : {&alpha, &bravo}) {
    server->options().protection = std::make_shared<support::SealingProtection>("key");
  }
  Restart();
  dns.Start({"--host-record=alpha.test,127.0.0.1", "--host-record=bravo.test,127.0.0.1"});
  ExpectDeliveryBothWays();
}

// Both at a host with a name of its own, on one port.
TEST_F(FindingNodesTest, FindTwoDomainsAtTheHostThatBothAnnounce) {
  auto port = SharedPort::Listen({"127.0.0.1", 0});
  ASSERT_TRUE(port.ok()) << port.status();
  Server carol("carol.test", ca, folder.File("carol.db"));
  support::CertificateOptions certificate;
  certificate.dns_names = {"carol.test", "node.test"};
  carol.options().tls = ca.Issue(certificate);
  for (Server* server : {&bravo, &carol}) {
    server->options().shared_port = *port;
    server->options().discovery.announced = {{"node.test", (*port)->port()}};
  }
  alpha.options().discovery.well_known_port = (*port)->port();
  Start();
  carol.Start();
  dns.Start({"--host-record=bravo.test,127.0.0.1", "--host-record=carol.test,127.0.0.1",
             "--host-record=node.test,127.0.0.1"});
  alpha.SendTo(bravo, Json(1));
  alpha.SendTo(carol, Json(2));
  EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
  EXPECT_THAT(carol.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(2)));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_TRUE(alpha.WaitUntilDelivered(carol));
}

TEST_F(FindingNodesTest, FindADomainThatSaysNothing) {
  Start();
  alpha.options().discovery.default_port = PortOf(bravo);
  bravo.options().discovery.default_port = PortOf(alpha);
  Restart();
  dns.Start({"--host-record=alpha.test,127.0.0.1", "--host-record=bravo.test,127.0.0.1"});
  ExpectDeliveryBothWays();
}

TEST_F(FindingNodesTest, FallOverToTheNextAddress) {
  Start();
  dns.Start({DnsServer::Srv("alpha.test", "node.alpha.test", PortOf(alpha)),
             DnsServer::Srv("bravo.test", "inside.bravo.test", PortOf(bravo), 1),
             DnsServer::Srv("bravo.test", "gone.bravo.test", PortOf(bravo), 2),
             DnsServer::Srv("bravo.test", "node.bravo.test", 1, 3),
             DnsServer::Srv("bravo.test", "node.alpha.test", PortOf(alpha), 4),
             DnsServer::Srv("bravo.test", "node.bravo.test", PortOf(bravo), 5),
             "--host-record=node.alpha.test,127.0.0.1", "--host-record=inside.bravo.test,10.0.0.1",
             "--host-record=node.bravo.test,127.0.0.1"});
  ExpectDeliveryBothWays();
}

TEST_F(FindingNodesTest, NoticeThatAServerHasMoved) {
  Start();
  dns.Start({DnsServer::Srv("bravo.test", "node.bravo.test", 1), "--host-record=node.bravo.test,127.0.0.1"});
  alpha.SendTo(bravo, Json(1));
  EXPECT_THAT(LastError(), HasSubstr("bravo.test: node.bravo.test:1: connection refused"));
  dns.Start({DnsServer::Srv("bravo.test", "node.bravo.test", PortOf(bravo)), "--local-ttl=300",
             "--host-record=node.bravo.test,127.0.0.1"});
  // A try while there was no DNS server may have found nothing, which is remembered for a while.
  EXPECT_TRUE(support::Eventually([this] {
    const auto found = alpha.node().Resolve("bravo.test", Lookup::kFresh);
    return found.ok() && found->candidates[0].address.port == PortOf(bravo);
  }));
  EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
}

TEST_F(FindingNodesTest, ConnectToNoForbiddenAddress) {
  alpha.options().allowed_addresses = {};
  Start();
  dns.Start({DnsServer::Srv("bravo.test", "node.bravo.test", PortOf(bravo)),
             "--host-record=node.bravo.test,127.0.0.1"});
  alpha.SendTo(bravo, Json(1));
  EXPECT_THAT(LastError(), HasSubstr("address \"127.0.0.1\" is refused: loopback"));
}

TEST_F(FindingNodesTest, ConfiguredPeersNeedNoDns) {
  Start();
  alpha.KnowPeer(bravo);
  bravo.KnowPeer(alpha);
  Restart();
  ExpectDeliveryBothWays();
}

TEST_F(FindingNodesTest, SayThatADomainHasNoServer) {
  Start();
  dns.Start({"--srv-host=_actor-server._tcp.bravo.test"});
  alpha.SendTo(bravo, Json(1));
  EXPECT_THAT(LastError(), HasSubstr("its SRV record says that it has no server"));
  EXPECT_EQ(alpha.node().Call({.destination = "bravo.test", .request = "{}"}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(FindingNodesTest, ServeTheirDocumentToEverybody) {
  bravo.options().discovery.announced = {{"node.bravo.test", 443}};
  bravo.options().access.deny = {"denied.test"};
  Start();
  // Without a certificate, and with one.
  for (const TlsFiles& files : {TlsFiles{.authorities = ca.authorities()}, ca.Issue("alpha.test")}) {
    const bool may_go_on = !files.certificate.empty();
    support::RawTlsConnection connection = support::ConnectRawTls(PortOf(bravo), files, "bravo.test");
    for (int i = 0; i < (may_go_on ? 2 : 1); ++i) {
      ASSERT_TRUE(connection.Send(kGet));
      const auto answer = connection.Receive();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status(), 200);
      EXPECT_EQ(answer->Header("Content-Type"), "application/json");
      EXPECT_EQ(answer->Header("Cache-Control"), "max-age=600");
      EXPECT_EQ(answer->body, R"({"endpoints":[{"transport":"https","host":"node.bravo.test","port":443}]})");
    }
    if (!may_go_on) {
      EXPECT_TRUE(connection.IsClosedByPeer());
    }
  }
  // But not to who shows that nobody here has to do with him.
  support::RawTlsConnection denied =
      support::ConnectRawTls(PortOf(bravo), ca.Issue("denied.test"), "bravo.test");
  ASSERT_TRUE(denied.Send(kGet));
  EXPECT_EQ(denied.Receive()->status(), 403);
  // And nothing else, and to nobody who wants to change something.
  const TlsFiles nobody{.authorities = ca.authorities()};
  for (const char* request :
       {"POST /.well-known/actor-federation HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n",
        "GET /.well-known/actor-federation HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\nx",
        "GET /.well-known/actor-federation/ HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET /http/v1/updates HTTP/1.1\r\nHost: b\r\n\r\n"}) {
    support::RawTlsConnection connection = support::ConnectRawTls(PortOf(bravo), nobody, "bravo.test");
    ASSERT_TRUE(connection.Send(request));
    EXPECT_EQ(connection.Receive()->status(), 401) << request;
  }
  support::RawTlsConnection connection =
      support::ConnectRawTls(PortOf(bravo), ca.Issue("alpha.test"), "bravo.test");
  ASSERT_TRUE(
      connection.Send("POST /.well-known/actor-federation HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n"));
  const auto answer = connection.Receive();
  EXPECT_EQ(answer->status(), 405);
  EXPECT_EQ(answer->Header("Allow"), "GET, HEAD");
}

TEST_F(FindingNodesTest, ResolveForTheOperator) {
  Start();
  dns.Start({"--host-record=bravo.test,127.0.0.1"});
  const auto found = alpha.node().Resolve("bravo.test", Lookup::kFresh);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->steps.size(), 4U);
  EXPECT_EQ(alpha.node().Resolve("Bravo", Lookup::kFresh).status().code(),
            absl::StatusCode::kInvalidArgument);
  alpha.node().Stop();
  EXPECT_EQ(alpha.node().Resolve("bravo.test", Lookup::kFresh).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(FindingNodesTest, TellTheOperatorOfARelay) {
  alpha.options().relay.via["bravo.test"] = "relay.test";
  Start();
  dns.Start({});
  EXPECT_EQ(alpha.node().Resolve("bravo.test", Lookup::kRemembered)->via, "relay.test");
  EXPECT_EQ(alpha.node().Resolve("relay.test", Lookup::kRemembered)->via, "");
}

TEST_F(FindingNodesTest, StopWhileAnOperatorWaits) {
  discovery::SilentServer silent;
  alpha.options().discovery.dns_servers = {{"127.0.0.1", silent.port()}};
  alpha.options().discovery.dns_timeout = std::chrono::seconds(60);
  Start();
  auto waiting =
      std::async(std::launch::async, [this] { return alpha.node().Resolve("bravo.test", Lookup::kFresh); });
  alpha.node().Stop();
  EXPECT_FALSE(waiting.get().ok());
}

TEST_F(FindingNodesTest, RefuseWrongOptions) {
  struct Case {
    void (*spoil)(DiscoveryOptions&);
    const char* name;
  };
  const Case cases[] = {
      {[](DiscoveryOptions& options) { options.dns_servers = {{"dns.test", 53}}; }, "discovery.dns_servers"},
      {[](DiscoveryOptions& options) { options.dns_servers = {{"127.0.0.1", 0}}; }, "discovery.dns_servers"},
      {[](DiscoveryOptions& options) { options.dns_timeout = {}; }, "discovery.dns_timeout"},
      {[](DiscoveryOptions& options) { options.dns_tries = 0; }, "discovery.dns_tries"},
      {[](DiscoveryOptions& options) { options.well_known_port = 0; }, "discovery.well_known_port"},
      {[](DiscoveryOptions& options) { options.well_known_timeout = {}; }, "discovery.well_known_timeout"},
      {[](DiscoveryOptions& options) { options.default_port = 0; }, "discovery.default_port"},
      {[](DiscoveryOptions& options) { options.announced = {{"bravo.test", 0}}; }, "discovery.announced"},
      {[](DiscoveryOptions& options) { options.announced.resize(17, {"bravo.test", 1}); },
       "discovery.announced"},
  };
  Start();
  for (const Case& test : cases) {
    NodeOptions options = alpha.options();
    test.spoil(options.discovery);
    const absl::Status status = Node::Create(options, alpha.store()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.name));
  }
}

}  // namespace
}  // namespace federation::node
