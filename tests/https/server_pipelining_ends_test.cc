// How connections with pipelined requests end.
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server_pipelining_fixture.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;

TEST_F(ServerPipeliningTest, AnswersWhatCameBeforeABadRequestAndHandlesNothingBehindIt) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2) + RawRequest("Host: b\r\n", "") + GoodRequest("smuggled")));
  kept_.Await(2);
  ExpectNoMoreThan(2, kept_, server);
  kept_.Answer(1);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0", "1"});
  const std::optional<RawMessage> refusal = connection.Receive();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status(), 411);
  EXPECT_EQ(refusal->Header("Connection"), "close");
  EXPECT_TRUE(connection.IsClosedByPeer());
  EXPECT_EQ(kept_.count(), 2U);
}

TEST_F(ServerPipeliningTest, GoesOnBehindARequestOfSomebodyElseWithoutABody) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  const std::string other = "Host: b\r\nFederation-Origin: charlie.test\r\n";
  ASSERT_TRUE(connection.Send(GoodRequest("0") + RawRequest(other + "Content-Length: 0\r\n", "") +
                              GoodRequest("1") + RawRequest(other + "Content-Length: 1\r\n", "x") +
                              GoodRequest("smuggled")));
  kept_.Await(2);
  ExpectNoMoreThan(2, kept_, server);
  kept_.Answer(1);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  EXPECT_EQ(connection.Receive()->status(), 403);
  ExpectAnswers(connection, {"1"});
  const std::optional<RawMessage> last = connection.Receive();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->status(), 403);
  EXPECT_EQ(last->Header("Connection"), "close");
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, HandlesNothingBehindARequestThatEndsTheConnection) {
  for (const char* request : {"POST / HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1",
                              "POST / HTTP/1.0\r\nHost: b\r\nContent-Length: 1\r\n\r\n1"}) {
    SCOPED_TRACE(request);
    Kept kept;
    TestServer server(bravo_, TestLimits(), kept.handler());
    RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(connection.Send(GoodRequest("0") + request + GoodRequest("smuggled")));
    kept.Await(2);
    ExpectNoMoreThan(2, kept, server);
    kept.Answer(1);
    kept.Answer(0);
    const std::optional<RawMessage> first = connection.Receive();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->Header("Connection"), "");
    const std::optional<RawMessage> last = connection.Receive();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->body, "answer to 1");
    EXPECT_EQ(last->Header("Connection"), "close");
    EXPECT_TRUE(connection.IsClosedByPeer());
    EXPECT_EQ(kept.count(), 2U);
  }
}

TEST_F(ServerPipeliningTest, HandlesNothingBehindAHandlerThatThrows) {
  std::atomic<int> handled = 0;
  TestServer server(bravo_, TestLimits(), [&](Request request, Server::Respond respond) {
    ++handled;
    if (request.body == "1") throw std::runtime_error("broken handler");
    TestServer::Echo(std::move(request), std::move(respond));
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(3)));
  EXPECT_EQ(connection.Receive()->status(), 200);
  EXPECT_EQ(connection.Receive()->status(), 500);
  EXPECT_TRUE(connection.IsClosedByPeer());
  EXPECT_EQ(handled, 2);
}

TEST_F(ServerPipeliningTest, AnswersAPeerThatSendsNoMore) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2)));
  // Says so, and still reads.
  SSL_shutdown(connection.ssl());
  kept_.Await(2);
  Settle(server.loop());
  kept_.Answer(1);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0", "1"});
}

TEST_F(ServerPipeliningTest, SeesAnEndThatCameTogetherWithARequest) {
  std::promise<void> begun;
  std::promise<void> sent;
  TestServer server(bravo_, TestLimits(), [&](Request request, Server::Respond respond) {
    if (request.body == "0") {
      begun.set_value();
      sent.get_future().wait();
    }
    respond({.body = "answer to " + request.body});
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("0")));
  begun.get_future().wait();
  ASSERT_TRUE(connection.Send(GoodRequest("1")));
  SSL_shutdown(connection.ssl());
  sent.set_value();
  ExpectAnswers(connection, {"0", "1"});
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, AnswersAllThatHaveBegunOnShutdown) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection between = Connect(server);
  RawTlsConnection sending = Connect(server);
  ASSERT_TRUE(between.Send(Numbered(2)));
  kept_.Await(2);
  ASSERT_TRUE(sending.Send(Numbered(2) + "POST / HTTP/1.1\r\n"));
  kept_.Await(4);
  Settle(server.loop());
  std::promise<void> drained;
  server.server().Shutdown(std::chrono::hours(1), [&drained] { drained.set_value(); });
  Settle(server.loop());
  // What comes after that is not handled.
  ASSERT_TRUE(between.Send(GoodRequest("late")));
  ASSERT_TRUE(sending.Send("Host: b\r\nContent-Length: 1\r\n\r\n2" + GoodRequest("late")));
  kept_.Await(5);
  Settle(server.loop());
  for (const std::size_t index : {4, 3, 2, 1, 0}) kept_.Answer(index);
  ExpectAnswers(between, {"0"});
  EXPECT_EQ(between.Receive()->Header("Connection"), "close");
  EXPECT_TRUE(between.IsClosedByPeer());
  ExpectAnswers(sending, {"0", "1"});
  EXPECT_EQ(sending.Receive()->Header("Connection"), "close");
  EXPECT_TRUE(sending.IsClosedByPeer());
  between.Close();
  sending.Close();
  drained.get_future().wait();
  EXPECT_EQ(kept_.count(), 5U);
}

