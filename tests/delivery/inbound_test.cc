// What becomes of the updates of a push. Queues and bounds: inbound_queue_test.cc.
#include "delivery/inbound_fixture.h"

namespace federation::delivery {
namespace {

using link::Answer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class InboundTest : public InboundFixture {};

TEST_F(InboundTest, AppliesInOrderAndTellsAfterTheCommit) {
  const auto sees_nothing_durable = [this](const UpdateContext&) {
    EXPECT_THAT(applied_, IsEmpty());
    EXPECT_EQ(Last(), Seq{0});
    return Outcome::Done();
  };
  handler_.OnAll(sees_nothing_durable);
  EXPECT_EQ(Apply(Numbered(1, 3)), Answer::Ok(Seq{3}));
  EXPECT_THAT(applied_, ElementsAre(R"(1:{"n":1})", R"(2:{"n":2})", R"(3:{"n":3})"));
  EXPECT_EQ(Last(), Seq{3});
  EXPECT_EQ(Last("c.test"), Seq{0});
}

TEST_F(InboundTest, TellsTheHandlerWhereAnUpdateComesFrom) {
  int calls = 0;
  handler_.OnAll([&](const UpdateContext& context) {
    ++calls;
    EXPECT_EQ(context.origin, "a.test");
    EXPECT_EQ(context.destination, "b.test");
    const bool strong = context.delivery == federation::Delivery::kStrong;
    EXPECT_EQ(context.transaction != nullptr, strong);
    EXPECT_EQ(context.seq, strong ? Seq{7} : Seq{0});
    return Outcome::Done();
  });
  ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.SetLast("a.test", Seq{6}); }).ok());
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":7}],"seq":7})"), Answer::Ok(Seq{7}));
  EXPECT_EQ(calls, 2);
}

TEST_F(InboundTest, AnswersEachKindOfPush) {
  const struct {
    const char* body;
    Answer answer;
    std::uint64_t last;
  } rows[] = {
      {R"({"strong":[{},{}],"seq":7})", Answer::Ok(Seq{7}), 7},         // the next ones
      {R"({"strong":[{},{},{}],"seq":6})", Answer::Ok(Seq{6}), 6},      // two of them again
      {R"({"strong":[{},{},{}],"seq":5})", Answer::Ok(Seq{5}), 5},      // a repeat
      {R"({"strong":[{}],"seq":2})", Answer::Ok(Seq{5}), 5},            // an old repeat
      {R"({"strong":[{}],"seq":7})", Answer::HoleDetected(Seq{6}), 5},  // 6 is missing
      {R"({"seq":5})", Answer::Ok(Seq{5}), 5},                          // no update, as it should be
      {R"({"seq":0})", Answer::Ok(Seq{5}), 5},
      {R"({"seq":6})", Answer::HoleDetected(Seq{6}), 5},
  };
  int number = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.body);
    const std::string origin = "a" + std::to_string(++number) + ".test";
    ASSERT_TRUE(file_store_->Transact([&](Transaction& t) { return t.SetLast(origin, Seq{5}); }).ok());
    EXPECT_EQ(Apply(row.body, origin), row.answer);
    EXPECT_EQ(Last(origin), Seq{row.last});
  }
}

TEST_F(InboundTest, AppliesNothingTwice) {
  EXPECT_EQ(Apply(Numbered(1, 3)), Answer::Ok(Seq{3}));
  EXPECT_EQ(Apply(Numbered(1, 3)), Answer::Ok(Seq{3}));
  EXPECT_EQ(Apply(Numbered(2, 5)), Answer::Ok(Seq{5}));
  EXPECT_THAT(handler_.calls, ElementsAre(N(1), N(2), N(3), N(4), N(5)));
}

TEST_F(InboundTest, SaysWhyABodyIsNoPush) {
  const Replies reply = Post(R"({"strong":[7],"seq":1})");
  limits_.push_updates_max = 1;
  world_.Run();
  ASSERT_TRUE(reply->answered());
  ASSERT_TRUE(reply->reply->refused.has_value());
  EXPECT_EQ(reply->reply->refused->pointer, "/strong/0");
  EXPECT_FALSE(reply->reply->too_many_updates);
  EXPECT_THAT(handler_.calls, IsEmpty());
}

