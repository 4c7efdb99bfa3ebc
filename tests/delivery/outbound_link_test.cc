// What is sent to one destination, and what comes of the answers.
#include "delivery/outbound_fixture.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
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

// --- Answers.

TEST_F(OutboundLinkTest, TakesWhatIsNoAckForNoAnswer) {
  int number = 0;
  for (const char* body : {"", "{}", "[]", "null", "<html>", R"({"receive":"ok"})", R"({"receive":"no"})",
                           R"({"receive":"ok","seq":-1})", R"({"receive":"ok","seq":1}x)",
                           R"({"receive":"hole_detected"})", "\xff\xfe"}) {
    SCOPED_TRACE(body);
    const std::string peer = "b" + std::to_string(++number) + ".test";
    LetPeerFail(Http(200, body));
    Append(1, 1, peer);
    Run();
    const LinkStatus status = Status(peer);
    EXPECT_EQ(status.counters.unreachable, 1U);
    EXPECT_EQ(status.acked, Seq{0});
    EXPECT_THAT(status.last_error, StartsWith("the answer is no ack: "));
    EXPECT_LE(Delay(), seconds(1));
  }
}

TEST_F(OutboundLinkTest, ActsOnTheKindOfAFailure) {
  struct Row {
    absl::StatusOr<PushAnswer> answer;
    milliseconds delay;
    State state;
    std::uint64_t LinkCounters::* counter;
  };
  PushAnswer busy = Http(503);
  busy.retry_after = seconds(40);
  PushAnswer limited = Http(429);
  limited.retry_after = hours(50);
  const Row rows[] = {
      {absl::UnavailableError("no"), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {absl::DeadlineExceededError("no"), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(500), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(502, "<html>"), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(302), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(204), seconds(1), State::kWaiting, &LinkCounters::unreachable},
      {Http(503), seconds(1), State::kWaiting, &LinkCounters::busy},
      {busy, seconds(40), State::kWaiting, &LinkCounters::busy},
      {limited, hours(1), State::kWaiting, &LinkCounters::busy},
      {Http(400), minutes(1), State::kRefused, &LinkCounters::refused},
      {Http(403), minutes(1), State::kRefused, &LinkCounters::refused},
      {Http(404), minutes(1), State::kRefused, &LinkCounters::refused},
  };
  for (const Row& row : rows) {
    Restart();
    LetPeerFail(row.answer);
    Append(1, 1);
    Run();
    const LinkStatus status = Status();
    SCOPED_TRACE(status.last_error);
    EXPECT_EQ(status.counters.*row.counter, 1U);
    EXPECT_EQ(status.state, row.state);
    EXPECT_EQ(Delay(), row.delay);
    EXPECT_EQ(status.retry_at, world_.loop.WallNow() + row.delay);
    EXPECT_NE(status.last_error, "");
    // The failure is behind it for the next row.
    LetPeerAnswer();
    world_.Advance(row.delay);
    EXPECT_EQ(Status().pending(), 0U);
    EXPECT_EQ(Status().last_error, "");
  }
}

TEST_F(OutboundLinkTest, SaysWhyThePeerRefuses) {
  const std::string words = std::string(199, 'a') + "\xc3\xa9";
  LetPeerFail(Http(400, R"({"detail":")" + words + R"("})"));
  Append(1, 1);
  Run();
  EXPECT_EQ(Status().last_error, "HTTP 400: " + std::string(199, 'a') + "...");
}

TEST_F(OutboundLinkTest, GoesAgainAtOnceWhenAnIdleConnectionWasClosed) {
  Probe();
  Append(1, 1);
  Run();
  world_.transport.Answer(absl::AbortedError("closed"));
  Run();
  ASSERT_EQ(world_.transport.waiting(), 1U);
  world_.transport.Answer(absl::AbortedError("closed"));
  Run();
  EXPECT_EQ(world_.transport.waiting(), 0U);
  EXPECT_LE(Delay(), seconds(2));
}

TEST_F(OutboundLinkTest, SendsAgainWhatThePeerHasLost) {
  LetPeerAnswer();
  Append(1, 5);
  Run();
  peer_.strong.resize(2);
  Append(6, 6);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAreArray(All(1, 6)));
  EXPECT_EQ(Status().counters.peer_went_back, 1U);
  EXPECT_EQ(Status().loss, "") << "it has got all of it again";
}

