// Calls that share connections as their server may get them twice.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/client_pipelining_fixture.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using std::chrono::milliseconds;
using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class ClientBundleTest : public ClientPipeliningTest {
 protected:
  // Over one connection, with at most three calls on it.
  struct Sharing : TestClient {
    explicit Sharing(const TlsFiles& files) : TestClient(files, "alpha.test", TestLimits(), {}, 1, {}, 3) {}
  };

  // Posts calls whose bodies are their numbers, from within one task.
  void PostSharing(TestClient& client, std::uint16_t port, int from, int to,
                   milliseconds timeout = milliseconds(0)) {
    client.loop().Post([this, &client, port, from, to, timeout] {
      for (int i = from; i < to; ++i) {
        Call call = CallTo(port, absl::StrCat(i));
        if (timeout.count() > 0) call.timeout = timeout;
        Post(client, std::move(call));
      }
    });
  }
  // Whether no request comes for a while.
  static bool IsSilent(RawTlsConnection& connection) {
    connection.GiveUpAfter(milliseconds(100));
    const bool silent = !connection.Receive().has_value();
    connection.GiveUpAfter(milliseconds(10'000));
    return silent;
  }
  static void AnswerEach(RawTlsConnection& connection, const std::vector<std::string>& bodies) {
    for (const std::string& body : bodies) connection.Send(AnswerWith("to " + body));
  }
};

TEST_F(ClientBundleTest, SendsSomeCallsBeforeTheFirstAnswer) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    AnswerEach(connection, ReceiveBodies(connection, 3));
    AnswerEach(connection, ReceiveBodies(connection, 2));
    connection.IsClosedByPeer();
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 5);
  EXPECT_THAT(ends_.Await(5), ElementsAre("to 0", "to 1", "to 2", "to 3", "to 4"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientBundleTest, SendsNoMoreThanThatMany) {
  std::promise<bool> silent;
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
    const auto bodies = ReceiveBodies(connection, 3);
    // Who has sent a fourth one would have sent it together with the third one.
    silent.set_value(IsSilent(connection));
    AnswerEach(connection, bodies);
    AnswerEach(connection, ReceiveBodies(connection, 1));
    connection.IsClosedByPeer();
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 4);
  EXPECT_TRUE(silent.get_future().get());
  EXPECT_THAT(ends_.Await(4), ElementsAre("to 0", "to 1", "to 2", "to 3"));
}

// What must not arrive twice, and what is large, has a connection to itself.
TEST_F(ClientBundleTest, SharesNoConnectionWithOtherCalls) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    const auto bodies = ReceiveBodies(connection, 1);
    EXPECT_TRUE(IsSilent(connection));
    connection.Send(AnswerWith(bodies.at(0).substr(0, 3)));
  });
  Sharing client(alpha_);
  client.loop().Post([&] {
    Post(client, CallTo(server.port(), "one"));
    Call once = CallTo(server.port(), "two");
    once.repeatable = false;
    Post(client, std::move(once));
  });
  EXPECT_THAT(ends_.Await(2), UnorderedElementsAre("one", "two"));
  EXPECT_EQ(server.connections(), 2);
  client.loop().Post([&] { Post(client, CallTo(server.port(), std::string(20'000, 'x'))); });
  EXPECT_EQ(ends_.Await(3).back(), "xxx");
}

TEST_F(ClientBundleTest, RepeatsWhatWasBehindTheCallThatMayHaveBrokenTheConnection) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    const auto bodies = ReceiveBodies(connection, number == 0 ? 3 : 2);
    if (number == 0) return;
    EXPECT_THAT(bodies, ElementsAre("1", "2"));
    AnswerEach(connection, bodies);
    connection.IsClosedByPeer();
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 3);
  EXPECT_THAT(ends_.Await(3), ElementsAre("UNAVAILABLE", "to 1", "to 2"));
}

TEST_F(ClientBundleTest, RepeatsNothingTwice) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    ReceiveBodies(connection, number == 0 ? 3 : 2);
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 3);
  EXPECT_THAT(ends_.Await(3), ElementsAre("UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientBundleTest, RepeatsAllWhereAnAnswerEndsTheConnection) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    if (number == 0) {
      ReceiveBodies(connection, 3);
      connection.Send(AnswerWith("to 0", "Connection: close\r\n"));
      return;
    }
    AnswerEach(connection, ReceiveBodies(connection, 2));
    connection.IsClosedByPeer();
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 3);
  EXPECT_THAT(ends_.Await(3), ElementsAre("to 0", "to 1", "to 2"));
}

