#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fedctl/format.h"

namespace federation::fedctl {
namespace {

using admin::v1::ResolveResponse;
using admin::v1::ResolveStep;

void AddStep(ResolveStep::Source source, ResolveStep::Outcome outcome, const std::string& asked,
             const std::string& reason, ResolveResponse* found) {
  ResolveStep& step = *found->add_steps();
  step.set_source(source);
  step.set_outcome(outcome);
  step.set_asked(asked);
  step.set_reason(reason);
}

ResolveResponse Found() {
  ResolveResponse found;
  found.set_domain("bravo.test");
  AddStep(ResolveStep::SOURCE_CONFIGURED, ResolveStep::OUTCOME_NOTHING, "bravo.test", "no peer", &found);
  AddStep(ResolveStep::SOURCE_WELL_KNOWN, ResolveStep::OUTCOME_FAILED, "https://bravo.test/", "HTTP 500\x1b",
          &found);
  AddStep(ResolveStep::SOURCE_SRV, ResolveStep::OUTCOME_TAKEN, "SRV x", "node.test:9880", &found);
  admin::v1::ResolveCandidate& first = *found.add_candidates();
  first.set_address("node.test:9880");
  first.add_certificate_names("node.test");
  first.add_certificate_names("bravo.test");
  first.add_addresses()->set_ip("192.0.2.1");
  first.add_addresses()->set_ip("10.0.0.7");
  first.mutable_addresses(1)->set_refused("it is private");
  admin::v1::ResolveCandidate& second = *found.add_candidates();
  second.set_address("gone.test:9880");
  second.add_certificate_names("bravo.test");
  second.set_error("there is no such name");
  found.set_age_ms(12'000);
  found.set_expires_in_ms(3'588'000);
  return found;
}

TEST(FormatResolve, ShowsEachStepAndEachCandidate) {
  EXPECT_EQ(ResolveText(Found()),
            "configured  nothing  bravo.test: no peer\n"
            "well-known  failed   https://bravo.test/: HTTP 500?\n"
            "srv         taken    SRV x: node.test:9880\n"
            "found 12 s ago, remembered for 59m\n"
            "1. node.test:9880, with a certificate for node.test or bravo.test\n"
            "   192.0.2.1: allowed\n"
            "   10.0.0.7: it is private\n"
            "2. gone.test:9880, with a certificate for bravo.test\n"
            "   no address: there is no such name\n");
}

TEST(FormatResolve, ShowsTheWayThroughARelay) {
  ResolveResponse found = Found();
  found.set_via("relay.test");
  EXPECT_THAT(
      ResolveText(found),
      testing::StartsWith("via         relay.test: updates are handed to its server; what follows is of "
                          "bravo.test itself\nconfigured  nothing"));
  EXPECT_THAT(ResolveJson(found),
              testing::StartsWith(R"({"domain":"bravo.test","via":"relay.test","steps":[)"));
}

TEST(FormatResolve, ShowsAFamilyThatNobodyKnows) {
  ResolveResponse found = Found();
  found.mutable_candidates(0)->set_error("AAAA: no DNS server answers");
  EXPECT_THAT(ResolveText(found), testing::HasSubstr("   10.0.0.7: it is private\n"
                                                     "   AAAA: no DNS server answers\n"
                                                     "2. gone.test"));
}

TEST(FormatResolve, SaysThatNothingIsRemembered) {
  ResolveResponse found;
  AddStep(ResolveStep::SOURCE_DOMAIN, ResolveStep::OUTCOME_SKIPPED, "", "off", &found);
  EXPECT_EQ(ResolveText(found), "domain      skipped  off\nfound just now, not remembered\n");
}

TEST(FormatResolve, WritesJson) {
  EXPECT_EQ(
      ResolveJson(Found()),
      R"({"domain":"bravo.test","via":null,"steps":[)"
      R"({"source":"configured","outcome":"nothing","asked":"bravo.test","reason":"no peer"},)"
      R"({"source":"well-known","outcome":"failed","asked":"https://bravo.test/","reason":"HTTP 500\u001b"},)"
      R"({"source":"srv","outcome":"taken","asked":"SRV x","reason":"node.test:9880"}],"candidates":[)"
      R"({"address":"node.test:9880","certificate_names":["node.test","bravo.test"],"addresses":[)"
      R"({"ip":"192.0.2.1","refused":null},{"ip":"10.0.0.7","refused":"it is private"}],"error":null},)"
      R"({"address":"gone.test:9880","certificate_names":["bravo.test"],"addresses":[],)"
      R"("error":"there is no such name"}],"error":null,"age_ms":12000,"expires_in_ms":3588000})"
      "\n");
}

}  // namespace
}  // namespace federation::fedctl
