#include "node/inbound_requests.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/scripted_dispatcher.h"

namespace federation::node {
namespace {

constexpr const char* kOk = R"({"result":"ok"})";
constexpr const char* kWait = R"({"result":"wait","wait":1})";

// One request at a time runs, and waits in its handler until a test lets it go on.
class InboundRequestsTest : public testing::Test {
 protected:
  InboundRequestsTest() {
    dispatcher_.On("find", [this](std::string_view, const RpcContext&) -> absl::StatusOr<std::string> {
      entered_.set_value();
      open_.get_future().wait();
      return std::string(kOk);
    });
    limits_.rpc.running_requests_max = 1;
    limits_.rpc.queued_bytes_max = 100;
  }
  // A worker may still be on its way out.
  void TearDown() override { workers_.Stop(); }

  std::future<std::string> Ask(const std::string& body, const std::string& origin = "a.test") {
    auto answer = std::make_shared<std::promise<std::string>>();
    requests().Serve({origin, body, std::nullopt}, [answer](const InboundRequests::Reply& reply) {
      EXPECT_FALSE(reply.malformed.has_value());
      answer->set_value(reply.answer);
    });
    return answer->get_future();
  }
  std::future<std::string> AskAndWaitUntilItRuns() {
    std::future<std::string> running = Ask(R"({"rpc":"find"})");
    entered_.get_future().wait();
    return running;
  }
  static std::string OtherOf(std::size_t bytes) {
    const std::string body = R"({"rpc":"other","s":""})";
    return body.substr(0, body.size() - 2) + std::string(bytes - body.size(), 'x') + "\"}";
  }
  InboundRequests& requests() {
    if (requests_ == nullptr) {
      requests_ = std::make_unique<InboundRequests>(
          "b.test", limits_,
          InboundRequests::Methods{{"find", {&dispatcher_, 0}}, {"other", {&dispatcher_, 1}}}, workers_);
    }
    return *requests_;
  }

