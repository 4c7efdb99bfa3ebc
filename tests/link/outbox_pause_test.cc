// Waiting, backing off, and what the operator says.
#include <random>

#include "link/outbox_fixture.h"

namespace federation::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class OutboxPause : public OutboxFixture {
 protected:
  // One with so many failures in a row, and when the last one was.
  static Outbox MakeFailed(int failures, Outbox::Time* now) {
    Outbox outbox = MakeProbed(1, 0);
    for (int i = 0; i < failures; ++i) {
      *now = outbox.WakeTime().value_or(*now);
      Send(outbox, {.first = 1, .updates = 1}, *now);
      outbox.Failed(Failure::kUnreachable, std::nullopt, *now);
    }
    return outbox;
  }
};

TEST_F(OutboxPause, LastsAsLongAsThePeerSays) {
  Outbox outbox = MakeProbed(1, 0);
  Send(outbox, {.first = 1, .updates = 1});
  const auto reaction = outbox.Answered(Answer::Wait(seconds(123)), kStart);
  EXPECT_TRUE(reaction.save_backoff);
  EXPECT_FALSE(reaction.save_acked);
  EXPECT_EQ(outbox.state(kStart), State::kWaiting);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(123));
  EXPECT_EQ(outbox.rest().failures, 0);
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(122)));
  Send(outbox, {.first = 1, .updates = 1}, kStart + seconds(123));
}

TEST_F(OutboxPause, IsClamped) {
  const struct {
    seconds told;
    seconds want;
  } rows[] = {{seconds::min(), seconds(1)}, {seconds(-1), seconds(1)},     {seconds(0), seconds(1)},
              {seconds(1), seconds(1)},     {seconds(3600), hours(1)},     {seconds(3601), hours(1)},
              {seconds::max(), hours(1)},   {seconds(3599), seconds(3599)}};
  for (const auto& row : rows) {
    Outbox told = MakeProbed(1, 0);
    Send(told, {.first = 1, .updates = 1});
    told.Answered(Answer::Wait(row.told), kStart);
    EXPECT_EQ(told.WakeTime(), kStart + row.want) << row.told.count();
    Outbox busy = MakeProbed(1, 0);
    Send(busy, {.first = 1, .updates = 1});
    busy.Failed(Failure::kBusy, row.told, kStart);
    EXPECT_EQ(busy.WakeTime(), kStart + row.want) << row.told.count();
  }
}

TEST_F(OutboxPause, DependsOnHowAPushFails) {
  const struct {
    Failure failure;
    std::optional<seconds> retry_after;
    Pause pause;
    milliseconds delay;
    int failures;
  } rows[] = {
      {Failure::kUnreachable, std::nullopt, Pause::kBackOff, seconds(1), 1},
      {Failure::kUnreachable, seconds(40), Pause::kBackOff, seconds(1), 1},  // it is no word of the peer
      {Failure::kBusy, std::nullopt, Pause::kBackOff, seconds(1), 1},
      {Failure::kBusy, seconds(40), Pause::kPeerWait, seconds(40), 0},
      {Failure::kRefused, std::nullopt, Pause::kRefused, minutes(1), 1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.failure));
    Outbox outbox = MakeProbed(1, 0);
    Send(outbox, {.first = 1, .updates = 1});
    EXPECT_TRUE(outbox.Failed(row.failure, row.retry_after, kStart).save_backoff);
    EXPECT_EQ(outbox.rest().pause, row.pause);
    EXPECT_EQ(outbox.WakeTime(), kStart + row.delay);
    EXPECT_EQ(outbox.rest().failures, row.failures);
    EXPECT_EQ(outbox.state(kStart), row.pause == Pause::kRefused ? State::kRefused : State::kWaiting);
  }
}

TEST_F(OutboxPause, GrowsExponentiallyUpToALimit) {
  Outbox outbox = MakeProbed(1, 0);
  Outbox::Time now = kStart;
  for (const int want_s : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600}) {
    Send(outbox, {.first = 1, .updates = 1}, now);
    outbox.Failed(Failure::kUnreachable, std::nullopt, now);
    ASSERT_EQ(outbox.WakeTime(), now + seconds(want_s));
    EXPECT_FALSE(HasPush(outbox, now + seconds(want_s) - milliseconds(1)));
    now += seconds(want_s);
  }
}

