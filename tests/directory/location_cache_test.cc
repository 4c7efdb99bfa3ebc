#include "directory/location_cache.h"

#include <string>

#include <gtest/gtest.h>

namespace federation::directory {
namespace {

using std::chrono::seconds;

const LocationCache::Clock::time_point kStart{std::chrono::hours(1000)};

Location LocationOf(const std::string& domain, LocationCache::Clock::time_point expires) {
  Location location;
  location.domain = domain;
  location.expires = expires;
  return location;
}

TEST(LocationCache, ForgetsWhatHasExpired) {
  LocationCache cache(10);
  cache.Put(LocationOf("a.test", kStart + seconds(5)), kStart);
  ASSERT_NE(cache.Find("a.test", kStart + seconds(4)), nullptr);
  EXPECT_EQ(cache.Find("a.test", kStart + seconds(4))->domain, "a.test");
  EXPECT_EQ(cache.Find("a.test", kStart + seconds(5)), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(LocationCache, NeverKeepsWhatIsNotToBeKept) {
  LocationCache cache(10);
  cache.Put(LocationOf("a.test", kStart + seconds(5)), kStart);
  // Nor what it replaces.
  cache.Put(LocationOf("a.test", kStart), kStart);
  EXPECT_EQ(cache.Find("a.test", kStart), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(LocationCache, DropsTheOneThatWasNotAskedForTheLongestTime) {
  LocationCache cache(3);
  for (const char* domain : {"a.test", "b.test", "c.test"}) {
    cache.Put(LocationOf(domain, kStart + seconds(9)), kStart);
  }
  EXPECT_NE(cache.Find("a.test", kStart), nullptr);
  cache.Put(LocationOf("d.test", kStart + seconds(9)), kStart);
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_EQ(cache.Find("b.test", kStart), nullptr);
  for (const char* domain : {"a.test", "c.test", "d.test"}) {
    EXPECT_NE(cache.Find(domain, kStart), nullptr) << domain;
  }
}

TEST(LocationCache, ShortensButNeverLengthens) {
  LocationCache cache(3);
  cache.Put(LocationOf("a.test", kStart + seconds(9)), kStart);
  cache.Shorten("a.test", kStart + seconds(20));
  EXPECT_EQ(cache.Find("a.test", kStart + seconds(9)), nullptr);
  cache.Put(LocationOf("a.test", kStart + seconds(9)), kStart);
  cache.Shorten("a.test", kStart + seconds(3));
  cache.Shorten("nobody.test", kStart);
  EXPECT_NE(cache.Find("a.test", kStart + seconds(2)), nullptr);
  EXPECT_EQ(cache.Find("a.test", kStart + seconds(3)), nullptr);
}

}  // namespace
}  // namespace federation::directory
