#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/dns_server.h"
#include "support/eventually.h"

// One process for several domains.
namespace federation::e2e {
namespace {

using support::Eventually;
using ::testing::HasSubstr;

// alpha.test is the process; two.test lives in it, too, and bravo.test elsewhere.
class Domains : public FederationFixture {
 protected:
  void AddTwo() {
    two_ = MakeNode("two.test");
    alpha_->AddOptions({"--domain", "two.test", "--tls-cert", two_->tls().certificate, "--tls-key",
                        two_->tls().private_key, "--store", "sqlite:" + two_->File("db"), "--admin",
                        "unix:" + two_->File("sock")});
  }
  void StartBoth() {
    MakePair();
    AddTwo();
    alpha_->AddPeer("two.test", alpha_->port());
    alpha_->AddPeer("alpha.test", alpha_->port());
    bravo_->AddPeer("two.test", alpha_->port());
    alpha_->Start();
    bravo_->Start();
  }
  static void Send(TestNode& from, const TestNode& to, std::uint64_t updates) {
    EXPECT_TRUE(AcceptedAll(from.Fedctl({"send", to.domain(), "-"}, NumberedLines(updates)), updates));
  }
  static ::testing::AssertionResult Arrived(const TestNode& from, const TestNode& to, std::uint64_t updates) {
    Eventually([&] { return to.CountApplied(from.domain()) >= updates; });
    return IsWholeSeries(to.Applied(from.domain()), updates);
  }

  std::unique_ptr<TestNode> two_;
};

TEST_F(Domains, HaveNumbersAndStoresOfTheirOwn) {
  StartBoth();
  EXPECT_THAT(alpha_->Log(), HasSubstr("ready: alpha.test listens on"));
  EXPECT_TRUE(
      Eventually([&] { return alpha_->Log().find("ready: two.test listens on") != std::string::npos; }));
  Send(*bravo_, *alpha_, 300);
  Send(*bravo_, *two_, 200);
  Send(*alpha_, *bravo_, 100);
  Send(*two_, *bravo_, 50);
  EXPECT_TRUE(Arrived(*bravo_, *alpha_, 300));
  EXPECT_TRUE(Arrived(*bravo_, *two_, 200));
  EXPECT_TRUE(Arrived(*alpha_, *bravo_, 100));
  EXPECT_TRUE(Arrived(*two_, *bravo_, 50));
  EXPECT_TRUE(Eventually([&] { return alpha_->Printed().size() == 500; }));
  EXPECT_THAT(
      alpha_->Printed(),
      ::testing::Contains(HasSubstr(R"({"destination":"two.test","origin":"bravo.test","seq":200,)")));
}

TEST_F(Domains, SendToEachOtherAndOutliveTheirProcess) {
  StartBoth();
  Send(*alpha_, *two_, 100);
  EXPECT_TRUE(Arrived(*alpha_, *two_, 100));
  bravo_->Kill();
  Send(*two_, *bravo_, 30);
  Send(*two_, *alpha_, 20);
  alpha_->Kill();
  bravo_->Start();
  alpha_->Start();
  EXPECT_TRUE(Arrived(*two_, *bravo_, 30));
  EXPECT_TRUE(Arrived(*two_, *alpha_, 20));
  alpha_->process().Signal(SIGTERM);
  ASSERT_TRUE(alpha_->process().Wait());
  EXPECT_EQ(alpha_->process().Wait()->code, 0);
}

TEST_F(Domains, AreFoundAtTheHostThatTheyAnnounce) {
  support::DnsServer dns(folder_.File(""));
  support::CertificateOptions certificate;
  certificate.dns_names = {"alpha.test", "node.test"};
  alpha_ = std::make_unique<TestNode>("alpha.test", folder_.File(""), ca_.Issue(certificate));
  bravo_ = MakeNode("bravo.test");
  AddTwo();
  const std::string port = std::to_string(alpha_->port());
  alpha_->AddOptions({"--announce", "node.test:" + port});
  bravo_->AddOptions({"--dns-server", "127.0.0.1:" + std::to_string(dns.port()), "--allow-address",
                      "127.0.0.0/8", "--well-known-port", port});
  dns.Start({"--host-record=alpha.test,127.0.0.1", "--host-record=two.test,127.0.0.1",
             "--host-record=node.test,127.0.0.1"});
  alpha_->Start();
  bravo_->Start();
  Send(*bravo_, *alpha_, 20);
  Send(*bravo_, *two_, 30);
  EXPECT_TRUE(Arrived(*bravo_, *alpha_, 20));
  EXPECT_TRUE(Arrived(*bravo_, *two_, 30));
  EXPECT_THAT(bravo_->Fedctl({"resolve", "two.test"}).out,
              HasSubstr("1. node.test:" + port + ", with a certificate for node.test or two.test\n"));
}

}  // namespace
}  // namespace federation::e2e
