#include "https/server.h"

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server_fixture.h"

namespace federation::https {
namespace {

using support::ConnectRawTls;
using support::RawMessage;
using support::RawTlsConnection;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ServerTest, HandsTheWholeRequestToTheHandler) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(
      "PUT /a/b?c HTTP/1.1\r\nHost: bravo.test\r\nFederation-Origin: ALPHA.test\r\n"
      "Federation-Destination: Bravo.test\r\nContent-Type: Application/JSON; charset=utf-8\r\n"
      "Content-Length: 5\r\n\r\nhello"));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->head, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_EQ(answer->Header("content-type"), "text/plain");
  EXPECT_EQ(answer->body, "PUT /a/b?c alpha.test>bravo.test application/json hello");
}

TEST_F(ServerTest, AnswersOverTls12) {
  TestServer server(bravo_);
  RawTlsConnection connection = ConnectRawTls(server.port(), alpha_, "bravo.test", TLS1_2_VERSION);
  ASSERT_TRUE(connection.Send(GoodRequest("x")));
  EXPECT_EQ(connection.Receive()->status(), 200);
}

TEST_F(ServerTest, RefusesTls11AndWeakSuites) {
  TestServer server(bravo_);
  EXPECT_FALSE(ConnectRawTls(server.port(), alpha_, "bravo.test", TLS1_1_VERSION).Handshake());
  for (const char* suite : {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"}) {
    RawTlsConnection connection = ConnectRawTls(server.port(), alpha_, "bravo.test", TLS1_2_VERSION);
    ASSERT_EQ(SSL_set_cipher_list(connection.ssl(), suite), 1);
    EXPECT_FALSE(connection.Handshake()) << suite;
  }
  ExpectServes(server);
}

TEST_F(ServerTest, OffersNoSessionToResume) {
  TestServer server(bravo_);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    RawTlsConnection connection = ConnectRawTls(server.port(), alpha_, "bravo.test", version);
    ASSERT_TRUE(connection.Send(GoodRequest("x")));
    ASSERT_TRUE(connection.Receive());
    EXPECT_FALSE(SSL_SESSION_is_resumable(SSL_get0_session(connection.ssl())));
  }
}

TEST_F(ServerTest, KeepsTheConnectionAsTheRequestSays) {
  struct Case {
    const char* request_line;
    const char* header;
    const char* connection;  // of the answer
    bool closed;
  };
  const Case cases[] = {
      {"POST / HTTP/1.1", "", "", false},
      {"POST / HTTP/1.1", "Connection: close\r\n", "close", true},
      {"POST / HTTP/1.1", "Connection: Keep-Alive, Close\r\n", "close", true},
      {"POST / HTTP/1.0", "", "close", true},
      {"POST / HTTP/1.0", "Connection: keep-alive\r\n", "keep-alive", false},
  };
  TestServer server(bravo_);
  for (const Case& test : cases) {
    SCOPED_TRACE(absl::StrCat(test.request_line, " ", test.header));
    RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(connection.Send(
        absl::StrCat(test.request_line, "\r\nHost: b\r\nContent-Length: 0\r\n", test.header, "\r\n")));
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), 200);
    EXPECT_EQ(answer->Header("Connection"), test.connection);
    if (test.closed) {
      EXPECT_TRUE(connection.IsClosedByPeer());
    } else {
      ASSERT_TRUE(connection.Send(GoodRequest("again")));
      EXPECT_EQ(connection.Receive()->status(), 200);
    }
  }
}

// Whose buffers have been freed meanwhile.
TEST_F(ServerTest, GoesOnWithAConnectionThatHasRested) {
  TestServer server(bravo_, HttpLimits{});
  RawTlsConnection idle = Connect(server);
  RawTlsConnection halfway = Connect(server);
  const std::string request = GoodRequest("body");
  ASSERT_TRUE(idle.Send(request));
  EXPECT_EQ(idle.Receive()->status(), 200);
  ASSERT_TRUE(halfway.Send(request.substr(0, 20)));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  ASSERT_TRUE(idle.Send(request));
  EXPECT_EQ(idle.Receive()->status(), 200);
  ASSERT_TRUE(halfway.Send(request.substr(20)));
  EXPECT_EQ(halfway.Receive()->status(), 200);
}

