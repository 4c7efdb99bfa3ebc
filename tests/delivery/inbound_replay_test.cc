// Updates in quarantine that get another chance.
#include "delivery/inbound_fixture.h"

namespace federation::delivery {
namespace {

using link::Answer;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Result = Replayed::Result;

class InboundReplay : public InboundFixture {
 protected:
  // Has the updates 1 .. count in quarantine.
  void Fill(std::uint64_t count) {
    handler_.OnAll(Say(Outcome::Reject("at first")));
    ASSERT_EQ(Apply(Numbered(1, count)), Answer::Ok(Seq{count}));
    handler_.Forget();
    handler_.calls.clear();
    applied_.clear();
  }
  struct Outcomes {
    std::optional<absl::StatusOr<std::vector<Replayed>>> replayed;
    int calls = 0;
  };
  std::shared_ptr<Outcomes> PostReplay(std::vector<std::int64_t> ids, const std::string& origin = "a.test") {
    auto outcomes = std::make_shared<Outcomes>();
    inbound_->Replay(origin, std::move(ids), [outcomes](const absl::StatusOr<std::vector<Replayed>>& all) {
      outcomes->replayed = all;
      ++outcomes->calls;
    });
    return outcomes;
  }
  absl::StatusOr<std::vector<Replayed>> Replay(std::vector<std::int64_t> ids = {}) {
    const auto outcomes = PostReplay(std::move(ids));
    world_.Run();
    EXPECT_EQ(outcomes->calls, 1);
    return outcomes->replayed.value_or(absl::InternalError("no answer"));
  }
};

TEST_F(InboundReplay, RunsTheHandlerOnAllInTheOrderOfArrival) {
  Fill(3);
  handler_.OnAll([](const UpdateContext& context) {
    EXPECT_EQ(context.origin, "a.test");
    Write(context);
    return Outcome::Done();
  });
  const auto replayed = Replay();
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  ASSERT_THAT(*replayed, SizeIs(3));
  EXPECT_EQ(replayed->front().seq, Seq{1});
  EXPECT_EQ(replayed->front().result, Result::kDone);
  EXPECT_THAT(handler_.calls, ElementsAre(N(1), N(2), N(3)));
  EXPECT_THAT(Written(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(applied_, ElementsAre("1:" + N(1), "2:" + N(2), "3:" + N(3)));
  EXPECT_THAT(Quarantined(), IsEmpty());
  EXPECT_EQ(Last(), Seq{3});
}

TEST_F(InboundReplay, TakesThoseThatAreAskedFor) {
  Fill(5);
  const auto all = Quarantined();
  const auto replayed = Replay({all[3].id, all[1].id, 9999});
  EXPECT_THAT(*replayed, SizeIs(2));
  EXPECT_THAT(handler_.calls, ElementsAre(N(2), N(4)));
  EXPECT_THAT(Quarantined(), SizeIs(3));
}

TEST_F(InboundReplay, KeepsWhatIsRejectedAgainWithItsNewReason) {
  Fill(3);
  handler_.On(N(2), [](const UpdateContext& context) {
    Write(context);
    return Outcome::Reject("once more");
  });
  const auto replayed = Replay();
  ASSERT_THAT(*replayed, SizeIs(3));
  EXPECT_EQ((*replayed)[1].result, Result::kRejected);
  EXPECT_EQ((*replayed)[1].reason, "once more");
  EXPECT_EQ((*replayed)[2].result, Result::kDone);
  ASSERT_THAT(Quarantined(), SizeIs(1));
  EXPECT_EQ(Quarantined()[0].reason, "once more");
  EXPECT_THAT(Written(), IsEmpty());
}

TEST_F(InboundReplay, StopsAtWhatHasToWait) {
  Fill(4);
  handler_.On(N(3), [](const UpdateContext& context) {
    Write(context);
    return Outcome::Later(seconds(1));
  });
  const auto replayed = Replay();
  ASSERT_THAT(*replayed, SizeIs(3));
  EXPECT_EQ(replayed->back().result, Result::kLater);
  EXPECT_THAT(handler_.calls, ElementsAre(N(1), N(2), N(3)));
  EXPECT_THAT(Written(), IsEmpty());
  ASSERT_THAT(Quarantined(), SizeIs(2));
  EXPECT_EQ(Quarantined()[0].reason, "at first");
}

TEST_F(InboundReplay, GoesInPagesBetweenWhichPushesHaveTheirTurn) {
  Fill(250);
  std::vector<std::string> order;
  handler_.OnAll([&](const UpdateContext& context) {
    order.push_back(Value(context.seq) > 250 ? "push" : "replay");
    return Outcome::Done();
  });
  const auto outcomes = PostReplay({});
  const Replies push = Post(Numbered(251, 251));
  world_.Run();
  EXPECT_EQ(push->answer(), Answer::Ok(Seq{251}));
  EXPECT_THAT(**outcomes->replayed, SizeIs(250));
  ASSERT_THAT(order, SizeIs(251));
  EXPECT_EQ(order[100], "push");
  EXPECT_THAT(store_->quarantined_pages, ElementsAre(100, 100, 100));
}

TEST_F(InboundReplay, HasNothingToDoForAnOriginWithoutAQuarantine) {
  const auto outcomes = PostReplay({}, "nobody.test");
  world_.Run();
  ASSERT_TRUE(outcomes->replayed.has_value());
  EXPECT_THAT(**outcomes->replayed, IsEmpty());
}

TEST_F(InboundReplay, LeavesAllAsItWasWhenTheCommitFails) {
  Fill(3);
  handler_.On(N(2), Say(Outcome::Reject("once more")));
  store_->commits = absl::UnavailableError("no disk");
  EXPECT_FALSE(Replay().ok());
  EXPECT_THAT(applied_, IsEmpty());
  ASSERT_THAT(Quarantined(), SizeIs(3));
  EXPECT_EQ(Quarantined()[1].reason, "at first");
  store_->commits = absl::OkStatus();
  handler_.Forget();
  EXPECT_THAT(*Replay(), SizeIs(3));
}

// The operator may drop an update while it is replayed.
TEST_F(InboundReplay, PassesOverWhatIsDroppedMeanwhile) {
  Fill(3);
  const std::int64_t dropped = Quarantined()[1].id;
  handler_.On(N(1), [&, dropped](const UpdateContext& context) {
    EXPECT_TRUE(context.transaction->Unquarantine("a.test", dropped).ok());
    return Outcome::Done();
  });
  handler_.On(N(2), [](const UpdateContext& context) {
    Write(context);
    return Outcome::Done();
  });
  const auto replayed = Replay();
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_THAT(*replayed, SizeIs(2));
  EXPECT_THAT(Written(), IsEmpty());
  EXPECT_THAT(Quarantined(), IsEmpty());
}

TEST_F(InboundReplay, LetsAHandlerThrowSeveralTimes) {
  limits_.handler_tries_max = 2;
  Make(&handler_);
  Fill(1);
  handler_.OnAll(Throw("oh"));
  EXPECT_EQ(Replay()->front().result, Result::kLater);
  EXPECT_EQ(Replay()->front().result, Result::kRejected);
  EXPECT_EQ(Quarantined()[0].reason, "the handler threw 2 times: oh");
}

TEST_F(InboundReplay, IsRefusedWhenItIsStopped) {
  Fill(1);
  inbound_->Stop();
  EXPECT_EQ(Replay().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(handler_.calls, IsEmpty());
}

TEST_F(InboundReplay, WaitsForThePushesBeforeIt) {
  Fill(1);
  const Replies push = Post(Numbered(2, 2));
  const auto outcomes = PostReplay({});
  world_.Run();
  EXPECT_EQ(push->answer(), Answer::Ok(Seq{2}));
  EXPECT_THAT(handler_.calls, ElementsAre(N(2), N(1)));
  EXPECT_THAT(**outcomes->replayed, SizeIs(1));
}

}  // namespace
}  // namespace federation::delivery
