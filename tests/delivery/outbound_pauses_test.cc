// When nothing is sent to a destination, and what ends that.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::IsEmpty;
using State = LinkStatus::State;

class OutboundPauses : public OutboundFixture {};

TEST_F(OutboundPauses, EndsItsBackOffWhenThePeerIsHeard) {
  LetPeerFail();
  Append(1, 1);
  Run();
  for (int i = 0; i < 7; ++i) world_.Advance(*Delay());
  ASSERT_GT(Delay(), seconds(60));
  world_.Advance(seconds(5));
  LetPeerAnswer();
  links_->Heard(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
  EXPECT_EQ(Status().last_heard, world_.loop.WallNow());
}

TEST_F(OutboundPauses, EndsItsBackOffWhenTheOperatorWantsATry) {
  LetPeerFail(Http(403));
  Append(1, 1);
  Run();
  LetPeerAnswer();
  links_->Wake(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundPauses, RemembersItsPauseOverARestart) {
  PushAnswer busy = Http(503);
  busy.retry_after = seconds(100);
  LetPeerFail(busy);
  Append(1, 1);
  Run();
  world_.Advance(seconds(30));
  Restart();
  LetPeerAnswer();
  links_->Start();
  Run();
  EXPECT_EQ(peer_.last(), Seq{0});
  EXPECT_EQ(Delay(), seconds(70));
  links_->Heard(kPeer);  // the peer has asked for it
  world_.Advance(seconds(69));
  EXPECT_EQ(peer_.last(), Seq{0});
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundPauses, RemembersItsFailuresOverARestart) {
  LetPeerFail();
  Append(1, 1);
  Run();
  for (int i = 0; i < 3; ++i) world_.Advance(*Delay());  // 1, 2, 4 s
  const int failures = Status().failures;
  EXPECT_EQ(failures, 4);
  Restart();
  links_->Start();
  Run();
  EXPECT_EQ(Status().failures, failures);
  EXPECT_EQ(Delay(), seconds(8));
  world_.Advance(seconds(8));
  EXPECT_EQ(Delay(), seconds(16));
}

TEST_F(OutboundPauses, TakesNoSavedPauseForLongerThanTheLongest) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {1, world_.loop.WallNow() + hours(1000)});
  Restart();  // saves what was noted
  LetPeerAnswer();
  links_->Start();
  Run();
  EXPECT_EQ(Delay(), hours(1));
}

TEST_F(OutboundPauses, SendsNothingWhileItIsPaused) {
  LetPeerAnswer();
  ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.SetPaused(kPeer, true); }).ok());
  Append(1, 2);
  Run();
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
  EXPECT_EQ(Status().state, State::kPaused);
  EXPECT_FALSE(Delay().has_value());
  links_->SetPaused(kPeer, false);
  Run();
  EXPECT_EQ(peer_.last(), Seq{2});
}

TEST_F(OutboundPauses, IsPausedThoughTheOperatorSaysSoWhileItIsLoaded) {
  LetPeerAnswer();
  Append(1, 1);
  ASSERT_TRUE(world_.loop.RunOne());
  ASSERT_TRUE(world_.workers.RunOne());  // the store says that it is not paused
  links_->SetPaused(kPeer, true);
  Run();
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
  EXPECT_EQ(Status().state, State::kPaused);
}

TEST_F(OutboundPauses, TriesAtOnceThoughTheOperatorSaysSoWhileItIsLoaded) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {5, world_.loop.WallNow() + hours(1)});
  Restart();
  LetPeerAnswer();
  links_->Wake(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundPauses, ForgetsItsFailuresOnReset) {
  LetPeerFail();
  Append(1, 1);
  for (int i = 0; i < 5; ++i) world_.Advance(seconds(30));
  LetPeerAnswer();
  links_->Reset(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
  EXPECT_EQ(store_->backoff_notes.back(), BackOff{});
}

}  // namespace
}  // namespace federation::delivery
