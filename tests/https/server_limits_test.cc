// What a server refuses, and where its patience ends.
#include <future>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server.h"
#include "https/server_fixture.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using ::testing::HasSubstr;

struct AbuseCase {
  const char* description;
  std::string bytes;
  int status;
  const char* detail;
};

std::vector<AbuseCase> AbuseCases() {
  std::vector<AbuseCase> cases = {
      {"no length", RawRequest("Host: b\r\n", ""), 411, "want Content-Length"},
      {"two equal lengths", RawRequest("Host: b\r\nContent-Length: 1\r\nContent-Length: 1\r\n", "x"), 400,
       "Content-Length"},
      {"two lengths", RawRequest("Host: b\r\nContent-Length: 1\r\nContent-Length: 2\r\n", "xx"), 400,
       "Content-Length"},
      {"listed length", RawRequest("Host: b\r\nContent-Length: 1, 1\r\n", "x"), 400,
       "Content-Length: want a number"},
      {"signed length", RawRequest("Host: b\r\nContent-Length: +1\r\n", "x"), 400, "Content-Length"},
      {"negative length", RawRequest("Host: b\r\nContent-Length: -1\r\n", "x"), 400, "Content-Length"},
      {"hexadecimal length", RawRequest("Host: b\r\nContent-Length: 0x1\r\n", "x"), 400, "Content-Length"},
      {"empty length", RawRequest("Host: b\r\nContent-Length:\r\n", "x"), 400, "Content-Length"},
      {"length in words", RawRequest("Host: b\r\nContent-Length: one\r\n", "x"), 400, "Content-Length"},
      {"length over 64 bits", RawRequest("Host: b\r\nContent-Length: 99999999999999999999\r\n", ""), 400,
       "Content-Length"},
      {"length of 18 digits", RawRequest("Host: b\r\nContent-Length: 999999999999999999\r\n", ""), 413,
       "at most 1000 bytes"},
      {"body too long by one", RawRequest("Host: b\r\nContent-Length: 1001\r\n", std::string(1001, 'x')), 413,
       "got one of 1001"},
      {"two timeouts",
       RawRequest("Host: b\r\nContent-Length: 0\r\nFederation-Timeout: 1\r\nFederation-Timeout: 1\r\n", ""),
       400, "want one Federation-Timeout"},
      {"timeout with a unit", RawRequest("Host: b\r\nContent-Length: 0\r\nFederation-Timeout: 5s\r\n", ""),
       400, "Federation-Timeout: want a number of milliseconds"},
      {"negative timeout", RawRequest("Host: b\r\nContent-Length: 0\r\nFederation-Timeout: -1\r\n", ""), 400,
       "Federation-Timeout"},
      {"timeout over 18 digits",
       RawRequest("Host: b\r\nContent-Length: 0\r\nFederation-Timeout: 9999999999999999999\r\n", ""), 400,
       "Federation-Timeout"},
      {"no host", RawRequest("Content-Length: 0\r\n", ""), 400, "exactly one Host"},
      {"two hosts", RawRequest("Host: b\r\nHost: b\r\nContent-Length: 0\r\n", ""), 400, "exactly one Host"},
      {"long header", RawRequest("Host: b\r\nX: " + std::string(2000, 'x') + "\r\n", ""), 431,
       "at most 1000 bytes"},
      {"long line without end", std::string(2000, 'x'), 431, "at most 1000 bytes"},
      {"many headers",
       RawRequest("Host: b\r\n" + std::string(500, 'x') + ": y\r\n" + std::string(500, 'z') + ": y\r\n", ""),
       431, "at most"},
      {"bare line feeds", "POST / HTTP/1.1\nHost: b\n\n", 400, "CR LF"},
      {"one bare line feed", "POST / HTTP/1.1\r\nHost: b\nContent-Length: 0\r\n\r\n", 400, "CR LF"},
      {"folded line", RawRequest("Host: b\r\nX: a\r\n b\r\nContent-Length: 0\r\n", ""), 400, "folded"},
      {"space before colon", RawRequest("Host : b\r\nContent-Length: 0\r\n", ""), 400, "malformed"},
      {"control byte", RawRequest("Host: b\r\nX: a\x01\r\nContent-Length: 0\r\n", ""), 400, "malformed"},
      {"NUL byte", RawRequest(std::string("Host: b\r\nX: a\0b\r\n", 18), ""), 400, "malformed"},
      {"no name", RawRequest("Host: b\r\n: a\r\n", ""), 400, "malformed"},
      {"garbage", "\x16\x03\x01 hello\r\n\r\n", 400, "malformed"},
      {"empty line first", "\r\n\r\n", 400, "malformed"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "malformed"},
      {"HTTP/0.9", "GET /\r\n\r\n", 400, "malformed"},
      {"no target", "POST  HTTP/1.1\r\nHost: b\r\n\r\n", 400, "malformed"},
  };
  for (const char* value : {"chunked", "Chunked", "identity", "gzip, chunked", "chunked, identity", "x", "",
                            " chunked ", "chunked;q=1", "\"chunked\""}) {
    const std::string field = absl::StrCat("Transfer-Encoding: ", value, "\r\n");
    const std::string body = "0\r\n\r\n";
    for (const std::string& head :
         {field, absl::StrCat(field, "Content-Length: 5\r\n"), absl::StrCat("Content-Length: 5\r\n", field),
          absl::StrCat(field, field)}) {
      cases.push_back(
          {"transfer encoding", RawRequest("Host: b\r\n" + head, body), 411, "Transfer-Encoding"});
    }
  }
  cases.push_back({"transfer encoding of GET",
                   "GET / HTTP/1.1\r\nHost: b\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 411,
                   "Transfer-Encoding"});
  cases.push_back({"transfer encoding in HTTP/1.0",
                   "POST / HTTP/1.0\r\nHost: b\r\nTRANSFER-ENCODING: chunked\r\n\r\n0\r\n\r\n", 411,
                   "Transfer-Encoding"});
  return cases;
}

