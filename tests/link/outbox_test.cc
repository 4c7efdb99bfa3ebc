// What is sent, and what answers mean. Several pushes at a time: outbox_window_test.cc; pauses:
// outbox_pause_test.cc.
#include "link/outbox_fixture.h"

namespace federation::link {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class OutboxTest : public OutboxFixture {
 protected:
  // What is to be sent next.
  static Outbox::Push Next(Outbox& outbox, Outbox::Time now = kStart) {
    const auto push = outbox.Poll(now);
    EXPECT_TRUE(push.has_value());
    return push.value_or(Outbox::Push{});
  }
  // Makes the empty push, and gets it answered.
  static Outbox::Reaction Probe(Outbox& outbox, const Answer& answer) {
    EXPECT_EQ(Next(outbox).updates_max, 0U);
    outbox.Sent(0, 10, false);
    return outbox.Answered(answer, kStart);
  }
};

TEST_F(OutboxTest, HasNothingToDoWhenNothingWaits) {
  for (Outbox outbox : {Make(7, 7), MakeProbed(7, 7)}) {
    EXPECT_FALSE(HasPush(outbox));
    EXPECT_FALSE(outbox.WakeTime().has_value());
    EXPECT_EQ(outbox.state(kStart), State::kIdle);
    EXPECT_TRUE(outbox.idle());
  }
}

TEST_F(OutboxTest, SendsWhatWaitsUpToTheBoundsOnAPush) {
  OutboxLimits limits;
  limits.push_updates_max = 5;
  limits.push_bytes_max = 1234;
  Outbox outbox = MakeProbed(20, 3, limits);
  const Outbox::Push push = Next(outbox);
  EXPECT_EQ(push.first, Seq{4});
  EXPECT_EQ(push.updates_max, 5U);
  EXPECT_EQ(push.bytes_max, 1234U);
  EXPECT_TRUE(push.takes_weak);
  EXPECT_FALSE(outbox.idle());
  outbox.Sent(5, 500, false);
  EXPECT_EQ(outbox.next(), Seq{9});
  EXPECT_FALSE(outbox.idle());
}

TEST_F(OutboxTest, IsIdleOnceAllIsAcknowledged) {
  Outbox outbox = MakeProbed(3, 0);
  Send(outbox, {.first = 1, .updates = 3});
  EXPECT_EQ(outbox.state(kStart), State::kSending);
  EXPECT_FALSE(outbox.idle());
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{3}), kStart).save_acked);
  EXPECT_TRUE(outbox.idle());
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{3}, Seq{3}}));
}

// --- The first exchange.

TEST_F(OutboxTest, SendsAnEmptyPushAloneFirst) {
  Outbox outbox = Make(5, 3);
  outbox.SetWeakWaiting(true);
  const Outbox::Push probe = Next(outbox);
  EXPECT_EQ(probe.first, Seq{4});
  EXPECT_EQ(probe.updates_max, 0U);
  EXPECT_FALSE(probe.takes_weak);
  outbox.Sent(0, 10, false);
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{4}), kStart);
  EXPECT_EQ(outbox.numbers().acked, Seq{4});  // the store's number was older than the truth
  EXPECT_TRUE(outbox.rest().probed);
  Send(outbox, {.first = 5, .updates = 1, .weak = true});
}

TEST_F(OutboxTest, SendsTheEmptyPushUntilItIsAnswered) {
  Outbox outbox = Make(10, 10);
  outbox.Enqueued(Seq{11});
  EXPECT_EQ(Next(outbox).updates_max, 0U);
  outbox.Sent(0, 10, false);
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  EXPECT_EQ(Next(outbox, kStart + seconds(1)).updates_max, 0U);
  outbox.Sent(0, 10, false);
  outbox.Answered(Answer::Wait(seconds(1)), kStart + seconds(1));
  EXPECT_EQ(Next(outbox, kStart + seconds(2)).updates_max, 0U);
  outbox.Sent(0, 10, false);
  EXPECT_FALSE(outbox.rest().probed);
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{12}), kStart + seconds(2)).renumber.has_value());
}

TEST_F(OutboxTest, SendsNoEmptyPushWhereNumbersWereComparedBefore) {
  Outbox first = Make(5, 5);
  first.Enqueued(Seq{6});
  Probe(first, Answer::Ok(Seq{5}));
  Outbox second({}, first.rest(), [] { return 1.0; });
  Send(second, {.first = 6, .updates = 1});
}

