// Several pushes on their way, and what becomes of them when one of them does not go well.
#include "link/outbox_fixture.h"

namespace federation::link {
namespace {

using std::chrono::seconds;

class OutboxWindow : public OutboxFixture {
 protected:
  // So many full pushes of ten updates each can be on their way.
  static OutboxLimits Limits(std::size_t pushes_max) {
    OutboxLimits limits;
    limits.push_updates_max = 10;
    limits.pushes_in_flight_max = pushes_max;
    return limits;
  }
  // Has three pushes of ten updates on their way, and as much to send behind them.
  static Outbox MakeWithThree() {
    Outbox outbox = MakeProbed(60, 0, Limits(3));
    for (const std::uint64_t first : {1U, 11U, 21U}) Send(outbox, {.first = first, .updates = 10});
    return outbox;
  }
  static void ExpectSuperseded(const Outbox::Reaction& reaction) {
    EXPECT_TRUE(reaction.superseded);
    EXPECT_FALSE(reaction.save_acked);
    EXPECT_FALSE(reaction.contradiction);
    EXPECT_FALSE(reaction.renumber.has_value());
  }
};

TEST_F(OutboxWindow, HasABoundOnThePushesOnTheirWay) {
  Outbox outbox = MakeProbed(1000, 0, Limits(7));
  for (std::uint64_t first = 1; first < 71; first += 10) Send(outbox, {.first = first, .updates = 10});
  EXPECT_EQ(outbox.in_flight(), 7U);
  EXPECT_FALSE(HasPush(outbox));
  EXPECT_FALSE(outbox.WakeTime().has_value());  // it is an answer that it waits for
  outbox.Answered(Answer::Ok(Seq{10}), kStart);
  Send(outbox, {.first = 71, .updates = 10});
  EXPECT_FALSE(HasPush(outbox));
}

TEST_F(OutboxWindow, HasABoundOnTheBytesOnTheirWay) {
  OutboxLimits limits = Limits(30);
  limits.bytes_in_flight_max = 1000;
  Outbox outbox = MakeProbed(1000, 0, limits);
  Send(outbox, {.first = 1, .updates = 10, .bytes = 600});
  Send(outbox, {.first = 11, .updates = 10, .bytes = 600});
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{10}), kStart);
  Send(outbox, {.first = 21, .updates = 10, .bytes = 5000});  // there is always room for one more
  outbox.Answered(Answer::Ok(Seq{20}), kStart);
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{30}), kStart);
  EXPECT_TRUE(HasPush(outbox));
}

TEST_F(OutboxWindow, CountsNoBytesOfPushesThatFailed) {
  OutboxLimits limits = Limits(30);
  limits.bytes_in_flight_max = 1000;
  Outbox outbox = MakeProbed(1000, 0, limits);
  Send(outbox, {.first = 1, .updates = 10, .bytes = 900});
  Send(outbox, {.first = 11, .updates = 10, .bytes = 900});
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  Send(outbox, {.first = 1, .updates = 10, .bytes = 900}, kStart + seconds(1));
  outbox.Answered(Answer::Ok(Seq{10}), kStart + seconds(1));
  Send(outbox, {.first = 11, .updates = 10, .bytes = 900}, kStart + seconds(1));
  Send(outbox, {.first = 21, .updates = 10, .bytes = 900}, kStart + seconds(1));
}

TEST_F(OutboxWindow, HasOnePushInTheMakingAtATime) {
  Outbox outbox = MakeProbed(1000, 0, Limits(7));
  ASSERT_TRUE(outbox.Poll(kStart).has_value());
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  outbox.Sent(10, 100, false);
  EXPECT_TRUE(outbox.Poll(kStart).has_value());
}

TEST_F(OutboxWindow, AddsOnlyFullPushesToSeveral) {
  Outbox outbox = MakeProbed(0, 0, Limits(30));
  std::uint64_t last = 0;
  for (int i = 0; i < 4; ++i) {
    outbox.Enqueued(Seq{++last});
    Send(outbox, {.first = last, .updates = 1});
  }
  outbox.Enqueued(Seq{13});
  EXPECT_FALSE(HasPush(outbox));
  outbox.Enqueued(Seq{14});  // ten wait
  Send(outbox, {.first = 5, .updates = 10});
  outbox.Enqueued(Seq{15});
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{1}), kStart);
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{2}), kStart);
  Send(outbox, {.first = 15, .updates = 1});
}

