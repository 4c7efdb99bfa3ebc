#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include "fednode/metrics/collector.h"
#include "fednode/metrics/metrics_server.h"
#include "fednode/metrics/quarantine_metrics.h"
#include "fednode/metrics/traffic_metrics.h"
#include "support/metrics_text.h"
#include "support/plain_http.h"

// The metrics that are not those of links, and how they are served.
namespace federation::fednode {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

MetricsText TextOf(const std::vector<prometheus::MetricFamily>& families) {
  return MetricsText(prometheus::TextSerializer().Serialize(families));
}

TEST(QuarantineMetrics, TellSoManyOriginsApart) {
  std::vector<Store::QuarantineSize> sizes = {{"a.test", 2, 20}, {"b.test", 9, 90}, {"c.test", 4, 40}};
  QuarantineMetrics metrics([&] { return sizes; }, 1);
  MetricsText text = TextOf(metrics.Look({}));
  EXPECT_EQ(text.At("federation_quarantined_updates{origin=\"b.test\"}"), 9);
  EXPECT_EQ(text.At("federation_quarantined_bytes{origin=\"b.test\"}"), 90);
  EXPECT_EQ(text.At("federation_quarantined_updates{origin=\"other\"}"), 6);
  EXPECT_EQ(text.At("federation_quarantined_bytes{origin=\"other\"}"), 60);
  EXPECT_EQ(text.samples().size(), 5u);
  sizes.clear();
  text = TextOf(metrics.Look({}));
  EXPECT_FALSE(text.Has("federation_quarantined_updates{origin=\"b.test\"}"));
}

TEST(QuarantineMetrics, CountWhatCouldNotBeRead) {
  QuarantineMetrics metrics([] { return absl::UnavailableError("the disk is away"); }, 1);
  EXPECT_EQ(TextOf(metrics.Look({})).At("federation_quarantine_scrape_errors_total"), 1);
  EXPECT_EQ(TextOf(metrics.Look({})).At("federation_quarantine_scrape_errors_total"), 2);
}

TEST(TrafficMetrics, CountPushesByWhatCameOfThem) {
  TrafficMetrics metrics;
  metrics.Note(Pushed{"b.test", 5, 2, 700, milliseconds{3}, Pushed::Result::kAcked});
  metrics.Note(Pushed{"b.test", 1, 0, 100, milliseconds{70'000}, Pushed::Result::kFailed});
  metrics.Note(Pushed{"c.test", 0, 1, 30, milliseconds{1}, Pushed::Result::kWait});
  const MetricsText text = TextOf(metrics.Collect());
  const std::string name = "federation_push_duration_seconds";
  EXPECT_EQ(text.TypeOf(name), "histogram");
  EXPECT_EQ(text.At(name + "_count{result=\"acked\"}"), 1);
  EXPECT_EQ(text.At(name + "_count{result=\"failed\"}"), 1);
  EXPECT_EQ(text.At(name + "_count{result=\"wait\"}"), 1);
  EXPECT_EQ(text.At(name + "_count{result=\"hole\"}"), 0);
  EXPECT_EQ(text.At(name + "_sum{result=\"failed\"}"), 70);
  EXPECT_EQ(text.At(name + "_bucket{result=\"failed\",le=\"60\"}"), 0);
  EXPECT_EQ(text.At(name + "_bucket{result=\"failed\",le=\"+Inf\"}"), 1);
  EXPECT_EQ(text.At(name + "_bucket{result=\"wait\",le=\"0.001\"}"), 1) << "a bound belongs to its bucket";
  EXPECT_EQ(text.At(name + "_bucket{result=\"acked\",le=\"0.0025\"}"), 0);
  EXPECT_EQ(text.At(name + "_bucket{result=\"acked\",le=\"0.005\"}"), 1);
  EXPECT_EQ(text.At(name + "_bucket{result=\"acked\",le=\"10\"}"), 1) << "buckets add up";
  EXPECT_EQ(text.At("federation_pushed_updates_total{delivery=\"strong\"}"), 6);
  EXPECT_EQ(text.At("federation_pushed_updates_total{delivery=\"weak\"}"), 3);
  EXPECT_EQ(text.At("federation_pushed_bytes_total"), 830);
}

TEST(TrafficMetrics, CountThePushesOfPeers) {
  TrafficMetrics metrics;
  metrics.Note(Received{"b.test", 5, 2, milliseconds{20}, false});
  metrics.Note(Received{"b.test", 5, 0, milliseconds{1}, true});
  const MetricsText text = TextOf(metrics.Collect());
  const std::string name = "federation_received_push_duration_seconds";
  EXPECT_EQ(text.At(name + "_count{result=\"answered\"}"), 1);
  EXPECT_EQ(text.At(name + "_sum{result=\"answered\"}"), 0.02);
  EXPECT_EQ(text.At(name + "_count{result=\"told_to_wait\"}"), 1);
  EXPECT_EQ(text.At("federation_received_updates_total{delivery=\"strong\"}"), 10);
  EXPECT_EQ(text.At("federation_received_updates_total{delivery=\"weak\"}"), 2);
}

TEST(Collector, LooksAgainOnlyWhenItsAnswerIsOld) {
  Moment now{};
  int looks = 0;
  const Collector collector(
      [&](const Moment&) {
        ++looks;
        return Collector::Families(static_cast<std::size_t>(looks));
      },
      [&] { return now; });
  EXPECT_EQ(collector.Collect().size(), 1u);
  now.steady += Collector::kCacheAge - milliseconds{1};
  EXPECT_EQ(collector.Collect().size(), 1u);
  now.steady += milliseconds{1};
  EXPECT_EQ(collector.Collect().size(), 2u);
  EXPECT_EQ(looks, 2);
}

TEST(MetricsServer, ServesItsSourcesAndNothingElse) {
  auto traffic = std::make_shared<TrafficMetrics>();
  const auto server = MetricsServer::Start({"127.0.0.1", 0}, {traffic});
  ASSERT_TRUE(server.ok()) << server.status();
  ASSERT_NE((*server)->port(), 0);
  traffic->Note(Received{"b.test", 5, 0, milliseconds{1}, true});
  const std::string answer = PlainHttpGet((*server)->port(), "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain"));
  EXPECT_EQ(MetricsText(BodyOf(answer)).At("federation_received_updates_total{delivery=\"strong\"}"), 5);
  for (const char* path : {"/", "/other", "/../CMakeLists.txt"}) {
    EXPECT_THAT(PlainHttpGet((*server)->port(), path), StartsWith("HTTP/1.1 4")) << path;
  }
}

TEST(MetricsServer, SaysThatItCannotListen) {
  const auto first = MetricsServer::Start({"127.0.0.1", 0}, {});
  ASSERT_TRUE(first.ok()) << first.status();
  const HostPort taken{"127.0.0.1", (*first)->port()};
  const auto second = MetricsServer::Start(taken, {});
  EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("--metrics: cannot listen on " + taken.ToString()));
}

}  // namespace
}  // namespace federation::fednode
