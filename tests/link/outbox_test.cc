#include "link/outbox.h"

#include <gtest/gtest.h>

namespace federation::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Failure = Outbox::Failure;

constexpr Outbox::Time kStart{};

// An outbox whose jitter is always the whole delay, so that times can be told.
class OutboxTest : public testing::Test {
 protected:
  static Outbox Make(std::uint64_t assigned, std::uint64_t acked, OutboxLimits limits = {}) {
    return Outbox(limits, {Seq{assigned}, Seq{acked}}, [] { return 1.0; });
  }
  // One that has had its first exchange.
  static Outbox MakeProbed(std::uint64_t assigned, std::uint64_t acked, OutboxLimits limits = {}) {
    Outbox outbox = Make(assigned, acked, limits);
    outbox.SetWeakWaiting(true);
    EXPECT_TRUE(outbox.Poll(kStart).has_value());
    outbox.Answered(0, Answer::Ok(Seq{acked}), kStart);
    outbox.SetWeakWaiting(false);
    return outbox;
  }
  static void ExpectPush(Outbox& outbox, Outbox::Time now, std::uint64_t first) {
    const auto push = outbox.Poll(now);
    ASSERT_TRUE(push.has_value());
    EXPECT_EQ(push->first, Seq{first});
    EXPECT_GT(push->updates_max, 0U);
  }
};

TEST_F(OutboxTest, HasNothingToDoWhenNothingWaits) {
  Outbox outbox = Make(7, 7);
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  EXPECT_FALSE(outbox.WakeTime().has_value());
  EXPECT_EQ(outbox.state(kStart), Outbox::State::kIdle);
}

TEST_F(OutboxTest, SendsAnEmptyPushFirst) {
  Outbox outbox = Make(5, 3);
  const auto probe = outbox.Poll(kStart);
  ASSERT_TRUE(probe.has_value());
  EXPECT_EQ(probe->first, Seq{4});
  EXPECT_EQ(probe->updates_max, 0U);
  EXPECT_EQ(probe->weak, Outbox::Push::Weak::kLeave);
  outbox.Answered(0, Answer::Ok(Seq{4}), kStart);
  EXPECT_EQ(outbox.numbers().acked, Seq{4});  // the store's number was older than the truth
  ExpectPush(outbox, kStart, 5);
}

TEST_F(OutboxTest, HasOnePushOnItsWayAtATime) {
  Outbox outbox = MakeProbed(0, 0);
  outbox.Enqueued(Seq{3});
  ExpectPush(outbox, kStart, 1);
  outbox.Enqueued(Seq{4});
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  const auto reaction = outbox.Answered(3, Answer::Ok(Seq{3}), kStart);
  EXPECT_TRUE(reaction.save_acked);
  ExpectPush(outbox, kStart, 4);
  outbox.Answered(1, Answer::Ok(Seq{4}), kStart);
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{4}, Seq{4}}));
}

TEST_F(OutboxTest, SendsWeakUpdatesAlone) {
  Outbox outbox = MakeProbed(4, 4);
  outbox.SetWeakWaiting(true);
  const auto push = outbox.Poll(kStart);
  ASSERT_TRUE(push.has_value());
  EXPECT_EQ(push->updates_max, 0U);
  EXPECT_EQ(push->weak, Outbox::Push::Weak::kTake);
}

TEST_F(OutboxTest, ResendsFromAHole) {
  Outbox outbox = MakeProbed(9, 5);
  ExpectPush(outbox, kStart, 6);
  const auto reaction = outbox.Answered(4, Answer::HoleDetected(Seq{3}), kStart);
  EXPECT_EQ(reaction.peer_went_back_from, Seq{5});
  EXPECT_FALSE(reaction.contradiction);
  ExpectPush(outbox, kStart, 3);
  outbox.Answered(7, Answer::Ok(Seq{9}), kStart);
  EXPECT_EQ(outbox.numbers().acked, Seq{9});
}

TEST_F(OutboxTest, TakesAHoleBehindThePushAsDelivered) {
  Outbox outbox = MakeProbed(9, 0);
  ExpectPush(outbox, kStart, 1);
  outbox.Answered(9, Answer::HoleDetected(Seq{5}), kStart);
  EXPECT_EQ(outbox.numbers().acked, Seq{4});
  ExpectPush(outbox, kStart, 5);
}

