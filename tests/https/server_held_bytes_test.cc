// What connections hold for peers that are slow, in all.
#include <chrono>
#include <cstdint>
#include <malloc.h>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server_fixture.h"
#include "support/eventually.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using ::testing::HasSubstr;

constexpr std::size_t kLarge = 60'000;
// More than sockets take.
constexpr std::size_t kHuge = 30'000'000;

// A request whose body has `body_bytes`, of which `sent_bytes` come.
std::string Request(const std::string& origin, std::size_t body_bytes, std::size_t sent_bytes,
                    const std::string& more = "") {
  return RawRequest(absl::StrCat("Host: b\r\nFederation-Origin: ", origin, "\r\nContent-Length: ", body_bytes,
                                 "\r\n", more),
                    std::string(sent_bytes, 'x'));
}

class ServerHeldBytesTest : public ServerTest {
 protected:
  static HttpLimits SmallLimits() {
    HttpLimits limits = TestLimits();
    limits.held_bytes_per_peer_max = 100'000;
    return limits;
  }
  RawTlsConnection ConnectAs(const TestServer& server, const TlsFiles& files) {
    return support::ConnectRawTls(server.port(), files, "bravo.test");
  }
  // Has sent a part of a body, which the server has begun to wait for.
  RawTlsConnection Announce(TestServer& server, std::size_t body_bytes) {
    RawTlsConnection connection = Connect(server);
    EXPECT_TRUE(connection.Send(Request("alpha.test", body_bytes, 1, "Expect: 100-continue\r\n")));
    EXPECT_EQ(connection.Receive().value_or(RawMessage{}).status(), 100);
    return connection;
  }
  static void ExpectBusy(const std::optional<RawMessage>& answer, const char* detail) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), 503);
    EXPECT_EQ(answer->Header("Retry-After"), "1");
    EXPECT_EQ(answer->Header("Content-Type"), "application/problem+json");
    EXPECT_THAT(answer->body, HasSubstr(detail));
  }
};