TEST_F(OutboxTest, ComparesWhatTheDestinationHasWithWhatWasGivenOutAtTheStart) {
  const struct {
    Answer answer;
    bool diverged;
    std::uint64_t acked;
  } rows[] = {
      {Answer::Ok(Seq{8}), false, 8},
      {Answer::Ok(Seq{10}), false, 10},
      {Answer::Ok(Seq{11}), true, 8},
      {Answer::Ok(Seq{12}), true, 8},
      {Answer::Ok(Seq{99}), true, 8},
      {Answer::HoleDetected(Seq{3}), false, 2},
      {Answer::HoleDetected(Seq{11}), false, 10},
      {Answer::HoleDetected(Seq{12}), true, 8},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(Value(row.answer.seq));
    Outbox outbox = Make(10, 8);
    outbox.Enqueued(Seq{13});
    const Outbox::Reaction reaction = Probe(outbox, row.answer);
    EXPECT_EQ(reaction.renumber.has_value(), row.diverged);
    EXPECT_FALSE(reaction.contradiction);
    EXPECT_EQ(outbox.numbers().acked, Seq{row.acked});
    if (row.diverged) {
      EXPECT_EQ(reaction.renumber->boundary, Seq{10});
    }
  }
}

// --- Holes.

TEST_F(OutboxTest, SendsAgainWhatThePeerHasLost) {
  Outbox outbox = MakeProbed(9, 5);
  Send(outbox, {.first = 6, .updates = 4});
  const auto reaction = outbox.Answered(Answer::HoleDetected(Seq{3}), kStart);
  EXPECT_EQ(reaction.peer_went_back_from, Seq{5});
  EXPECT_TRUE(reaction.save_acked);
  EXPECT_FALSE(reaction.contradiction);
  EXPECT_EQ(outbox.numbers().acked, Seq{2});
  Send(outbox, {.first = 3, .updates = 7});
  EXPECT_FALSE(outbox.Answered(Answer::Ok(Seq{9}), kStart).peer_went_back_from.has_value());
  EXPECT_EQ(outbox.numbers().acked, Seq{9});
}

TEST_F(OutboxTest, NoticesWithWeakUpdatesAloneThatThePeerHasLostUpdates) {
  for (const Answer& answer : {Answer::HoleDetected(Seq{3}), Answer::Ok(Seq{2})}) {
    Outbox outbox = MakeProbed(5, 5);
    outbox.SetWeakWaiting(true);
    Send(outbox, {.first = 6, .weak = true});
    outbox.SetWeakWaiting(false);
    EXPECT_EQ(outbox.Answered(answer, kStart).peer_went_back_from, Seq{5});
    Send(outbox, {.first = 3, .updates = 3});
  }
}

TEST_F(OutboxTest, TakesAHoleBehindThePushAsDelivered) {
  Outbox outbox = MakeProbed(9, 0);
  Send(outbox, {.first = 1, .updates = 9});
  EXPECT_FALSE(outbox.Answered(Answer::HoleDetected(Seq{5}), kStart).contradiction);
  EXPECT_EQ(outbox.numbers().acked, Seq{4});
  Send(outbox, {.first = 5, .updates = 5});
}

TEST_F(OutboxTest, TakesNoHoleBeforeTheFirstUpdate) {
  Outbox outbox = MakeProbed(9, 5);
  Send(outbox, {.first = 6, .updates = 4});
  EXPECT_TRUE(outbox.Answered(Answer::HoleDetected(Seq{0}), kStart).contradiction);
  EXPECT_EQ(outbox.numbers().acked, Seq{5});
  EXPECT_FALSE(HasPush(outbox));
}

TEST_F(OutboxTest, BacksOffFromAPeerThatWantsWhatItWasSent) {
  Outbox outbox = MakeProbed(9, 5);
  Send(outbox, {.first = 6, .updates = 4});
  const auto reaction = outbox.Answered(Answer::HoleDetected(Seq{6}), kStart);
  EXPECT_TRUE(reaction.contradiction);
  EXPECT_TRUE(reaction.save_backoff);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
}

TEST_F(OutboxTest, BacksOffFromAPeerThatGoesBackTwiceInARow) {
  Outbox outbox = MakeProbed(9, 5);
  Send(outbox, {.first = 6, .updates = 4});
  EXPECT_FALSE(outbox.Answered(Answer::HoleDetected(Seq{4}), kStart).contradiction);
  Send(outbox, {.first = 4, .updates = 6});
  EXPECT_FALSE(HasPush(outbox));  // alone
  EXPECT_TRUE(outbox.Answered(Answer::HoleDetected(Seq{2}), kStart).contradiction);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(2));
  Send(outbox, {.first = 2, .updates = 8}, kStart + seconds(2));
}

