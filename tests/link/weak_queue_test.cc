#include "link/weak_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::link {
namespace {

using std::chrono::seconds;

constexpr WeakQueue::Time kStart{};

TEST(WeakQueue, GivesTheOldestFirst) {
  WeakQueue queue({});
  queue.Add("a", "", kStart);
  queue.Add("b", "", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("a", "b"));
  EXPECT_TRUE(queue.empty());
}

TEST(WeakQueue, ForgetsTheOldestWhenItIsFull) {
  OutboxLimits limits;
  limits.weak_updates_max = 2;
  WeakQueue queue(limits);
  for (const char* update : {"a", "b", "c"}) queue.Add(update, "", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("b", "c"));
}

TEST(WeakQueue, ForgetsTheOldestWhenItHoldsTooManyBytes) {
  OutboxLimits limits;
  limits.weak_bytes_max = 5;
  WeakQueue queue(limits);
  for (const char* update : {"aa", "bb", "cc"}) queue.Add(update, "", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("bb", "cc"));
  queue.Add("too large", "", kStart);
  EXPECT_TRUE(queue.empty());
}

TEST(WeakQueue, ForgetsWhatIsTooOldAlsoWhenNothingIsTaken) {
  WeakQueue queue({});
  queue.Add("a", "", kStart);
  queue.Add("b", "", kStart + seconds(31));
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("b"));
}

TEST(WeakQueue, ForgetsWhatIsTooOld) {
  WeakQueue queue({});
  queue.Add("a", "", kStart);
  queue.Add("b", "", kStart + seconds(10));
  EXPECT_THAT(queue.Take(kStart + seconds(31), 100), testing::ElementsAre("b"));
}

TEST(WeakQueue, GivesWhatFitsButAtLeastOne) {
  WeakQueue queue({});
  for (const char* update : {"aaaa", "bb", "cc"}) queue.Add(update, "", kStart);
  EXPECT_THAT(queue.Take(kStart, 1), testing::ElementsAre("aaaa"));
  EXPECT_THAT(queue.Take(kStart, 3), testing::ElementsAre("bb"));
  EXPECT_THAT(queue.Take(kStart, 3), testing::ElementsAre("cc"));
}

TEST(WeakQueue, ReplacesWhatWaitsUnderTheSameKey) {
  WeakQueue queue({});
  queue.Add("a1", "a", kStart);
  queue.Add("b1", "b", kStart);
  queue.Add("a2", "a", kStart);
  queue.Add("x", "", kStart);
  queue.Add("x", "", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("b1", "a2", "x", "x"));
  queue.Add("a3", "a", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("a3"));
}

TEST(WeakQueue, TakesANewerUpdateForAsYoungAsItIs) {
  WeakQueue queue({});
  queue.Add("a1", "a", kStart);
  queue.Add("b1", "b", kStart + seconds(20));
  queue.Add("a2", "a", kStart + seconds(20));
  EXPECT_THAT(queue.Take(kStart + seconds(40), 100), testing::ElementsAre("b1", "a2"));
}

TEST(WeakQueue, KeepsItsBoundsWhenUpdatesReplaceEachOther) {
  OutboxLimits limits;
  limits.weak_updates_max = 2;
  limits.weak_bytes_max = 9;
  WeakQueue queue(limits);
  for (int i = 0; i < 100; ++i) queue.Add("aa", "k", kStart);
  queue.Add("bb", "", kStart);
  queue.Add("aa", "k", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("bb", "aa"));
  // A key takes room as an update does.
  queue.Add("aa", "", kStart);
  queue.Add("bb", "a long key", kStart);
  EXPECT_TRUE(queue.empty());
  queue.Add("aa", "", kStart);
  queue.Add("bb", "key", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("aa", "bb"));
}

// What was forgotten is not there to be replaced.
TEST(WeakQueue, ForgetsTheKeyWithItsUpdate) {
  OutboxLimits limits;
  limits.weak_updates_max = 1;
  WeakQueue queue(limits);
  queue.Add("a1", "a", kStart);
  queue.Add("b1", "b", kStart);
  queue.Add("a2", "a", kStart);
  EXPECT_THAT(queue.Take(kStart, 100), testing::ElementsAre("a2"));
}

TEST(WeakQueue, SaysWhenTheOldestOneIsTooOld) {
  OutboxLimits limits;
  limits.weak_age_max = seconds(5);
  WeakQueue queue(limits);
  queue.Add("a", "a", kStart);
  queue.Add("b", "", kStart + seconds(1));
  EXPECT_EQ(queue.oldest_end(), kStart + seconds(5));
  queue.Add("a", "a", kStart + seconds(2));
  EXPECT_EQ(queue.oldest_end(), kStart + seconds(6));
  queue.DropOld(kStart + seconds(6));
  EXPECT_FALSE(queue.empty());
  queue.DropOld(kStart + seconds(6) + std::chrono::milliseconds(1));
  EXPECT_EQ(queue.oldest_end(), kStart + seconds(7));
  queue.DropOld(kStart + seconds(8));
  EXPECT_TRUE(queue.empty());
}

TEST(WeakQueue, CountsWhatItForgetsAndNotWhatItGives) {
  OutboxLimits limits;
  limits.weak_updates_max = 3;
  WeakQueue queue(limits);
  for (const char* key : {"a", "b", "a", "c", "d"}) queue.Add("x", key, kStart);
  EXPECT_EQ(queue.dropped(), 2U);  // one was replaced, one too many
  EXPECT_EQ(queue.Take(kStart, 2).size(), 2U);
  EXPECT_EQ(queue.dropped(), 2U);
  queue.DropOld(kStart + seconds(31));
  EXPECT_EQ(queue.dropped(), 3U);
}

}  // namespace
}  // namespace federation::link
