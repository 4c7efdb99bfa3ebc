#include "delivery/ack_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::delivery {
namespace {

using link::Answer;

TEST(AckCodec, WritesTheDraftsDocuments) {
  EXPECT_EQ(FormatAnswer(Answer::Ok(Seq{234234})), R"({"receive":"ok","seq":234234})");
  EXPECT_EQ(FormatAnswer(Answer::HoleDetected(Seq{234234})), R"({"receive":"hole_detected","seq":234234})");
  EXPECT_EQ(FormatAnswer(Answer::Wait(std::chrono::seconds(123))), R"({"receive":"wait","wait":123})");
  EXPECT_EQ(FormatAnswer(Answer::Ok(Seq{0})), R"({"receive":"ok","seq":0})");
}

TEST(AckCodec, NeverTellsToWaitForNoTime) {
  EXPECT_EQ(FormatAnswer(Answer::Wait(std::chrono::seconds(0))), R"({"receive":"wait","wait":1})");
  EXPECT_EQ(FormatAnswer(Answer::Wait(std::chrono::seconds(-9))), R"({"receive":"wait","wait":1})");
}

TEST(AckCodec, ReadsWhatItWrites) {
  for (const Answer& answer : {Answer::Ok(Seq{0}), Answer::Ok(Seq{7}), Answer::HoleDetected(Seq{1}),
                               Answer::Wait(std::chrono::seconds(5))}) {
    EXPECT_EQ(*ParseAnswer(FormatAnswer(answer)), answer);
  }
  EXPECT_EQ(*ParseAnswer(R"({"seq":"7","receive":"ok","future":1})"), Answer::Ok(Seq{7}));
  EXPECT_EQ(*ParseAnswer(R"({"receive":"wait","wait":18446744073709551615})"),
            Answer::Wait(std::chrono::seconds(1'000'000)));
}

TEST(AckCodec, RefusesWhatIsNoAck) {
  for (const char* body : {"", "{}", "[]", R"({"receive":"ok"})", R"({"receive":"hole_detected"})",
                           R"({"receive":"no"})", R"({"receive":"ok","seq":-1})",
                           R"({"receive":"ok"} )"
                           "x"}) {
    EXPECT_FALSE(ParseAnswer(body).ok()) << body;
  }
}

}  // namespace
}  // namespace federation::delivery