TEST_F(OutboxTest, BacksOffMoreAndMoreFromAPeerThatTakesUpdatesAndLosesThemAgain) {
  for (const Answer& loses : {Answer::HoleDetected(Seq{4}), Answer::Ok(Seq{3})}) {
    Outbox outbox = MakeProbed(9, 5);
    Outbox::Time now = kStart;
    for (const int pause_s : {0, 2, 4, 8}) {
      Send(outbox, {.first = 6, .updates = 4}, now);
      outbox.Answered(loses, now);
      if (loses.kind == Answer::Kind::kOk && pause_s == 0) now += seconds(1);  // it confirms nothing
      now += seconds(pause_s);
      if (pause_s > 0) {
        EXPECT_EQ(outbox.WakeTime(), now);
      }
      Send(outbox, {.first = 4, .updates = 6}, now);
      outbox.Answered(Answer::Ok(Seq{5}), now);
    }
    // Further than ever: it may be believed again.
    Send(outbox, {.first = 6, .updates = 4}, now);
    outbox.Answered(Answer::Ok(Seq{8}), now);
    Send(outbox, {.first = 9, .updates = 1}, now);
    EXPECT_FALSE(outbox.Answered(Answer::HoleDetected(Seq{4}), now).contradiction);
    Send(outbox, {.first = 4, .updates = 6}, now);
  }
}

TEST_F(OutboxTest, BacksOffFromAnOkThatConfirmsNothing) {
  Outbox outbox = MakeProbed(9, 5);
  Send(outbox, {.first = 6, .updates = 4});
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{5}), kStart).contradiction);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
}

// --- An older copy of our store.

TEST_F(OutboxTest, RenumbersWhatIsNewWhenItsStoreIsAnOlderCopy) {
  // The copy says 10; the peer knows 15. Since the start, 11 to 13 were given out again.
  Outbox outbox = Make(10, 9);
  outbox.Enqueued(Seq{13});
  const auto reaction = Probe(outbox, Answer::Ok(Seq{15}));
  ASSERT_TRUE(reaction.renumber.has_value());
  EXPECT_EQ(reaction.renumber->boundary, Seq{10});
  EXPECT_EQ(reaction.renumber->theirs, Seq{15});
  EXPECT_FALSE(reaction.save_acked);  // the store does that itself
  EXPECT_FALSE(outbox.rest().probed);
  EXPECT_FALSE(HasPush(outbox));
  EXPECT_FALSE(outbox.idle());
  outbox.Enqueued(Seq{14});  // by the old numbers, before the store is done
  outbox.Renumbered({Seq{19}, Seq{15}});
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{19}, Seq{15}}));
  EXPECT_TRUE(outbox.rest().probed);
  Send(outbox, {.first = 16, .updates = 4});
}

// The peer's number is among those that were given out since the start: they must not be taken for delivered.
TEST_F(OutboxTest, RenumbersAlsoWhenTheNewNumbersHavePassedThePeers) {
  Outbox outbox = Make(10, 10);
  outbox.Enqueued(Seq{30});
  const auto reaction = Probe(outbox, Answer::Ok(Seq{15}));
  ASSERT_TRUE(reaction.renumber.has_value());
  EXPECT_EQ(reaction.renumber->boundary, Seq{10});
}

TEST_F(OutboxTest, RenumbersAfterTheFirstExchangeToo) {
  for (const Answer& answer : {Answer::HoleDetected(Seq{8}), Answer::Ok(Seq{7})}) {
    Outbox outbox = MakeProbed(3, 1);
    Send(outbox, {.first = 2, .updates = 2});
    const auto reaction = outbox.Answered(answer, kStart);
    ASSERT_TRUE(reaction.renumber.has_value());
    EXPECT_EQ(reaction.renumber->boundary, Seq{1});
    EXPECT_EQ(reaction.renumber->theirs, Seq{7});
  }
}

TEST_F(OutboxTest, PassesOverAnswersOfBeforeItsNumbersChanged) {
  Outbox outbox = MakeProbed(6, 0);
  Send(outbox, {.first = 1, .updates = 3});
  Send(outbox, {.first = 4, .updates = 3});
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{9}), kStart).renumber.has_value());
  outbox.Renumbered({Seq{15}, Seq{9}});
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{12}), kStart).superseded);
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{15}, Seq{9}}));
  Send(outbox, {.first = 10, .updates = 6}, kStart + seconds(1));
}

