#include "directory/srv_order.h"

#include <map>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::directory {
namespace {

using ::testing::ElementsAre;

SrvRecord Record(std::uint16_t priority, std::uint16_t weight, const std::string& host) {
  return {priority, weight, {host, 9880}};
}

std::vector<std::string> HostsInOrder(std::vector<SrvRecord> records, const std::function<double()>& random) {
  std::vector<std::string> hosts;
  for (const SrvRecord& record : InSrvOrder(std::move(records), random)) hosts.push_back(record.target.host);
  return hosts;
}

double Zero() { return 0; }
double AlmostOne() { return 0.999999; }

TEST(SrvOrder, PutsLowerPrioritiesFirst) {
  const std::vector<SrvRecord> records = {Record(20, 9, "c"), Record(5, 1, "a"), Record(10, 65535, "b")};
  EXPECT_THAT(HostsInOrder(records, Zero), ElementsAre("a", "b", "c"));
  EXPECT_THAT(HostsInOrder(records, AlmostOne), ElementsAre("a", "b", "c"));
}

TEST(SrvOrder, GivesNoRecordsForNone) { EXPECT_TRUE(InSrvOrder({}, Zero).empty()); }

TEST(SrvOrder, GivesWeightZeroASmallChance) {
  const std::vector<SrvRecord> records = {Record(1, 10, "heavy"), Record(1, 0, "zero")};
  EXPECT_THAT(HostsInOrder(records, Zero), ElementsAre("zero", "heavy"));
  EXPECT_THAT(HostsInOrder(records, AlmostOne), ElementsAre("heavy", "zero"));
}

TEST(SrvOrder, KeepsEveryRecordOnceWhateverIsDrawn) {
  std::mt19937 engine(1);
  const auto random = [&engine] { return std::uniform_real_distribution<double>(0, 1)(engine); };
  const std::vector<SrvRecord> records = {Record(1, 0, "a"),     Record(1, 0, "b"),     Record(1, 7, "c"),
                                          Record(2, 65535, "d"), Record(2, 65535, "e"), Record(3, 0, "f")};
  for (int i = 0; i < 1000; ++i) {
    const std::vector<std::string> hosts = HostsInOrder(records, random);
    EXPECT_THAT(std::vector(hosts.begin(), hosts.begin() + 3), testing::UnorderedElementsAre("a", "b", "c"));
    EXPECT_THAT(std::vector(hosts.begin() + 3, hosts.begin() + 5), testing::UnorderedElementsAre("d", "e"));
    EXPECT_EQ(hosts[5], "f");
  }
}

TEST(SrvOrder, DrawsTheFirstOneInProportionToTheWeights) {
  std::mt19937 engine(2);
  const auto random = [&engine] { return std::uniform_real_distribution<double>(0, 1)(engine); };
  const std::vector<SrvRecord> records = {Record(1, 100, "one"), Record(1, 300, "three"),
                                          Record(1, 600, "six")};
  std::map<std::string, int> first;
  for (int i = 0; i < 10'000; ++i) ++first[HostsInOrder(records, random)[0]];
  EXPECT_NEAR(first["one"], 1000, 150);
  EXPECT_NEAR(first["three"], 3000, 250);
  EXPECT_NEAR(first["six"], 6000, 250);
}

}  // namespace
}  // namespace federation::directory
