// The sending side of a link against a foreign server whose answers are scripted.
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "support/raw_tls_server.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation {
namespace {

using namespace std::chrono_literals;

class OutboundLinkTest : public testing::Test {
 protected:
  // Answers a request by its number, from 1; an empty answer closes the connection.
  using Answer = std::function<std::string(int number, const std::string& body)>;

  void Start(Answer answer) {
    server_ = std::make_unique<support::RawTlsServer>(
        ca_.Issue("foreign.test"), [this, answer = std::move(answer)](support::RawTlsConnection& connection,
                                                                      int) { Serve(connection, answer); });
    store_ = *OpenSqliteStore(folder_.File("store.db"));
    NodeOptions options;
    options.domain = "alpha.test";
    options.listen = {"127.0.0.1", 0};
    options.tls = ca_.Issue("alpha.test");
    options.peers["foreign.test"] = {"127.0.0.1", server_->port()};
    options.limits.outbox.backoff_min = 20ms;
    options.limits.outbox.refused_backoff_min = 50ms;
    node_ = *Node::Create(options, *store_);
    const absl::Status started = node_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  void TearDown() override {
    // Before the server, which waits for the end of its connections.
    if (node_ != nullptr) node_->Stop();
  }

  void SendStrong(const std::string& json) { ASSERT_TRUE(node_->SendStrong("foreign.test", json).ok()); }
  void SendWeak(const std::string& json, const std::string& replace_key = "") {
    ASSERT_TRUE(node_->SendWeak("foreign.test", json, replace_key).ok());
  }
  LinkStatus Link() { return node_->Links()->front(); }
  bool WaitFor(const std::function<bool()>& reached) {
    for (int i = 0; i < 1000; ++i) {
      if (reached()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  std::vector<std::string> bodies() {
    const std::lock_guard guard(mutex_);
    return bodies_;
  }

  static std::string Http(int status, const std::string& body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  static std::string Ok(int seq) {
    return Http(200, R"({"receive":"ok","seq":)" + std::to_string(seq) + "}");
  }

 private:
  void Serve(support::RawTlsConnection& connection, const Answer& answer) {
    while (const std::optional<support::RawMessage> request = connection.Receive()) {
      int number = 0;
      {
        const std::lock_guard guard(mutex_);
        bodies_.push_back(request->body);
        number = static_cast<int>(bodies_.size());
      }
      const std::string bytes = answer(number, request->body);
      if (bytes.empty() || !connection.Send(bytes)) return;
    }
  }

  TemporaryFolder folder_;
  support::TestCa ca_;
  std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::unique_ptr<support::RawTlsServer> server_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Node> node_;
};

constexpr const char* kProbe = R"({"weak":[],"strong":[],"seq":0})";

TEST_F(OutboundLinkTest, SendsWhatWaitsAsOnePush) {
  std::atomic<bool> there{false};
  Start([&](int, const std::string& body) {
    if (!there) return Http(503, "");
    return body == kProbe ? Ok(0) : Ok(50);
  });
  for (int i = 0; i < 50; ++i) SendStrong("{}");
  there = true;
  ASSERT_TRUE(WaitFor([&] { return Link().pending() == 0; }));
  EXPECT_EQ(bodies().back().substr(0, 32), R"({"weak":[],"strong":[{},{},{},{})");
  EXPECT_THAT(bodies().back(), testing::EndsWith(R"(],"seq":50})"));
}

TEST_F(OutboundLinkTest, NeverRepeatsWeakUpdates) {
  // The third request comes over a connection that has been idle; nobody knows whether it has arrived.
  Start([](int number, const std::string&) {
    if (number == 3) return std::string();
    return number == 1 ? Ok(0) : Ok(number == 2 ? 1 : 2);
  });
  SendStrong(R"({"n":1})");
  ASSERT_TRUE(WaitFor([&] { return Link().acked == Seq{1}; }));
  SendWeak(R"({"w":1})");
  ASSERT_TRUE(WaitFor([&] { return bodies().size() >= 3; }));
  SendStrong(R"({"n":2})");
  ASSERT_TRUE(WaitFor([&] { return Link().acked == Seq{2}; }));
  EXPECT_THAT(bodies(), testing::ElementsAre(kProbe, R"({"weak":[],"strong":[{"n":1}],"seq":1})",
                                             R"({"weak":[{"w":1}],"strong":[],"seq":1})",
                                             R"({"weak":[],"strong":[{"n":2}],"seq":2})"));
}

TEST_F(OutboundLinkTest, SendsOnlyTheLatestOfWeakUpdatesThatReplaceEachOther) {
  std::promise<void> sent;
  Start([&](int number, const std::string&) {
    if (number == 1) sent.get_future().wait();
    return Ok(0);
  });
  SendWeak(R"({"w":1})", "key");
  SendWeak(R"({"w":2})", "other key");
  SendWeak(R"({"w":3})", "");
  SendWeak(R"({"w":4})", "key");
  SendWeak(R"({"w":5})", "");
  sent.set_value();
  ASSERT_TRUE(WaitFor([&] { return bodies().size() >= 2; }));
  EXPECT_EQ(bodies()[1], R"({"weak":[{"w":2},{"w":3},{"w":4},{"w":5}],"strong":[],"seq":0})");
}

TEST_F(OutboundLinkTest, KeepsAPeersWordsWhole) {
  const std::string words = std::string(199, 'a') + "\xc3\xa9";
  Start([&](int, const std::string&) { return Http(400, R"({"detail":")" + words + R"("})"); });
  SendStrong("{}");
  ASSERT_TRUE(WaitFor([&] { return !Link().last_error.empty(); }));
  EXPECT_EQ(Link().last_error, "HTTP 400: " + std::string(199, 'a') + "...");
  EXPECT_EQ(Link().state, LinkStatus::State::kRefused);
}

TEST_F(OutboundLinkTest, TakesAnAckWithoutANumberForNone) {
  Start([](int number, const std::string& body) {
    if (body == kProbe) return Ok(0);
    return number < 4 ? Http(200, R"({"receive":"ok"})") : Ok(1);
  });
  SendStrong("{}");
  ASSERT_TRUE(WaitFor([&] { return bodies().size() >= 3; }));
  ASSERT_TRUE(WaitFor([&] { return Link().pending() == 0; }));
}

TEST_F(OutboundLinkTest, SaysExpiredForAnUpdateThatThePeerNeverTakes) {
  Start([](int, const std::string& body) {
    if (body == kProbe) return Ok(0);
    return body.find("large") == std::string::npos ? Ok(1) : Http(413, "");
  });
  SendStrong(R"({"large":1})");
  ASSERT_TRUE(WaitFor([&] { return Link().pending() == 0; }));
  EXPECT_EQ(bodies().back(), R"({"weak":[],"strong":[{"update":"expired"}],"seq":1})");
}

}  // namespace
}  // namespace federation