TEST_F(OutboxTest, BacksOffFromAPeerThatMakesNumbersUp) {
  Outbox outbox = MakeProbed(3, 0);
  Outbox::Time now = kStart;
  std::uint64_t acked = 0;
  for (const int want_s : {1, 2, 4}) {
    Send(outbox, {.first = acked + 1, .updates = 3}, now);
    ASSERT_TRUE(outbox.Answered(Answer::Ok(Seq{acked + 100}), now).renumber.has_value());
    acked += 100;
    outbox.Renumbered({Seq{acked + 3}, Seq{acked}});
    EXPECT_FALSE(HasPush(outbox, now));
    EXPECT_EQ(outbox.WakeTime(), now + seconds(want_s));
    now += seconds(want_s);
  }
}

TEST_F(OutboxTest, RefusesNumbersThatLeaveNoRoom) {
  for (const std::uint64_t theirs : {UINT64_MAX, UINT64_MAX - 1, kSeqMax, kSeqMax - 1}) {
    for (const Answer& answer : {Answer::Ok(Seq{theirs}), Answer::HoleDetected(Seq{theirs})}) {
      for (Outbox outbox : {Make(3, 0), MakeProbed(3, 0)}) {
        ASSERT_TRUE(outbox.Poll(kStart).has_value());
        outbox.Sent(0, 10, false);
        const auto reaction = outbox.Answered(answer, kStart);
        EXPECT_TRUE(reaction.contradiction);
        EXPECT_FALSE(reaction.renumber.has_value());
        EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
        EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{3}, Seq{0}}));
      }
    }
  }
}

// Found by a benchmark: the driver reads what is committed, of which the outbox may not have been told yet.
TEST_F(OutboxTest, IsNotSurprisedByAnAckForMoreThanItWasToldOf) {
  Outbox outbox = MakeProbed(3, 0);
  Send(outbox, {.first = 1, .updates = 5});
  EXPECT_FALSE(outbox.Answered(Answer::Ok(Seq{5}), kStart).renumber.has_value());
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{5}, Seq{5}}));
  outbox.Enqueued(Seq{4});
  outbox.Enqueued(Seq{5});
  EXPECT_FALSE(HasPush(outbox));
}

// --- Weak updates.

TEST_F(OutboxTest, SendsWeakUpdatesAloneWhenTheLinkIsIdle) {
  Outbox outbox = MakeProbed(4, 4);
  outbox.SetWeakWaiting(true);
  const Outbox::Push push = Next(outbox);
  EXPECT_EQ(push.first, Seq{5});
  EXPECT_EQ(push.updates_max, 0U);
  EXPECT_TRUE(push.takes_weak);
  outbox.Sent(0, 10, true);
  outbox.SetWeakWaiting(false);
  EXPECT_FALSE(outbox.Answered(Answer::Ok(Seq{4}), kStart).save_acked);
  EXPECT_TRUE(outbox.idle());
}

TEST_F(OutboxTest, LetsWeakUpdatesWaitForThePushThatIsOnItsWay) {
  Outbox outbox = MakeProbed(4, 0);
  Send(outbox, {.first = 1, .updates = 4});
  outbox.SetWeakWaiting(true);
  EXPECT_FALSE(HasPush(outbox));
  outbox.Enqueued(Seq{5});
  Send(outbox, {.first = 5, .updates = 1, .weak = true});  // a strong one takes them along
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{4}), kStart);
  EXPECT_FALSE(HasPush(outbox));
  outbox.Answered(Answer::Ok(Seq{5}), kStart);
  Send(outbox, {.first = 6, .weak = true});
}

TEST_F(OutboxTest, LetsWeakUpdatesWaitWhileItPauses) {
  Outbox outbox = MakeProbed(4, 4);
  outbox.SetWeakWaiting(true);
  Send(outbox, {.first = 5, .weak = true});
  outbox.Answered(Answer::Wait(seconds(5)), kStart);
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(4)));
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(5));
  outbox.SetWeakWaiting(false);
  EXPECT_FALSE(outbox.WakeTime().has_value());
}

// --- Pushes that are too large.

TEST_F(OutboxTest, HalvesAPushThatIsTooLargeAndGivesUpOnASingleUpdate) {
  Outbox outbox = MakeProbed(1000, 0);
  for (std::size_t sent = 1000; sent > 1; sent /= 2) {
    ASSERT_EQ(Next(outbox).updates_max, sent);
    outbox.Sent(sent, 1000, false);
    EXPECT_FALSE(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).undeliverable.has_value());
  }
  ASSERT_EQ(Next(outbox).updates_max, 1U);
  outbox.Sent(1, 1000, false);
  EXPECT_EQ(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).undeliverable, Seq{1});
  EXPECT_FALSE(HasPush(outbox));  // until the store has replaced it
  EXPECT_FALSE(outbox.idle());
  outbox.Replaced();
  Send(outbox, {.first = 1, .updates = 1});
}