TEST_F(InboundTest, SaysThatAPushHasTooManyUpdates) {
  limits_.push_updates_max = 2;
  Make(&handler_);
  const Replies reply = Post(Numbered(1, 3));
  world_.Run();
  ASSERT_TRUE(reply->answered());
  EXPECT_TRUE(reply->reply->refused.has_value());
  EXPECT_TRUE(reply->reply->too_many_updates);
  EXPECT_EQ(Last(), Seq{0});
}

TEST_F(InboundTest, RefusesOnlyThePushThatIsNone) {
  const Replies first = Post(Numbered(1, 1));
  const Replies second = Post("no push");
  const Replies third = Post(Numbered(2, 2));
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{1}));
  EXPECT_TRUE(second->reply->refused.has_value());
  EXPECT_EQ(third->answer(), Answer::Ok(Seq{2}));
}

// --- Later.

TEST_F(InboundTest, KeepsWhatComesBeforeAnUpdateThatHasToWait) {
  handler_.OnAll([](const UpdateContext& context) {
    Write(context);
    return context.seq == Seq{500} ? Outcome::Later(seconds(7)) : Outcome::Done();
  });
  EXPECT_EQ(Apply(Numbered(1, 1000)), Answer::Wait(seconds(7)));
  EXPECT_EQ(Last(), Seq{499});
  EXPECT_THAT(Written(), SizeIs(499));
  EXPECT_EQ(Written().back(), "499");
  EXPECT_THAT(applied_, SizeIs(499));
  EXPECT_THAT(handler_.calls, SizeIs(500));  // nothing behind it was tried
  handler_.OnAll([](const UpdateContext& context) {
    Write(context);
    return Outcome::Done();
  });
  EXPECT_EQ(Apply(Numbered(500, 1000)), Answer::Ok(Seq{1000}));
  EXPECT_THAT(Written(), SizeIs(1000));
}

TEST_F(InboundTest, TellsToWaitWithinBounds) {
  const std::pair<seconds, seconds> rows[] = {{seconds(-5), seconds(1)},
                                              {seconds(0), seconds(1)},
                                              {seconds(9), seconds(9)},
                                              {seconds::max(), seconds(3600)}};
  for (const auto& [told, want] : rows) {
    handler_.OnAll(Say(Outcome::Later(told)));
    EXPECT_EQ(Apply(Numbered(1, 1)), Answer::Wait(want));
  }
}

// --- Rejected.

TEST_F(InboundTest, PutsWhatIsRejectedIntoTheQuarantineAndGoesOn) {
  handler_.OnAll([](const UpdateContext& context) {
    Write(context);
    return context.seq == Seq{2} ? Outcome::Reject("unknown update \"x\"") : Outcome::Done();
  });
  EXPECT_EQ(Apply(Numbered(1, 3)), Answer::Ok(Seq{3}));
  EXPECT_THAT(applied_, ElementsAre(R"(1:{"n":1})", R"(3:{"n":3})"));
  EXPECT_THAT(Written(), ElementsAre("1", "3"));
  const auto quarantined = Quarantined();
  ASSERT_THAT(quarantined, SizeIs(1));
  EXPECT_EQ(quarantined[0].json, N(2));
  EXPECT_EQ(quarantined[0].seq, Seq{2});
  EXPECT_EQ(quarantined[0].reason, "unknown update \"x\"");
  EXPECT_EQ(quarantined[0].since, world_.loop.WallNow());
}

TEST_F(InboundTest, ShowsAReasonThatIsNoText) {
  handler_.OnAll(Say(Outcome::Reject("bytes \xFF")));
  EXPECT_EQ(Apply(Numbered(1, 1)), Answer::Ok(Seq{1}));
  EXPECT_EQ(Quarantined().at(0).reason, "bytes \\xff");
}

