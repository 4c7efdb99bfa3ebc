// Who sends on a link, where several processes share a store.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAreArray;
using testing::IsEmpty;

class OutboundLease : public OutboundFixture {
 protected:
  // What the store was told in passing goes with the next commit.
  void WriteNotes() {
    const absl::Status status =
        file_store_->Transact([](Transaction& transaction) { return transaction.SetLast(kPeer, Seq{1}); });
    ASSERT_TRUE(status.ok()) << status;
  }
};

TEST_F(OutboundLease, IsTriedAgainWhileAnotherProcessHasIt) {
  LetPeerAnswer();
  store_->lease_is_taken = true;
  Append(1, 1);
  Run();
  EXPECT_EQ(Status().last_error, "another process sends on this link");
  world_.Advance(seconds(20));
  EXPECT_EQ(store_->leased, 3);
  EXPECT_EQ(store_->link_reads, 0);
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
  store_->lease_is_taken = false;
  world_.Advance(seconds(10));
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLease, IsTriedAgainWhenTheStoreCannotSay) {
  LetPeerAnswer();
  store_->leases = absl::UnavailableError("no disk");
  Append(1, 1);
  world_.Advance(seconds(2));
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
  store_->leases = absl::OkStatus();
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLease, IsKeptAsLongAsThereIsWork) {
  limits_.backoff_max = minutes(10);
  Restart();
  LetPeerFail();
  Append(1, 1);
  world_.Advance(hours(10));
  EXPECT_EQ(store_->link_reads, 1);
  EXPECT_GE(store_->leased, 10);
}

TEST_F(OutboundLease, IsTakenAgainAfterALongPause) {
  PushAnswer busy = Http(503);
  busy.retry_after = std::chrono::duration_cast<seconds>(limits_.lease);
  LetPeerFail(busy);
  Append(1, 1);
  Run();
  LetPeerAnswer();
  world_.Advance(limits_.lease);
  EXPECT_EQ(peer_.last(), Seq{1});
  EXPECT_EQ(store_->link_reads, 2);
}

// Found by the simulator: the pause that the store knew of came back with the link.
TEST_F(OutboundLease, ThatHasEndedBringsNoPauseBackThatHas) {
  limits_.backoff_max = hours(10);
  for (const bool heard : {true, false}) {
    Restart();
    LetPeerFail();
    const std::uint64_t next = Value(peer_.last()) + 1;
    Append(next, next);
    Run();
    while (Delay() < 2 * limits_.lease) {
      world_.Advance(*Delay());
      WriteNotes();
    }
    world_.Advance(limits_.lease + minutes(1));
    LetPeerAnswer();
    if (heard) {
      links_->Heard(kPeer);
    } else {
      links_->Wake(kPeer);
    }
    Run();
    EXPECT_EQ(peer_.last(), Seq{next}) << (heard ? "heard" : "woken");
  }
}

TEST_F(OutboundLease, IsTakenAgainWithTheLinkWhenItHasEndedMeanwhile) {
  LetPeerAnswer();
  Append(1, 1);
  Run();
  EXPECT_EQ(store_->leased, 1);
  Append(2, 2);
  Run();
  EXPECT_EQ(store_->leased, 1);
  world_.Advance(limits_.lease);
  Append(3, 3);
  Run();
  EXPECT_EQ(store_->leased, 2);
  EXPECT_EQ(store_->link_reads, 2);
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 3)));
  EXPECT_EQ(world_.transport.sent().size(), 4U);  // numbers are compared once
}

// The store counts from when it is asked; its answer may be long in coming.
TEST_F(OutboundLease, EndsByWhenItWasAskedFor) {
  store_->after_lease = [this] { world_.loop.SetNow(world_.loop.Now() + minutes(20)); };
  LetPeerAnswer();
  Append(1, 1);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
  world_.Advance(limits_.lease - minutes(20));
  store_->lease_is_taken = true;
  Append(2, 2);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
  EXPECT_EQ(Status().last_error, "another process sends on this link");
}

TEST_F(OutboundLease, ThatIsRenewedEndsByWhenThatWasAskedFor) {
  limits_.backoff_max = minutes(2);
  Restart();
  LetPeerFail();
  Append(1, 1);
  Run();
  store_->after_lease = [this] { world_.loop.SetNow(world_.loop.Now() + minutes(20)); };
  while (store_->leased == 1) world_.Advance(minutes(1));
  store_->leases = absl::UnavailableError("no disk");
  world_.Advance(limits_.lease - minutes(20));
  ASSERT_EQ(store_->link_reads, 1);
  world_.transport.TakeBodies();
  world_.Advance(minutes(15));
  EXPECT_THAT(world_.transport.TakeBodies(), IsEmpty());
}

