#include "https/peer_origins.h"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace federation::https {
namespace {

using namespace std::chrono_literals;

HttpLimits SmallLimits() {
  HttpLimits limits;
  limits.origins_per_peer_max = 2;
  limits.origin_age_max = 60s;
  limits.origin_peers_max = 3;
  return limits;
}

class PeerOriginsTest : public ::testing::Test {
 protected:
  PeerOrigins origins_{SmallLimits()};
  PeerOrigins::Time now_{};
};

TEST_F(PeerOriginsTest, APeerSpeaksForAFew) {
  EXPECT_EQ(origins_.Take("peer", "a", now_), std::nullopt);
  EXPECT_EQ(origins_.Take("peer", "b", now_ + 10s), std::nullopt);
  EXPECT_EQ(origins_.Take("peer", "c", now_ + 20s), 40s);
  EXPECT_EQ(origins_.Take("peer", "a", now_ + 20s), std::nullopt);
  EXPECT_EQ(origins_.Take("peer", "b", now_ + 20s), std::nullopt);
  EXPECT_EQ(origins_.Take("other", "c", now_ + 20s), std::nullopt);
}

TEST_F(PeerOriginsTest, OneThatIsSilentMakesRoom) {
  origins_.Take("peer", "a", now_);
  origins_.Take("peer", "b", now_);
  origins_.Take("peer", "a", now_ + 30s);
  EXPECT_EQ(origins_.Take("peer", "c", now_ + 60s - 1ms), 1s);
  EXPECT_EQ(origins_.Take("peer", "c", now_ + 60s), std::nullopt);
  EXPECT_EQ(origins_.Take("peer", "b", now_ + 60s), 30s);
  EXPECT_EQ(origins_.Take("peer", "a", now_ + 60s), std::nullopt);
}

TEST_F(PeerOriginsTest, ThePeerThatHasAskedLeastRecentlyIsForgotten) {
  for (const char* peer : {"p", "q", "r"}) {
    origins_.Take(peer, "a", now_);
    origins_.Take(peer, "b", now_);
  }
  EXPECT_NE(origins_.Take("p", "c", now_), std::nullopt);
  EXPECT_EQ(origins_.Take("s", "a", now_), std::nullopt);
  EXPECT_EQ(origins_.size(), 3U);
  EXPECT_NE(origins_.Take("p", "c", now_), std::nullopt);
  EXPECT_NE(origins_.Take("r", "c", now_), std::nullopt);
  EXPECT_EQ(origins_.Take("q", "c", now_), std::nullopt);
}

TEST_F(PeerOriginsTest, PeersThatAreSilentTakeNoMemory) {
  origins_.Take("p", "a", now_);
  origins_.Take("q", "a", now_ + 30s);
  origins_.Take("r", "a", now_ + 60s);
  EXPECT_EQ(origins_.size(), 2U);
}

}  // namespace
}  // namespace federation::https
