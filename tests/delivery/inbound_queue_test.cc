// Pushes that wait for their turn, and who may send how much.
#include <atomic>
#include <thread>

#include "delivery/inbound_fixture.h"

namespace federation::delivery {
namespace {

using link::Answer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InboundQueue : public InboundFixture {
 protected:
  const Answer kBusy = Answer::Wait(limits_.wait_when_busy);
};

TEST_F(InboundQueue, HasABoundOnThePushesOfAnOrigin) {
  limits_.queued_pushes_max = 2;
  Make(&handler_);
  const Replies first = Post(Numbered(1, 1));
  const Replies second = Post(Numbered(2, 2));
  const Replies third = Post(Numbered(3, 3));
  const Replies other = Post(Numbered(1, 1), "c.test");
  EXPECT_EQ(third->answer(), kBusy);  // at once
  EXPECT_EQ(inbound_->over_queued(), 1U);
  EXPECT_FALSE(first->answered());
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(second->answer(), Answer::Ok(Seq{2}));
  EXPECT_EQ(other->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(Apply(Numbered(3, 3)), Answer::Ok(Seq{3}));
}

TEST_F(InboundQueue, HasABoundOnTheBytesOfAnOrigin) {
  limits_.queued_bytes_max = 3 * Numbered(1, 1).size();
  Make(&handler_);
  std::vector<Replies> taken;
  for (std::uint64_t i = 1; i <= 3; ++i) taken.push_back(Post(Numbered(i, i)));
  EXPECT_EQ(Post(Numbered(4, 4))->answer(), kBusy);
  world_.Run();
  for (const Replies& reply : taken) EXPECT_EQ(reply->answer().kind, Answer::Kind::kOk);
  // What was taken has made room again.
  for (std::uint64_t i = 4; i <= 6; ++i) taken.push_back(Post(Numbered(i, i)));
  world_.Run();
  EXPECT_EQ(taken.back()->answer(), Answer::Ok(Seq{6}));
}

TEST_F(InboundQueue, HasABoundOnTheBytesOfAllOrigins) {
  limits_.queued_bytes_total_max = 4 * Numbered(1, 1).size();
  Make(&handler_);
  Post(Numbered(1, 1), "a.test");
  Post(Numbered(2, 2), "a.test");
  EXPECT_EQ(Post(Numbered(3, 3), "a.test")->answer(), kBusy);
  // The other half is for those who have none waiting.
  const Replies first = Post(Numbered(1, 1), "c.test");
  EXPECT_EQ(Post(Numbered(2, 2), "c.test")->answer(), kBusy);
  const Replies other = Post(Numbered(1, 1), "d.test");
  EXPECT_EQ(Post(Numbered(1, 1), "e.test")->answer(), kBusy);
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(other->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(Apply(Numbered(2, 2), "c.test"), Answer::Ok(Seq{2}));
  EXPECT_EQ(Apply(Numbered(1, 1), "e.test"), Answer::Ok(Seq{1}));
}

TEST_F(InboundQueue, CountsWhatIsBeingApplied) {
  limits_.queued_bytes_max = 3 * Numbered(1, 1).size();
  Make(&handler_);
  Replies late;
  handler_.On(N(3), [&](const UpdateContext&) {
    late = Post(Numbered(4, 4));
    return Outcome::Done();
  });
  for (std::uint64_t i = 1; i <= 3; ++i) Post(Numbered(i, i));
  world_.Run();
  EXPECT_EQ(Last(), Seq{3});
  // Two of the three waited, the last one still was in work.
  EXPECT_EQ(late->answer(), kBusy);
}

TEST_F(InboundQueue, TakesOnePushHoweverLarge) {
  limits_.queued_bytes_max = 10;
  limits_.queued_bytes_total_max = 10;
  limits_.queued_pushes_max = 0;
  Make(&handler_);
  EXPECT_EQ(Apply(Numbered(1, 100)), Answer::Ok(Seq{100}));
  EXPECT_EQ(Apply(Numbered(101, 200)), Answer::Ok(Seq{200}));
}

TEST_F(InboundQueue, GivesOriginsTheirTurns) {
  std::vector<std::string> order;
  handler_.OnAll([&](const UpdateContext& context) {
    order.emplace_back(context.origin);
    world_.loop.SetNow(world_.loop.Now() + limits_.transaction_time_max);  // each is a batch of its own
    return Outcome::Done();
  });
  for (const char* origin : {"a.test", "c.test"}) {
    for (std::uint64_t i = 1; i <= 3; ++i) Post(Numbered(i, i), origin);
  }
  world_.Run();
  EXPECT_THAT(order, ElementsAre("a.test", "c.test", "a.test", "c.test", "a.test", "c.test"));
}

TEST_F(InboundQueue, TellsThePushesBehindOneThatHasToWaitToWait) {
  handler_.On(N(2), Say(Outcome::Later(seconds(9))));
  const Replies first = Post(Numbered(1, 1));
  const Replies second = Post(Numbered(2, 2));
  const Replies third = Post(Numbered(3, 3));
  const Replies repeat = Post(Numbered(1, 1));
  world_.Run();
  EXPECT_EQ(first->answer(), Answer::Ok(Seq{1}));
  EXPECT_EQ(second->answer(), Answer::Wait(seconds(9)));
  EXPECT_EQ(third->answer(), Answer::Wait(seconds(9)));
  EXPECT_EQ(repeat->answer(), Answer::Wait(seconds(9)));
  EXPECT_THAT(handler_.calls, ElementsAre(N(1), N(2)));
}

TEST_F(InboundQueue, HasABoundOnTheUpdatesInASecond) {
  limits_.updates_per_second_max = 10;
  Make(&handler_);
  EXPECT_EQ(Apply(Numbered(1, 10)), Answer::Ok(Seq{10}));
  EXPECT_EQ(Apply(Numbered(11, 15)), Answer::Wait(seconds(1)));
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"seq":10})"), Answer::Wait(seconds(1)));
  EXPECT_EQ(Apply(Numbered(1, 10), "c.test"), Answer::Ok(Seq{10}));  // each origin has its own
  EXPECT_EQ(inbound_->over_updates(), 2U);
  world_.Advance(milliseconds(500));
  EXPECT_EQ(Apply(Numbered(11, 15)), Answer::Ok(Seq{15}));
  EXPECT_EQ(Apply(Numbered(16, 16)).kind, Answer::Kind::kWait);
  EXPECT_EQ(inbound_->over_updates(), 3U);
  EXPECT_THAT(handler_.calls, SizeIs(25));
}

TEST_F(InboundQueue, TakesALargePushWhenNothingCameForAWhile) {
  limits_.updates_per_second_max = 10;
  Make(&handler_);
  EXPECT_EQ(Apply(Numbered(1, 35)), Answer::Ok(Seq{35}));
  // It is paid off before more is taken.
  const Answer wait = Apply(Numbered(36, 36));
  ASSERT_EQ(wait.kind, Answer::Kind::kWait);
  EXPECT_EQ(wait.wait, seconds(3));
  world_.Advance(wait.wait);
  EXPECT_EQ(Apply(Numbered(36, 36)), Answer::Ok(Seq{36}));
}

// --- Connections.

TEST_F(InboundQueue, TakesNothingNewFromAnOlderConnection) {
  EXPECT_EQ(Apply(Numbered(1, 1), "a.test", 5), Answer::Ok(Seq{1}));
  EXPECT_EQ(Apply(Numbered(2, 2), "a.test", 4), kBusy);
  EXPECT_EQ(Apply(Numbered(9, 9), "a.test", 4), kBusy);  // nor says what is missing
  EXPECT_EQ(Last(), Seq{1});
  EXPECT_EQ(Apply(Numbered(1, 1), "a.test", 4), kBusy);  // nor what is known
  EXPECT_EQ(Apply(Numbered(1, 1), "c.test", 1), Answer::Ok(Seq{1}));
  EXPECT_EQ(Apply(Numbered(2, 2), "a.test", 5), Answer::Ok(Seq{2}));
}

TEST_F(InboundQueue, LetsANewConnectionOvertakeWhatWaits) {
  const Replies old = Post(Numbered(1, 1), "a.test", 1);
  const Replies fresh = Post("{\"seq\":0}", "a.test", 2);
  world_.Run();
  EXPECT_EQ(old->answer(), kBusy);
  EXPECT_EQ(fresh->answer(), Answer::Ok(Seq{0}));
  EXPECT_EQ(Last(), Seq{0});
}

// --- The end.

TEST_F(InboundQueue, AnswersWaitWhenItIsStopped) {
  const Replies queued = Post(Numbered(1, 1));
  inbound_->Stop();
  EXPECT_EQ(Post(Numbered(1, 1))->answer(), kBusy);
  world_.Run();
  EXPECT_EQ(queued->answer(), kBusy);
  EXPECT_EQ(Last(), Seq{0});
  EXPECT_THAT(handler_.calls, IsEmpty());
}

TEST_F(InboundQueue, CompletesThePushThatIsBeingAppliedWhenItIsStopped) {
  handler_.On(N(1), [this](const UpdateContext&) {
    inbound_->Stop();
    return Outcome::Done();
  });
  const Replies running = Post(Numbered(1, 2));
  const Replies next = Post(Numbered(3, 3));
  world_.Run();
  EXPECT_EQ(running->answer(), Answer::Ok(Seq{2}));
  EXPECT_EQ(next->answer(), kBusy);
  EXPECT_EQ(Last(), Seq{2});
}

// --- Threads.

class ThreadWorkers : public Workers {
 public:
  explicit ThreadWorkers(int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) {
        while (tasks_.RunOne() || !stop.stop_requested()) std::this_thread::yield();
      });
    }
  }
  void Post(std::function<void()> task) override { tasks_.Post(std::move(task)); }
  void Stop() { threads_.clear(); }

 private:
  FakeWorkers tasks_;
  std::vector<std::jthread> threads_;
};