TEST_F(ServerTest, SaysContinueToAClientThatWaitsForIt) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(RawRequest("Host: b\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n", "")));
  const std::optional<RawMessage> interim = connection.Receive();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->head, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(connection.Send("hello"));
  EXPECT_THAT(connection.Receive()->body, ::testing::EndsWith("hello"));
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send("HEAD / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"));
  // The announced body does not follow.
  EXPECT_FALSE(connection.Receive());
  RawTlsConnection second = Connect(server);
  ASSERT_TRUE(second.Send("HEAD / HTTP/1.1\r\nHost: b\r\n\r\n" + GoodRequest("next")));
  const std::optional<RawMessage> head_and_next = second.Receive();
  ASSERT_TRUE(head_and_next);
  EXPECT_EQ(head_and_next->Header("Content-Length"), "20");
  EXPECT_THAT(head_and_next->body, StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, TakesABodyOfTheGreatestSize) {
  HttpLimits limits = TestLimits();
  limits.body_bytes_max = 3'000'000;
  TestServer server(bravo_, limits, [](Request request, Server::Respond respond) {
    respond({.body = absl::StrCat(request.body.size(), request.body == std::string(3'000'000, 'x'))});
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest(std::string(3'000'000, 'x'))));
  EXPECT_EQ(connection.Receive()->body, "30000001");
}

TEST_F(ServerTest, AnswersForAHandlerThatThrows) {
  TestServer server(bravo_, TestLimits(), [](Request request, Server::Respond respond) {
    if (request.body == "throw") throw std::runtime_error("broken handler");
    TestServer::Echo(std::move(request), std::move(respond));
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("throw")));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 500);
  EXPECT_THAT(answer->body, ::testing::Not(HasSubstr("broken handler")));
  EXPECT_TRUE(connection.IsClosedByPeer());
  ExpectServes(server);
}

TEST_F(ServerTest, AnswersForAHandlerThatDropsTheRequest) {
  TestServer server(bravo_, TestLimits(), [](Request, Server::Respond) {});
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("x")));
  EXPECT_EQ(connection.Receive()->status(), 500);
}

TEST_F(ServerTest, TakesAnswersFromOtherThreads) {
  std::vector<std::thread> threads;
  TestServer server(bravo_, TestLimits(), [&threads](Request request, Server::Respond respond) {
    threads.emplace_back([request = std::move(request), respond = std::move(respond)]() mutable {
      TestServer::Echo(std::move(request), std::move(respond));
    });
  });
  RawTlsConnection connection = Connect(server);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(connection.Send(GoodRequest(absl::StrCat("number ", i))));
    EXPECT_THAT(connection.Receive()->body, ::testing::EndsWith(absl::StrCat("number ", i)));
  }
  server.loop().Stop();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ServerTest, TakesAnAnswerAfterItsPeerOrTheServerIsGone) {
  std::vector<Server::Respond> waiting;
  std::promise<void> handled;
  TestServer server(bravo_, TestLimits(), [&](Request, Server::Respond respond) {
    waiting.push_back(std::move(respond));
    if (waiting.size() == 2) handled.set_value();
  });
  RawTlsConnection stays = Connect(server);
  {
    RawTlsConnection leaves = Connect(server);
    ASSERT_TRUE(leaves.Send(GoodRequest("x")));
    ASSERT_TRUE(stays.Send(GoodRequest("x")));
    handled.get_future().wait();
  }
  for (const Server::Respond& respond : waiting) respond({.body = "late"});
  EXPECT_EQ(stays.Receive()->body, "late");
  server.Destroy();
  for (const Server::Respond& respond : waiting) respond({.body = "too late"});
  EXPECT_TRUE(stays.IsClosedByPeer());
}