TEST_F(InboundTest, WaitsWhenTheQuarantineIsFull) {
  store_limits_.quarantine_updates_max = 3;
  Open();
  handler_.OnAll(Say(Outcome::Reject("no")));
  EXPECT_EQ(Apply(Numbered(1, 5)).kind, Answer::Kind::kWait);
  EXPECT_EQ(Last(), Seq{3});
  EXPECT_THAT(Quarantined(), SizeIs(3));
  handler_.Forget();
  EXPECT_EQ(Apply(Numbered(4, 5)), Answer::Ok(Seq{5}));
}

TEST_F(InboundTest, PutsAllIntoTheQuarantineWhereThereIsNoReceiver) {
  Make(nullptr);
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":1}],"seq":1})"), Answer::Ok(Seq{1}));
  ASSERT_THAT(Quarantined(), SizeIs(1));
  EXPECT_EQ(Quarantined()[0].reason, "no receiver is registered");
  EXPECT_THAT(applied_, IsEmpty());
}

// --- Exceptions.

TEST_F(InboundTest, TriesAHandlerThatThrowsAgainAndThenGivesUp) {
  limits_.handler_tries_max = 3;
  Make(&handler_);
  handler_.On(N(2), [](const UpdateContext& context) -> Outcome {
    Write(context);
    throw std::runtime_error("oh");
  });
  EXPECT_EQ(Apply(Numbered(1, 3)).kind, Answer::Kind::kWait);
  EXPECT_EQ(Last(), Seq{1});
  EXPECT_EQ(Apply(Numbered(2, 3)).kind, Answer::Kind::kWait);
  EXPECT_EQ(Apply(Numbered(2, 3)), Answer::Ok(Seq{3}));
  ASSERT_THAT(Quarantined(), SizeIs(1));
  EXPECT_EQ(Quarantined()[0].reason, "the handler threw 3 times: oh");
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(InboundTest, CountsTheExceptionsOfEachUpdate) {
  limits_.handler_tries_max = 2;
  Make(&handler_);
  handler_.On(N(1), Throw("a"));
  EXPECT_EQ(Apply(Numbered(1, 2)).kind, Answer::Kind::kWait);
  handler_.Forget();
  handler_.On(N(2), Throw("b"));
  EXPECT_EQ(Apply(Numbered(1, 2)).kind, Answer::Kind::kWait);
  EXPECT_THAT(Quarantined(), IsEmpty());
  EXPECT_EQ(Apply(Numbered(2, 2)), Answer::Ok(Seq{2}));
  EXPECT_THAT(Quarantined(), SizeIs(1));
}

TEST_F(InboundTest, CountsExceptionsOfOriginsApart) {
  limits_.handler_tries_max = 2;
  Make(&handler_);
  handler_.OnAll(Throw("oh"));
  EXPECT_EQ(Apply(Numbered(1, 1), "a.test").kind, Answer::Kind::kWait);
  EXPECT_EQ(Apply(Numbered(1, 1), "c.test").kind, Answer::Kind::kWait);
  EXPECT_EQ(Apply(Numbered(1, 1), "a.test"), Answer::Ok(Seq{1}));
}

TEST_F(InboundTest, SurvivesAnExceptionOfAnyType) {
  limits_.handler_tries_max = 1;
  Make(&handler_);
  handler_.OnAll([](const UpdateContext&) -> Outcome { throw 7; });
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":1}],"seq":1})"), Answer::Ok(Seq{1}));
  ASSERT_THAT(Quarantined(), SizeIs(1));
  EXPECT_THAT(Quarantined()[0].reason, HasSubstr("no std::exception"));
}

TEST_F(InboundTest, GoesOnWhenTheObserverOfUpdatesThrows) {
  on_applied_ = [this](const Applied& applied) {
    applied_.emplace_back(applied.json);
    if (applied.json == N(1) || !applied.seq.has_value()) throw std::runtime_error("observer");
  };
  Make(&handler_);
  EXPECT_EQ(Apply(R"({"weak":[{"w":1},{"w":2}],"strong":[{"n":1},{"n":2}],"seq":2})"), Answer::Ok(Seq{2}));
  EXPECT_THAT(applied_, ElementsAre(N(1), N(2), R"({"w":1})", R"({"w":2})"));
}