// Is called from several threads at once.
class CountingHandler : public UpdateReceiver {
 public:
  Outcome Receive(std::string_view, const UpdateContext& context) override {
    if (Value(context.seq) % 3 == 0) {
      EXPECT_TRUE(context.transaction->Append(context.origin, "{}").ok());
    }
    ++calls;
    return Outcome::Done();
  }
  std::atomic<int> calls{0};
};

TEST_F(InboundQueue, AppliesThePushesOfManyOriginsOnSeveralThreads) {
  constexpr std::uint64_t kPushes = 30;
  CountingHandler handler;
  ThreadWorkers workers(3);
  Inbound inbound("b.test", limits_, *file_store_, &handler, {}, world_.loop, workers);
  std::atomic<std::uint64_t> answered{0};
  {
    std::vector<std::jthread> origins;
    for (int origin = 0; origin < 4; ++origin) {
      origins.emplace_back([&, name = "o" + std::to_string(origin) + ".test"] {
        for (std::uint64_t i = 1; i <= kPushes; ++i) {
          inbound.Apply({name, 1, Numbered(2 * i - 1, 2 * i)}, [&](const InboundReply& reply) {
            EXPECT_EQ(reply.answer.kind, Answer::Kind::kOk);
            ++answered;
          });
        }
      });
    }
  }
  while (answered < 4 * kPushes) std::this_thread::yield();
  workers.Stop();
  EXPECT_EQ(handler.calls, 4 * 2 * static_cast<int>(kPushes));
  for (int origin = 0; origin < 4; ++origin) {
    const std::string name = "o" + std::to_string(origin) + ".test";
    EXPECT_EQ(Last(name), Seq{2 * kPushes});
    EXPECT_EQ(file_store_->Link(name)->numbers.assigned, Seq{2 * kPushes / 3});
  }
}

}  // namespace
}  // namespace federation::delivery
