#include "fednode/metrics/link_metrics.h"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/check_names.h>
#include <prometheus/text_serializer.h>

#include "support/metrics_text.h"
#include "tools/fake_node.h"

namespace federation::fednode {
namespace {

using ::testing::UnorderedElementsAre;

LinkStatus Link(const std::string& destination, std::uint64_t pending = 0) {
  LinkStatus link;
  link.destination = destination;
  link.assigned = Seq{pending + 10};
  link.acked = Seq{10};
  return link;
}

std::string Series(const std::string& name, const std::string& destination, const std::string& more = "") {
  return name + "{destination=\"" + destination + "\"" + more + "}";
}

class LinkMetricsTest : public ::testing::Test {
 protected:
  MetricsText Look(std::vector<LinkStatus> links) {
    node_.links = std::move(links);
    return LookAgain();
  }
  MetricsText LookAgain() {
    families_ = metrics_.Look(now_);
    return MetricsText(prometheus::TextSerializer().Serialize(families_));
  }
  void Pass(std::chrono::seconds time) {
    now_.steady += time;
    now_.wall += time;
  }

  FakeNode node_;
  // Two links are told apart.
  LinkMetrics metrics_{[this] { return node_.Links(); }, 2};
  Moment now_{std::chrono::steady_clock::time_point(),
              std::chrono::system_clock::time_point(std::chrono::hours{500'000})};
  std::vector<prometheus::MetricFamily> families_;
};

TEST_F(LinkMetricsTest, ShowHowALinkIs) {
  LinkStatus link = Link("bravo.test", 7);
  link.state = LinkStatus::State::kWaiting;
  link.pending_bytes = 250;
  link.pending_since = now_.wall - std::chrono::milliseconds{2500};
  link.failures = 3;
  const MetricsText text = Look({link, Link("c.test")});
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "bravo.test")), 7);
  EXPECT_EQ(text.At(Series("federation_link_pending_bytes", "bravo.test")), 250);
  EXPECT_EQ(text.At(Series("federation_link_oldest_pending_age_seconds", "bravo.test")), 2.5);
  EXPECT_EQ(text.At(Series("federation_link_failing", "bravo.test")), 1);
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "c.test")), 0);
  EXPECT_EQ(text.At(Series("federation_link_oldest_pending_age_seconds", "c.test")), 0);
  EXPECT_EQ(text.At(Series("federation_link_failing", "c.test")), 0);
  EXPECT_EQ(text.At("federation_links{state=\"waiting\"}"), 1);
  EXPECT_EQ(text.At("federation_links{state=\"idle\"}"), 1);
  EXPECT_EQ(text.At("federation_links{state=\"paused\"}"), 0);
  EXPECT_EQ(text.At("federation_links_in_other"), 0);
  EXPECT_FALSE(text.Has(Series("federation_link_pending_updates", "other")));
}

TEST_F(LinkMetricsTest, ShowEachCounter) {
  LinkStatus link = Link("bravo.test");
  link.counters = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  const MetricsText text = Look({link});
  struct Case {
    const char* name;
    const char* label;
    double value;
  };
  const Case cases[] = {
      {"federation_link_pushes_total", "", 1},
      {"federation_link_acked_updates_total", "", 2},
      {"federation_link_repeated_updates_total", "", 3},
      {"federation_link_holes_total", "", 4},
      {"federation_link_waits_total", "", 5},
      {"federation_link_expired_updates_total", "", 6},
      {"federation_link_given_up_updates_total", "", 7},
      {"federation_link_weak_updates_total", ",fate=\"sent\"", 8},
      {"federation_link_weak_updates_total", ",fate=\"dropped\"", 9},
      {"federation_link_failures_total", ",kind=\"unreachable\"", 10},
      {"federation_link_failures_total", ",kind=\"busy\"", 11},
      {"federation_link_failures_total", ",kind=\"refused\"", 12},
      {"federation_link_failures_total", ",kind=\"too_large\"", 13},
      {"federation_link_failures_total", ",kind=\"contradiction\"", 14},
      {"federation_link_restored_stores_total", ",store=\"own\"", 15},
      {"federation_link_restored_stores_total", ",store=\"peer\"", 16},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(text.At(Series(test.name, "bravo.test", test.label)), test.value) << test.name << test.label;
    EXPECT_EQ(text.TypeOf(test.name), "counter");
  }
}

TEST_F(LinkMetricsTest, HaveNamesThatPrometheusTakes) {
  Look({Link("bravo.test")});
  for (const prometheus::MetricFamily& family : families_) {
    EXPECT_TRUE(prometheus::CheckMetricName(family.name)) << family.name;
    EXPECT_TRUE(family.name.starts_with("federation_")) << family.name;
    EXPECT_EQ(family.name.ends_with("_total"), family.type == prometheus::MetricType::Counter) << family.name;
    for (const prometheus::ClientMetric& metric : family.metric) {
      for (const auto& label : metric.label)
        EXPECT_TRUE(prometheus::CheckLabelName(label.name)) << label.name;
    }
  }
}

TEST_F(LinkMetricsTest, EscapeWhateverADomainHolds) {
  const std::string odd = "a\"b\\c\nd{}=, \xc3\xbc";
  const MetricsText text = Look({Link(odd, 3)});
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", odd)), 3);
}