TEST_F(OutboxTest, BacksOffFromAPeerThatContradictsItself) {
  Outbox outbox = MakeProbed(9, 5);
  ExpectPush(outbox, kStart, 6);
  // It was sent 6 and says that 6 is missing.
  EXPECT_TRUE(outbox.Answered(4, Answer::HoleDetected(Seq{6}), kStart).contradiction);
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  ExpectPush(outbox, kStart + seconds(1), 6);
  // It goes back again and again.
  EXPECT_TRUE(outbox.Answered(4, Answer::HoleDetected(Seq{2}), kStart + seconds(1)).contradiction);
  EXPECT_FALSE(outbox.Poll(kStart + seconds(2)).has_value());
  ExpectPush(outbox, kStart + seconds(3), 2);
  EXPECT_TRUE(outbox.Answered(8, Answer::HoleDetected(Seq{0}), kStart + seconds(3)).contradiction);
}

TEST_F(OutboxTest, BacksOffFromAnOkThatConfirmsNothing) {
  Outbox outbox = MakeProbed(9, 5);
  ExpectPush(outbox, kStart, 6);
  EXPECT_TRUE(outbox.Answered(4, Answer::Ok(Seq{5}), kStart).contradiction);
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
}

TEST_F(OutboxTest, WaitsAsLongAsItIsTold) {
  Outbox outbox = MakeProbed(1, 0);
  ExpectPush(outbox, kStart, 1);
  outbox.Answered(1, Answer::Wait(seconds(123)), kStart);
  EXPECT_EQ(outbox.state(kStart), Outbox::State::kWaiting);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(123));
  outbox.Heard(kStart + seconds(5));  // that does not end what it was told
  EXPECT_FALSE(outbox.Poll(kStart + seconds(122)).has_value());
  ExpectPush(outbox, kStart + seconds(123), 1);
}

TEST_F(OutboxTest, ClampsTheTimeToWait) {
  Outbox outbox = MakeProbed(1, 0);
  ExpectPush(outbox, kStart, 1);
  outbox.Answered(1, Answer::Wait(seconds(0)), kStart);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
  ExpectPush(outbox, kStart + seconds(1), 1);
  outbox.Answered(1, Answer::Wait(seconds::max()), kStart);
  EXPECT_EQ(outbox.WakeTime(), kStart + hours(1));
}

TEST_F(OutboxTest, BacksOffExponentiallyUpToALimit) {
  Outbox outbox = MakeProbed(1, 0);
  Outbox::Time now = kStart;
  for (const int want_s : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600}) {
    ExpectPush(outbox, now, 1);
    outbox.Failed(Failure::kUnreachable, 1, std::nullopt, now);
    ASSERT_EQ(outbox.WakeTime(), now + seconds(want_s));
    EXPECT_FALSE(outbox.Poll(now + seconds(want_s) - milliseconds(1)).has_value());
    now += seconds(want_s);
  }
  ExpectPush(outbox, now, 1);
  outbox.Answered(1, Answer::Ok(Seq{1}), now);
  outbox.Enqueued(Seq{2});
  ExpectPush(outbox, now, 2);
  outbox.Failed(Failure::kUnreachable, 1, std::nullopt, now);
  EXPECT_EQ(outbox.WakeTime(), now + seconds(1));  // progress has reset it
}

TEST_F(OutboxTest, EndsTheBackOffWhenItHearsFromThePeer) {
  Outbox outbox = MakeProbed(1, 0);
  Outbox::Time now = kStart;
  for (int i = 0; i < 10; ++i) {
    ExpectPush(outbox, now, 1);
    outbox.Failed(Failure::kUnreachable, 1, std::nullopt, now);
    now = *outbox.WakeTime();
  }
  ExpectPush(outbox, now, 1);
  outbox.Failed(Failure::kUnreachable, 1, std::nullopt, now);
  outbox.Heard(now + milliseconds(10));
  EXPECT_FALSE(outbox.Poll(now + milliseconds(10)).has_value());  // but not with each of its words
  ExpectPush(outbox, now + seconds(1), 1);
}

TEST_F(OutboxTest, ObeysRetryAfter) {
  Outbox outbox = MakeProbed(1, 0);
  ExpectPush(outbox, kStart, 1);
  outbox.Failed(Failure::kBusy, 1, seconds(40), kStart);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(40));
}

