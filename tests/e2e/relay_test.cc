#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/eventually.h"

// Updates through a third server, between real processes: alpha.test -> relay.test -> bravo.test.
namespace federation::e2e {
namespace {

using support::Eventually;
using ::testing::HasSubstr;

constexpr std::uint64_t kMany = 20'000;

class Relayed : public FederationFixture {
 protected:
  // None is started.
  void MakeThree(const std::string& trusted = "alpha.test") {
    alpha_ = MakeNode("alpha.test");
    relay_ = MakeNode("relay.test");
    bravo_ = MakeNode("bravo.test");
    alpha_->AddPeer("relay.test", relay_->port());
    alpha_->AddOptions({"--via", "bravo.test=relay.test"});
    relay_->AddPeer("bravo.test", bravo_->port());
    relay_->AddOptions({"--relay", "bravo.test=alpha.test"});
    if (!trusted.empty()) bravo_->AddOptions({"--trust-relay", "relay.test=" + trusted});
  }
  void Start(std::uint64_t updates) {
    alpha_->Start();
    ASSERT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(updates)), updates));
    relay_->Start();
    bravo_->Start();
  }
  void Wake() { EXPECT_EQ(alpha_->Fedctl({"link", "wake", "bravo.test"}).ending.code, 0); }
  ::testing::AssertionResult ArrivesWhole(std::uint64_t updates) {
    if (!Eventually([&] { return bravo_->CountApplied("alpha.test") >= updates; })) {
      return ::testing::AssertionFailure() << alpha_->Fedctl({"link", "show", "bravo.test"}).out;
    }
    return IsWholeSeries(bravo_->Applied("alpha.test"), updates);
  }

  std::unique_ptr<TestNode> relay_;
};

TEST_F(Relayed, ArriveOnceAndInOrder) {
  MakeThree();
  Start(kMany);
  EXPECT_TRUE(ArrivesWhole(kMany));
  EXPECT_TRUE(Eventually([&] { return alpha_->Acked("bravo.test") == kMany; }));
  EXPECT_EQ(relay_->CountApplied("alpha.test"), 0u);
  EXPECT_THAT(bravo_->Printed().at(0), HasSubstr(R"({"origin":"alpha.test","seq":1,)"));
}

TEST_F(Relayed, SurviveTheDeathOfTheRelay) {
  MakeThree();
  Start(kMany);
  ASSERT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") > 0; }));
  relay_->Kill();
  ASSERT_LT(bravo_->CountApplied("alpha.test"), kMany) << "the kill came too late to prove anything";
  relay_->Start();
  EXPECT_TRUE(ArrivesWhole(kMany));
}

TEST_F(Relayed, SurviveTheDeathOfTheDestination) {
  MakeThree();
  Start(kMany);
  ASSERT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") > 0; }));
  bravo_->Kill();
  ASSERT_LT(bravo_->CountApplied("alpha.test"), kMany) << "the kill came too late to prove anything";
  bravo_->Start();
  EXPECT_TRUE(ArrivesWhole(kMany));
}

TEST_F(Relayed, WaitUntilTheDestinationTrustsTheRelay) {
  MakeThree("");
  Start(10);
  const auto links = [&] { return alpha_->Fedctl({"links", "--json"}).out; };
  EXPECT_TRUE(Eventually([&] {
    return links().find("relay.test is not trusted here for alpha.test") != std::string::npos;
  })) << links();
  EXPECT_EQ(bravo_->CountApplied("alpha.test"), 0u);
  bravo_->Kill();
  bravo_->AddOptions({"--trust-relay", "relay.test=*.test"});
  bravo_->Start();
  Wake();
  EXPECT_TRUE(ArrivesWhole(10));
}

// Three relays that each know the next one.
TEST_F(Relayed, GoInCirclesOnlyUntilTheLimit) {
  alpha_ = MakeNode("alpha.test");
  std::vector<std::unique_ptr<TestNode>> relays;
  for (const char* domain : {"r0.test", "r1.test", "r2.test"}) relays.push_back(MakeNode(domain));
  for (std::size_t i = 0; i < relays.size(); ++i) {
    const TestNode& next = *relays[(i + 1) % relays.size()];
    relays[i]->AddPeer(next.domain(), next.port());
    relays[i]->AddOptions({"--via", "bravo.test=" + next.domain(), "--relay", "bravo.test=*", "--trust-relay",
                           relays[(i + 2) % relays.size()]->domain() + "=*"});
    relays[i]->Start();
  }
  alpha_->AddPeer("r0.test", relays[0]->port());
  alpha_->AddOptions({"--via", "bravo.test=r0.test"});
  alpha_->Start();
  ASSERT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(2)), 2));
  const auto links = [&] { return alpha_->Fedctl({"links", "--json"}).out; };
  EXPECT_TRUE(Eventually([&] {
    return links().find("HTTP 508: r1.test: it has come through 4 servers") != std::string::npos;
  })) << links();
  EXPECT_THAT(links(), HasSubstr(R"("pending":2,)"));
}

}  // namespace
}  // namespace federation::e2e
