#include <cstdio>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/eventually.h"
#include "support/process.h"

// Delivery between real processes over TLS. What arrived is read from the receivers' stores.
namespace federation::e2e {
namespace {

using support::Eventually;
using support::Process;
using support::ReadFile;
using ::testing::ElementsAre;

// Many pushes' worth, so that a kill finds some applied and some not.
constexpr std::uint64_t kMany = 20'000;

class Delivery : public FederationFixture {
 protected:
  // Waits until `receiver` has applied some updates of `origin`, then until `receiver` or `origin` is dead by
  // `kill`.
  template <typename Kill>
  void KillInTheMiddle(TestNode& receiver, const std::string& origin, const Kill& kill) {
    ASSERT_TRUE(Eventually([&] { return receiver.CountApplied(origin) > 0; }));
    kill();
    ASSERT_LT(receiver.CountApplied(origin), kMany) << "the kill came too late to prove anything";
  }
};

TEST_F(Delivery, RunsInBothDirectionsAtOnce) {
  MakePair();
  alpha_->Start();
  bravo_->Start();
  std::string input = folder_.File("input");
  std::ofstream(input) << NumberedLines(kMany);
  std::unique_ptr<Process> there = alpha_->StartFedctl({"send", "bravo.test", "-"}, "send", input);
  std::unique_ptr<Process> back = bravo_->StartFedctl({"send", "alpha.test", "-"}, "send", input);
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") >= kMany; }));
  EXPECT_TRUE(Eventually([&] { return alpha_->CountApplied("bravo.test") >= kMany; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), kMany));
  EXPECT_TRUE(IsWholeSeries(alpha_->Applied("bravo.test"), kMany));
  EXPECT_EQ(there->Wait()->code, 0);
  EXPECT_EQ(back->Wait()->code, 0);
}

TEST_F(Delivery, SurvivesTheDeathOfTheReceiver) {
  MakePair();
  alpha_->Start();
  EXPECT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(kMany)), kMany));
  bravo_->Start();
  KillInTheMiddle(*bravo_, "alpha.test", [&] { bravo_->Kill(); });
  bravo_->Start();
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") >= kMany; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), kMany));
}

TEST_F(Delivery, SurvivesTheDeathOfTheSender) {
  MakePair();
  alpha_->Start();
  EXPECT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(kMany)), kMany));
  bravo_->Start();
  KillInTheMiddle(*bravo_, "alpha.test", [&] { alpha_->Kill(); });
  alpha_->Start();
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") >= kMany; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), kMany));
  EXPECT_EQ(alpha_->Assigned("bravo.test"), kMany);
}

TEST_F(Delivery, KeepsWhatFedctlWasToldIsAcceptedWhenTheNodeDiesMeanwhile) {
  MakePair();
  alpha_->Start();
  std::string input = folder_.File("input");
  std::ofstream(input) << NumberedLines(kMany);
  std::unique_ptr<Process> fedctl = alpha_->StartFedctl({"send", "bravo.test", "-"}, "send", input);
  ASSERT_TRUE(Eventually([&] { return alpha_->Assigned("bravo.test") > 0; }));
  alpha_->Kill();
  ASSERT_TRUE(fedctl->Wait());
  std::string out = ReadFile(alpha_->File("send.out"));
  std::uint64_t accepted = 0;
  ASSERT_EQ(std::sscanf(out.c_str(), "accepted %lu update", &accepted), 1) << out;
  ASSERT_LT(accepted, kMany) << "the kill came too late to prove anything";
  EXPECT_EQ(fedctl->Wait()->code, 1);
  EXPECT_THAT(ReadFile(alpha_->File("send.err")), ::testing::HasSubstr("not confirmed"));
  alpha_->Start();
  bravo_->Start();
  std::uint64_t assigned = alpha_->Assigned("bravo.test");
  EXPECT_GE(assigned, accepted);
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") >= assigned; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), assigned));
}

TEST_F(Delivery, WaitsForAReceiverThatIsDown) {
  MakePair();
  alpha_->Start();
  EXPECT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(10)), 10));
  ASSERT_TRUE(Eventually([&] {
    std::string links = alpha_->Fedctl({"links", "--json"}).out;
    return links.find(R"("pending":10,)") != std::string::npos &&
           links.find(R"("state":"waiting")") != std::string::npos &&
           links.find(R"("last_error":null)") == std::string::npos;
  }));
  bravo_->Start();
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") >= 10; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), 10));
  EXPECT_TRUE(Eventually([&] {
    std::string links = alpha_->Fedctl({"links", "--json"}).out;
    return links.find(R"("acked":10,"pending":0,)") != std::string::npos &&
           links.find(R"("state":"idle","last_error":null)") != std::string::npos;
  }));
}

TEST_F(Delivery, KeepsTheNumbersOfTwoOriginsApart) {
  MakePair();
  std::unique_ptr<TestNode> carol = MakeNode("carol.test");
  alpha_->AddPeer("carol.test", carol->port());
  bravo_->AddPeer("carol.test", carol->port());
  alpha_->Start();
  bravo_->Start();
  carol->Start();
  EXPECT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "carol.test", "-"}, NumberedLines(3000)), 3000));
  EXPECT_TRUE(AcceptedAll(bravo_->Fedctl({"send", "carol.test", "-"}, NumberedLines(2000)), 2000));
  EXPECT_TRUE(Eventually([&] {
    return carol->CountApplied("alpha.test") >= 3000 && carol->CountApplied("bravo.test") >= 2000;
  }));
  EXPECT_TRUE(IsWholeSeries(carol->Applied("alpha.test"), 3000));
  EXPECT_TRUE(IsWholeSeries(carol->Applied("bravo.test"), 2000));
}

TEST_F(Delivery, PrintsOneJsonLineForEachUpdate) {
  MakePair();
  alpha_->Start();
  bravo_->Start();
  EXPECT_EQ(alpha_->Fedctl({"send", "bravo.test", NumberedUpdate(1)}).ending.code, 0);
  ASSERT_TRUE(Eventually([&] { return bravo_->Printed().size() == 1; }));
  EXPECT_EQ(alpha_->Fedctl({"send", "bravo.test", kTyping}).out, "accepted 1 update: 0 strong, 1 weak\n");
  ASSERT_TRUE(Eventually([&] { return bravo_->Printed().size() == 2; }));
  EXPECT_THAT(bravo_->Printed(),
              ElementsAre(R"({"origin":"alpha.test","seq":1,"update":)" + NumberedUpdate(1) + "}",
                          std::string(R"({"origin":"alpha.test","update":)") + kTyping + "}"));
  EXPECT_EQ(bravo_->CountApplied("alpha.test"), 1u) << "weak updates are not kept";
}

TEST_F(Delivery, GoesOnWhenStdoutIsBroken) {
  MakePair();
  bravo_->PrintTo("/dev/full");
  alpha_->Start();
  bravo_->Start();
  for (std::uint64_t number = 1; number <= 3; ++number) {
    EXPECT_EQ(alpha_->Fedctl({"send", "bravo.test", NumberedUpdate(number)}).ending.code, 0);
    ASSERT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") >= number; }));
  }
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), 3));
}

}  // namespace
}  // namespace federation::e2e
