// For how many a peer may speak.
#include <optional>
#include <string>

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

std::string RequestOf(const std::string& origin, const std::string& more = "") {
  return RawRequest(absl::StrCat("Host: b\r\nContent-Length: 4\r\nFederation-Origin: ", origin, "\r\n", more),
                    "body");
}

class ServerOriginsTest : public ServerTest {
 protected:
  static HttpLimits TwoOrigins() {
    HttpLimits limits = TestLimits();
    limits.origins_per_peer_max = 2;
    return limits;
  }
  static int StatusOf(RawTlsConnection& connection, const std::string& request) {
    EXPECT_TRUE(connection.Send(request));
    return connection.Receive().value_or(RawMessage{}).status();
  }

  TlsFiles wildcard_ = ca_.Issue(support::CertificateOptions{.dns_names = {"*.evil.test"}});
};

TEST_F(ServerOriginsTest, AWildcardSpeaksForAFewOfItsNames) {
  TestServer server(bravo_, TwoOrigins());
  RawTlsConnection connection = ConnectRawTls(server.port(), wildcard_, "bravo.test");
  EXPECT_EQ(StatusOf(connection, RequestOf("a.evil.test")), 200);
  EXPECT_EQ(StatusOf(connection, RequestOf("b.evil.test")), 200);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(connection.Send(RequestOf("c.evil.test")));
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), 429);
    EXPECT_EQ(answer->Header("Retry-After"), "3600");
    EXPECT_EQ(answer->Header("Content-Type"), "application/problem+json");
    EXPECT_THAT(answer->body, HasSubstr("want at most 2 origins of one certificate"));
    // The others go on.
    EXPECT_EQ(StatusOf(connection, RequestOf("A.evil.test")), 200);
    EXPECT_EQ(StatusOf(connection, RequestOf("b.evil.test")), 200);
  }
  ExpectServes(server);
}

TEST_F(ServerOriginsTest, IsRememberedForLongerThanTheConnection) {
  TestServer server(bravo_, TwoOrigins());
  for (const auto& [origin, status] :
       {std::pair{"a.evil.test", 200}, {"b.evil.test", 200}, {"c.evil.test", 429}}) {
    RawTlsConnection connection = ConnectRawTls(server.port(), wildcard_, "bravo.test");
    EXPECT_EQ(StatusOf(connection, RequestOf(origin)), status) << origin;
  }
  RawTlsConnection other = ConnectRawTls(
      server.port(), ca_.Issue(support::CertificateOptions{.dns_names = {"*.good.test"}}), "bravo.test");
  EXPECT_EQ(StatusOf(other, RequestOf("a.good.test")), 200);
}

TEST_F(ServerOriginsTest, CertificatesWithManyNamesHaveTheSameBound) {
  TestServer server(bravo_, TwoOrigins());
  RawTlsConnection three = ConnectRawTls(
      server.port(), ca_.Issue(support::CertificateOptions{.dns_names = {"a.test", "b.test", "c.test"}}),
      "bravo.test");
  EXPECT_EQ(StatusOf(three, RequestOf("a.test")), 200);
  EXPECT_EQ(StatusOf(three, RequestOf("b.test")), 200);
  EXPECT_EQ(StatusOf(three, RequestOf("c.test")), 429);
}

TEST_F(ServerOriginsTest, WhatARelayBringsDoesNotCount) {
  ServerOptions options;
  options.trusts_relay = [](const std::string& relay, const std::string&) { return relay == "r.evil.test"; };
  TestServer server(bravo_, TwoOrigins(), TestServer::Echo, options);
  RawTlsConnection relay = ConnectRawTls(server.port(), wildcard_, "bravo.test");
  const auto relayed = [](const std::string& origin) {
    return RequestOf(origin, "Federation-Relay: r.evil.test\r\nFederation-Hops: 1\r\n");
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(StatusOf(relay, relayed(absl::StrCat("o", i, ".test"))), 200);
  EXPECT_EQ(StatusOf(relay, RequestOf("a.evil.test")), 200);
  EXPECT_EQ(StatusOf(relay, RequestOf("b.evil.test")), 200);
  // To be a relay, trusted or not, makes nobody an origin.
  EXPECT_EQ(StatusOf(relay, RequestOf("a.test", "Federation-Relay: c.evil.test\r\nFederation-Hops: 1\r\n")),
            403);
  EXPECT_EQ(StatusOf(relay, RequestOf("c.evil.test")), 429);
  EXPECT_EQ(StatusOf(relay, relayed("o.test")), 200);
}

TEST_F(ServerOriginsTest, WhatIsForEverybodyIsForThemToo) {
  HttpLimits limits = TwoOrigins();
  limits.origins_per_peer_max = 1;
  TestServer server(bravo_, limits, TestServer::Echo, {.public_target = "/public"});
  RawTlsConnection connection = ConnectRawTls(server.port(), wildcard_, "bravo.test");
  EXPECT_EQ(StatusOf(connection, RequestOf("a.evil.test")), 200);
  EXPECT_EQ(StatusOf(connection, "GET /public HTTP/1.1\r\nHost: b\r\nFederation-Origin: b.evil.test\r\n\r\n"),
            200);
}

}  // namespace
}  // namespace federation::https
