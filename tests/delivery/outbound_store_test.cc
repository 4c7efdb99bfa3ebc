// What is sent of a store that has not everything any more, is an older copy, or fails.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class OutboundStore : public OutboundFixture {};

// --- What is not there any more.

TEST_F(OutboundStore, SaysExpiredForEachUpdateThatIsNotKept) {
  limits_.push_updates_max = 3;
  Restart();
  LetPeerFail();
  Append(1, 7);
  Run();
  ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.Remove(kPeer, Seq{1}, Seq{4}); }).ok());
  ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.Remove(kPeer, Seq{7}, Seq{7}); }).ok());
  links_->GaveUp(kPeer, Seq{1}, Seq{4});
  links_->GaveUp(kPeer, Seq{7}, Seq{7});
  LetPeerAnswer();
  world_.Advance(seconds(1));
  const std::string expired = R"({"update":"expired"})";
  EXPECT_THAT(peer_.strong, ElementsAre(expired, expired, expired, expired, N(5), N(6), expired));
  EXPECT_EQ(Status().counters.expired_updates, 5U);
  EXPECT_EQ(Status().counters.given_up_updates, 5U);
  EXPECT_EQ(Status().pending(), 0U);
}

// It is stored after the read that did not find it.
TEST_F(OutboundStore, TakesNothingForExpiredThatIsStoredWhileItReads) {
  limits_.ready_bytes_max = 0;
  Restart();
  Probe();
  LetPeerAnswer();
  store_->on_read = [this] {
    store_->on_read = nullptr;
    ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.Remove(kPeer, Seq{1}, Seq{2}); }).ok());
  };
  store_->after_read = [this] {
    store_->after_read = nullptr;
    Append(3, 5);
  };
  Append(1, 2);
  Run();
  const std::string expired = R"({"update":"expired"})";
  EXPECT_THAT(peer_.strong, ElementsAre(expired, expired, N(3), N(4), N(5)));
}

TEST_F(OutboundStore, SendsNothingGivenUpThatItHasAtHand) {
  limits_.pushes_in_flight_max = 1;
  Restart();
  Probe();
  Append(1, 3);
  Append(4, 6);
  Run();
  ASSERT_GT(ready_.bytes, 0U);
  ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.Remove(kPeer, Seq{5}, Seq{5}); }).ok());
  links_->GaveUp(kPeer, Seq{5}, Seq{5});
  EXPECT_EQ(ready_.bytes, 0U);
  LetPeerAnswer();
  world_.transport.AnswerWaiting();
  Run();
  EXPECT_THAT(peer_.strong, ElementsAre(N(1), N(2), N(3), N(4), R"({"update":"expired"})", N(6)));
}

TEST_F(OutboundStore, SaysExpiredForAnUpdateThatThePeerNeverTakes) {
  std::vector<std::string> given_up;
  int refusals = 1;
  observers_.given_up = [&](const GivenUp& update, Transaction& transaction) -> absl::Status {
    if (refusals-- > 0) return absl::UnavailableError("not now");
    given_up.push_back(std::to_string(Value(update.first)) + "-" + std::to_string(Value(update.last)));
    return transaction.Append("told.test", "{}").status();
  };
  world_.transport.AnswerAll([this](const PushCall& call) {
    return call.body.find(N(2)) == std::string::npos ? peers_[call.destination].Take(call) : Http(413);
  });
  Append(1, 3);
  world_.Advance(seconds(2));  // the store is tried again
  EXPECT_THAT(given_up, ElementsAre("2-2"));
  EXPECT_THAT(peer_.strong, SizeIs(testing::Ge(3U)));
  EXPECT_EQ(peer_.strong[1], R"({"update":"expired"})");
  EXPECT_EQ(file_store_->Link("told.test")->numbers.assigned, Seq{1});
  EXPECT_EQ(Status().counters.given_up_updates, 1U);
}

// --- An older copy of the store.

TEST_F(OutboundStore, NumbersAgainWhatThePeerWouldTakeForRepeats) {
  peer_.strong = All(101, 105);
  LetPeerAnswer();
  Append(1, 3);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAre(N(101), N(102), N(103), N(104), N(105), N(1), N(2), N(3)));
  EXPECT_EQ(Status().counters.own_store_restored, 1U);
  EXPECT_EQ(Status().acked, Seq{8});
  EXPECT_THAT(Status().loss, HasSubstr("the peer has 5, we had given out 0"));
  Append(4, 4);
  Run();
  EXPECT_EQ(peer_.strong.back(), N(4));
  EXPECT_EQ(Status().counters.own_store_restored, 1U);
}

TEST_F(OutboundStore, NumbersWhatIsStoredMeanwhileAgainToo) {
  limits_.push_updates_max = 2;
  Restart();
  peer_.strong = All(101, 103);
  LetPeerAnswer();
  Append(1, 2);
  while (world_.transport.sent().empty()) ASSERT_TRUE(world_.loop.RunOne() || world_.workers.RunOne());
  ASSERT_TRUE(world_.loop.RunOne());  // the answer
  ASSERT_EQ(world_.workers.waiting(), 1U);
  Append(3, 6);
  ASSERT_TRUE(world_.workers.RunOne());  // the new numbers
  Append(7, 9);
  Run();
  Append(10, 11);
  Run();
  EXPECT_EQ(peer_.last(), Seq{14});
  EXPECT_THAT(std::vector<std::string>(peer_.strong.begin() + 3, peer_.strong.end()),
              ElementsAreArray(All(1, 11)));
}

TEST_F(OutboundStore, NumbersAgainOnceTheStoreCan) {
  peer_.strong = All(101, 105);
  LetPeerAnswer();
  store_->transacts = absl::UnavailableError("no disk");
  Append(1, 3);
  world_.Advance(seconds(3));
  EXPECT_EQ(peer_.last(), Seq{5});
  EXPECT_EQ(Status().last_error, "no disk");
  store_->transacts = absl::OkStatus();
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{8});
}

// --- A store that fails.

TEST_F(OutboundStore, TriesAgainToReadTheLink) {
  LetPeerAnswer();
  store_->links = absl::UnavailableError("no disk");
  Append(1, 1);
  world_.Advance(seconds(3));
  EXPECT_EQ(store_->link_reads, 4);
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
  store_->links = absl::OkStatus();
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundStore, TriesAgainToReadUpdates) {
  LetPeerAnswer();
  store_->reads = absl::UnavailableError("no disk");
  Append(1, 1);
  world_.Advance(seconds(1));
  EXPECT_EQ(peer_.last(), Seq{0});
  EXPECT_EQ(Status().last_error, "no disk");
  store_->reads = absl::OkStatus();
  world_.Advance(seconds(10));
  EXPECT_EQ(peer_.last(), Seq{1});
}

}  // namespace
}  // namespace federation::delivery