TEST_F(OutboxTest, RetriesSlowlyWhenItIsRefused) {
  Outbox outbox = MakeProbed(1, 0);
  ExpectPush(outbox, kStart, 1);
  outbox.Failed(Failure::kRefused, 1, std::nullopt, kStart);
  EXPECT_EQ(outbox.state(kStart), Outbox::State::kRefused);
  EXPECT_EQ(outbox.WakeTime(), kStart + minutes(1));
  outbox.Heard(kStart + seconds(30));
  EXPECT_FALSE(outbox.Poll(kStart + seconds(30)).has_value());
  ExpectPush(outbox, kStart + minutes(1), 1);
  outbox.Answered(1, Answer::Ok(Seq{1}), kStart + minutes(1));
  EXPECT_EQ(outbox.state(kStart + minutes(1)), Outbox::State::kIdle);
}

TEST_F(OutboxTest, HalvesAPushThatIsTooLargeAndGivesUpOnASingleUpdate) {
  Outbox outbox = MakeProbed(1000, 0);
  for (std::size_t sent = 1000; sent > 1; sent /= 2) {
    const auto push = outbox.Poll(kStart);
    ASSERT_TRUE(push.has_value());
    ASSERT_EQ(push->updates_max, sent);
    EXPECT_FALSE(outbox.Failed(Failure::kTooLarge, sent, std::nullopt, kStart).undeliverable.has_value());
  }
  ASSERT_EQ(outbox.Poll(kStart)->updates_max, 1U);
  EXPECT_EQ(outbox.Failed(Failure::kTooLarge, 1, std::nullopt, kStart).undeliverable, Seq{1});
  EXPECT_FALSE(outbox.Poll(kStart).has_value());  // until the store has replaced it
  outbox.Replaced();
  ExpectPush(outbox, kStart, 1);
  outbox.Answered(1, Answer::Ok(Seq{1}), kStart);
  EXPECT_EQ(outbox.Poll(kStart)->updates_max, 2U);  // grows again
}

// A peer may refuse a push for the weak updates in it: no strong one may be given up for that.
TEST_F(OutboxTest, SendsAnUpdateAloneBeforeItGivesItUp) {
  Outbox outbox = MakeProbed(2, 0);
  outbox.SetWeakWaiting(true);
  ASSERT_TRUE(outbox.Poll(kStart).has_value());
  outbox.Failed(Failure::kTooLarge, 2, std::nullopt, kStart);
  EXPECT_EQ(outbox.Poll(kStart)->weak, Outbox::Push::Weak::kTake);
  EXPECT_FALSE(outbox.Failed(Failure::kTooLarge, 1, std::nullopt, kStart).undeliverable.has_value());
  EXPECT_EQ(outbox.Poll(kStart)->weak, Outbox::Push::Weak::kLeave);
  // That it must go alone is not forgotten over another failure.
  outbox.Failed(Failure::kUnreachable, 1, std::nullopt, kStart);
  EXPECT_EQ(outbox.Poll(kStart + seconds(1))->weak, Outbox::Push::Weak::kLeave);
  EXPECT_EQ(outbox.Failed(Failure::kTooLarge, 1, std::nullopt, kStart).undeliverable, Seq{1});
}

TEST_F(OutboxTest, TakesARefusedReplacementForARefusal) {
  Outbox outbox = MakeProbed(1, 0);
  ExpectPush(outbox, kStart, 1);
  EXPECT_TRUE(outbox.Failed(Failure::kTooLarge, 1, std::nullopt, kStart).undeliverable.has_value());
  outbox.Replaced();
  ExpectPush(outbox, kStart, 1);
  EXPECT_FALSE(outbox.Failed(Failure::kTooLarge, 1, std::nullopt, kStart).undeliverable.has_value());
  EXPECT_EQ(outbox.state(kStart), Outbox::State::kRefused);
  EXPECT_EQ(outbox.WakeTime(), kStart + minutes(1));
}

TEST_F(OutboxTest, GoesAgainAtOnceWhenAnIdleConnectionWasClosed) {
  Outbox outbox = MakeProbed(1, 0);
  ExpectPush(outbox, kStart, 1);
  outbox.Failed(Failure::kStale, 1, std::nullopt, kStart);
  ExpectPush(outbox, kStart, 1);
  outbox.Failed(Failure::kStale, 1, std::nullopt, kStart);  // but not for ever
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
}

TEST_F(OutboxTest, BacksOffFromAPeerThatMakesNumbersUp) {
  Outbox outbox = MakeProbed(3, 0);
  Outbox::Time now = kStart;
  std::uint64_t assigned = 3;
  for (const int want_s : {1, 2, 4}) {
    ASSERT_TRUE(outbox.Poll(now).has_value());
    const auto reaction = outbox.Answered(3, Answer::Ok(Seq{assigned + 100}), now);
    ASSERT_TRUE(reaction.renumber.has_value());
    outbox.Renumbered({Seq{assigned + 103}, Seq{assigned + 100}});
    assigned += 103;
    EXPECT_FALSE(outbox.Poll(now).has_value());
    EXPECT_EQ(outbox.WakeTime(), now + seconds(want_s));
    now += seconds(want_s);
  }
}