TEST_F(ServerHeldBytesTest, RefusesABodyThatIsTooMuchBesideThoseThatAreComing) {
  TestServer server(bravo_, SmallLimits());
  std::optional<RawTlsConnection> first(Announce(server, kLarge));
  for (const char* expect : {"", "Expect: 100-continue\r\n"}) {
    RawTlsConnection second = Connect(server);
    ASSERT_TRUE(second.Send(Request("alpha.test", kLarge, 1, expect)));
    const std::optional<RawMessage> answer = second.Receive();
    ExpectBusy(answer, "too many bodies");
    EXPECT_EQ(answer->Header("Connection"), "close");
    EXPECT_TRUE(second.IsClosedByPeer());
  }
  // What is small, or another's, is taken.
  RawTlsConnection third = Connect(server);
  ASSERT_TRUE(third.Send(Request("alpha.test", 16'000, 1)));
  ASSERT_TRUE(third.Send(std::string(15'999, 'x')));
  EXPECT_EQ(third.Receive().value_or(RawMessage{}).status(), 200);
  RawTlsConnection other = ConnectAs(server, ca_.Issue("charlie.test"));
  ASSERT_TRUE(other.Send(Request("charlie.test", kLarge, 1)));
  ASSERT_TRUE(other.Send(std::string(kLarge - 1, 'x')));
  EXPECT_EQ(other.Receive().value_or(RawMessage{}).status(), 200);
  // So is the next one, when the first one is complete.
  ASSERT_TRUE(first->Send(std::string(kLarge - 1, 'x')));
  EXPECT_EQ(first->Receive().value_or(RawMessage{}).status(), 200);
  first.emplace(Announce(server, kLarge));
  // Or has been given up.
  first.reset();
  EXPECT_TRUE(support::Eventually([&] {
    RawTlsConnection next = Connect(server);
    return next.Send(Request("alpha.test", kLarge, kLarge)) &&
           next.Receive().value_or(RawMessage{}).status() == 200;
  }));
}

TEST_F(ServerHeldBytesTest, ABodyThatIsDroppedCountsToo) {
  TestServer server(bravo_, SmallLimits());
  const RawTlsConnection first = Announce(server, kLarge);
  RawTlsConnection second = Connect(server);
  ASSERT_TRUE(second.Send(
      Request("charlie.test", kLarge, 1, "Federation-Relay: alpha.test\r\nFederation-Hops: 1\r\n")));
  const std::optional<RawMessage> answer = second.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 403);
  EXPECT_EQ(answer->Header("Connection"), "close");
}

TEST_F(ServerHeldBytesTest, AnswersThatAreNotReadAreReplacedWhenTheyAreTooMuch) {
  TestServer server(bravo_, SmallLimits(),
                    [](const federation::https::Request& request, const Server::Respond& respond) {
                      respond({.body = std::string(std::stoul(request.body), 'x')});
                    });
  const auto ask = [](std::size_t bytes) { return GoodRequest(absl::StrCat(bytes)); };
  RawTlsConnection slow = Connect(server);
  ASSERT_TRUE(slow.Send(ask(kHuge) + ask(2000) + ask(1000)));
  ASSERT_TRUE(support::Eventually([&] {
    RawTlsConnection second = Connect(server);
    return second.Send(ask(2000)) && second.Receive().value_or(RawMessage{}).status() == 503;
  }));
  RawTlsConnection other = ConnectAs(server, ca_.Issue("charlie.test"));
  ASSERT_TRUE(other.Send(RawRequest("Host: b\r\nContent-Length: 4\r\n", "2000")));
  EXPECT_EQ(other.Receive().value_or(RawMessage{}).status(), 200);
  EXPECT_EQ(slow.Receive().value_or(RawMessage{}).body.size(), kHuge);
  ExpectBusy(slow.Receive(), "too many answers");
  EXPECT_EQ(slow.Receive().value_or(RawMessage{}).body.size(), 1000U);
  // It goes on, and what was read makes room.
  ASSERT_TRUE(slow.Send(ask(2000)));
  EXPECT_EQ(slow.Receive().value_or(RawMessage{}).body.size(), 2000U);
}

TEST_F(ServerHeldBytesTest, PeersWithoutANameHoldTogether) {
  TestServer server(bravo_, SmallLimits());
  const TlsFiles nameless = ca_.Issue(support::CertificateOptions{});
  const std::string relayed = "Federation-Relay: alpha.test\r\nFederation-Hops: 1\r\n";
  RawTlsConnection first = ConnectAs(server, nameless);
  ASSERT_TRUE(first.Send(Request("alpha.test", kLarge, 1, relayed + "Expect: 100-continue\r\n")));
  EXPECT_EQ(first.Receive().value_or(RawMessage{}).status(), 100);
  RawTlsConnection second = ConnectAs(server, nameless);
  ASSERT_TRUE(second.Send(Request("alpha.test", kLarge, 1, relayed)));
  EXPECT_EQ(second.Receive().value_or(RawMessage{}).Header("Connection"), "close");
}

// What the allocator has given out, in MiB; of this process, whose other end of the connections holds little.
std::int64_t InUse_mib() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<std::int64_t>((info.uordblks + info.hblkhd) >> 20);
}

// What one certificate can make a server with its defaults hold.
TEST_F(ServerHeldBytesTest, BodiesThatNeverEndTakeNoMoreThanTheirBudget) {
  HttpLimits limits = TestLimits();
  limits.linger_timeout = std::chrono::seconds(60);
  TestServer server(bravo_, limits);
  const std::string most =
      Request("alpha.test", HttpLimits{}.body_bytes_max, HttpLimits{}.body_bytes_max - 1);
  const std::int64_t before = InUse_mib();
  std::vector<RawTlsConnection> connections;
  int refused = 0;
  for (std::size_t i = 0; i < HttpLimits{}.connections_per_peer_max; ++i) {
    connections.push_back(Connect(server));
    connections.back().GiveUpAfter(std::chrono::seconds(3));
    // Past the first ones there is an answer, and then an end.
    if (!connections.back().Send(most) || i >= 8) {
      refused += connections.back().Receive().value_or(RawMessage{}).status() == 503 ? 1 : 0;
    }
  }
  EXPECT_LE(InUse_mib() - before, 32 + 32);
  EXPECT_EQ(refused, 64 - 8);
  RawTlsConnection other = ConnectAs(server, ca_.Issue("charlie.test"));
  ASSERT_TRUE(other.Send(Request("charlie.test", HttpLimits{}.body_bytes_max, HttpLimits{}.body_bytes_max)));
  EXPECT_EQ(other.Receive().value_or(RawMessage{}).status(), 200);
}

TEST_F(ServerHeldBytesTest, AnswersThatNobodyReadsTakeNoMoreThanTheirBudget) {
  TestServer server(bravo_, TestLimits(),
                    [](const federation::https::Request&, const Server::Respond& respond) {
                      respond({.body = std::string(HttpLimits{}.answer_bytes_max, 'x')});
                    });
  std::string requests;
  for (std::size_t i = 0; i < HttpLimits{}.pipelined_requests_max; ++i) requests += GoodRequest("");
  const std::int64_t before = InUse_mib();
  std::vector<RawTlsConnection> connections;
  for (int i = 0; i < 60; ++i) {
    connections.push_back(Connect(server));
    ASSERT_TRUE(connections.back().Send(requests));
  }
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_LE(InUse_mib() - before, 32 + 32);
  }
  std::optional<RawMessage> last;
  for (std::size_t i = 0; i < HttpLimits{}.pipelined_requests_max; ++i) last = connections.back().Receive();
  ExpectBusy(last, "too many answers");
}

}  // namespace
}  // namespace federation::https
