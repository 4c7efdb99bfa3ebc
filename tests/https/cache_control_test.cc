#include "https/cache_control.h"

#include <gtest/gtest.h>

namespace federation::https {
namespace {

struct Case {
  const char* cache_control;
  const char* age;
  std::optional<int> seconds;
};

TEST(CacheControl, SaysForHowLongAnAnswerMayBeKept) {
  const Case cases[] = {
      {"", "", {}},
      {"public, must-revalidate", "", {}},
      {"max-age=60", "", 60},
      {"MAX-AGE = \"60\"", "", 60},
      {"public,max-age=0", "", 0},
      {" , s-maxage=5 ,max-age=60,", "10", 50},
      {"max-age=60", "61", 0},
      {"max-age=60", "soon", 60},
      {"max-age=60, no-store", "", 0},
      {"no-cache", "", 0},
      {"max-age=60, max-age=70", "", 0},
      {"max-age=-1", "", 0},
      {"max-age=1e3", "", 0},
      {"max-age=", "", 0},
      {"max-age", "", 0},
  };
  for (const Case& test : cases) {
    const std::optional<std::chrono::seconds> fresh = FreshFor(test.cache_control, test.age);
    ASSERT_EQ(fresh.has_value(), test.seconds.has_value()) << test.cache_control;
    EXPECT_EQ(fresh.value_or(std::chrono::seconds{0}).count(), test.seconds.value_or(0))
        << test.cache_control << " / " << test.age;
  }
  EXPECT_GT(*FreshFor("max-age=99999999999999999999999999", ""), std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace federation::https