TEST_F(ServerTest, RefusesWhatIsDoubtfulAndClosesTheConnection) {
  HttpLimits limits = TestLimits();
  limits.header_bytes_max = 1000;
  limits.body_bytes_max = 1000;
  TestServer server(bravo_, limits);
  for (const AbuseCase& test : AbuseCases()) {
    SCOPED_TRACE(test.description);
    SCOPED_TRACE(test.bytes);
    RawTlsConnection connection = Connect(server);
    // What follows must not be taken as a request.
    ASSERT_TRUE(connection.Send(test.bytes + GoodRequest("smuggled")));
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), test.status);
    EXPECT_EQ(answer->Header("Content-Type"), "application/problem+json");
    EXPECT_EQ(answer->Header("Connection"), "close");
    EXPECT_THAT(answer->body, HasSubstr(test.detail));
    EXPECT_TRUE(connection.IsClosedByPeer());
    ExpectServes(server);
  }
}

TEST_F(ServerTest, LetsAClientThatIsStillSendingSeeTheRefusal) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  const std::string body(6'000'000, 'x');
  ASSERT_TRUE(connection.Send(GoodRequest(body)));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 413);
}

TEST_F(ServerTest, StopsReadingFromAClientThatSendsOnAfterTheRefusal) {
  HttpLimits limits = TestLimits();
  limits.linger_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(RawRequest("Host: b\r\nContent-Length: 999999999\r\n", "")));
  EXPECT_EQ(connection.Receive()->status(), 413);
  // Ends, with an error, as the server does not take it for ever.
  while (connection.Send(std::string(100'000, 'x'))) continue;
  ExpectServes(server);
}

TEST_F(ServerTest, GivesUpOnAHeaderThatDoesNotEnd) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send("POST / HTTP/1.1\r\nHost:"));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 408);
  EXPECT_THAT(answer->body, HasSubstr("header"));
  EXPECT_TRUE(connection.IsClosedByPeer());
  ExpectServes(server);
}

TEST_F(ServerTest, GivesUpOnABodyThatDoesNotEnd) {
  HttpLimits limits = TestLimits();
  limits.body_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(RawRequest("Host: b\r\nContent-Length: 100\r\n", "not all")));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 408);
  EXPECT_THAT(answer->body, HasSubstr("body"));
  EXPECT_TRUE(connection.IsClosedByPeer());
  ExpectServes(server);
}

TEST_F(ServerTest, ClosesIdleConnectionsAndUnfinishedHandshakes) {
  HttpLimits limits = TestLimits();
  limits.idle_timeout = std::chrono::milliseconds(50);
  limits.handshake_timeout = std::chrono::milliseconds(50);
  limits.linger_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits);
  RawTlsConnection idle = Connect(server);
  ASSERT_TRUE(idle.Send(GoodRequest("x")));
  ASSERT_TRUE(idle.Receive());
  EXPECT_TRUE(idle.IsClosedByPeer());

  RawTlsConnection silent = Connect(server);
  char byte;
  EXPECT_EQ(read(SSL_get_fd(silent.ssl()), &byte, 1), 0);
}

