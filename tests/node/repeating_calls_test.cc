// Calls that are made again, against a server that answers by a script.
#include "node/repeating_calls.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "support/raw_tls_server.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation::node {
namespace {

using namespace std::chrono_literals;
using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using Steady = std::chrono::steady_clock;

constexpr const char* kOk = R"({"result":"ok"})";
constexpr const char* kWait = R"({"result":"wait","wait":1})";
constexpr const char* kBusy = R"({"result":"error","code":"UNAVAILABLE","message":"busy","can_retry":true})";

class RepeatingCallsTest : public testing::Test {
 protected:
  RepeatingCallsTest() {
    options_.domain = "alpha.test";
    options_.tls = ca_.Issue("alpha.test");
    options_.listen = {"127.0.0.1", 0};
    options_.discovery.enabled = false;
    options_.limits.rpc.repeat_backoff_min = 10ms;
  }
  void TearDown() override {
    // Before the server, which waits for the end of its connections.
    node_.reset();
  }

  // The bodies of the answers, in order, the last one again and again; an empty one closes the connection.
  void Start(std::vector<std::string> answers) {
    server_ = std::make_unique<RawTlsServer>(
        ca_.Issue("bravo.test"), [this, answers = std::move(answers)](RawTlsConnection& connection, int) {
          while (connection.Receive().has_value()) {
            std::string answer;
            {
              const std::lock_guard guard(mutex_);
              answer = answers.at(std::min(requests_.size(), answers.size() - 1));
              requests_.push_back(Steady::now());
            }
            if (answer.empty() || !connection.Send(Http(answer))) return;
          }
        });
    options_.peers["bravo.test"] = {"127.0.0.1", server_->port()};
    store_ = *OpenSqliteStore(folder_.File("store.db"));
    auto node = Node::Create(options_, *store_);
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
    ASSERT_TRUE(node_->Start().ok());
  }
  static std::string Http(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  static RpcCall CallOf(CallOptions options = {.timeout = 20s}) {
    return {"bravo.test", R"({"rpc":"find"})", options, true};
  }
  absl::Status Call(RpcCall call = CallOf()) { return node_->Call(std::move(call)).status(); }
  // When the server got requests.
  std::vector<Steady::time_point> requests() {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

  TemporaryFolder folder_;
  support::TestCa ca_;
  NodeOptions options_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Node> node_;

 private:
  std::mutex mutex_;
  std::vector<Steady::time_point> requests_;
  std::unique_ptr<RawTlsServer> server_;
};

TEST_F(RepeatingCallsTest, MakesACallAgainThatMayBe) {
  Start({kBusy, kBusy, kOk});
  EXPECT_EQ(Call(), absl::OkStatus());
  EXPECT_EQ(requests().size(), 3U);
}

TEST_F(RepeatingCallsTest, ComesAgainNoSoonerThanItIsTold) {
  Start({kWait, kOk});
  EXPECT_EQ(Call(), absl::OkStatus());
  ASSERT_EQ(requests().size(), 2U);
  EXPECT_GE(requests()[1] - requests()[0], 1s);
}

TEST_F(RepeatingCallsTest, MakesNoCallAgainWhoseMethodDoesNotAllowIt) {
  for (const char* answer : {kBusy, kWait}) {
    SCOPED_TRACE(answer);
    if (node_ == nullptr) Start({kBusy, kWait});
    RpcCall call = CallOf();
    call.repeatable = false;
    EXPECT_EQ(Call(call).code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(requests().size(), 2U);
}

TEST_F(RepeatingCallsTest, MakesACallSoOftenOnly) {
  Start({kBusy});
  EXPECT_EQ(Call().message(), "busy");
  EXPECT_EQ(requests().size(), static_cast<std::size_t>(kCallTriesDefault));
  EXPECT_EQ(Call(CallOf({.timeout = 20s, .tries_max = 1})).message(), "busy");
  EXPECT_EQ(requests().size(), static_cast<std::size_t>(kCallTriesDefault + 1));
}

TEST_F(RepeatingCallsTest, DoesNotRepeatWhatFailsForGood) {
  Start({R"({"result":"error","code":"PERMISSION_DENIED","message":"no","can_retry":false})"});
  EXPECT_EQ(Call().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(requests().size(), 1U);
  RpcCall nowhere = CallOf();
  nowhere.destination = "nowhere.test";
  EXPECT_EQ(Call(nowhere).code(), absl::StatusCode::kUnavailable);
}

TEST_F(RepeatingCallsTest, EndsAtOnceIfThePauseWouldOutlastTheDeadline) {
  Start({R"({"result":"wait","wait":60})"});
  const auto start = Steady::now();
  const absl::Status status = Call(CallOf({.timeout = 30s}));
  EXPECT_EQ(RetryAfter(status), 60s);
  EXPECT_LT(Steady::now() - start, 20s);
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(RepeatingCallsTest, MakesACallAgainWhoseConnectionBroke) {
  Start({"", kOk});
  EXPECT_EQ(Call(), absl::OkStatus());
  EXPECT_EQ(requests().size(), 2U);
}

TEST_F(RepeatingCallsTest, FailsInsteadOfWaitingWhereTooManyWait) {
  options_.limits.rpc.calls_waiting_max = 0;
  Start({kBusy, kOk});
  EXPECT_EQ(Call().message(), "busy");
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(RepeatingCallsTest, EndsCallsThatWaitWhenTheNodeStops) {
  Start({R"({"result":"wait","wait":10})"});
  std::promise<absl::Status> ended;
  node_->StartCall(CallOf({.timeout = 1h}),
                   [&](const absl::StatusOr<std::string>& answer) { ended.set_value(answer.status()); });
  while (requests().empty()) std::this_thread::sleep_for(1ms);
  // The answer may not have come yet: the call is cancelled in either case.
  node_->Stop();
  EXPECT_EQ(ended.get_future().get().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace federation::node
