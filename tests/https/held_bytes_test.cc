#include "https/held_bytes.h"

#include <optional>

#include <gtest/gtest.h>

namespace federation::https {
namespace {

HttpLimits SmallLimits() {
  HttpLimits limits;
  limits.held_bytes_per_peer_max = 100;
  limits.held_bytes_max = 400;
  return limits;
}

class HeldBytesTest : public ::testing::Test {
 protected:
  HeldBytes all_{SmallLimits()};
  PeerHeldBytes alpha_{all_};
  PeerHeldBytes bravo_{all_};
  PeerHeldBytes charlie_{all_};
};

TEST_F(HeldBytesTest, APeerHasItsShare) {
  const PeerHeldBytes::Part first = alpha_.Take(40);
  EXPECT_TRUE(first);
  std::optional<PeerHeldBytes::Part> second(alpha_.Take(60));
  EXPECT_TRUE(*second);
  EXPECT_FALSE(alpha_.Take(1));
  EXPECT_TRUE(bravo_.Take(100));
  second.reset();
  EXPECT_EQ(alpha_.bytes(), 40U);
  EXPECT_TRUE(alpha_.Take(60));
}

TEST_F(HeldBytesTest, HalfOfItIsForThoseWhoHoldNothing) {
  const PeerHeldBytes::Part small = alpha_.Take(10);
  const PeerHeldBytes::Part most = bravo_.Take(190);
  EXPECT_TRUE(most);
  EXPECT_FALSE(alpha_.Take(1));
  const PeerHeldBytes::Part last = charlie_.Take(200);
  EXPECT_TRUE(last);
  PeerHeldBytes delta(all_);
  EXPECT_FALSE(delta.Take(1));
}

TEST_F(HeldBytesTest, ASingleOneMayBeAsLargeAsItLikes) {
  const PeerHeldBytes::Part part = alpha_.Take(1000);
  EXPECT_TRUE(part);
  EXPECT_FALSE(bravo_.Take(1));
}

TEST_F(HeldBytesTest, EachPartIsGivenBackOnce) {
  {
    PeerHeldBytes::Part part = alpha_.Take(10);
    PeerHeldBytes::Part moved = std::move(part);
    part = bravo_.Take(20);
    part = bravo_.Take(30);
    EXPECT_EQ(alpha_.bytes(), 10U);
    moved = {};
    EXPECT_EQ(all_.bytes(), alpha_.bytes() + bravo_.bytes());
  }
  EXPECT_EQ(alpha_.bytes(), 0U);
  EXPECT_EQ(bravo_.bytes(), 0U);
  EXPECT_EQ(all_.bytes(), 0U);
}

}  // namespace
}  // namespace federation::https
