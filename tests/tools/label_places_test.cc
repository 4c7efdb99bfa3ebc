#include "fednode/metrics/label_places.h"

#include <gtest/gtest.h>

namespace federation::fednode {
namespace {

using Candidate = LabelPlaces::Candidate;

const LabelPlaces::Time kStart{};
constexpr std::chrono::seconds kSecond{1};

TEST(LabelPlaces, GoToThoseThatNeedThemMost) {
  LabelPlaces places(2);
  places.Assign({{"a", {false, 5}}, {"b", {true, 0}}, {"c", {false, 7}}, {"d", {false, 0}}}, kStart);
  EXPECT_TRUE(places.Has("b")) << "it fails";
  EXPECT_TRUE(places.Has("c")) << "most updates wait for it";
  EXPECT_FALSE(places.Has("a"));
  EXPECT_FALSE(places.Has("d"));
}

TEST(LabelPlaces, GoToTheCalmToo) {
  LabelPlaces places(3);
  places.Assign({{"a", {}}, {"b", {}}}, kStart);
  EXPECT_TRUE(places.Has("a"));
  EXPECT_TRUE(places.Has("b"));
}

TEST(LabelPlaces, AreKeptForAnHourWhateverHappens) {
  LabelPlaces places(1);
  places.Assign({{"a", {false, 1}}, {"b", {}}}, kStart);
  places.Assign({{"a", {}}, {"b", {true, 1000}}}, kStart + LabelPlaces::kKept - kSecond);
  EXPECT_TRUE(places.Has("a"));
  EXPECT_FALSE(places.Has("b"));
  places.Assign({{"a", {}}, {"b", {true, 1000}}}, kStart + LabelPlaces::kKept);
  EXPECT_FALSE(places.Has("a"));
  EXPECT_TRUE(places.Has("b"));
}

TEST(LabelPlaces, StayWithTheirOwnersWhereOthersNeedThemNoMore) {
  LabelPlaces places(2);
  places.Assign({{"a", {false, 3}}, {"b", {false, 9}}, {"c", {false, 1}}}, kStart);
  const LabelPlaces::Time later = kStart + 2 * LabelPlaces::kKept;
  places.Assign({{"a", {false, 3}}, {"b", {false, 9}}, {"c", {false, 3}}}, later);
  EXPECT_TRUE(places.Has("a"));
  EXPECT_FALSE(places.Has("c"));
  places.Assign({{"a", {false, 3}}, {"b", {false, 9}}, {"c", {false, 4}}}, later);
  EXPECT_FALSE(places.Has("a")) << "the one that is needed least goes first";
  EXPECT_TRUE(places.Has("b"));
  EXPECT_TRUE(places.Has("c"));
}

TEST(LabelPlaces, OfThoseThatAreGoneAreGivenAwayAfterTheirHour) {
  LabelPlaces places(1);
  places.Assign({{"a", {true, 9}}}, kStart);
  places.Assign({{"b", {false, 1}}}, kStart + kSecond);
  EXPECT_FALSE(places.Has("b"));
  places.Assign({{"b", {false, 1}}}, kStart + LabelPlaces::kKept);
  EXPECT_TRUE(places.Has("b"));
}

TEST(LabelPlaces, AreNotForTheNameOfTheSum) {
  LabelPlaces places(2);
  places.Assign({{"other", {true, 9}}, {"a", {}}}, kStart);
  EXPECT_FALSE(places.Has("other"));
  EXPECT_TRUE(places.Has("a"));
}

TEST(LabelPlaces, MayBeNone) {
  LabelPlaces places(0);
  places.Assign({{"a", {true, 9}}}, kStart);
  EXPECT_FALSE(places.Has("a"));
}

}  // namespace
}  // namespace federation::fednode
