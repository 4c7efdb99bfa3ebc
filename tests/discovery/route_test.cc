#include "discovery/route.h"

#include <gtest/gtest.h>

namespace federation::discovery {
namespace {

TEST(Route, LeadsToThisMachineItself) { EXPECT_TRUE(HasRouteTo("127.0.0.1")); }

TEST(Route, LeadsNowhereFromWhatIsNoAddressToSendTo) {
  EXPECT_FALSE(HasRouteTo(""));
  EXPECT_FALSE(HasRouteTo("localhost"));
  // Everybody: that needs leave (SO_BROADCAST).
  EXPECT_FALSE(HasRouteTo("255.255.255.255"));
  // A link that is not named.
  EXPECT_FALSE(HasRouteTo("fe80::1"));
}

}  // namespace
}  // namespace federation::discovery