TEST_F(LinkMetricsTest, SumUpTheLinksThatAreTooMany) {
  std::vector<LinkStatus> links = {Link("a.test", 1), Link("b.test", 50), Link("c.test", 20),
                                   Link("d.test", 4)};
  links[0].failures = 1;
  links[0].pending_since = now_.wall - std::chrono::seconds{5};
  links[2].counters.acked_updates = 7;
  links[2].pending_bytes = 1000;
  links[2].pending_since = now_.wall - std::chrono::seconds{30};
  links[3].counters.acked_updates = 4;
  links[3].pending_bytes = 1;
  links[3].pending_since = now_.wall - std::chrono::seconds{10};
  const MetricsText text = Look(links);
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "a.test")), 1);
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "b.test")), 50);
  EXPECT_FALSE(text.Has(Series("federation_link_pending_updates", "c.test")));
  EXPECT_FALSE(text.Has(Series("federation_link_acked_updates_total", "d.test")));
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "other")), 24);
  EXPECT_EQ(text.At(Series("federation_link_pending_bytes", "other")), 1001);
  EXPECT_EQ(text.At(Series("federation_link_oldest_pending_age_seconds", "other")), 30);
  EXPECT_EQ(text.At(Series("federation_link_failing", "other")), 0);
  EXPECT_EQ(text.At(Series("federation_link_acked_updates_total", "other")), 11);
  EXPECT_EQ(text.At("federation_links_in_other"), 2);
  EXPECT_EQ(text.At("federation_links{state=\"idle\"}"), 4);
}

TEST_F(LinkMetricsTest, LetNoCounterGoBackWhenAPlaceChangesHands) {
  const std::string name = "federation_link_acked_updates_total";
  std::vector<LinkStatus> links = {Link("a.test", 9), Link("b.test", 8), Link("c.test", 1)};
  links[0].counters.acked_updates = 100;
  links[1].counters.acked_updates = 10;
  links[2].counters.acked_updates = 1;
  MetricsText text = Look(links);
  EXPECT_EQ(text.At(Series(name, "a.test")), 100);
  EXPECT_EQ(text.At(Series(name, "other")), 1);

  // c takes the place of b.
  Pass(LabelPlaces::kKept);
  links[1] = Link("b.test", 0);
  links[1].counters.acked_updates = 18;
  links[2] = Link("c.test", 90);
  links[2].counters.acked_updates = 3;
  text = Look(links);
  EXPECT_EQ(text.At(Series(name, "a.test")), 100);
  EXPECT_FALSE(text.Has(Series(name, "b.test")));
  EXPECT_EQ(text.At(Series(name, "c.test")), 2) << "what it has done since the last look";
  EXPECT_EQ(text.At(Series(name, "other")), 9) << "what c had done, and what b has done since";

  // b gets the place of c back.
  Pass(LabelPlaces::kKept);
  links[1] = Link("b.test", 500);
  links[1].counters.acked_updates = 20;
  links[2] = Link("c.test", 0);
  links[2].counters.acked_updates = 93;
  text = Look(links);
  EXPECT_EQ(text.At(Series(name, "b.test")), 2);
  EXPECT_FALSE(text.Has(Series(name, "c.test")));
  EXPECT_EQ(text.At(Series(name, "other")), 99);
}

TEST_F(LinkMetricsTest, KeepTheSumWhenNothingIsInItAnyMore) {
  std::vector<LinkStatus> links = {Link("a.test"), Link("b.test"), Link("c.test")};
  links[2].counters.holes = 4;
  Look(links);
  links.pop_back();
  const MetricsText text = Look(links);
  EXPECT_EQ(text.At(Series("federation_link_holes_total", "other")), 4);
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "other")), 0);
}

TEST_F(LinkMetricsTest, CountWhatCouldNotBeRead) {
  EXPECT_EQ(Look({Link("a.test", 3)}).At("federation_link_scrape_errors_total"), 0);
  node_.links = absl::UnavailableError("the disk is away");
  const MetricsText text = LookAgain();
  EXPECT_EQ(text.At("federation_link_scrape_errors_total"), 1);
  EXPECT_FALSE(text.Has(Series("federation_link_pending_updates", "a.test")))
      << "old values as if they were new";
  EXPECT_EQ(Look({Link("a.test", 3)}).At(Series("federation_link_pending_updates", "a.test")), 3);
}

TEST_F(LinkMetricsTest, StayFewWithTenThousandLinks) {
  std::vector<LinkStatus> links;
  for (int i = 0; i < 10'000; ++i) links.push_back(Link("d" + std::to_string(i) + ".test", 1));
  const MetricsText text = Look(links);
  EXPECT_EQ(text.At(Series("federation_link_pending_updates", "other")), 9'998);
  EXPECT_EQ(text.At("federation_links_in_other"), 9'998);
  // Three labels, with 4 gauges and 16 counters each; 5 states, links in other, errors.
  EXPECT_EQ(text.samples().size(), 3u * (4 + LinkMetrics::kCounters) + 7);
}

}  // namespace
}  // namespace federation::fednode
