#include "directory/discovery.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::directory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = Resolution::Outcome;

// Answers when the test says so, or at once with what was set.
class FakeSources final : public DiscoverySources {
 public:
  void FetchWellKnown(const std::string& domain,
                      std::function<void(absl::StatusOr<WellKnown>)> done) override {
    asked.push_back("well-known " + domain);
    if (holds_back) return held_back.push_back([this, done = std::move(done)] { done(well_known); });
    done(well_known);
  }
  void LookUpSrv(const std::string& name, std::function<void(absl::StatusOr<Srv>)> done) override {
    asked.push_back("srv " + name);
    done(srv);
  }

  std::vector<std::string> asked;
  absl::StatusOr<WellKnown> well_known = absl::NotFoundError("HTTP 404");
  absl::StatusOr<Srv> srv = absl::NotFoundError("no such name");
  bool holds_back = false;
  std::vector<std::function<void()>> held_back;
};

class DiscoveryTest : public ::testing::Test {
 protected:
  void MakeAgain() {
    discovery_ =
        std::make_unique<Discovery>(peers_, options_, sources_, [this] { return now_; }, [] { return 0.0; });
  }
  // `HOST:PORT NAME NAME` for each candidate, or the error.
  std::vector<std::string> Candidates(const std::string& domain = "b.test") {
    std::vector<std::string> texts = {"no answer"};
    discovery_->Find(domain, [&](const Location& location) {
      texts.clear();
      location_ = location;
      const absl::StatusOr<std::vector<Candidate>> candidates = discovery_->InOrder(location);
      if (!candidates.ok()) return texts.push_back(std::string(candidates.status().message()));
      for (const Candidate& candidate : *candidates) {
        std::string text = candidate.address.ToString();
        for (const std::string& name : candidate.certificate_names) text += " " + name;
        texts.push_back(text + (candidate.from_outside ? "" : " meant"));
      }
    });
    return texts;
  }
  std::size_t TimesAsked() const { return sources_.asked.size(); }
  std::vector<Outcome> Outcomes() const {
    std::vector<Outcome> outcomes;
    for (const Resolution::Step& step : location_.steps) outcomes.push_back(step.outcome);
    return outcomes;
  }
  // For how long an answer is remembered.
  seconds KeptFor() {
    Candidates();
    return std::chrono::duration_cast<seconds>(location_.expires - location_.found);
  }

  FakeSources sources_;
  Discovery::Peers peers_ = {{"peer.test", {"10.0.0.1", 9881}}};
  Discovery::Options options_;
  Discovery::Clock::time_point now_{hours(1000)};
  std::unique_ptr<Discovery> discovery_ =
      std::make_unique<Discovery>(peers_, options_, sources_, [this] { return now_; }, [] { return 0.0; });
  Location location_;
};

TEST_F(DiscoveryTest, TakesWhatIsConfiguredAndAsksNobody) {
  EXPECT_THAT(Candidates("peer.test"), ElementsAre("10.0.0.1:9881 peer.test meant"));
  EXPECT_EQ(TimesAsked(), 0U);
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kTaken));
}

TEST_F(DiscoveryTest, TakesTheWellKnownDocumentBeforeSrv) {
  sources_.well_known = DiscoverySources::WellKnown{{{"node.host.test", 443}, {"198.51.100.1", 9880}}, {}};
  EXPECT_THAT(Candidates(),
              ElementsAre("node.host.test:443 node.host.test b.test", "198.51.100.1:9880 b.test"));
  EXPECT_THAT(sources_.asked, ElementsAre("well-known b.test"));
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kNothing, Outcome::kTaken));
  EXPECT_EQ(location_.steps[1].asked, "https://b.test/.well-known/actor-federation");
}

TEST_F(DiscoveryTest, TakesSrvInItsOrderForTheDomainsOwnCertificate) {
  sources_.srv = DiscoverySources::Srv{{{20, 1, {"later.test", 2}}, {10, 1, {"first.test", 1}}}, seconds(60)};
  EXPECT_THAT(Candidates(), ElementsAre("first.test:1 b.test", "later.test:2 b.test"));
  EXPECT_THAT(sources_.asked, ElementsAre("well-known b.test", "srv _actor-server._tcp.b.test"));
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kNothing, Outcome::kNothing, Outcome::kTaken));
}

TEST_F(DiscoveryTest, TakesTheDomainItselfWhereNothingIsSaid) {
  EXPECT_THAT(Candidates(), ElementsAre("b.test:9880 b.test"));
  EXPECT_THAT(Outcomes(),
              ElementsAre(Outcome::kNothing, Outcome::kNothing, Outcome::kNothing, Outcome::kTaken));
}