TEST_F(OutboxPause, GrowsFromOneMinuteOnWhereThePeerRefuses) {
  Outbox outbox = MakeProbed(1, 0);
  Outbox::Time now = kStart;
  for (const int want_min : {1, 2, 4, 8, 16, 32, 60, 60}) {
    Send(outbox, {.first = 1, .updates = 1}, now);
    outbox.Failed(Failure::kRefused, std::nullopt, now);
    ASSERT_EQ(outbox.WakeTime(), now + minutes(want_min));
    now += minutes(want_min);
  }
}

TEST_F(OutboxPause, StartsOverAfterProgress) {
  Outbox::Time now = kStart;
  Outbox outbox = MakeFailed(5, &now);
  now = *outbox.WakeTime();
  Send(outbox, {.first = 1, .updates = 1}, now);
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{1}), now).save_backoff);
  EXPECT_EQ(outbox.rest().failures, 0);
  EXPECT_EQ(outbox.state(now), State::kIdle);
  outbox.Enqueued(Seq{2});
  Send(outbox, {.first = 2, .updates = 1}, now);
  outbox.Failed(Failure::kUnreachable, std::nullopt, now);
  EXPECT_EQ(outbox.WakeTime(), now + seconds(1));
}

TEST_F(OutboxPause, GrowsOnWhenThePeerSaysWaitInBetween) {
  Outbox::Time now = kStart;
  Outbox outbox = MakeFailed(3, &now);
  now = *outbox.WakeTime();
  Send(outbox, {.first = 1, .updates = 1}, now);
  outbox.Answered(Answer::Wait(seconds(1)), now);
  now += seconds(1);
  Send(outbox, {.first = 1, .updates = 1}, now);
  outbox.Failed(Failure::kUnreachable, std::nullopt, now);
  EXPECT_EQ(outbox.WakeTime(), now + seconds(8));
}

TEST_F(OutboxPause, IsAnyTimeBelowTheCeiling) {
  std::mt19937 random(7);
  for (const int failures : {0, 3, 30}) {
    Outbox::Rest rest = RestOf(1, 0);
    rest.probed = true;
    rest.failures = failures;
    const milliseconds ceiling = std::min<milliseconds>(seconds(1 << std::min(failures, 20)), hours(1));
    milliseconds low = hours(24);
    milliseconds high{0};
    for (int i = 0; i < 200; ++i) {
      Outbox outbox({}, rest, [&] { return std::uniform_real_distribution<double>(0, 1)(random); });
      Send(outbox, {.first = 1, .updates = 1});
      outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
      const auto delay = std::chrono::duration_cast<milliseconds>(*outbox.WakeTime() - kStart);
      low = std::min(low, delay);
      high = std::max(high, delay);
    }
    EXPECT_GE(low.count(), 0);
    EXPECT_LT(low, ceiling / 10);
    EXPECT_GT(high, ceiling * 9 / 10);
    EXPECT_LE(high, ceiling);
  }
}

TEST_F(OutboxPause, EndsWithinASecondAfterTheFirstFailure) {
  for (const double drawn : {0.0, 0.3, 0.999}) {
    Outbox::Rest rest = RestOf(1, 0);
    rest.probed = true;
    Outbox outbox({}, rest, [drawn] { return drawn; });
    Send(outbox, {.first = 1, .updates = 1});
    outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
    EXPECT_LE(*outbox.WakeTime(), kStart + seconds(1));
    Send(outbox, {.first = 1, .updates = 1}, kStart + seconds(1));
  }
}

