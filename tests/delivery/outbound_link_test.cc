// What is sent to one destination.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::StartsWith;
using State = LinkStatus::State;

class OutboundLinkTest : public OutboundFixture {};

TEST_F(OutboundLinkTest, SendsWhatIsStoredBehindAnEmptyPush) {
  LetPeerAnswer();
  Append(1, 3);
  Run();
  EXPECT_THAT(world_.transport.TakeBodies(),
              ElementsAre(kProbe, R"({"weak":[],"strong":[{"n":1},{"n":2},{"n":3}],"seq":3})"));
  EXPECT_EQ(world_.transport.sent()[0].destination, kPeer);
  EXPECT_EQ(world_.transport.sent()[0].timeout, limits_.push_timeout);
  const LinkStatus status = Status();
  EXPECT_EQ(status.acked, Seq{3});
  EXPECT_EQ(status.state, State::kIdle);
  EXPECT_EQ(status.counters.acked_updates, 3U);
  EXPECT_EQ(status.counters.pushes, 2U);
  EXPECT_TRUE(status.last_heard.has_value());
}

TEST_F(OutboundLinkTest, SendsWhatWasStoredBeforeItStarted) {
  Append(1, 3);
  StopLinks();
  Restart();
  LetPeerAnswer();
  links_->Start();
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 3)));
}

TEST_F(OutboundLinkTest, SendsWhatHasJustBeenStoredWithoutReadingItBack) {
  Probe();
  LetPeerAnswer();
  for (std::uint64_t i = 1; i <= 9; i += 3) {
    Append(i, i + 2);
    Run();
  }
  EXPECT_EQ(store_->update_reads, 0);
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 9)));
  EXPECT_EQ(ready_.bytes, 0U);
}

TEST_F(OutboundLinkTest, ReadsWhatItHasNoRoomToKeep) {
  limits_.ready_bytes_max = 20;
  limits_.pushes_in_flight_max = 1;
  Restart();
  Probe();
  for (std::uint64_t i = 1; i <= 9; i += 2) Append(i, i + 1);  // 15 bytes each
  Run();
  EXPECT_EQ(ready_.bytes, 15U);
  EXPECT_EQ(store_->update_reads, 0);
  LetPeerAnswer();
  world_.transport.AnswerWaiting();
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 10)));
  EXPECT_EQ(store_->update_reads, 1);
  EXPECT_EQ(ready_.bytes, 0U);
}

TEST_F(OutboundLinkTest, KeepsWithinTheBudgetOfAllLinks) {
  limits_.ready_bytes_total_max = 20;
  limits_.pushes_in_flight_max = 1;
  Restart();
  for (const char* peer : {kPeer, "c.test"}) {
    Probe(peer);
    Append(1, 2, peer);
    Append(3, 4, peer);
    Run();
  }
  EXPECT_EQ(ready_.bytes, 15U);
  LetPeerAnswer();
  world_.transport.AnswerWaiting();
  world_.transport.AnswerWaiting();
  Run();
  EXPECT_EQ(store_->update_reads, 1);
  EXPECT_THAT(peers_["c.test"].strong, ElementsAreArray(All(1, 4)));
}

TEST_F(OutboundLinkTest, SendsWhatIsStoredWhileItReads) {
  LetPeerAnswer();
  std::uint64_t stored = 3;
  store_->on_read = [&] {
    if (stored < 20) Append(stored + 1, stored + 2);
    stored += 2;
  };
  limits_.push_updates_max = 2;
  Restart();
  store_->on_read = [&] {
    if (stored < 20) Append(stored + 1, stored + 2);
    stored += 2;
  };
  Append(1, 3);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, peer_.strong.size())));
  EXPECT_EQ(Status().pending(), 0U);
}

TEST_F(OutboundLinkTest, SendsAPushNoLargerThanItMayBe) {
  limits_.push_updates_max = 3;
  limits_.push_bytes_max = 40;
  Restart();
  LetPeerAnswer();
  Append(1, 20);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 20)));
  for (const PushCall& call : world_.transport.sent()) {
    link::PushView push;
    ASSERT_FALSE(link::ParsePush(call.body, {}, &push).has_value());
    EXPECT_LE(push.strong.size(), 3U);
  }
}

// --- Several pushes on their way.