TEST_F(OutboxTest, RenumbersWhatIsNewWhenItsStoreIsAnOlderCopy) {
  // The copy says 10; the peer knows 15. Since the start, 11 to 13 were given out again.
  Outbox outbox = Make(10, 9);
  outbox.Enqueued(Seq{13});
  ASSERT_TRUE(outbox.Poll(kStart).has_value());
  const auto reaction = outbox.Answered(0, Answer::Ok(Seq{15}), kStart);
  ASSERT_TRUE(reaction.renumber.has_value());
  EXPECT_EQ(reaction.renumber->boundary, Seq{10});
  EXPECT_EQ(reaction.renumber->theirs, Seq{15});
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
  outbox.Enqueued(Seq{14});  // by the old numbers, before the store is done
  outbox.Renumbered({Seq{19}, Seq{15}});
  ExpectPush(outbox, kStart, 16);
}

// The peer's number is among those that were given out since the start: they must not be taken for delivered.
TEST_F(OutboxTest, RenumbersAlsoWhenTheNewNumbersHavePassedThePeers) {
  Outbox outbox = Make(10, 10);
  outbox.Enqueued(Seq{30});
  ASSERT_TRUE(outbox.Poll(kStart).has_value());
  const auto reaction = outbox.Answered(0, Answer::Ok(Seq{15}), kStart);
  ASSERT_TRUE(reaction.renumber.has_value());
  EXPECT_EQ(reaction.renumber->boundary, Seq{10});
}

// Found by a benchmark: the driver reads what is committed, of which the machine may not have been told yet.
TEST_F(OutboxTest, IsNotSurprisedByAnAckForMoreThanItWasToldOf) {
  Outbox outbox = MakeProbed(3, 0);
  ExpectPush(outbox, kStart, 1);
  EXPECT_FALSE(outbox.Answered(5, Answer::Ok(Seq{5}), kStart).renumber.has_value());
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{5}, Seq{5}}));
  outbox.Enqueued(Seq{4});
  outbox.Enqueued(Seq{5});
  EXPECT_FALSE(outbox.Poll(kStart).has_value());
}

TEST_F(OutboxTest, RenumbersWhenAHoleIsBeyondWhatWasGivenOut) {
  Outbox outbox = MakeProbed(3, 0);
  ExpectPush(outbox, kStart, 1);
  const auto reaction = outbox.Answered(3, Answer::HoleDetected(Seq{8}), kStart);
  ASSERT_TRUE(reaction.renumber.has_value());
  EXPECT_EQ(reaction.renumber->boundary, Seq{0});
  EXPECT_EQ(reaction.renumber->theirs, Seq{7});
}

TEST_F(OutboxTest, ProbesAgainUntilTheProbeIsAnswered) {
  Outbox outbox = Make(10, 10);
  outbox.Enqueued(Seq{11});
  EXPECT_EQ(outbox.Poll(kStart)->updates_max, 0U);
  outbox.Failed(Failure::kUnreachable, 0, std::nullopt, kStart);
  EXPECT_EQ(outbox.Poll(kStart + seconds(1))->updates_max, 0U);
  outbox.Answered(0, Answer::Wait(seconds(1)), kStart + seconds(1));
  EXPECT_EQ(outbox.Poll(kStart + seconds(2))->updates_max, 0U);
  EXPECT_TRUE(outbox.Answered(0, Answer::Ok(Seq{12}), kStart + seconds(2)).renumber.has_value());
}

TEST_F(OutboxTest, RefusesNumbersThatLeaveNoRoom) {
  Outbox outbox = MakeProbed(3, 0);
  ExpectPush(outbox, kStart, 1);
  EXPECT_TRUE(outbox.Answered(3, Answer::Ok(Seq{UINT64_MAX}), kStart).contradiction);
  ASSERT_EQ(outbox.WakeTime(), kStart + seconds(1));
  ExpectPush(outbox, kStart + seconds(1), 1);
  EXPECT_TRUE(outbox.Answered(3, Answer::Ok(Seq{kSeqMax - 1}), kStart).contradiction);
  EXPECT_EQ(outbox.numbers(), (LinkNumbers{Seq{3}, Seq{0}}));
}

}  // namespace
}  // namespace federation::link
