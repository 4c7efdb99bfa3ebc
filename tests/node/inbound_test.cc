#include "node/inbound.h"

#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "node/scripted_receiver.h"
#include "support/temporary_folder.h"

namespace federation::node {
namespace {

using link::Answer;

class InboundTest : public testing::Test {
 protected:
  // A worker may still be on its way out of the inbox.
  void TearDown() override { workers_.Stop(); }

  InboundTest() {
    auto store = OpenSqliteStore(folder_.File("store.db"), store_limits_);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    inbound_ = std::make_unique<Inbound>(
        "b.test", limits_, *store_, &receiver_,
        [this](const Node::Applied& applied) {
          if (applied.json == R"({"throws":1})") throw std::runtime_error("observer");
          applied_.push_back((applied.seq.has_value() ? std::to_string(Value(*applied.seq)) : "weak") +
                             std::string(applied.json));
        },
        workers_);
  }

  std::future<Answer> Apply(std::string body, std::string origin = "a.test") {
    auto answer = std::make_shared<std::promise<Answer>>();
    inbound_->Apply(std::move(origin), std::move(body), [answer](const Inbound::Reply& reply) {
      EXPECT_FALSE(reply.refused.has_value());
      answer->set_value(reply.answer);
    });
    return answer->get_future();
  }

  static std::string Push(const std::vector<std::string>& strong, std::uint64_t seq) {
    return link::FormatPush({}, strong, Seq{seq});
  }

  Seq Last(const std::string& origin) {
    Seq last{0};
    EXPECT_TRUE(store_
                    ->Transact([&](Transaction& transaction) {
                      last = *transaction.Last(origin);
                      return absl::OkStatus();
                    })
                    .ok());
    return last;
  }

  TemporaryFolder folder_;
  StoreLimits store_limits_ = [] {
    StoreLimits limits;
    limits.quarantine_updates_max = 3;
    return limits;
  }();
  InboxLimits limits_ = [] {
    InboxLimits limits;
    limits.queued_pushes_max = 2;
    limits.handler_tries_max = 3;
    limits.transaction_time_max = std::chrono::milliseconds(200);
    return limits;
  }();
  std::unique_ptr<Store> store_;
  ScriptedReceiver receiver_;
  std::vector<std::string> applied_;
  WorkerPool workers_{2};
  std::unique_ptr<Inbound> inbound_;
};

TEST_F(InboundTest, AppliesInOrderAndTellsAfterTheCommit) {
  EXPECT_EQ(Apply(Push({R"({"n":1})", R"({"n":2})"}, 2)).get(), Answer::Ok(Seq{2}));
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":2},{"n":3}],"seq":3})").get(), Answer::Ok(Seq{3}));
  EXPECT_THAT(applied_, testing::ElementsAre(R"(1{"n":1})", R"(2{"n":2})", R"(3{"n":3})", R"(weak{"w":1})"));
  EXPECT_EQ(Last("a.test"), Seq{3});
  EXPECT_EQ(Last("c.test"), Seq{0});
}

TEST_F(InboundTest, AnswersAHoleAndStillTakesTheWeakOnes) {
  EXPECT_EQ(Apply(R"({"weak":[{"w":1}],"strong":[{"n":5}],"seq":5})").get(), Answer::HoleDetected(Seq{1}));
  EXPECT_THAT(applied_, testing::ElementsAre(R"(weak{"w":1})"));
}

