#include "node/origin_rates.h"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace federation::node {
namespace {

using namespace std::chrono_literals;
using Kind = OriginRates::Excess::Kind;

// By a clock that stands still between the steps of a test.
class OriginRatesTest : public testing::Test {
 protected:
  std::optional<Kind> Take(const std::string& origin, std::size_t bytes = 0) {
    const auto excess = rates_.Take(origin, bytes, now_);
    if (!excess.has_value()) return std::nullopt;
    wait_ = excess->wait;
    return excess->kind;
  }

  OriginRates::Time now_{};
  std::chrono::seconds wait_{0};
  OriginRates rates_{{.requests_per_second_max = 4, .bytes_per_second_max = 100, .origins_max = 3}};
};

TEST_F(OriginRatesTest, LetsThroughSoManyOfEachOriginInASecond) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Take("a.test"), std::nullopt);
  EXPECT_EQ(Take("a.test"), Kind::kNumber);
  EXPECT_EQ(wait_, 1s);
  EXPECT_EQ(Take("b.test"), std::nullopt);
  now_ += 250ms;
  EXPECT_EQ(Take("a.test"), std::nullopt);
  EXPECT_EQ(Take("a.test"), Kind::kNumber);
  now_ += 1h;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Take("a.test"), std::nullopt);
  EXPECT_EQ(Take("a.test"), Kind::kNumber);
}

TEST_F(OriginRatesTest, LetsThroughSoManyBytes) {
  EXPECT_EQ(Take("a.test", 60), std::nullopt);
  EXPECT_EQ(Take("a.test", 60), Kind::kBytes);
  EXPECT_EQ(wait_, 1s);
  EXPECT_EQ(Take("a.test", 40), std::nullopt);
  now_ += 500ms;
  EXPECT_EQ(Take("a.test", 51), Kind::kBytes);
  EXPECT_EQ(Take("a.test", 50), std::nullopt);
}

TEST_F(OriginRatesTest, MakesWhatIsLargerThanASecondsWorthWaitForItAfterwards) {
  EXPECT_EQ(Take("a.test", 1000), std::nullopt);
  now_ += 5s;
  EXPECT_EQ(Take("a.test", 10), Kind::kBytes);
  EXPECT_EQ(wait_, 5s);
  // Somebody else's arrival makes nobody forget that.
  EXPECT_EQ(Take("b.test"), std::nullopt);
  EXPECT_EQ(Take("a.test", 10), Kind::kBytes);
  now_ += 5s;
  EXPECT_EQ(Take("a.test", 100), std::nullopt);
}

TEST_F(OriginRatesTest, ForgetsOriginsWhoseBucketsAreFull) {
  for (const char* origin : {"a.test", "b.test", "c.test"}) EXPECT_EQ(Take(origin), std::nullopt);
  EXPECT_EQ(rates_.size(), 3U);
  now_ += 3s;
  EXPECT_EQ(Take("d.test"), std::nullopt);
  EXPECT_EQ(rates_.size(), 2U);
  EXPECT_EQ(Take("e.test"), std::nullopt);
  EXPECT_EQ(rates_.size(), 2U);
}

TEST_F(OriginRatesTest, RemembersForAWhileThoseThatComeOften) {
  for (const char* origin : {"a.test", "b.test"}) EXPECT_EQ(Take(origin), std::nullopt);
  now_ += 2s;
  EXPECT_EQ(Take("c.test"), std::nullopt);
  EXPECT_EQ(rates_.size(), 3U);
}

TEST_F(OriginRatesTest, NeverRemembersMoreThanItsBound) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(Take(std::to_string(i) + ".test", 1000), std::nullopt);
    EXPECT_LE(rates_.size(), 3U);
  }
  // The last one that came is not the one that is forgotten.
  EXPECT_EQ(Take("999.test", 1), Kind::kBytes);
}

}  // namespace
}  // namespace federation::node
