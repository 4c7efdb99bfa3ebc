// The links to all destinations.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class OutboundLinksTest : public OutboundFixture {};

TEST_F(OutboundLinksTest, LoadsALinkOnlyWhenThereIsSomethingToDo) {
  Append(1, 1, "waits.test");
  Append(1, 1, "done.test");
  file_store_->NoteAcked("done.test", Seq{1});
  Restart();
  LetPeerAnswer();
  links_->Start();
  Run();
  EXPECT_EQ(store_->link_reads, 1);
  ASSERT_THAT(world_.transport.sent(), SizeIs(2));
  EXPECT_EQ(world_.transport.sent()[0].destination, "waits.test");
}

TEST_F(OutboundLinksTest, ComparesNumbersOnceOverAllRests) {
  LetPeerAnswer();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    Append(i, i);
    Run();
    EXPECT_FALSE(Delay().has_value());
    world_.Advance(seconds(100));
  }
  EXPECT_EQ(store_->link_reads, 1);
  EXPECT_THAT(world_.transport.sent(), SizeIs(6));
}

// Weak updates have failed, and are gone: nothing waits, but for the pause.
TEST_F(OutboundLinksTest, TriesAtOnceAPeerThatWasHeardWhileItsLinkHadNothingToDo) {
  Probe();
  LetPeerFail();
  for (int i = 0; i < 12; ++i) {
    links_->SendWeak(kPeer, R"({"w":1})", "");
    Run();
    world_.Advance(seconds(60));
  }
  LetPeerAnswer();
  Append(1, 1);
  Run();
  ASSERT_EQ(peer_.last(), Seq{0});
  world_.Advance(std::chrono::hours(2));
  ASSERT_EQ(peer_.last(), Seq{1});
  LetPeerFail();
  for (int i = 0; i < 12; ++i) {
    links_->SendWeak(kPeer, R"({"w":1})", "");
    Run();
    world_.Advance(seconds(60));
  }
  LetPeerAnswer();
  links_->Heard(kPeer);
  Append(2, 2);
  Run();
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{2});
}

// Before it is known which links have work.
TEST_F(OutboundLinksTest, TriesAtOnceAPeerThatIsHeardRightAfterTheStart) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {12, world_.loop.WallNow() + hours(1)});
  Restart();
  LetPeerAnswer();
  links_->Start();
  links_->Heard(kPeer);
  Run();
  EXPECT_EQ(Status().last_heard, world_.loop.WallNow());
  world_.Advance(limits_.backoff_min);
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLinksTest, TriesAtOnceAPeerThatWasHeardSinceTheStart) {
  Append(1, 1);
  file_store_->NoteAcked(kPeer, Seq{1});
  file_store_->NoteBackOff(kPeer, {12, world_.loop.WallNow() + hours(1)});
  Restart();
  peer_.strong = All(1, 1);
  LetPeerAnswer();
  links_->Start();
  Run();
  links_->Heard(kPeer);
  const auto heard = world_.loop.WallNow();
  EXPECT_EQ(Status().last_heard, heard);
  world_.Advance(seconds(100));
  Append(2, 2);
  world_.Advance(limits_.backoff_min);
  EXPECT_EQ(peer_.last(), Seq{2});
}

TEST_F(OutboundLinksTest, KeepsToAWaitThatAPeerHasAskedForThoughItIsHeardRightAfterTheStart) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {0, world_.loop.WallNow() + seconds(100)});
  Restart();
  LetPeerAnswer();
  links_->Start();
  links_->Heard(kPeer);
  world_.Advance(seconds(99));
  EXPECT_EQ(peer_.last(), Seq{0});
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLinksTest, GivesItsLinksBackWhenItStops) {
  LetPeerAnswer();
  Append(1, 1);
  Run();
  EXPECT_FALSE(*file_store_->Lease(kPeer, "somebody else", seconds(1)));
  StopLinks();
  EXPECT_TRUE(*file_store_->Lease(kPeer, "somebody else", seconds(1)));
}

TEST_F(OutboundLinksTest, RemembersCountersOverRests) {
  LetPeerAnswer();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    Append(i, i);
    Run();
  }
  EXPECT_EQ(Status().counters.acked_updates, 3U);
  EXPECT_EQ(Status().acked, Seq{3});
}

TEST_F(OutboundLinksTest, TriesAgainToReadWhichLinksHaveWork) {
  Append(1, 1);
  Restart();
  LetPeerAnswer();
  store_->waiting_links = absl::UnavailableError("no disk");
  links_->Start();
  world_.Advance(seconds(2));
  EXPECT_EQ(peer_.last(), Seq{0});
  store_->waiting_links = absl::OkStatus();
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLinksTest, SaysHowAllLinksAre) {
  EXPECT_THAT(Statuses(), IsEmpty());
  LetPeerFail();
  Append(1, 2, "b.test");
  Append(1, 3, "c.test");
  Run();
  file_store_->ObserveAppends(nullptr);
  Append(1, 1, "unused.test");
  const auto all = Statuses();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].destination, "b.test");
  EXPECT_EQ(all[0].state, LinkStatus::State::kWaiting);
  EXPECT_EQ(all[1].pending(), 3U);
  EXPECT_GT(all[1].pending_bytes, 0U);
  EXPECT_TRUE(all[1].pending_since.has_value());
  EXPECT_EQ(all[2].destination, "unused.test");
  EXPECT_EQ(all[2].state, LinkStatus::State::kIdle);
}