TEST_F(OutboundLinkTest, HasSeveralPushesOnTheirWay) {
  limits_.push_updates_max = 2;
  limits_.pushes_in_flight_max = 3;
  Restart();
  Probe();
  Append(1, 20);
  Run();
  EXPECT_THAT(world_.transport.TakeBodies(),
              ElementsAre(R"({"weak":[],"strong":[{"n":1},{"n":2}],"seq":2})",
                          R"({"weak":[],"strong":[{"n":3},{"n":4}],"seq":4})",
                          R"({"weak":[],"strong":[{"n":5},{"n":6}],"seq":6})"));
  EXPECT_EQ(Status().state, State::kSending);
  world_.transport.Answer(Ok(2));
  Run();
  EXPECT_THAT(world_.transport.TakeBodies(),
              ElementsAre(R"({"weak":[],"strong":[{"n":7},{"n":8}],"seq":8})"));
  EXPECT_EQ(Status().acked, Seq{2});
}

TEST_F(OutboundLinkTest, SendsAgainBehindAConnectionThatFails) {
  limits_.push_updates_max = 2;
  limits_.pushes_in_flight_max = 3;
  Restart();
  Probe();
  Append(1, 20);
  Run();
  world_.transport.Answer(Ok(2));
  Run();
  ASSERT_EQ(world_.transport.waiting(), 3U);
  world_.transport.TakeBodies();
  for (int i = 0; i < 3; ++i) world_.transport.Answer(absl::UnavailableError("reset"));
  Run();
  EXPECT_THAT(world_.transport.TakeBodies(), IsEmpty());
  EXPECT_EQ(Status().last_error, "reset");
  EXPECT_EQ(Status().counters.unreachable, 1U);
  EXPECT_EQ(Status().counters.repeated_updates, 6U);
  peer_.strong = All(1, 4);  // of one of them only the answer was lost
  LetPeerAnswer();
  world_.Advance(seconds(1));
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 20)));
  EXPECT_EQ(Status().pending(), 0U);
  EXPECT_EQ(Status().last_error, "");
}

TEST_F(OutboundLinkTest, DropsAReadThatAnAnswerHasMadeUseless) {
  limits_.push_updates_max = 2;
  limits_.ready_bytes_max = 0;
  Restart();
  Probe();
  Append(1, 20);
  while (world_.transport.waiting() == 0) ASSERT_TRUE(world_.loop.RunOne() || world_.workers.RunOne());
  // The answer comes while the store is read for the next push.
  world_.transport.Answer(Hole(2));
  while (world_.loop.RunOne()) {
  }
  world_.transport.TakeBodies();
  LetPeerAnswer();
  peer_.strong = All(1, 1);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 20)));
  EXPECT_THAT(world_.transport.TakeBodies()[0], StartsWith(R"({"weak":[],"strong":[{"n":2},{"n":3}],)"));
}

// --- Weak updates.

TEST_F(OutboundLinkTest, SendsWeakUpdatesOfBeforeItWasLoaded) {
  LetPeerAnswer();
  links_->SendWeak(kPeer, R"({"w":1})", "key");
  links_->SendWeak(kPeer, R"({"w":2})", "other key");
  links_->SendWeak(kPeer, R"({"w":3})", "");
  links_->SendWeak(kPeer, R"({"w":4})", "key");
  Run();
  EXPECT_THAT(world_.transport.TakeBodies(),
              ElementsAre(kProbe, R"({"weak":[{"w":2},{"w":3},{"w":4}],"strong":[],"seq":0})"));
}

TEST_F(OutboundLinkTest, NeverRepeatsWeakUpdates) {
  Probe();
  links_->SendWeak(kPeer, R"({"w":1})", "");
  Append(1, 1);
  Run();
  world_.transport.Answer(absl::AbortedError("closed"));
  Run();
  LetPeerAnswer();
  world_.transport.Answer(absl::UnavailableError("no"));
  world_.Advance(seconds(5));
  EXPECT_THAT(peer_.weak, IsEmpty());
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLinkTest, ForgetsWeakUpdatesThatAreTooOld) {
  LetPeerFail();
  links_->SendWeak(kPeer, R"({"w":1})", "");
  world_.Advance(limits_.weak_age_max + seconds(40));
  LetPeerAnswer();
  world_.Advance(hours(1));
  EXPECT_THAT(peer_.weak, IsEmpty());
  EXPECT_FALSE(Delay().has_value());  // there is nothing left to try for
  Append(1, 1);
  EXPECT_EQ(Status().counters.weak_dropped, 1U);
}

}  // namespace
}  // namespace federation::delivery
