// Requests that a server brings for another one: what a client says of them, and whom a server believes.
#include <future>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server_fixture.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using ::testing::HasSubstr;

// METHOD RELAY/HOPS ORIGIN>DESTINATION #CONNECTION
void Describe(Request request, const Server::Respond& respond) {
  Response response;
  response.content_type = "text/plain";
  response.body = absl::StrCat(request.relay, "/", request.hops, " ", request.origin, ">",
                               request.destination, " #", request.connection);
  respond(std::move(response));
}

class RelayedTest : public ServerTest {
 protected:
  // alpha.test is a relay that is trusted for charlie.test.
  static ServerOptions TrustAlpha() {
    ServerOptions options;
    options.trusts_relay = [](const std::string& relay, const std::string& origin) {
      return relay == "alpha.test" && origin == "charlie.test";
    };
    return options;
  }
};

struct RelayCase {
  const char* description;
  const char* headers;
  int status;
  const char* detail;
};

constexpr char kTrusted[] =
    "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 1\r\n";

TEST_F(RelayedTest, BelievesARelayWhereItIsTrustedForTheOrigin) {
  TestServer server(bravo_, TestLimits(), Describe, TrustAlpha());
  const RelayCase cases[] = {
      {"trusted", kTrusted, 200, "alpha.test/1 charlie.test>"},
      {"upper case",
       "Federation-Origin: Charlie.TEST\r\nFederation-Relay: Alpha.test\r\nFederation-Hops: 99\r\n", 200,
       "alpha.test/99 charlie.test>"},
      {"the relay itself", "Federation-Origin: alpha.test\r\n", 200, "/0 alpha.test>"},
      {"hops without a relay count for nothing", "Federation-Origin: alpha.test\r\nFederation-Hops: 3\r\n",
       200, "/0 alpha.test>"},
      {"not said to be relayed", "Federation-Origin: charlie.test\r\n", 403, "not valid for charlie.test"},
      {"another origin",
       "Federation-Origin: delta.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 1\r\n", 403,
       "alpha.test is not trusted here for delta.test"},
      {"a domain below",
       "Federation-Origin: x.charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 1\r\n", 403,
       "not trusted"},
      {"its own updates, brought by itself",
       "Federation-Origin: alpha.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 1\r\n", 403,
       "not trusted"},
      {"another relay",
       "Federation-Origin: charlie.test\r\nFederation-Relay: echo.test\r\nFederation-Hops: 1\r\n", 403,
       "Federation-Relay: the client certificate is not valid for echo.test"},
      {"no name of a relay",
       "Federation-Origin: charlie.test\r\nFederation-Relay: .test\r\nFederation-Hops: 1\r\n", 400,
       "Federation-Relay"},
      {"no name of an origin",
       "Federation-Origin: .test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 1\r\n", 400,
       "Federation-Origin"},
      {"no origin", "Federation-Relay: alpha.test\r\nFederation-Hops: 1\r\n", 400,
       "want Federation-Origin, too"},
      {"no hops", "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\n", 400,
       "Federation-Hops"},
      {"0 hops", "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 0\r\n",
       400, "Federation-Hops"},
      {"100 hops",
       "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 100\r\n", 400,
       "Federation-Hops"},
      {"hops with a sign",
       "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: -1\r\n", 400,
       "Federation-Hops"},
      {"several hops",
       "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: "
       "1\r\nFederation-Hops: "
       "1\r\n",
       400, "several"},
      {"several relays",
       "Federation-Origin: charlie.test\r\nFederation-Relay: alpha.test\r\nFederation-Relay: "
       "alpha.test\r\nFederation-Hops: 1\r\n",
       400, "several"},
  };
  for (const RelayCase& test : cases) {
    SCOPED_TRACE(test.description);
    RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(
        connection.Send(RawRequest(absl::StrCat("Host: b\r\nContent-Length: 0\r\n", test.headers), "")));
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), test.status);
    EXPECT_THAT(answer->body, HasSubstr(test.detail));
  }
}

