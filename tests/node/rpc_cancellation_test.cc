// A handler learns that nobody waits for its answer any more, over real TLS on loopback.
#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/rpc.h"

#include "node/scripted_dispatcher.h"
#include "node/two_nodes.h"
#include "support/eventually.h"
#include "support/raw_tls_client.h"

namespace federation::node {
namespace {

class RpcCancellationTest : public TwoNodes {
 protected:
  RpcCancellationTest() {
    // Works until it is cancelled, by a deadline that is far away or because the caller is gone.
    dispatcher_.On(
        "work", [this](std::string_view, const RpcContext& context) -> absl::StatusOr<std::string> {
          began_ = true;
          const bool cancelled = support::Eventually([&] { return context.cancelled() || let_go_; }, 30s);
          const bool in_time = std::chrono::steady_clock::now() < context.deadline;
          cancelled_ = cancelled && in_time && !let_go_;
          ended_ = true;
          return std::string(R"({"result":"ok"})");
        });
    bravo.before_start = [this](Node& node) { ASSERT_TRUE(node.Serve(dispatcher_).ok()); };
  }
  // Handlers use what is here.
  ~RpcCancellationTest() override {
    let_go_ = true;
    bravo.Stop();
  }

  support::RawTlsConnection Ask(const std::string& headers = "") {
    support::RawTlsConnection connection =
        support::ConnectRawTls(bravo.node().port(), ca.Issue("carol.test"), "bravo.test");
    const std::string body = R"({"rpc":"work"})";
    EXPECT_TRUE(connection.Send("POST /http/v1/rpc HTTP/1.1\r\nHost: bravo.test\r\n" + headers +
                                "Content-Type: application/json\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body));
    EXPECT_TRUE(support::Eventually([&] { return began_.load(); }, 20s));
    return connection;
  }
  void ExpectCancelled() {
    EXPECT_TRUE(support::Eventually([&] { return ended_.load(); }, 20s));
    EXPECT_TRUE(cancelled_);
  }

  ScriptedDispatcher dispatcher_{{"work"}};
  std::atomic<bool> began_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> let_go_{false};
};

TEST_F(RpcCancellationTest, WhenTheCallerClosesItsConnection) {
  bravo.Start();
  support::RawTlsConnection connection = Ask();
  EXPECT_FALSE(ended_);
  connection.Close();
  ExpectCancelled();
}

TEST_F(RpcCancellationTest, WhenTheCallersNodeStops) {
  StartBoth();
  std::promise<absl::Status> told;
  alpha.node().StartCall({"bravo.test", R"({"rpc":"work"})", {.timeout = 30s}},
                         [&](absl::StatusOr<std::string> answer) { told.set_value(answer.status()); });
  ASSERT_TRUE(support::Eventually([&] { return began_.load(); }, 20s));
  alpha.Stop();
  EXPECT_EQ(told.get_future().get().code(), absl::StatusCode::kCancelled);
  ExpectCancelled();
}

TEST_F(RpcCancellationTest, NotWhileTheCallerWaits) {
  bravo.Start();
  support::RawTlsConnection connection = Ask();
  std::this_thread::sleep_for(200ms);
  EXPECT_FALSE(ended_);
  let_go_ = true;
  const auto answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 200);
  EXPECT_FALSE(cancelled_);
}

}  // namespace
}  // namespace federation::node