TEST_F(OutboundLinkTest, TellsWhatIsDelivered) {
  std::vector<std::uint64_t> delivered;
  std::vector<Pushed::Result> pushed;
  observers_.delivered = [&](const Delivered& update) {
    EXPECT_EQ(update.destination, kPeer);
    delivered.push_back(Value(update.up_to));
  };
  observers_.pushed = [&](const Pushed& push) { pushed.push_back(push.result); };
  Probe();
  Append(1, 2);
  Run();
  world_.transport.Answer(FormatAnswer(link::Answer::Wait(seconds(1))));
  Run();
  LetPeerAnswer();
  world_.Advance(seconds(1));
  Append(3, 3);
  Run();
  EXPECT_THAT(delivered, ElementsAre(2, 3));
  using Result = Pushed::Result;
  EXPECT_THAT(pushed,
              ElementsAre(Result::kAcked, Result::kAcked, Result::kWait, Result::kAcked, Result::kAcked));
}

// --- Pauses.

TEST_F(OutboundLinkTest, EndsItsBackOffWhenThePeerIsHeard) {
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

TEST_F(OutboundLinkTest, EndsItsBackOffWhenTheOperatorWantsATry) {
  LetPeerFail(Http(403));
  Append(1, 1);
  Run();
  LetPeerAnswer();
  links_->Wake(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLinkTest, RemembersItsPauseOverARestart) {
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

TEST_F(OutboundLinkTest, RemembersItsFailuresOverARestart) {
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

TEST_F(OutboundLinkTest, TakesNoSavedPauseForLongerThanTheLongest) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {1, world_.loop.WallNow() + hours(1000)});
  Restart();  // saves what was noted
  LetPeerAnswer();
  links_->Start();
  Run();
  EXPECT_EQ(Delay(), hours(1));
}

TEST_F(OutboundLinkTest, SendsNothingWhileItIsPaused) {
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

TEST_F(OutboundLinkTest, IsPausedThoughTheOperatorSaysSoWhileItIsLoaded) {
  LetPeerAnswer();
  Append(1, 1);
  ASSERT_TRUE(world_.loop.RunOne());
  ASSERT_TRUE(world_.workers.RunOne());  // the store says that it is not paused
  links_->SetPaused(kPeer, true);
  Run();
  EXPECT_THAT(world_.transport.sent(), IsEmpty());
  EXPECT_EQ(Status().state, State::kPaused);
}

TEST_F(OutboundLinkTest, TriesAtOnceThoughTheOperatorSaysSoWhileItIsLoaded) {
  Append(1, 1);
  file_store_->NoteBackOff(kPeer, {5, world_.loop.WallNow() + hours(1)});
  Restart();
  LetPeerAnswer();
  links_->Wake(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
}

TEST_F(OutboundLinkTest, ForgetsItsFailuresOnReset) {
  LetPeerFail();
  Append(1, 1);
  for (int i = 0; i < 5; ++i) world_.Advance(seconds(30));
  LetPeerAnswer();
  links_->Reset(kPeer);
  Run();
  EXPECT_EQ(peer_.last(), Seq{1});
  EXPECT_EQ(store_->backoff_notes.back(), BackOff{});
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

// --- What is not there any more.

TEST_F(OutboundLinkTest, SaysExpiredForEachUpdateThatIsNotKept) {
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
TEST_F(OutboundLinkTest, TakesNothingForExpiredThatIsStoredWhileItReads) {
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

TEST_F(OutboundLinkTest, SendsNothingGivenUpThatItHasAtHand) {
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

TEST_F(OutboundLinkTest, SaysExpiredForAnUpdateThatThePeerNeverTakes) {
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

TEST_F(OutboundLinkTest, NumbersAgainWhatThePeerWouldTakeForRepeats) {
  peer_.strong = All(101, 105);
  LetPeerAnswer();
  Append(1, 3);
  Run();
  EXPECT_THAT(peer_.strong, ElementsAre(N(101), N(102), N(103), N(104), N(105), N(1), N(2), N(3)));
  EXPECT_EQ(Status().counters.diverged, 1U);
  EXPECT_EQ(Status().acked, Seq{8});
  EXPECT_THAT(Status().loss, HasSubstr("the peer has 5, we had given out 0"));
  Append(4, 4);
  Run();
  EXPECT_EQ(peer_.strong.back(), N(4));
  EXPECT_EQ(Status().counters.diverged, 1U);
}

TEST_F(OutboundLinkTest, NumbersWhatIsStoredMeanwhileAgainToo) {
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

TEST_F(OutboundLinkTest, NumbersAgainOnceTheStoreCan) {
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

TEST_F(OutboundLinkTest, TriesAgainToReadTheLink) {
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

TEST_F(OutboundLinkTest, TriesAgainToReadUpdates) {
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
