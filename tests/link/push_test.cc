#include "link/push.h"

#include <absl/status/status.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::link {
namespace {

std::string ErrorOf(std::string_view body, InboxLimits limits = {}) {
  PushView push;
  const auto error = ParsePush(body, limits, &push);
  return error.has_value() ? std::string(error->ToStatus().message()) : "";
}

TEST(Push, IsParsedWithoutALookAtItsUpdates) {
  PushView push;
  ASSERT_FALSE(ParsePush(R"({"weak":[{"a":1}],"strong":[ {"b":[2]} ,{}],"seq":7})", {}, &push).has_value());
  EXPECT_THAT(push.weak, testing::ElementsAre(R"({"a":1})"));
  EXPECT_THAT(push.strong, testing::ElementsAre(R"({"b":[2]})", "{}"));
  EXPECT_EQ(push.seq, Seq{7});
}

TEST(Push, MayLackItsArraysAndHaveOtherKeys) {
  PushView push;
  ASSERT_FALSE(ParsePush(R"({"seq":"7","future":{}})", {}, &push).has_value());
  EXPECT_TRUE(push.weak.empty());
  EXPECT_TRUE(push.strong.empty());
  EXPECT_EQ(push.seq, Seq{7});
}

TEST(Push, IsRefusedWithThePlace) {
  EXPECT_EQ(ErrorOf(""), "want an object, got the end of the document (byte 0)");
  EXPECT_EQ(ErrorOf("[]"), "want an object, got an array (byte 0)");
  EXPECT_EQ(ErrorOf("{}"), "want the key \"seq\", got none (byte 0)");
  EXPECT_EQ(ErrorOf(R"({"seq":null})"), "want the key \"seq\", got none (byte 0)");
  EXPECT_EQ(ErrorOf(R"({"seq":-1})"), "seq: want an integer from 0 to 18446744073709551615, got -1 (byte 7)");
  EXPECT_EQ(ErrorOf(R"({"seq":1.5})"), "seq: want an integer, got 1.5 (byte 7)");
  EXPECT_EQ(ErrorOf(R"({"strong":[{},{}],"seq":1})"),
            "seq: want a number from 2 (the count of strong updates) to 9007199254740991, got 1 (byte 24)");
  EXPECT_EQ(ErrorOf(R"({"seq":9007199254740992})"),
            "seq: want a number from 0 (the count of strong updates) to 9007199254740991, got "
            "9007199254740992 (byte 7)");
  EXPECT_EQ(ErrorOf(R"({"strong":{},"seq":1})"), "strong: want an array, got an object (byte 10)");
  EXPECT_EQ(ErrorOf(R"({"strong":[{},7],"seq":2})"), "strong[1]: want an object, got 7 (byte 14)");
  EXPECT_EQ(ErrorOf(R"({"strong":[{},{"x":[tru]}],"seq":2})"),
            "strong[1].x[0]: want true or false, got tru (byte 20)");
  EXPECT_EQ(ErrorOf(R"({"strong":[{"x":1,"x":2}],"seq":2})"), "strong[0].x: duplicate key (byte 18)");
  EXPECT_EQ(ErrorOf(R"({"seq":1,"seq":1})"), "seq: duplicate key (byte 9)");
  EXPECT_EQ(ErrorOf(R"({"seq":1} {})"), "want the end of the document, got an object (byte 10)");
}

TEST(Push, HasABoundOnItsUpdates) {
  InboxLimits limits;
  limits.push_updates_max = 3;
  EXPECT_EQ(ErrorOf(R"({"weak":[{}],"strong":[{},{}],"seq":2})", limits), "");
  EXPECT_EQ(ErrorOf(R"({"weak":[{}],"strong":[{},{},{}],"seq":3})", limits),
            "strong[2]: too many updates in one push (byte 29)");
  PushView push;
  EXPECT_TRUE(ParsePush(R"({"weak":[{},{},{},{}],"seq":0})", limits, &push).has_value());
  EXPECT_TRUE(push.too_many_updates);
  push = {};
  EXPECT_TRUE(ParsePush(R"({"weak":[7],"seq":0})", limits, &push).has_value());
  EXPECT_FALSE(push.too_many_updates);
}

TEST(Push, IsFormattedAsItIsParsed) {
  EXPECT_EQ(FormatPush({}, {}, Seq{0}), R"({"weak":[],"strong":[],"seq":0})");
  const std::string weak[] = {R"({"update":"typing"})"};
  const std::string_view strong[] = {R"({"b":1})", "{}"};
  const std::string body = FormatPush(weak, strong, Seq{12});
  EXPECT_EQ(body, R"({"weak":[{"update":"typing"}],"strong":[{"b":1},{}],"seq":12})");
  PushView push;
  ASSERT_FALSE(ParsePush(body, {}, &push).has_value());
  EXPECT_EQ(push.strong.size(), 2U);
}

TEST(Push, TakesSeveralUpdatesAsOnePiece) {
  const std::string_view pieces[] = {"{},{}", R"({"c":1})", R"({"d":1},{"e":1})"};
  const std::string body = FormatPush({}, pieces, Seq{9});
  EXPECT_EQ(body, R"({"weak":[],"strong":[{},{},{"c":1},{"d":1},{"e":1}],"seq":9})");
  PushView push;
  ASSERT_FALSE(ParsePush(body, {}, &push).has_value());
  EXPECT_EQ(push.strong.size(), 5U);
}

}  // namespace
}  // namespace federation::link
