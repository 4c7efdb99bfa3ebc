#include "link/weak_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::link {
namespace {

using std::chrono::seconds;

constexpr WeakQueue::Time kStart{};

TEST(WeakQueue, GivesTheOldestFirst) {
  WeakQueue queue({});
  queue.Add("a", kStart);
  queue.Add("b", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("a", "b"));
  EXPECT_TRUE(queue.empty());
}

TEST(WeakQueue, ForgetsTheOldestWhenItIsFull) {
  OutboxLimits limits;
  limits.weak_updates_max = 2;
  WeakQueue queue(limits);
  for (const char* update : {"a", "b", "c"}) queue.Add(update, kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("b", "c"));
}

TEST(WeakQueue, ForgetsTheOldestWhenItHoldsTooManyBytes) {
  OutboxLimits limits;
  limits.weak_bytes_max = 5;
  WeakQueue queue(limits);
  for (const char* update : {"aa", "bb", "cc"}) queue.Add(update, kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("bb", "cc"));
  queue.Add("too large", kStart);
  EXPECT_TRUE(queue.empty());
}

TEST(WeakQueue, ForgetsWhatIsTooOldAlsoWhenNothingIsTaken) {
  WeakQueue queue({});
  queue.Add("a", kStart);
  queue.Add("b", kStart + seconds(31));
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("b"));
}

TEST(WeakQueue, ForgetsWhatIsTooOld) {
  WeakQueue queue({});
  queue.Add("a", kStart);
  queue.Add("b", kStart + seconds(10));
  EXPECT_THAT(queue.Take(kStart + seconds(31), 100), testing::ElementsAre("b"));
}

TEST(WeakQueue, GivesWhatFitsButAtLeastOne) {
  WeakQueue queue({});
  for (const char* update : {"aaaa", "bb", "cc"}) queue.Add(update, kStart);
  EXPECT_THAT(queue.Take(kStart, 1), testing::ElementsAre("aaaa"));
  EXPECT_THAT(queue.Take(kStart, 3), testing::ElementsAre("bb"));
  EXPECT_THAT(queue.Take(kStart, 3), testing::ElementsAre("cc"));
}

}  // namespace
}  // namespace federation::link