TEST_F(OutboundLease, EndsTheLinkWhenAnotherProcessTakesIt) {
  Probe();
  Append(1, 2);
  Run();
  ASSERT_EQ(world_.transport.waiting(), 1U);
  store_->lease_is_taken = true;
  world_.Advance(limits_.lease / 2);
  links_->Heard(kPeer);
  Run();
  EXPECT_EQ(Status().last_error, "another process sends on this link");
  world_.transport.Answer(Ok(2));  // to a push of before: that is the other one's matter now
  Run();
  store_->lease_is_taken = false;
  LetPeerAnswer();
  world_.Advance(seconds(10));
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 2)));
  EXPECT_EQ(ready_.bytes, 0U);
}

// The destination's numbers were compared with those of the start; what was sent since is no divergence.
TEST_F(OutboundLease, BringsNothingTwiceWhenItWasLostForAWhile) {
  LetPeerAnswer();
  Append(1, 2);
  Run();
  world_.transport.AnswerAll(nullptr);
  Append(3, 3);
  Run();
  store_->lease_is_taken = true;
  world_.Advance(limits_.lease / 2);
  links_->Heard(kPeer);
  Run();
  EXPECT_EQ(Status().last_error, "another process sends on this link");
  peer_.strong = All(1, 3);  // it has come, or the other process has sent it
  store_->lease_is_taken = false;
  LetPeerAnswer();
  world_.transport.AnswerWaiting();
  world_.Advance(seconds(10));
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 3)));
  EXPECT_EQ(Status().counters.own_store_restored, 0U);
  EXPECT_EQ(Status().pending(), 0U);
}

TEST_F(OutboundLease, ThatHadEndedHasTheLinkReadAgain) {
  Probe();
  LetPeerFail();
  Append(1, 1);
  Run();
  store_->leases = absl::UnavailableError("no disk");
  world_.Advance(limits_.lease + minutes(1));
  // Another process appends and sends.
  file_store_->ObserveAppends(nullptr);
  Append(2, 4);
  peer_.strong = All(1, 3);
  store_->leases = absl::OkStatus();
  LetPeerAnswer();
  world_.Advance(hours(1));
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 4)));
  EXPECT_EQ(Status().counters.own_store_restored, 0U);
}

TEST_F(OutboundLease, ThatIsLostBeforeUpdatesAreRenumberedHasNumbersComparedAgain) {
  peer_.strong = All(101, 105);
  LetPeerAnswer();
  store_->transacts = absl::UnavailableError("no disk");
  Append(1, 3);
  Run();
  store_->lease_is_taken = true;
  world_.Advance(limits_.lease / 2);
  links_->Heard(kPeer);
  Run();
  store_->lease_is_taken = false;
  store_->transacts = absl::OkStatus();
  world_.Advance(minutes(1));
  EXPECT_EQ(peer_.last(), Seq{8});
}

// Found by the simulator: the reset was taken for the later word.
TEST_F(OutboundLease, ThatWasLostBringsBackWhatWasSaidLast) {
  for (const bool reset_last : {true, false}) {
    Restart();
    Probe();
    const std::uint64_t next = Value(peer_.last()) + 1;
    Append(next, next);
    Run();
    store_->lease_is_taken = true;
    world_.Advance(limits_.lease / 2);
    links_->Heard(kPeer);
    Run();
    if (!reset_last) links_->Reset(kPeer);
    world_.transport.Answer(FormatAnswer(link::Answer::Wait(seconds(100))));
    Run();
    if (reset_last) links_->Reset(kPeer);
    store_->lease_is_taken = false;
    LetPeerAnswer();
    world_.Advance(seconds(50));
    EXPECT_EQ(peer_.last(), Seq{reset_last ? next : next - 1});
    world_.Advance(seconds(100));
    EXPECT_EQ(peer_.last(), Seq{next});
  }
}

TEST_F(OutboundLease, LastsWhenItCannotBeRenewedAtOnce) {
  Probe();
  store_->leases = absl::UnavailableError("no disk");
  world_.Advance(limits_.lease / 2 + minutes(1));
  LetPeerAnswer();
  Append(1, 1);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});  // it has not ended yet
}

TEST_F(OutboundLease, IsNeededToSend) {
  LetPeerFail();
  Append(1, 1);
  Run();
  store_->leases = absl::UnavailableError("no disk");
  world_.Advance(limits_.lease + minutes(1));
  world_.transport.TakeBodies();
  LetPeerAnswer();
  world_.Advance(hours(2));
  EXPECT_THAT(world_.transport.TakeBodies(), IsEmpty());
  store_->leases = absl::OkStatus();
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{1});
}

// Found by reading: both used one timer, and the latter took the former's place.
TEST_F(OutboundLease, ThatCannotBeRenewedStopsNoRenumbering) {
  peer_.strong = All(101, 105);
  LetPeerAnswer();
  store_->transacts = absl::UnavailableError("no disk");
  Append(1, 3);
  Run();
  world_.Advance(limits_.lease / 2);
  store_->leases = absl::UnavailableError("no disk");
  links_->Heard(kPeer);
  Run();
  store_->leases = absl::OkStatus();
  store_->transacts = absl::OkStatus();
  world_.Advance(minutes(1));
  EXPECT_EQ(peer_.last(), Seq{8});
}

}  // namespace
}  // namespace federation::delivery