TEST_F(ClientBundleTest, ALateCallFailsAlone) {
  RawTlsServer server(bravo_, [this](RawTlsConnection& connection, int number) {
    EXPECT_EQ(number, 0);
    const auto bodies = ReceiveBodies(connection, 2);
    ends_.Await(1);
    AnswerEach(connection, bodies);
    AnswerEach(connection, ReceiveBodies(connection, 1));
    connection.IsClosedByPeer();
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 1, milliseconds(100));
  PostSharing(client, server.port(), 1, 2);
  EXPECT_THAT(ends_.Await(2), ElementsAre("DEADLINE_EXCEEDED", "to 1"));
  // The connection is as good as before.
  PostSharing(client, server.port(), 2, 3);
  EXPECT_EQ(ends_.Await(3).back(), "to 2");
}

TEST_F(ClientBundleTest, PutsNoCallBehindALateOne) {
  std::atomic<int> connections = 0;
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int number) {
    connections = number + 1;
    if (number == 0) {
      ReceiveBodies(connection, 2);
      ends_.Await(1);
      // The third call waits for nobody; the second one has its answer from here in the end.
      EXPECT_TRUE(IsSilent(connection));
      connection.Send(AnswerWith("late") + AnswerWith("to 1"));
      return;
    }
    AnswerEach(connection, ReceiveBodies(connection, 1));
    connection.IsClosedByPeer();
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 1, milliseconds(100));
  PostSharing(client, server.port(), 1, 2);
  ends_.Await(1);
  PostSharing(client, server.port(), 2, 3);
  EXPECT_THAT(ends_.Await(3), UnorderedElementsAre("DEADLINE_EXCEEDED", "to 1", "to 2"));
  EXPECT_EQ(connections, 2);
}

TEST_F(ClientBundleTest, EndsAConnectionOnWhichNobodyWaitsAnyMore) {
  std::promise<bool> closed;
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int number) {
    if (number > 0) return;
    ReceiveBodies(connection, 2);
    closed.set_value(connection.IsClosedByPeer());
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 2, milliseconds(50));
  EXPECT_TRUE(closed.get_future().get());
  EXPECT_THAT(ends_.Await(2), ElementsAre("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"));
}

TEST_F(ClientBundleTest, ForgetsWhomItDoesNotTalkTo) {
  const std::uint16_t nobody = [this] { return RawTlsServer(bravo_, [](auto&, int) {}).port(); }();
  Sharing client(alpha_);
  PostSharing(client, nobody, 0, 2);
  EXPECT_THAT(ends_.Await(2), ElementsAre("UNAVAILABLE", "UNAVAILABLE"));
  std::size_t destinations = 1;
  for (int tries = 0; tries < 200 && destinations > 0; ++tries) {
    std::promise<std::size_t> count;
    client.loop().Post([&] { count.set_value(client.client().destinations()); });
    destinations = count.get_future().get();
    if (destinations > 0) std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_EQ(destinations, 0);
}

TEST_F(ClientBundleTest, DropsCallsWithTheClient) {
  std::promise<void> received;
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int number) {
    if (number > 0) return;
    ReceiveBodies(connection, 3);
    received.set_value();
    EXPECT_TRUE(connection.IsClosedByPeer());
  });
  Sharing client(alpha_);
  PostSharing(client, server.port(), 0, 5);
  received.get_future().wait();
  client.Destroy();
  EXPECT_THAT(ends_.Await(0), ::testing::IsEmpty());
}

}  // namespace
}  // namespace federation::https