TEST_F(RelayedTest, BelievesNoRelayUnlessItIsTold) {
  TestServer server(bravo_, TestLimits(), Describe);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(RawRequest(absl::StrCat("Host: b\r\nContent-Length: 0\r\n", kTrusted), "")));
  EXPECT_EQ(connection.Receive()->status(), 403);
}

TEST_F(RelayedTest, GoesOnWithARelayAfterRefusingOneOfItsOrigins) {
  TestServer server(bravo_, TestLimits(), Describe, TrustAlpha());
  RawTlsConnection connection = Connect(server);
  const std::string body = "POST /smuggled HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n";
  const std::string refused = RawRequest(
      absl::StrCat(
          "Host: b\r\nContent-Length: ", body.size(),
          "\r\nFederation-Origin: delta.test\r\nFederation-Relay: alpha.test\r\nFederation-Hops: 1\r\n"),
      body);
  const std::string taken = RawRequest(absl::StrCat("Host: b\r\nContent-Length: 0\r\n", kTrusted), "");
  ASSERT_TRUE(connection.Send(taken + refused + taken + refused + taken));
  for (const int status : {200, 403, 200, 403, 200}) {
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), status);
  }
}

// A pipelined call to `destination` by way of bravo.test.
Call Through(std::uint16_t port, const std::string& destination) {
  Call call = CallTo(port);
  call.destination = destination;
  call.relay = "bravo.test";
  call.pipelined = true;
  return call;
}

TEST_F(RelayedTest, SaysForWhomACallIsAndWhoseItIs) {
  TestServer server(bravo_, TestLimits(), Describe, TrustAlpha());
  TestClient client(alpha_, "alpha.test");
  absl::StatusOr<Answer> answer = client.Post(Through(server.port(), "delta.test"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "/0 alpha.test>delta.test #1");
  Call call = Through(server.port(), "delta.test");
  call.relayed = transport::Relayed{"charlie.test", 3};
  answer = client.Post(std::move(call));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->body, HasSubstr("alpha.test/3 charlie.test>delta.test"));
}

TEST_F(RelayedTest, WantsTheCertificateOfTheRelay) {
  TestServer server(bravo_, TestLimits(), Describe);
  TestClient client(alpha_, "alpha.test");
  Call call = Through(server.port(), "bravo.test");
  call.relay = "charlie.test";
  const absl::Status status = client.Post(std::move(call)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("bravo.test through charlie.test at 127.0.0.1"));
}

// Answers come in order: what goes somewhere else has a connection of its own, as far as there are some.
TEST_F(RelayedTest, SharesFewConnectionsAmongDestinations) {
  HttpLimits limits = TestLimits();
  limits.relay_connections_max = 4;
  TestServer server(bravo_, TestLimits(), Describe, TrustAlpha());
  TestClient client(alpha_, "alpha.test", limits);
  const auto connection_of = [&](Call call) {
    absl::StatusOr<Answer> answer = client.Post(std::move(call));
    return answer.ok() ? answer->body.substr(answer->body.find('#')) : answer.status().ToString();
  };
  Call own = CallTo(server.port());
  own.pipelined = true;
  const std::string own_connection = connection_of(own);
  std::set<std::string> others;
  for (int i = 0; i < 40; ++i) {
    const std::string destination = absl::StrCat("d", i, ".test");
    const std::string connection = connection_of(Through(server.port(), destination));
    EXPECT_EQ(connection_of(Through(server.port(), destination)), connection);
    others.insert(connection);
  }
  EXPECT_EQ(others.size(), 4U);
  EXPECT_FALSE(others.contains(own_connection));
  // In a circle of relays the same push comes again, and must not wait behind itself.
  std::set<std::string> circle;
  for (int hops = 1; hops <= 4; ++hops) {
    Call again = Through(server.port(), "d0.test");
    again.relayed = transport::Relayed{"charlie.test", hops};
    circle.insert(connection_of(std::move(again)));
  }
  EXPECT_EQ(circle.size(), 4U);
  std::promise<std::size_t> known;
  client.loop().Post([&] { known.set_value(client.client().destinations()); });
  EXPECT_EQ(known.get_future().get(), 1U);
}

}  // namespace
}  // namespace federation::https