TEST_F(OutboxPause, EndsWhenThePeerIsHeard) {
  Outbox::Time now = kStart;
  Outbox outbox = MakeFailed(10, &now);
  outbox.Heard(now + milliseconds(10));
  EXPECT_FALSE(HasPush(outbox, now + milliseconds(10)));  // but not with each of its words
  EXPECT_EQ(outbox.WakeTime(), now + seconds(1));
  outbox.Heard(now + milliseconds(500));
  EXPECT_EQ(outbox.WakeTime(), now + seconds(1));
  Send(outbox, {.first = 1, .updates = 1}, now + seconds(1));
}

TEST_F(OutboxPause, EndsAtOnceWhenThePeerIsHeardLater) {
  Outbox::Time now = kStart;
  Outbox outbox = MakeFailed(10, &now);
  outbox.Heard(now + seconds(7));
  Send(outbox, {.first = 1, .updates = 1}, now + seconds(7));
}

TEST_F(OutboxPause, DoesNotGetLongerWhenThePeerIsHeard) {
  Outbox::Rest rest = RestOf(1, 0);
  rest.probed = true;
  Outbox outbox({}, rest, [] { return 0.1; });
  Send(outbox, {.first = 1, .updates = 1});
  outbox.Failed(Failure::kUnreachable, std::nullopt, kStart);
  outbox.Heard(kStart + milliseconds(10));
  EXPECT_EQ(outbox.WakeTime(), kStart + milliseconds(100));
}

TEST_F(OutboxPause, DoesNotEndForWordsOfAPeerThatHasAskedForItOrRefuses) {
  for (const Failure failure : {Failure::kBusy, Failure::kRefused}) {
    Outbox outbox = MakeProbed(1, 0);
    Send(outbox, {.first = 1, .updates = 1});
    outbox.Failed(failure, seconds(60), kStart);
    outbox.Heard(kStart + seconds(30));
    EXPECT_FALSE(HasPush(outbox, kStart + seconds(59)));
    EXPECT_TRUE(HasPush(outbox, kStart + seconds(60)));
  }
}

TEST_F(OutboxPause, EndsWhenTheOperatorWantsATry) {
  for (const Failure failure : {Failure::kUnreachable, Failure::kRefused}) {
    Outbox outbox = MakeProbed(1, 0);
    Send(outbox, {.first = 1, .updates = 1});
    outbox.Failed(failure, std::nullopt, kStart);
    outbox.Wake();
    EXPECT_EQ(outbox.rest().failures, 1);
    Send(outbox, {.first = 1, .updates = 1});
  }
}

TEST_F(OutboxPause, IsKeptToForThePeerAlthoughTheOperatorWantsATry) {
  Outbox outbox = MakeProbed(1, 0);
  Send(outbox, {.first = 1, .updates = 1});
  outbox.Answered(Answer::Wait(seconds(10)), kStart);
  outbox.Wake();
  EXPECT_FALSE(HasPush(outbox, kStart + seconds(9)));
}

TEST_F(OutboxPause, IsForgottenOnReset) {
  Outbox::Time now = kStart;
  Outbox failed = MakeFailed(8, &now);
  failed.Reset();
  EXPECT_EQ(failed.rest().failures, 0);
  EXPECT_TRUE(HasPush(failed, now));
  Outbox told = MakeProbed(1, 0);
  Send(told, {.first = 1, .updates = 1});
  told.Answered(Answer::Wait(seconds(10)), kStart);
  told.Reset();
  EXPECT_TRUE(HasPush(told));
}

TEST_F(OutboxPause, OfTheOperatorLastsUntilItIsEnded) {
  Outbox outbox = MakeProbed(1, 0);
  outbox.SetPaused(true);
  EXPECT_EQ(outbox.state(kStart), State::kPaused);
  EXPECT_FALSE(HasPush(outbox, kStart + hours(24)));
  EXPECT_FALSE(outbox.WakeTime().has_value());
  outbox.Wake();
  outbox.Heard(kStart);
  EXPECT_FALSE(HasPush(outbox));
  outbox.SetPaused(false);
  Send(outbox, {.first = 1, .updates = 1});
}