// Few large updates fill one, too.
TEST_F(OutboxWindow, TakesAPushOfManyBytesForAFullOne) {
  Outbox outbox = MakeProbed(0, 0, Limits(30));
  const std::size_t bytes = OutboxLimits{}.push_bytes_max / 2;
  for (std::uint64_t seq = 1; seq <= 6; ++seq) {
    outbox.Enqueued(Seq{seq});
    Send(outbox, {.first = seq, .updates = 1, .bytes = bytes});
  }
  outbox.Enqueued(Seq{7});
  Send(outbox, {.first = 7, .updates = 1, .bytes = bytes - 1});
  outbox.Enqueued(Seq{8});
  EXPECT_FALSE(HasPush(outbox));
}

TEST_F(OutboxWindow, SaysOfOnePushAfterTheOtherThatItIsGone) {
  Outbox outbox = MakeProbed(30, 0, Limits(30));
  Send(outbox, {.first = 1, .updates = 10, .expired = true});
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{10}), kStart);
  Send(outbox, {.first = 11, .updates = 10});
  Send(outbox, {.first = 21, .updates = 10});
}

TEST_F(OutboxWindow, TakesAnswersInOrder) {
  Outbox outbox = MakeWithThree();
  for (const std::uint64_t last : {10U, 20U, 30U}) {
    const auto reaction = outbox.Answered(Answer::Ok(Seq{last}), kStart);
    EXPECT_TRUE(reaction.save_acked);
    EXPECT_FALSE(reaction.superseded);
    EXPECT_EQ(outbox.numbers().acked, Seq{last});
  }
  EXPECT_EQ(outbox.in_flight(), 0U);
  Send(outbox, {.first = 31, .updates = 10});
}

// Who applies several pushes in one commit says so with each answer.
TEST_F(OutboxWindow, TakesAnAnswerThatIsAheadOfItsPush) {
  Outbox outbox = MakeWithThree();
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{30}), kStart).save_acked);
  for (int i = 0; i < 2; ++i) {
    const auto reaction = outbox.Answered(Answer::Ok(Seq{30}), kStart);
    EXPECT_FALSE(reaction.save_acked);
    EXPECT_FALSE(reaction.contradiction);
    EXPECT_FALSE(reaction.peer_went_back_from.has_value());
  }
  Send(outbox, {.first = 31, .updates = 10});
}

// It knows of what was sent by a process before this one.
TEST_F(OutboxWindow, GoesOnBehindWhatTheReceiverHasAlready) {
  Outbox outbox = MakeProbed(60, 0, Limits(3));
  Send(outbox, {.first = 1, .updates = 10});
  outbox.Answered(Answer::Ok(Seq{50}), kStart);
  Send(outbox, {.first = 51, .updates = 10});
}

TEST_F(OutboxWindow, SendsAllAgainThatFollowsAFailure) {
  Outbox outbox = MakeWithThree();
  outbox.Answered(Answer::Ok(Seq{10}), kStart);
  EXPECT_FALSE(outbox.Failed(Failure::kUnreachable, std::nullopt, kStart).superseded);
  EXPECT_EQ(outbox.next(), Seq{11});
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(100)));  // one is still on its way
  ExpectSuperseded(outbox.Failed(Failure::kUnreachable, std::nullopt, kStart));
  EXPECT_EQ(outbox.rest().failures, 1);
  Send(outbox, {.first = 11, .updates = 10}, kStart + seconds(1));
}

TEST_F(OutboxWindow, SendsAllAgainFromAHoleOn) {
  Outbox outbox = MakeWithThree();
  const auto reaction = outbox.Answered(Answer::HoleDetected(Seq{6}), kStart);
  EXPECT_TRUE(reaction.save_acked);
  EXPECT_FALSE(reaction.contradiction);
  EXPECT_EQ(outbox.numbers().acked, Seq{5});
  ExpectSuperseded(outbox.Answered(Answer::HoleDetected(Seq{6}), kStart));
  EXPECT_FALSE(HasPush(outbox));
  ExpectSuperseded(outbox.Answered(Answer::HoleDetected(Seq{6}), kStart));
  Send(outbox, {.first = 6, .updates = 10});
  Send(outbox, {.first = 16, .updates = 10});  // nothing failed, so there may be several
}

TEST_F(OutboxWindow, SendsAllAgainWhenOnlyAPartIsTaken) {
  Outbox outbox = MakeWithThree();
  outbox.Answered(Answer::Ok(Seq{4}), kStart);
  ExpectSuperseded(outbox.Answered(Answer::HoleDetected(Seq{5}), kStart));
  ExpectSuperseded(outbox.Answered(Answer::HoleDetected(Seq{5}), kStart));
  Send(outbox, {.first = 5, .updates = 10});
}

