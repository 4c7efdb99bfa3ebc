#include "https/connection_admission.h"

#include <optional>

#include <gtest/gtest.h>

namespace federation::https {
namespace {

HttpLimits SmallLimits() {
  HttpLimits limits;
  limits.connections_max = 6;
  limits.connections_per_peer_max = 2;
  limits.unidentified_connections_max = 4;
  limits.unidentified_connections_per_address_max = 2;
  return limits;
}

TEST(ConnectionAdmission, TheOldestSilentOneOfAnAddressGoesForTheNext) {
  ConnectionAdmission admission(SmallLimits());
  EXPECT_EQ(admission.Begin(1, "a"), std::nullopt);
  EXPECT_EQ(admission.Begin(2, "b"), std::nullopt);
  EXPECT_EQ(admission.Begin(3, "b"), std::nullopt);
  EXPECT_EQ(admission.Begin(4, "b"), 2u);
  EXPECT_EQ(admission.Begin(5, "b"), 3u);
  // What is gone is forgotten once.
  admission.End(2);
  EXPECT_EQ(admission.Begin(6, "b"), 4u);
}

TEST(ConnectionAdmission, TheOldestSilentOneOfAllGoesForTheNext) {
  ConnectionAdmission admission(SmallLimits());
  for (const auto& [number, address] : {std::pair{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}}) {
    EXPECT_EQ(admission.Begin(static_cast<ConnectionAdmission::Number>(number), address), std::nullopt);
  }
  EXPECT_EQ(admission.Begin(5, "e"), 1u);
}

TEST(ConnectionAdmission, NoneGoesThatHasSaidWhoItIs) {
  ConnectionAdmission admission(SmallLimits());
  for (ConnectionAdmission::Number number = 1; number <= 6; ++number) {
    EXPECT_FALSE(admission.is_full());
    EXPECT_EQ(admission.Begin(number, "a"), std::nullopt);
    EXPECT_TRUE(admission.Identify(number, "peer" + std::to_string(number)));
  }
  EXPECT_TRUE(admission.is_full());
  admission.End(3);
  EXPECT_FALSE(admission.is_full());
}

TEST(ConnectionAdmission, ASilentOneMakesRoomWhenAllPlacesAreTaken) {
  ConnectionAdmission admission(SmallLimits());
  for (ConnectionAdmission::Number number = 1; number <= 5; ++number) {
    admission.Begin(number, "a");
    admission.Identify(number, "peer" + std::to_string(number));
  }
  EXPECT_EQ(admission.Begin(6, "b"), std::nullopt);
  EXPECT_FALSE(admission.is_full());
  EXPECT_EQ(admission.Begin(7, "c"), 6u);
}

TEST(ConnectionAdmission, APeerHasAsManyAsItMayHave) {
  ConnectionAdmission admission(SmallLimits());
  for (ConnectionAdmission::Number number = 1; number <= 3; ++number) {
    EXPECT_EQ(admission.Begin(number, "a"), std::nullopt);
    EXPECT_EQ(admission.Identify(number, "peer") != nullptr, number <= 2);
  }
  EXPECT_TRUE(admission.Begin(4, "a") == std::nullopt && admission.Identify(4, "other"));
  admission.End(1);
  EXPECT_TRUE(admission.Identify(3, "peer"));
}

TEST(ConnectionAdmission, WhatWasSentAwayIsNotIdentified) {
  ConnectionAdmission admission(SmallLimits());
  admission.Begin(1, "a");
  admission.Begin(2, "a");
  EXPECT_EQ(admission.Begin(3, "a"), 1u);
  EXPECT_FALSE(admission.Identify(1, "peer"));
}

TEST(ConnectionAdmission, ConnectionsOfAPeerHoldTogether) {
  ConnectionAdmission admission(SmallLimits());
  for (ConnectionAdmission::Number number = 1; number <= 3; ++number) {
    admission.Begin(number, std::to_string(number));
  }
  const auto first = admission.Identify(1, "peer");
  EXPECT_EQ(admission.Identify(2, "peer"), first);
  EXPECT_NE(admission.Identify(3, "other"), first);
  EXPECT_NE(admission.unidentified_bytes(), first);
}

}  // namespace
}  // namespace federation::https
