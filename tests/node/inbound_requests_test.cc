#include "node/inbound_requests.h"

#include <future>
#include <memory>
#include <string>
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