TEST_F(OutboxWindow, SendsAllAgainAfterItWasToldToWait) {
  Outbox outbox = MakeWithThree();
  outbox.Answered(Answer::Ok(Seq{10}), kStart);
  EXPECT_TRUE(outbox.Answered(Answer::Wait(seconds(5)), kStart).save_backoff);
  ExpectSuperseded(outbox.Answered(Answer::HoleDetected(Seq{11}), kStart));
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(4)));
  Send(outbox, {.first = 11, .updates = 10}, kStart + seconds(5));
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(5)));  // one tries whether it can take more
  outbox.Answered(Answer::Ok(Seq{20}), kStart + seconds(5));
  Send(outbox, {.first = 21, .updates = 10}, kStart + seconds(5));
  Send(outbox, {.first = 31, .updates = 10}, kStart + seconds(5));
}

TEST_F(OutboxWindow, LearnsNothingFromAnswersToPushesBehindAFailure) {
  Outbox outbox = MakeWithThree();
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  ExpectSuperseded(outbox.Answered(Answer::Ok(Seq{20}), kStart));
  ExpectSuperseded(outbox.Answered(Answer::Ok(Seq{9999}), kStart));
  EXPECT_EQ(outbox.numbers().acked, Seq{0});
  EXPECT_EQ(outbox.rest().failures, 1);
  Send(outbox, {.first = 1, .updates = 10}, kStart + seconds(1));
}

TEST_F(OutboxWindow, WaitsAsLongAsTheLastOfSeveralAnswersSays) {
  Outbox outbox = MakeWithThree();
  outbox.Answered(Answer::Wait(seconds(5)), kStart);
  ExpectSuperseded(outbox.Answered(Answer::Wait(seconds(60)), kStart));
  ExpectSuperseded(outbox.Failed(Failure::kBusy, seconds(30), kStart));
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(60));
}

TEST_F(OutboxWindow, ObeysRetryAfterOfAPushBehindAFailure) {
  Outbox outbox = MakeWithThree();
  outbox.Failed(Failure::kTooLarge, std::nullopt, kStart);
  EXPECT_TRUE(outbox.Failed(Failure::kBusy, seconds(30), kStart).save_backoff);
  ExpectSuperseded(outbox.Failed(Failure::kBusy, std::nullopt, kStart));
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(30));
}

TEST_F(OutboxWindow, CountsTheFailuresOfOneConnectionOnce) {
  Outbox outbox = MakeWithThree();
  for (int i = 0; i < 3; ++i) outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  EXPECT_EQ(outbox.rest().failures, 1);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
}

TEST_F(OutboxWindow, HasOnePushOnItsWayAsLongAsFailuresLast) {
  Outbox outbox = MakeWithThree();
  for (int i = 0; i < 3; ++i) outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  Send(outbox, {.first = 1, .updates = 10}, kStart + seconds(1));
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(1)));
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart + seconds(1));
  Send(outbox, {.first = 1, .updates = 10}, kStart + seconds(3));
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(3)));
  outbox.Answered(Answer::Ok(Seq{10}), kStart + seconds(3));
  Send(outbox, {.first = 11, .updates = 10}, kStart + seconds(3));
  EXPECT_TRUE(HasPush(outbox, kStart + seconds(3)));
}

// What was about to be sent would come behind a hole.
TEST_F(OutboxWindow, WantsNoPushAnyMoreThatAnAnswerHasMadeUseless) {
  Outbox outbox = MakeProbed(60, 0, Limits(3));
  Send(outbox, {.first = 1, .updates = 10});
  const auto push = outbox.Poll(kStart);
  ASSERT_TRUE(push.has_value());
  EXPECT_TRUE(outbox.Wants(*push));
  outbox.Answered(Answer::HoleDetected(Seq{3}), kStart);
  EXPECT_FALSE(outbox.Wants(*push));
  Send(outbox, {.first = 3, .updates = 10});
}

TEST_F(OutboxWindow, StillWantsAPushAfterAnAnswerAsExpected) {
  Outbox outbox = MakeProbed(60, 0, Limits(3));
  Send(outbox, {.first = 1, .updates = 10});
  const auto push = outbox.Poll(kStart);
  outbox.Answered(Answer::Ok(Seq{10}), kStart);
  EXPECT_TRUE(outbox.Wants(*push));
  outbox.Sent(10, 100, false);
  EXPECT_EQ(outbox.next(), Seq{21});
}

TEST_F(OutboxWindow, SendsWhatThePushHadNoRoomFor) {
  Outbox outbox = MakeProbed(10, 0, Limits(3));
  Send(outbox, {.first = 1, .updates = 4});
  Send(outbox, {.first = 5, .updates = 6});
  EXPECT_FALSE(HasPush(outbox));
}

}  // namespace
}  // namespace federation::link