TEST_F(ServerTest, DrainsOnShutdown) {
  std::vector<Server::Respond> waiting;
  std::promise<void> handled;
  TestServer server(bravo_, TestLimits(), [&](Request request, Server::Respond respond) {
    if (request.body != "wait") {
      TestServer::Echo(std::move(request), std::move(respond));
      return;
    }
    waiting.push_back(std::move(respond));
    handled.set_value();
  });
  RawTlsConnection idle = Connect(server);
  ASSERT_TRUE(idle.Send(GoodRequest("x")));
  ASSERT_TRUE(idle.Receive());
  RawTlsConnection sending = Connect(server);
  ASSERT_TRUE(sending.Send("POST / HTTP/1.1\r\n"));
  RawTlsConnection busy = Connect(server);
  ASSERT_TRUE(busy.Send(GoodRequest("wait") + GoodRequest("begun")));
  handled.get_future().wait();
  Settle(server.loop());

  std::promise<void> drained;
  std::future<void> is_drained = drained.get_future();
  server.server().Shutdown(std::chrono::hours(1), [&drained] { drained.set_value(); });
  EXPECT_TRUE(idle.IsClosedByPeer());
  EXPECT_THROW(Connect(server), std::runtime_error);
  ASSERT_TRUE(sending.Send("Host: b\r\nContent-Length: 0\r\n\r\n"));
  const std::optional<RawMessage> begun = sending.Receive();
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->status(), 200);
  EXPECT_EQ(begun->Header("Connection"), "close");
  EXPECT_NE(is_drained.wait_for(std::chrono::seconds(0)), std::future_status::ready);

  server.loop().Post([&waiting] { waiting.front()({.body = "done"}); });
  const std::optional<RawMessage> answer = busy.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(answer->Header("Connection"), "");
  const std::optional<RawMessage> last = busy.Receive();
  ASSERT_TRUE(last);
  EXPECT_THAT(last->body, ::testing::EndsWith("begun"));
  EXPECT_EQ(last->Header("Connection"), "close");
  EXPECT_TRUE(busy.IsClosedByPeer());
  sending.Close();
  busy.Close();
  is_drained.wait();
}

TEST_F(ServerTest, EndsWhatIsLeftWhenTheGraceIsOver) {
  std::vector<Server::Respond> waiting;
  std::promise<void> handled;
  TestServer server(bravo_, TestLimits(), [&](Request, Server::Respond respond) {
    waiting.push_back(std::move(respond));
    handled.set_value();
  });
  RawTlsConnection busy = Connect(server);
  ASSERT_TRUE(busy.Send(GoodRequest("x")));
  handled.get_future().wait();
  std::promise<void> drained;
  server.server().Shutdown(std::chrono::milliseconds(20), [&drained] { drained.set_value(); });
  const std::optional<RawMessage> answer = busy.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 503);
  EXPECT_EQ(answer->Header("Retry-After"), "1");
  EXPECT_EQ(answer->Header("Connection"), "close");
  EXPECT_TRUE(busy.IsClosedByPeer());
  busy.Close();
  drained.get_future().wait();
  server.loop().Stop();
}

TEST_F(ServerTest, ClosesEverythingWhenItIsDestroyed) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("x")));
  ASSERT_TRUE(connection.Receive());
  const std::uint16_t port = server.port();
  server.Destroy();
  EXPECT_TRUE(connection.IsClosedByPeer());
  EXPECT_THROW(ConnectRawTls(port, alpha_, "bravo.test"), std::runtime_error);
}

TEST_F(ServerTest, MayBeDestroyedAfterTheLoopHasStopped) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Handshake());
  server.loop().Stop();
  server.Destroy();
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  TestServer server(bravo_);
  EventLoop loop;
  const auto tls = LoadTls(bravo_, "bravo.test");
  const HostPort taken{"127.0.0.1", server.port()};
  const absl::Status status = Server::Listen(loop, taken, tls, HttpLimits{}, TestServer::Echo).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(status.message()),
            absl::StrCat("cannot listen on 127.0.0.1:", server.port(), ": address already in use"));
}

}  // namespace
}  // namespace federation::https