TEST_F(InboundTest, GoesOnWhenTheObserverOfPushesThrows) {
  on_received_ = [](const Received&) { throw std::runtime_error("observer"); };
  Make(&handler_);
  const Replies first = Post(Numbered(1, 1));
  const Replies second = Post(R"({"weak":[{"w":1}],"strong":[{"n":2}],"seq":2})");
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(second->answer(), Answer::Ok(Seq{2}));
  EXPECT_THAT(applied_, ElementsAre(R"(1:{"n":1})", R"(2:{"n":2})", R"(weak:{"w":1})"));
}

// --- Weak updates.

TEST_F(InboundTest, TakesWeakUpdatesAfterTheCommit) {
  handler_.On(R"({"w":1})", [this](const UpdateContext&) {
    EXPECT_EQ(Last(), Seq{1});
    EXPECT_FALSE(store_->InTransaction());
    return Outcome::Done();
  });
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":1}],"seq":1})"), Answer::Ok(Seq{1}));
  EXPECT_THAT(applied_, ElementsAre(R"(1:{"n":1})", R"(weak:{"w":1})"));
}

TEST_F(InboundTest, AnswersBeforeItTakesTheWeakUpdates) {
  std::optional<bool> answered;
  Replies replies;
  handler_.OnAll([&](const UpdateContext& context) {
    if (context.delivery == Delivery::kWeak) answered = replies->answered();
    return Outcome::Done();
  });
  replies = Post(R"({"weak":[{"w":1}],"strong":[{"n":1}],"seq":1})");
  world_.Run();
  EXPECT_EQ(answered, true);
}

TEST_F(InboundTest, TakesTheWeakUpdatesOfAHoleAndOfARepeat) {
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":5}],"seq":5})"), Answer::HoleDetected(Seq{1}));
  EXPECT_EQ(Apply(R"({"weak":[{"w":2}],"strong":[],"seq":0})"), Answer::Ok(Seq{0}));
  EXPECT_THAT(applied_, ElementsAre(R"(weak:{"w":1})", R"(weak:{"w":2})"));
  EXPECT_EQ(store_->begun, 0);  // there was nothing to write
}

TEST_F(InboundTest, LeavesTheWeakUpdatesOfAPushThatIsToBeRepeated) {
  handler_.On(N(1), Say(Outcome::Later(seconds(1))));
  const std::string push = R"({"weak":[{"w":1}],"strong":[{"n":1}],"seq":1})";
  EXPECT_EQ(Apply(push).kind, Answer::Kind::kWait);
  EXPECT_THAT(applied_, IsEmpty());
  handler_.Forget();
  EXPECT_EQ(Apply(push), Answer::Ok(Seq{1}));
  EXPECT_THAT(applied_, ElementsAre(R"(1:{"n":1})", R"(weak:{"w":1})"));
}

TEST_F(InboundTest, DropsWeakUpdatesThatTheHandlerDoesNotTake) {
  handler_.On(R"({"w":1})", Say(Outcome::Later(seconds(1))));
  handler_.On(R"({"w":2})", Say(Outcome::Reject("no")));
  handler_.On(R"({"w":3})", Throw("oh"));
  EXPECT_EQ(Apply(R"({"weak":[{"w":1},{"w":2},{"w":3},{"w":4}],"seq":0})"), Answer::Ok(Seq{0}));
  EXPECT_THAT(applied_, ElementsAre(R"(weak:{"w":4})"));
  EXPECT_THAT(Quarantined(), IsEmpty());
}

// --- Commits.

TEST_F(InboundTest, AppliesPushesThatHaveComeTogetherInOneCommit) {
  std::vector<Replies> replies;
  for (std::uint64_t i = 1; i <= 10; ++i) replies.push_back(Post(Numbered(i, i)));
  world_.Run();
  for (std::uint64_t i = 1; i <= 10; ++i) {
    // One that is answered before the others says what is durable by then.
    EXPECT_EQ(replies[i - 1]->answer(), Answer::Ok(Seq{i}));
  }
  EXPECT_EQ(store_->begun, 1);
  EXPECT_THAT(applied_, SizeIs(10));
}