TEST_F(OutboxPause, OfTheOperatorLeavesWhatIsOnItsWay) {
  Outbox outbox = MakeProbed(20, 0);
  Send(outbox, {.first = 1, .updates = 10});
  const auto push = outbox.Poll(kStart);
  outbox.SetPaused(true);
  EXPECT_FALSE(outbox.Wants(*push));
  EXPECT_TRUE(outbox.Answered(Answer::Ok(Seq{10}), kStart).save_acked);
  EXPECT_FALSE(HasPush(outbox));
  outbox.SetPaused(false);
  Send(outbox, {.first = 11, .updates = 10});
}

TEST_F(OutboxPause, OutlivesTheOutbox) {
  Outbox::Time now = kStart;
  const Outbox old = MakeFailed(4, &now);
  Outbox outbox({}, old.rest(), [] { return 1.0; });
  EXPECT_EQ(outbox.WakeTime(), now + seconds(8));
  EXPECT_FALSE(HasPush(outbox, now + seconds(7)));
  Send(outbox, {.first = 1, .updates = 1}, now + seconds(8));
  EXPECT_FALSE(HasPush(outbox, now + seconds(8)));
  outbox.Failed(Failure::kUnreachable, std::nullopt, now + seconds(8));
  EXPECT_EQ(outbox.WakeTime(), now + seconds(24));
}

TEST_F(OutboxPause, OfAnyKindOutlivesTheOutbox) {
  for (const Pause pause : {Pause::kBackOff, Pause::kPeerWait, Pause::kRefused}) {
    Outbox::Rest rest = RestOf(1, 0);
    rest.probed = true;
    rest.pause = pause;
    rest.pause_end = kStart + seconds(30);
    rest.failed_at = kStart;
    Outbox outbox({}, rest, [] { return 1.0; });
    EXPECT_EQ(outbox.WakeTime(), kStart + seconds(30));
    EXPECT_EQ(outbox.pause_end(kStart), kStart + seconds(30));
    EXPECT_FALSE(outbox.pause_end(kStart + seconds(30)).has_value());
    outbox.Heard(kStart + seconds(5));
    EXPECT_EQ(HasPush(outbox, kStart + seconds(5)), pause == Pause::kBackOff);
  }
  Outbox::Rest rest = RestOf(1, 0);
  rest.paused = true;
  Outbox outbox({}, rest, [] { return 1.0; });
  EXPECT_EQ(outbox.state(kStart), State::kPaused);
  EXPECT_FALSE(HasPush(outbox));
}

TEST_F(OutboxPause, IsNothingToWakeUpForWhereNothingWaits) {
  Outbox::Rest rest = RestOf(1, 1);
  rest.probed = true;
  rest.failures = 3;
  rest.pause = Pause::kBackOff;
  rest.pause_end = kStart + seconds(30);
  Outbox outbox({}, rest, [] { return 1.0; });
  EXPECT_FALSE(outbox.WakeTime().has_value());
  EXPECT_TRUE(outbox.idle());
  EXPECT_EQ(outbox.state(kStart), State::kIdle);
  outbox.Enqueued(Seq{2});
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(30));
}

TEST_F(OutboxPause, FollowsAStoreThatCannotBeRead) {
  Outbox outbox = MakeProbed(1, 0);
  ASSERT_TRUE(outbox.Poll(kStart).has_value());
  outbox.NotSent(kStart);
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(1));
  Send(outbox, {.first = 1, .updates = 1}, kStart + seconds(1));
}

TEST_F(OutboxPause, IsNoneWhenAnIdleConnectionWasClosed) {
  Outbox outbox = MakeProbed(1, 0);
  Send(outbox, {.first = 1, .updates = 1});
  EXPECT_FALSE(outbox.Failed(Failure::kStale, std::nullopt, kStart).save_backoff);
  Send(outbox, {.first = 1, .updates = 1});
  outbox.Failed(Failure::kStale, std::nullopt, kStart);  // but not for ever
  EXPECT_FALSE(HasPush(outbox));
  EXPECT_EQ(outbox.WakeTime(), kStart + seconds(2));
}

}  // namespace
}  // namespace federation::link