TEST_F(OutboundLinksTest, SaysWhatTheStoreHasOfFailures) {
  Append(1, 1);
  file_store_->NoteAcked(kPeer, Seq{1});
  file_store_->NoteBackOff(kPeer, {3, world_.loop.WallNow() + seconds(100)});
  Append(1, 1, "c.test");
  file_store_->NoteAcked("c.test", Seq{1});
  file_store_->NoteBackOff("c.test", {12, world_.loop.WallNow() + hours(1000)});
  Restart();
  links_->Start();
  Run();
  EXPECT_EQ(Status().failures, 3);
  EXPECT_EQ(Status().retry_at, world_.loop.WallNow() + seconds(100));
  EXPECT_EQ(Status("c.test").retry_at, world_.loop.WallNow() + hours(1)) << "no pause is longer";
  world_.Advance(seconds(100));
  EXPECT_EQ(Status().failures, 3);
  EXPECT_EQ(Status().retry_at, std::nullopt);
}

TEST_F(OutboundLinksTest, SaysWhatTheStoreHasOfFailuresAlsoWhileAnotherProcessSends) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {3, world_.loop.WallNow() + seconds(100)});
  Restart();
  store_->lease_is_taken = true;
  links_->Start();
  Run();
  EXPECT_EQ(Status().last_error, "another process sends on this link");
  EXPECT_EQ(Status().failures, 3);
  EXPECT_EQ(Status().retry_at, world_.loop.WallNow() + seconds(100));
}

// It is not saved.
TEST_F(OutboundLinksTest, SaysWhatItRemembersOfFailuresThatTheStoreHasNot) {
  LetPeerAnswer();
  Append(1, 1);
  Run();
  LetPeerFail(absl::NotFoundError("no address"));
  links_->SendWeak(kPeer, R"({"w":1})", "");
  Run();
  EXPECT_FALSE(Delay().has_value());
  EXPECT_EQ(Status().failures, 1);
  EXPECT_EQ(Status().retry_at, world_.loop.WallNow() + seconds(1));
  world_.Advance(seconds(1));
  EXPECT_EQ(Status().failures, 1);
  EXPECT_EQ(Status().retry_at, std::nullopt);
  world_.Advance(limits_.lease);
  EXPECT_EQ(Status().failures, 0) << "by now another process may have sent";
}

TEST_F(OutboundLinksTest, RemembersOnlyThoseItHears) {
  links_->Heard("stranger.test");
  LetPeerAnswer();
  Append(1, 1);
  Run();
  world_.Advance(seconds(5));
  links_->Heard(kPeer);
  EXPECT_EQ(Status().last_heard, world_.loop.WallNow());
  EXPECT_THAT(Statuses(), SizeIs(1));
}

TEST_F(OutboundLinksTest, PausesLinksThatRest) {
  LetPeerAnswer();
  Append(1, 1);
  Run();
  ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.SetPaused(kPeer, true); }).ok());
  links_->SetPaused(kPeer, true);
  links_->SetPaused("stranger.test", true);
  Append(2, 2);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
  links_->SetPaused(kPeer, false);
  Run();
  EXPECT_EQ(peer_.last(), Seq{2});
}

TEST_F(OutboundLinksTest, HasABoundOnWhatIsOnItsWayOfAllLinks) {
  limits_.push_updates_max = 1;
  limits_.bytes_in_flight_total_max = 100;
  Restart();
  for (const char* peer : {kPeer, "c.test", "d.test"}) Probe(peer);
  Append(1, 20);
  Append(1, 20, "c.test");
  Append(1, 20, "d.test");
  Run();
  // The first one has filled it; each of the others may have one push on its way all the same.
  EXPECT_THAT(world_.transport.TakeBodies(), testing::SizeIs(5));
  EXPECT_GE(in_flight_.bytes, 100U);
  // What one link has got rid of another one may use: none waits for ever.
  LetPeerAnswer();
  while (world_.transport.waiting() > 0) {
    world_.transport.AnswerWaiting();
    Run();
  }
  for (const char* peer : {kPeer, "c.test", "d.test"}) {
    EXPECT_THAT(peers_[peer].strong, testing::ElementsAreArray(All(1, 20))) << peer;
  }
  EXPECT_EQ(in_flight_.bytes, 0U);
}

TEST_F(OutboundLinksTest, CountsNothingThatHasFailedAsOnItsWay) {
  Probe();
  Append(1, 20);
  Run();
  EXPECT_GT(in_flight_.bytes, 0U);
  LetPeerFail();
  while (world_.transport.waiting() > 0) {
    world_.transport.AnswerWaiting();
    Run();
  }
  EXPECT_EQ(in_flight_.bytes, 0U);
}

TEST_F(OutboundLinksTest, StopsAtOnce) {
  Append(1, 1);
  Run();
  links_->Stop();
  world_.transport.Answer(Ok(0));
  Append(2, 2);
  links_->SendWeak(kPeer, "{}", "");
  links_->Wake(kPeer);
  links_->Heard(kPeer);
  world_.Advance(seconds(100));
  EXPECT_THAT(world_.transport.TakeBodies(), ElementsAre(kProbe));
}

// A link had said that it has nothing to do any more.
TEST_F(OutboundLinksTest, StopsWhileALinkIsAboutToRest) {
  bool is_delivered = false;
  observers_.delivered = [&](const Delivered&) { is_delivered = true; };
  LetPeerAnswer();
  Append(1, 1, "a-name-that-is-too-long-for-a-short-string.test");
  while (!is_delivered) ASSERT_TRUE(world_.loop.RunOne() || world_.workers.RunOne());
  links_->Stop();
  Run();
}

TEST_F(OutboundLinksTest, StopsWhileTheStoreIsRead) {
  Append(1, 1);
  ASSERT_TRUE(world_.loop.RunOne());
  ASSERT_EQ(world_.workers.waiting(), 1U);
  links_->Stop();
  world_.workers.RunOne();
  Run();
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
}

}  // namespace
}  // namespace federation::delivery
