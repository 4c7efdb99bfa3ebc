// fednode processes that know nobody, and find each other through DNS.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/dns_server.h"
#include "support/eventually.h"

namespace federation::e2e {
namespace {

using support::DnsServer;
using support::Eventually;
using ::testing::HasSubstr;

class DiscoveryTest : public FederationFixture {
 protected:
  DiscoveryTest() {
    alpha_ = MakeNode("alpha.test");
    bravo_ = MakeNode("bravo.test");
    LookElsewhere(*alpha_, *bravo_);
    LookElsewhere(*bravo_, *alpha_);
  }
  // `--well-known-port` leads to the other one, which is the web server of its domain, too.
  void LookElsewhere(TestNode& node, const TestNode& other) {
    node.AddOptions({"--dns-server", "127.0.0.1:" + std::to_string(dns_.port()), "--allow-address",
                     "127.0.0.0/8", "--well-known-port", std::to_string(other.port())});
  }
  void ExpectDeliveryBothWays() {
    EXPECT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(50)), 50));
    EXPECT_TRUE(AcceptedAll(bravo_->Fedctl({"send", "alpha.test", "-"}, NumberedLines(50)), 50));
    EXPECT_TRUE(Eventually([&] {
      return bravo_->CountApplied("alpha.test") == 50 && alpha_->CountApplied("bravo.test") == 50;
    })) << alpha_->Log();
    EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), 50));
    EXPECT_TRUE(IsWholeSeries(alpha_->Applied("bravo.test"), 50));
  }

  DnsServer dns_{folder_.File("")};
};

TEST_F(DiscoveryTest, NodesFindEachOtherByWellKnown) {
  dns_.Start({"--host-record=alpha.test,127.0.0.1", "--host-record=bravo.test,127.0.0.1"});
  alpha_->Start();
  bravo_->Start();
  ExpectDeliveryBothWays();
  const Finished shown = alpha_->Fedctl({"resolve", "bravo.test"});
  EXPECT_EQ(shown.ending.code, 0) << shown.err;
  const std::string port = std::to_string(bravo_->port());
  EXPECT_THAT(shown.out, HasSubstr("configured  nothing  bravo.test: it is no configured peer\n"));
  EXPECT_THAT(shown.out, HasSubstr("well-known  taken    https://bravo.test:" + port +
                                   "/.well-known/actor-federation: bravo.test:" + port + "\n"));
  EXPECT_THAT(shown.out, HasSubstr("1. bravo.test:" + port + ", with a certificate for bravo.test\n" +
                                   "   127.0.0.1: allowed\n"));
}

TEST_F(DiscoveryTest, NodesFindEachOtherBySrv) {
  // The domains themselves have no address.
  dns_.Start({DnsServer::Srv("alpha.test", "node.alpha.test", alpha_->port()),
              DnsServer::Srv("bravo.test", "node.bravo.test", bravo_->port()), "--local-ttl=60",
              "--host-record=node.alpha.test,127.0.0.1", "--host-record=node.bravo.test,127.0.0.1"});
  alpha_->Start();
  bravo_->Start();
  ExpectDeliveryBothWays();
  const Finished shown = alpha_->Fedctl({"resolve", "bravo.test", "--json", "--fresh"});
  EXPECT_EQ(shown.ending.code, 0) << shown.err;
  EXPECT_THAT(shown.out,
              HasSubstr(R"({"source":"srv","outcome":"taken","asked":"SRV _actor-server._tcp.bravo.test")"));
}

TEST_F(DiscoveryTest, FedctlSaysThatThereIsNoServer) {
  dns_.Start({"--srv-host=_actor-server._tcp.bravo.test"});
  alpha_->Start();
  const Finished none = alpha_->Fedctl({"resolve", "bravo.test"});
  EXPECT_EQ(none.ending.code, 1);
  EXPECT_THAT(none.err, HasSubstr("fedctl: bravo.test: its SRV record says that it has no server"));
  const Finished wrong = alpha_->Fedctl({"resolve", "Bravo"});
  EXPECT_EQ(wrong.ending.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("domain: want a domain name"));
}

}  // namespace
}  // namespace federation::e2e