TEST_F(ServerTest, DoesNotGiveUpOnASlowHandler) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = limits.write_timeout =
      std::chrono::milliseconds(30);
  std::optional<EventLoop::Timer> timer;
  TestServer* running = nullptr;
  TestServer server(bravo_, limits, [&](Request, Server::Respond respond) {
    timer.emplace(running->loop());
    timer->Set(std::chrono::milliseconds(150), [respond] { respond({.body = "late"}); });
  });
  running = &server;
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("x")));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "late");
  server.loop().Stop();
  timer.reset();
}

TEST_F(ServerTest, CutsOffAPeerThatDoesNotReadItsAnswer) {
  HttpLimits limits = TestLimits();
  limits.write_timeout = std::chrono::milliseconds(100);
  limits.linger_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits, [](Request request, Server::Respond respond) {
    respond({.body = request.body.empty() ? std::string(30'000'000, 'x') : request.body});
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("")));
  std::promise<void> drained;
  server.server().Shutdown(std::chrono::hours(1), [&drained] { drained.set_value(); });
  drained.get_future().wait();
  EXPECT_FALSE(connection.Receive());
}

// Connects and is known from then on.
RawTlsConnection ConnectAndAsk(const TestServer& server, const TlsFiles& files) {
  RawTlsConnection connection = support::ConnectRawTls(server.port(), files, "bravo.test");
  EXPECT_TRUE(connection.Send(RawRequest("Host: bravo.test\r\nContent-Length: 0\r\n", "")));
  EXPECT_EQ(connection.Receive().value_or(RawMessage{}).status(), 200);
  return connection;
}

TEST_F(ServerTest, AcceptsNoMoreConnectionsThanAllowed) {
  HttpLimits limits = TestLimits();
  limits.connections_max = 2;
  TestServer server(bravo_, limits);
  std::optional<RawTlsConnection> first(ConnectAndAsk(server, alpha_));
  RawTlsConnection second = ConnectAndAsk(server, alpha_);
  // Waits in the system's queue until another one ends.
  RawTlsConnection third = Connect(server);
  third.GiveUpAfter(std::chrono::milliseconds(100));
  EXPECT_FALSE(third.Handshake());
  first.reset();
  third.GiveUpAfter(std::chrono::seconds(10));
  EXPECT_TRUE(third.Handshake());
}

TEST_F(ServerTest, RefusesMoreConnectionsOfAPeerThanAllowed) {
  HttpLimits limits = TestLimits();
  limits.connections_per_peer_max = 2;
  TestServer server(bravo_, limits);
  std::optional<RawTlsConnection> first(ConnectAndAsk(server, alpha_));
  RawTlsConnection second = ConnectAndAsk(server, alpha_);
  RawTlsConnection third = Connect(server);
  ASSERT_TRUE(third.Send(GoodRequest("x")));
  const std::optional<RawMessage> answer = third.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 429);
  EXPECT_EQ(answer->Header("Retry-After"), "1");
  EXPECT_EQ(answer->Header("Content-Type"), "application/problem+json");
  EXPECT_TRUE(third.IsClosedByPeer());
  ConnectAndAsk(server, ca_.Issue("charlie.test"));
  ASSERT_TRUE(second.Send(GoodRequest("still here")));
  EXPECT_EQ(second.Receive()->status(), 200);
}

TEST_F(ServerTest, SilentConnectionsKeepNobodyOut) {
  HttpLimits limits = TestLimits();
  limits.unidentified_connections_max = limits.unidentified_connections_per_address_max = 3;
  limits.linger_timeout = std::chrono::hours(1);
  TestServer server(bravo_, limits);
  RawTlsConnection known = ConnectAndAsk(server, alpha_);
  std::vector<RawTlsConnection> silent;
  for (int i = 0; i < 10; ++i) silent.push_back(Connect(server));
  ExpectServes(server);
  ASSERT_TRUE(known.Send(GoodRequest("still here")));
  EXPECT_EQ(known.Receive()->status(), 200);
  char byte;
  EXPECT_LE(read(SSL_get_fd(silent.front().ssl()), &byte, 1), 0);
  ASSERT_TRUE(silent.back().Send(GoodRequest("not that silent")));
  EXPECT_EQ(silent.back().Receive()->status(), 200);
}

TEST_F(ServerTest, ClosesAConnectionOverWhichNothingIsAsked) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Handshake());
  EXPECT_TRUE(connection.IsClosedByPeer());
}

}  // namespace
}  // namespace federation::https