TEST_F(InboundTest, KeepsThePrefixWhenTheHandlerAsksForTime) {
  receiver_.On(R"({"n":3})", [](const UpdateContext&) { return Outcome::Later(std::chrono::seconds(7)); });
  EXPECT_EQ(Apply(Push({R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"}, 4)).get(),
            Answer::Wait(std::chrono::seconds(7)));
  EXPECT_EQ(Last("a.test"), Seq{2});
  receiver_.Forget();
  EXPECT_EQ(Apply(Push({R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"}, 4)).get(),
            Answer::Ok(Seq{4}));
  EXPECT_THAT(applied_, testing::ElementsAre(R"(1{"n":1})", R"(2{"n":2})", R"(3{"n":3})", R"(4{"n":4})"));
}

TEST_F(InboundTest, UndoesTheWritesOfAnUpdateThatIsNotDone) {
  const auto write = [](const UpdateContext& context) {
    EXPECT_TRUE(context.transaction->Append("elsewhere.test", R"({"half":1})").ok());
  };
  receiver_.On(R"({"n":2})", [&](const UpdateContext& context) {
    write(context);
    return Outcome::Later(std::chrono::seconds(1));
  });
  EXPECT_EQ(Apply(Push({R"({"n":1})", R"({"n":2})"}, 2)).get().kind, Answer::Kind::kWait);
  receiver_.On(R"({"n":2})", [&](const UpdateContext& context) {
    write(context);
    return Outcome::Reject("never");
  });
  EXPECT_EQ(Apply(Push({R"({"n":2})"}, 2)).get(), Answer::Ok(Seq{2}));
  EXPECT_EQ(store_->Link("elsewhere.test")->assigned, Seq{0});
  receiver_.On(R"({"n":3})", [&](const UpdateContext& context) {
    write(context);
    return Outcome::Done();
  });
  EXPECT_EQ(Apply(Push({R"({"n":3})"}, 3)).get(), Answer::Ok(Seq{3}));
  EXPECT_EQ(store_->Link("elsewhere.test")->assigned, Seq{1});
}

TEST_F(InboundTest, PutsWhatIsRejectedIntoTheQuarantineAndGoesOn) {
  receiver_.On(R"({"n":1})", [](const UpdateContext&) { return Outcome::Reject("unknown update \"x\""); });
  EXPECT_EQ(Apply(Push({R"({"n":1})", R"({"n":2})"}, 2)).get(), Answer::Ok(Seq{2}));
  EXPECT_THAT(applied_, testing::ElementsAre(R"(2{"n":2})"));
  const auto quarantined = store_->Quarantined("a.test", 10);
  ASSERT_EQ(quarantined->size(), 1U);
  EXPECT_EQ(quarantined->front().json, R"({"n":1})");
  EXPECT_EQ(quarantined->front().reason, "unknown update \"x\"");
}

TEST_F(InboundTest, WaitsWhenTheQuarantineIsFull) {
  for (const char* json : {R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"}) {
    receiver_.On(json, [](const UpdateContext&) { return Outcome::Reject("no"); });
  }
  const std::string push = Push({R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"}, 4);
  EXPECT_EQ(Apply(push).get().kind, Answer::Kind::kWait);
  EXPECT_EQ(Last("a.test"), Seq{3});
  receiver_.Forget();
  EXPECT_EQ(Apply(push).get(), Answer::Ok(Seq{4}));
}

TEST_F(InboundTest, TriesAHandlerThatThrowsAgainAndThenGivesUp) {
  receiver_.On(R"({"n":1})", [](const UpdateContext&) -> Outcome { throw std::runtime_error("oh"); });
  const std::string push = Push({R"({"n":1})", R"({"n":2})"}, 2);
  EXPECT_EQ(Apply(push).get().kind, Answer::Kind::kWait);
  EXPECT_EQ(Apply(push).get().kind, Answer::Kind::kWait);
  EXPECT_EQ(Last("a.test"), Seq{0});
  EXPECT_EQ(Apply(push).get(), Answer::Ok(Seq{2}));
  EXPECT_EQ(store_->Quarantined("a.test", 10)->front().reason, "the handler threw 3 times: oh");
}

TEST_F(InboundTest, GoesOnWhenItsObserverThrows) {
  EXPECT_EQ(Apply(Push({R"({"throws":1})", R"({"n":2})"}, 2)).get(), Answer::Ok(Seq{2}));
  EXPECT_EQ(Apply(R"({"weak":[{"throws":1}],"seq":2})").get(), Answer::Ok(Seq{2}));
  EXPECT_EQ(Apply(Push({R"({"n":3})"}, 3)).get(), Answer::Ok(Seq{3}));
  EXPECT_THAT(applied_, testing::ElementsAre(R"(2{"n":2})", R"(3{"n":3})"));
}

TEST_F(InboundTest, LeavesTheWeakUpdatesOfAPushThatIsToBeRepeated) {
  receiver_.On(R"({"n":1})", [](const UpdateContext&) { return Outcome::Later(std::chrono::seconds(1)); });
  const std::string push = R"({"weak":[{"w":1}],"strong":[{"n":1}],"seq":1})";
  EXPECT_EQ(Apply(push).get().kind, Answer::Kind::kWait);
  EXPECT_TRUE(applied_.empty());
  receiver_.Forget();
  EXPECT_EQ(Apply(push).get(), Answer::Ok(Seq{1}));
  EXPECT_THAT(applied_, testing::ElementsAre(R"(1{"n":1})", R"(weak{"w":1})"));
}

TEST_F(InboundTest, AcknowledgesAPrefixWhenAPushHoldsTheStoreTooLong) {
  receiver_.On(R"({"n":1})", [this](const UpdateContext&) {
    std::this_thread::sleep_for(limits_.transaction_time_max + std::chrono::milliseconds(20));
    return Outcome::Done();
  });
  EXPECT_EQ(Apply(Push({R"({"n":1})", R"({"n":2})"}, 2)).get(), Answer::Ok(Seq{1}));
  EXPECT_EQ(Apply(Push({R"({"n":2})"}, 2)).get(), Answer::Ok(Seq{2}));
}

TEST_F(InboundTest, SaysWhyABodyIsNoPush) {
  std::promise<Inbound::Reply> reply;
  inbound_->Apply("a.test", R"({"strong":[7],"seq":1})",
                  [&](const Inbound::Reply& r) { reply.set_value(r); });
  const Inbound::Reply refusal = reply.get_future().get();
  ASSERT_TRUE(refusal.refused.has_value());
  EXPECT_EQ(refusal.refused->pointer, "/strong/0");
  EXPECT_FALSE(refusal.too_many_updates);
}

TEST_F(InboundTest, AnswersWaitWhenAnOriginPushesTooMuchAndHoldsUpNobodyElse) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::promise<void> entered;
  // A weak update's handler holds no transaction, so others go on meanwhile.
  receiver_.On(R"({"w":1})", [&](const UpdateContext&) {
    entered.set_value();
    released.wait();
    return Outcome::Done();
  });
  auto running = Apply(R"({"weak":[{"w":1}],"seq":0})");
  entered.get_future().wait();
  auto second = Apply(Push({R"({"n":1})"}, 1));
  auto third = Apply(Push({R"({"n":2})"}, 2));
  EXPECT_EQ(Apply(Push({R"({"n":3})"}, 3)).get().kind, Answer::Kind::kWait);
  EXPECT_EQ(Apply(Push({R"({"n":1})"}, 1), "c.test").get(), Answer::Ok(Seq{1}));
  release.set_value();
  EXPECT_EQ(running.get(), Answer::Ok(Seq{0}));
  EXPECT_EQ(second.get(), Answer::Ok(Seq{1}));
  EXPECT_EQ(third.get(), Answer::Ok(Seq{2}));
}

TEST_F(InboundTest, AnswersWaitWhenItIsStopped) {
  inbound_->Stop();
  EXPECT_EQ(Apply(Push({R"({"n":1})"}, 1)).get().kind, Answer::Kind::kWait);
  EXPECT_EQ(Last("a.test"), Seq{0});
}

}  // namespace
}  // namespace federation::node