TEST_F(InboundTest, TellsAllToWaitWhoseCommitFails) {
  store_->commits = absl::UnavailableError("no disk");
  handler_.OnAll([](const UpdateContext& context) {
    if (context.transaction != nullptr) Write(context);
    return context.seq == Seq{2} ? Outcome::Reject("no") : Outcome::Done();
  });
  const Replies applied = Post(Numbered(1, 2));
  const Replies repeat = Post(R"({"weak":[{"w":1}],"strong":[{"n":2}],"seq":2})");
  const Replies hole = Post(Numbered(9, 9));
  const Replies refused = Post("[]");
  world_.Run();
  EXPECT_EQ(applied->answer().kind, Answer::Kind::kWait);
  EXPECT_EQ(repeat->answer().kind, Answer::Kind::kWait);
  EXPECT_EQ(hole->answer().kind, Answer::Kind::kWait);
  EXPECT_TRUE(refused->reply->refused.has_value());
  EXPECT_EQ(Last(), Seq{0});
  EXPECT_THAT(applied_, IsEmpty());
  EXPECT_THAT(Written(), IsEmpty());
  EXPECT_THAT(Quarantined(), IsEmpty());
  store_->commits = absl::OkStatus();
  EXPECT_EQ(Apply(Numbered(1, 2)), Answer::Ok(Seq{2}));
  EXPECT_THAT(Written(), ElementsAre("1"));
}

TEST_F(InboundTest, TellsToWaitWhenTheStoreCannotBeRead) {
  store_->lasts = absl::UnavailableError("no disk");
  EXPECT_EQ(Apply(Numbered(1, 1)).kind, Answer::Kind::kWait);
  EXPECT_THAT(handler_.calls, IsEmpty());
  store_->lasts = absl::OkStatus();
  EXPECT_EQ(Apply(Numbered(1, 1)), Answer::Ok(Seq{1}));
}

TEST_F(InboundTest, AcknowledgesAPrefixWhenAPushHoldsTheStoreForTooLong) {
  handler_.On(N(2), [this](const UpdateContext&) {
    world_.loop.SetNow(world_.loop.Now() + limits_.transaction_time_max + milliseconds(1));
    return Outcome::Done();
  });
  const Replies first = Post(Numbered(1, 4));
  const Replies second = Post(Numbered(5, 6));
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{2}));
  EXPECT_EQ(second->answer(), Answer::HoleDetected(Seq{3}));
  EXPECT_EQ(store_->begun, 1);
  EXPECT_EQ(Apply(Numbered(3, 6)), Answer::Ok(Seq{6}));
}

TEST_F(InboundTest, EndsABatchThatHoldsTheStoreForTooLong) {
  handler_.On(N(1), [this](const UpdateContext&) {
    world_.loop.SetNow(world_.loop.Now() + limits_.transaction_time_max + milliseconds(1));
    return Outcome::Done();
  });
  const Replies first = Post(Numbered(1, 1));
  const Replies second = Post(Numbered(2, 2));
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(second->answer(), Answer::Ok(Seq{2}));
  EXPECT_EQ(store_->begun, 2);
}

TEST_F(InboundTest, SaysWhatItReceived) {
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":1},{"n":2}],"seq":2})"), Answer::Ok(Seq{2}));
  handler_.OnAll(Say(Outcome::Later(seconds(1))));
  Apply(Numbered(3, 3));
  ASSERT_THAT(received_, SizeIs(2));
  EXPECT_EQ(received_[0].strong_updates, 2U);
  EXPECT_EQ(received_[0].weak_updates, 1U);
  EXPECT_FALSE(received_[0].told_to_wait);
  EXPECT_TRUE(received_[1].told_to_wait);
}

}  // namespace
}  // namespace federation::delivery