TEST_F(OutboxTest, HalvesWhatWasInThePushAndNotWhatMayBe) {
  Outbox outbox = MakeProbed(1000, 0);
  Send(outbox, {.first = 1, .updates = 30});  // no more fitted in
  outbox.Failed(Failure::kTooLarge, std::nullopt, kStart);
  EXPECT_EQ(Next(outbox).updates_max, 15U);
}

TEST_F(OutboxTest, MakesPushesLargerAgainInSmallSteps) {
  Outbox outbox = MakeProbed(1'000'000, 0);
  Send(outbox, {.first = 1, .updates = 1000});
  outbox.Failed(Failure::kTooLarge, std::nullopt, kStart);
  std::uint64_t acked = 0;
  std::size_t before = 0;
  for (int i = 0; i < 100; ++i) {
    const std::size_t updates = Next(outbox).updates_max;
    if (i > 0 && before < 1000) {
      EXPECT_GT(updates, before);
      EXPECT_LE(updates, before + before / 16 + 1);
    }
    before = updates;
    outbox.Sent(updates, 1000, false);
    acked += updates;
    outbox.Answered(Answer::Ok(Seq{acked}), kStart);
  }
  EXPECT_EQ(before, 1000U);
}

TEST_F(OutboxTest, SendsOtherPushesAgainBehindOneThatIsTooLarge) {
  Outbox outbox = MakeProbed(3000, 0);
  Send(outbox, {.first = 1, .updates = 1000});
  Send(outbox, {.first = 1001, .updates = 1000});
  outbox.Failed(Failure::kTooLarge, std::nullopt, kStart);
  EXPECT_TRUE(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).superseded);
  Send(outbox, {.first = 1, .updates = 500});
}

// A peer may refuse a push for the weak updates in it: no strong one may be given up for that.
TEST_F(OutboxTest, SendsAnUpdateAloneBeforeItGivesItUp) {
  Outbox outbox = MakeProbed(1, 0);
  outbox.SetWeakWaiting(true);
  Send(outbox, {.first = 1, .updates = 1, .weak = true});
  EXPECT_FALSE(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).undeliverable.has_value());
  EXPECT_FALSE(Next(outbox).takes_weak);
  outbox.Sent(1, 100, false);
  // That it must go alone is not forgotten over another failure.
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  EXPECT_FALSE(Next(outbox, kStart + seconds(1)).takes_weak);
  outbox.Sent(1, 100, false);
  EXPECT_EQ(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).undeliverable, Seq{1});
}

TEST_F(OutboxTest, TakesWeakUpdatesAlongAgainAfterProgress) {
  Outbox outbox = MakeProbed(2, 0);
  outbox.SetWeakWaiting(true);
  Send(outbox, {.first = 1, .updates = 1, .weak = true});
  outbox.Failed(Failure::kTooLarge, std::nullopt, kStart);
  Send(outbox, {.first = 1, .updates = 1});
  outbox.Answered(Answer::Ok(Seq{1}), kStart);
  Send(outbox, {.first = 2, .updates = 1, .weak = true});
}

TEST_F(OutboxTest, BacksOffWhenWeakUpdatesAloneAreTooLarge) {
  Outbox outbox = MakeProbed(0, 0);
  outbox.SetWeakWaiting(true);
  Send(outbox, {.first = 1, .weak = true});
  const auto reaction = outbox.Failed(Failure::kTooLarge, std::nullopt, kStart);
  EXPECT_FALSE(reaction.undeliverable.has_value());
  EXPECT_TRUE(reaction.save_backoff);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
}

TEST_F(OutboxTest, TakesARefusedReplacementForARefusal) {
  Outbox outbox = MakeProbed(1, 0);
  Send(outbox, {.first = 1, .updates = 1});
  EXPECT_TRUE(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).undeliverable.has_value());
  outbox.Replaced();
  Send(outbox, {.first = 1, .updates = 1});
  EXPECT_FALSE(outbox.Failed(Failure::kTooLarge, std::nullopt, kStart).undeliverable.has_value());
  EXPECT_EQ(outbox.state(kStart), State::kRefused);
  EXPECT_EQ(outbox.WakeTime(), kStart + minutes(1));
}

}  // namespace
}  // namespace federation::link