  Limits limits_;
  ScriptedDispatcher dispatcher_{{"find", "other"}};
  std::promise<void> entered_;
  std::promise<void> open_;
  WorkerPool workers_{2};
  std::unique_ptr<InboundRequests> requests_;
};

TEST_F(InboundRequestsTest, HoldsUpNobodyElse) {
  std::future<std::string> running = AskAndWaitUntilItRuns();
  std::future<std::string> waiting = Ask(R"({"rpc":"other"})");
  EXPECT_EQ(Ask(R"({"rpc":"other"})", "c.test").get(), kOk);
  EXPECT_EQ(dispatcher_.calls(), 2);
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  EXPECT_EQ(waiting.get(), kOk);
}

TEST_F(InboundRequestsTest, LeavesAThreadToOtherOrigins) {
  limits_.rpc.running_requests_max = 100;
  std::future<std::string> running = AskAndWaitUntilItRuns();
  std::future<std::string> waiting = Ask(R"({"rpc":"other"})");
  EXPECT_EQ(Ask(R"({"rpc":"other"})", "c.test").get(), kOk);
  EXPECT_EQ(dispatcher_.calls(), 2);
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  EXPECT_EQ(waiting.get(), kOk);
}

TEST_F(InboundRequestsTest, BoundsTheBytesOfAllOrigins) {
  limits_.rpc.queued_bytes_total_max = 200;
  std::future<std::string> running = AskAndWaitUntilItRuns();  // 14 bytes
  std::future<std::string> waiting = Ask(OtherOf(86));
  // The other half is for those who have nothing here.
  EXPECT_EQ(Ask(OtherOf(30)).get(), kWait);
  EXPECT_EQ(Ask(OtherOf(101), "c.test").get(), kWait);
  EXPECT_EQ(Ask(OtherOf(100), "c.test").get(), kOk);
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  EXPECT_EQ(waiting.get(), kOk);
  // A worker takes it off the account behind its answer.
  while (Ask(OtherOf(100)).get() != kOk) std::this_thread::yield();
}

TEST_F(InboundRequestsTest, BoundsTheBytesThatWait) {
  std::future<std::string> running = AskAndWaitUntilItRuns();
  std::future<std::string> first = Ask(OtherOf(60));
  EXPECT_EQ(Ask(OtherOf(41)).get(), kWait);
  std::future<std::string> second = Ask(OtherOf(40));
  EXPECT_EQ(Ask(OtherOf(30)).get(), kWait);
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  EXPECT_EQ(first.get(), kOk);
  EXPECT_EQ(second.get(), kOk);
}

TEST_F(InboundRequestsTest, HasRoomAgainWhenWhatWaitedRuns) {
  std::future<std::string> running = AskAndWaitUntilItRuns();
  std::promise<void> second_entered;
  std::promise<void> second_open;
  dispatcher_.On("other", [&](std::string_view, const RpcContext&) -> absl::StatusOr<std::string> {
    second_entered.set_value();
    second_open.get_future().wait();
    return std::string(kOk);
  });
  std::future<std::string> second = Ask(OtherOf(100));
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  second_entered.get_future().wait();
  dispatcher_.On("other", nullptr);
  std::future<std::string> third = Ask(OtherOf(100));
  second_open.set_value();
  EXPECT_EQ(second.get(), kOk);
  EXPECT_EQ(third.get(), kOk);
}

TEST_F(InboundRequestsTest, TellsItsHandlerThatTheCallerIsGone) {
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  std::promise<bool> before;
  std::promise<bool> after;
  dispatcher_.On("find", [&](std::string_view, const RpcContext& context) -> absl::StatusOr<std::string> {
    before.set_value(context.cancelled());
    open_.get_future().wait();
    after.set_value(context.cancelled());
    return std::string(kOk);
  });
  requests().Serve({"a.test", R"({"rpc":"find"})", std::nullopt, gone}, [](const InboundRequests::Reply&) {});
  EXPECT_FALSE(before.get_future().get());
  std::promise<std::string> answer;
  requests().Serve({"a.test", R"({"rpc":"other"})", std::nullopt, gone},
                   [&](const InboundRequests::Reply& reply) { answer.set_value(reply.answer); });
  *gone = true;
  open_.set_value();
  EXPECT_TRUE(after.get_future().get());
  EXPECT_THAT(answer.get_future().get(), testing::HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_EQ(dispatcher_.calls(), 1);
}

TEST_F(InboundRequestsTest, TellsItsHandlerThatTheDeadlineHasPassed) {
  dispatcher_.On("find", [&](std::string_view, const RpcContext& context) -> absl::StatusOr<std::string> {
    const bool at_once = context.cancelled();
    std::this_thread::sleep_until(context.deadline);
    return at_once || !context.cancelled() ? absl::InternalError("") : absl::CancelledError("late");
  });
  auto answer = std::make_shared<std::promise<std::string>>();
  requests().Serve({"a.test", R"({"rpc":"find"})", std::chrono::seconds(1)},
                   [answer](const InboundRequests::Reply& reply) { answer->set_value(reply.answer); });
  EXPECT_THAT(answer->get_future().get(), testing::HasSubstr("CANCELLED"));
}

TEST_F(InboundRequestsTest, CountsWhatItHasNoRoomFor) {
  std::future<std::string> running = AskAndWaitUntilItRuns();
  std::future<std::string> first = Ask(OtherOf(60));
  EXPECT_EQ(requests().over_running(), 0U);
  EXPECT_EQ(Ask(OtherOf(41)).get(), kWait);
  EXPECT_EQ(requests().over_running(), 1U);
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  EXPECT_EQ(first.get(), kOk);
}

TEST_F(InboundRequestsTest, AnswersWaitToWhatDoesNotRunWhenItStops) {
  std::future<std::string> running = AskAndWaitUntilItRuns();
  std::future<std::string> waiting = Ask(R"({"rpc":"other"})");
  requests().Stop();
  EXPECT_EQ(Ask(R"({"rpc":"other"})").get(), kWait);
  open_.set_value();
  EXPECT_EQ(running.get(), kOk);
  EXPECT_EQ(waiting.get(), kWait);
  EXPECT_EQ(dispatcher_.calls(), 1);
}

}  // namespace
}  // namespace federation::node