TEST_F(DiscoveryTest, BelievesADomainThatSaysItHasNoServer) {
  sources_.srv = DiscoverySources::Srv{{}, hours(1)};
  EXPECT_THAT(Candidates(), ElementsAre("its SRV record says that it has no server"));
  EXPECT_EQ(location_.status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(KeptFor(), Discovery::kNothingFoundMax);
}

TEST_F(DiscoveryTest, LooksNowhereElseWhenItIsOff) {
  options_.enabled = false;
  MakeAgain();
  EXPECT_THAT(Candidates(), ElementsAre("no address is configured for b.test"));
  EXPECT_THAT(Candidates("peer.test"), ElementsAre("10.0.0.1:9881 peer.test meant"));
  EXPECT_EQ(TimesAsked(), 0U);
}

TEST_F(DiscoveryTest, KeepsAnAnswerForAsLongAsItsOwnerSaysButAnHourAtMost) {
  const auto keeps_well_known = [this](std::optional<seconds> fresh_for) {
    MakeAgain();
    sources_.well_known = DiscoverySources::WellKnown{{{"h.test", 443}}, fresh_for};
    return KeptFor();
  };
  EXPECT_EQ(keeps_well_known({}), hours(1));
  EXPECT_EQ(keeps_well_known(hours(24)), hours(1));
  EXPECT_EQ(keeps_well_known(seconds(7)), seconds(7));
  EXPECT_EQ(keeps_well_known(seconds(0)), seconds(0));
  sources_.well_known = absl::NotFoundError("");
  const auto keeps_srv = [this](seconds ttl) {
    MakeAgain();
    sources_.srv = DiscoverySources::Srv{{{1, 1, {"h.test", 443}}}, ttl};
    return KeptFor();
  };
  EXPECT_EQ(keeps_srv(hours(24)), hours(1));
  EXPECT_EQ(keeps_srv(seconds(7)), seconds(7));
  EXPECT_EQ(keeps_srv(seconds(0)), seconds(0));
}

TEST_F(DiscoveryTest, KeepsWhatDependsOnAFailureForAShorterTime) {
  sources_.well_known = absl::UnavailableError("timed out");
  sources_.srv = DiscoverySources::Srv{{{1, 1, {"h.test", 443}}}, hours(1)};
  EXPECT_EQ(KeptFor(), minutes(5));
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome::kNothing, Outcome::kFailed, Outcome::kTaken));
  EXPECT_THAT(location_.steps[1].reason, HasSubstr("timed out"));
  sources_.srv = absl::DeadlineExceededError("no answer");
  MakeAgain();
  EXPECT_EQ(KeptFor(), seconds(30));
  EXPECT_THAT(Candidates(), ElementsAre("b.test:9880 b.test"));
}

TEST_F(DiscoveryTest, AsksAgainOnlyWhenTheAnswerHasExpired) {
  sources_.srv = DiscoverySources::Srv{{{1, 1, {"old.test", 1}}}, seconds(60)};
  Candidates();
  sources_.srv = DiscoverySources::Srv{{{1, 1, {"new.test", 1}}}, seconds(60)};
  now_ += seconds(59);
  EXPECT_THAT(Candidates(), ElementsAre("old.test:1 b.test"));
  EXPECT_EQ(TimesAsked(), 2U);
  now_ += seconds(1);
  EXPECT_THAT(Candidates(), ElementsAre("new.test:1 b.test"));
  EXPECT_EQ(TimesAsked(), 4U);
}

TEST_F(DiscoveryTest, AsksAfreshWhenItIsTold) {
  sources_.srv = DiscoverySources::Srv{{{1, 1, {"old.test", 1}}}, seconds(60)};
  Candidates();
  sources_.srv = DiscoverySources::Srv{{{1, 1, {"new.test", 1}}}, seconds(60)};
  discovery_->FindAfresh("b.test", [](const Location&) {});
  EXPECT_THAT(Candidates(), ElementsAre("new.test:1 b.test"));
  EXPECT_EQ(TimesAsked(), 4U);
}

TEST_F(DiscoveryTest, LooksAgainSoonForWhatCannotBeReached) {
  sources_.srv = DiscoverySources::Srv{{{1, 1, {"old.test", 1}}}, hours(1)};
  Candidates();
  discovery_->NoteUnreachable("b.test");
  discovery_->NoteUnreachable("nobody.test");
  now_ += Discovery::kNothingFoundMax - seconds(1);
  Candidates();
  EXPECT_EQ(TimesAsked(), 2U);
  now_ += seconds(1);
  Candidates();
  EXPECT_EQ(TimesAsked(), 4U);
}

TEST_F(DiscoveryTest, SharesOneRunBetweenAllWhoAskForADomain) {
  sources_.holds_back = true;
  int answers = 0;
  for (int i = 0; i < 5; ++i) discovery_->Find("b.test", [&](const Location&) { ++answers; });
  EXPECT_EQ(TimesAsked(), 1U);
  EXPECT_EQ(answers, 0);
  sources_.held_back[0]();
  EXPECT_EQ(answers, 5);
}

TEST_F(DiscoveryTest, LooksForSoManyDomainsAtATime) {
  options_.runs_max = 2;
  MakeAgain();
  sources_.holds_back = true;
  int answers = 0;
  for (const char* domain : {"a.test", "b.test", "c.test", "d.test"}) {
    discovery_->Find(domain, [&](const Location&) { ++answers; });
  }
  EXPECT_THAT(sources_.asked, ElementsAre("well-known a.test", "well-known b.test"));
  sources_.held_back[1]();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(sources_.asked.back(), "well-known c.test");
  for (int i : {0, 2, 3}) sources_.held_back[static_cast<std::size_t>(i)]();
  EXPECT_EQ(answers, 4);
}

TEST_F(DiscoveryTest, RemembersSoManyDomains) {
  options_.domains_max = 2;
  MakeAgain();
  for (const char* domain : {"a.test", "b.test", "c.test"}) Candidates(domain);
  const std::size_t asked = TimesAsked();
  Candidates("c.test");
  Candidates("b.test");
  EXPECT_EQ(TimesAsked(), asked);
  Candidates("a.test");
  EXPECT_GT(TimesAsked(), asked);
}

}  // namespace
}  // namespace federation::directory