TEST_F(ServerPipeliningTest, TellsAllToComeAgainWhenTheGraceIsOver) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(3)));
  kept_.Await(3);
  kept_.Answer(1);
  std::promise<void> drained;
  server.server().Shutdown(std::chrono::milliseconds(20), [&drained] { drained.set_value(); });
  for (const int status : {503, 200, 503}) {
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), status);
  }
  EXPECT_TRUE(connection.IsClosedByPeer());
  connection.Close();
  drained.get_future().wait();
  // What comes too late is dropped.
  for (const std::size_t index : {0, 2}) kept_.Answer(index);
  server.loop().Stop();
}

TEST_F(ServerPipeliningTest, TellsWhatItIsToldToSayWhenTheGraceIsOver) {
  ServerOptions options;
  options.when_dismissed["/known"] = {.body = "later"};
  TestServer server(bravo_, TestLimits(), kept_.handler(), options);
  RawTlsConnection connection = Connect(server);
  const std::string headers = "Host: b\r\nContent-Length: 0\r\n";
  ASSERT_TRUE(connection.Send("POST /known HTTP/1.1\r\n" + headers + "\r\nPOST /other HTTP/1.1\r\n" +
                              headers + "\r\n"));
  kept_.Await(2);
  std::promise<void> drained;
  server.server().Shutdown(std::chrono::milliseconds(20), [&drained] { drained.set_value(); });
  const std::optional<RawMessage> known = connection.Receive();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->status(), 200);
  EXPECT_EQ(known->body, "later");
  const std::optional<RawMessage> other = connection.Receive();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->status(), 503);
  EXPECT_TRUE(connection.IsClosedByPeer());
  connection.Close();
  drained.get_future().wait();
  server.loop().Stop();
}

TEST_F(ServerPipeliningTest, DropsAllWhenTheServerIsDestroyed) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(3)));
  kept_.Await(3);
  server.Destroy();
  EXPECT_TRUE(connection.IsClosedByPeer());
  for (const std::size_t index : {1, 0, 2}) kept_.Answer(index);
  server.loop().Stop();
}

TEST_F(ServerPipeliningTest, IsIdleOnlyWhenNothingWaitsForItsAnswer) {
  HttpLimits limits = TestLimits();
  limits.idle_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits, kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2)));
  kept_.Await(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  // It still reads.
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  ASSERT_TRUE(connection.Send(GoodRequest("2")));
  kept_.Await(3);
  kept_.Answer(2);
  kept_.Answer(1);
  ExpectAnswers(connection, {"1", "2"});
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, GivesUpOnAHeaderBehindRequestsThatWait) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits, kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("0") + "POST / HTTP/1.1\r\nHost:"));
  kept_.Await(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  EXPECT_EQ(connection.Receive()->status(), 408);
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, WritesOnWhenTheTimeForReadingHasPassed) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = std::chrono::milliseconds(50);
  const std::string body(20'000'000, 'x');
  TestServer server(bravo_, limits,
                    [&body](const Request&, Server::Respond respond) { respond({.body = body}); });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("0") + "POST / HTTP/1.1\r\nHost:"));
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == body);
  EXPECT_EQ(connection.Receive()->status(), 408);
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, CutsOffAPeerThatSendsOnAndReadsNothing) {
  HttpLimits limits = TestLimits();
  limits.write_timeout = std::chrono::milliseconds(100);
  std::atomic<int> handled = 0;
  TestServer server(bravo_, limits, [&handled](const Request&, Server::Respond respond) {
    ++handled;
    respond({.body = std::string(1'000'000, 'x')});
  });
  RawTlsConnection connection = Connect(server);
  // Ends, with an error.
  while (connection.Send(Numbered(10))) continue;
  // What fits into the sockets' buffers, and what may wait.
  EXPECT_LT(handled, 100);
}

}  // namespace
}  // namespace federation::https
