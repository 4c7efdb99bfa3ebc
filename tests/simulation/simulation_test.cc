#include "simulation/simulation.h"

#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "simulation/quiet_log.h"

namespace federation::simulation {
namespace {

constexpr std::uint64_t kSeeds = 20;

class Simulations : public testing::Test {
 protected:
  static void SetUpTestSuite() { QuietLog(); }
};

std::vector<Result> RunSeeds(std::size_t trace_lines) {
  Settings settings;
  settings.minutes = std::chrono::minutes{2};
  settings.trace_lines = trace_lines;
  std::vector<Result> results;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) results.push_back(Simulation(seed, settings).Run());
  return results;
}

void ExpectSame(const std::vector<Result>& left, const std::vector<Result>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i].hash, right[i].hash) << "seed " << i + 1;
    EXPECT_EQ(left[i].events, right[i].events) << "seed " << i + 1;
  }
}

TEST_F(Simulations, TheSameSeedHasTheSameTrace) {
  const std::vector<Result> first = RunSeeds(0);
  ExpectSame(first, RunSeeds(0));
  // Nor does it matter who looks on.
  ExpectSame(first, RunSeeds(100));
  for (std::size_t i = 1; i < first.size(); ++i) EXPECT_NE(first[i].hash, first[i - 1].hash);
}

TEST_F(Simulations, SeedsOnOtherThreadsDoNotMatter) {
  const std::vector<Result> alone = RunSeeds(0);
  std::vector<std::vector<Result>> results(3);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&result] { result = RunSeeds(0); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) ExpectSame(alone, result);
}

TEST_F(Simulations, EverythingArrivesSoonWhenNothingGoesWrong) {
  for (std::size_t nodes = 2; nodes <= kNodesMax; ++nodes) {
    const Result result = Simulation(nodes, {}, CalmPlan(nodes)).Run();
    EXPECT_FALSE(result.violation.has_value()) << result.violation->text;
    // What is sent to all counts at its sender, too.
    EXPECT_GT(result.applied, 100U);
    EXPECT_GT(result.pushes, 100U);
  }
}

TEST_F(Simulations, KeepsTheEndOfTheTrace) {
  Settings settings;
  settings.minutes = std::chrono::minutes{1};
  settings.trace_lines = 7;
  EXPECT_EQ(Simulation(1, settings).Run().trace.size(), 7U);
}

}  // namespace
}  // namespace federation::simulation
