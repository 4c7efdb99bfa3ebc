// Where a client connects to, when there are several places.
#include "https/connector.h"

#include <fcntl.h>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "https/harness.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(InterleaveFamilies, TakesTheFamiliesInTurn) {
  EXPECT_THAT(InterleaveFamilies({}), IsEmpty());
  EXPECT_THAT(InterleaveFamilies({"::1", "::2", "::3", "1.1.1.1", "1.1.1.2"}),
              ElementsAre("::1", "1.1.1.1", "::2", "1.1.1.2", "::3"));
  EXPECT_THAT(InterleaveFamilies({"1.1.1.1", "1.1.1.2", "::1"}), ElementsAre("1.1.1.1", "::1", "1.1.1.2"));
  EXPECT_THAT(InterleaveFamilies({"1.1.1.1", "1.1.1.2"}), ElementsAre("1.1.1.1", "1.1.1.2"));
}

// Knows the names that a test gives it; for a name without addresses there is never an answer, and for
// late.test one as soon as an unknown name is asked for.
class FakeResolver final : public NameResolver {
 public:
  explicit FakeResolver(std::map<std::string, std::vector<std::string>> names) : names_(std::move(names)) {}

  // The loop of the client, which is there later than the resolver.
  void RunOn(EventLoop& loop) { loop_ = &loop; }

  void Resolve(const std::string& name, Done done) override {
    if (name == "late.test") {
      late_ = std::move(done);
      return;
    }
    const auto found = names_.find(name);
    if (found == names_.end()) {
      loop_->Post([done = std::move(done)] { done(absl::NotFoundError("fake")); });
      if (late_) late_(std::vector<std::string>{"127.0.0.1"});
    } else if (!found->second.empty()) {
      loop_->Post([done = std::move(done), addresses = found->second] { done(addresses); });
    }
  }

 private:
  const std::map<std::string, std::vector<std::string>> names_;
  EventLoop* loop_ = nullptr;
  Done late_;
};

// Says of every domain that it is at these places.
class FakeFinder final : public ServerFinder {
 public:
  void Find(const std::string& /*domain*/, Done done) override { done(places); }
  void NoteUnreachable(const std::string& /*domain*/) override {}

  std::vector<directory::Candidate> places;
};

// A port of 127.0.0.2 or another loopback address that takes connections and says nothing, or does not even
// take them.
class DeadEnd {
 public:
  DeadEnd(const char* ip, std::uint16_t port, bool takes_connections) : socket_(Socket()) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, ip, &address.sin_addr);
    bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    listen(socket_, takes_connections ? 16 : 0);
    // A queue that is full: the system drops what else comes.
    for (int i = 0; !takes_connections && i < 4; ++i) {
      fillers_.push_back(Socket());
      fcntl(fillers_.back(), F_SETFL, O_NONBLOCK);
      connect(fillers_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    }
  }
  ~DeadEnd() {
    close(socket_);
    for (const int filler : fillers_) close(filler);
  }

  // Accepts the connection that is there and reads it to its end.
  bool SeesTheEnd() {
    const int connection = accept(socket_, nullptr, nullptr);
    char bytes[4096];
    ssize_t count = 1;
    while (count > 0) count = read(connection, bytes, sizeof(bytes));
    close(connection);
    return count == 0 || errno == ECONNRESET;
  }

 private:
  static int Socket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

  int socket_;
  std::vector<int> fillers_;
};

class ConnectorTest : public ::testing::Test {
 protected:
  // A client that knows names, and may connect to 127.0.0.0/8 or what is said.
  std::unique_ptr<TestClient> MakeClient(std::map<std::string, std::vector<std::string>> names,
                                         const HttpLimits& limits = TestLimits(),
                                         const std::string& allowed = "127.0.0.0/8") {
    FakeResolver& resolver = *resolvers_.emplace_back(std::make_unique<FakeResolver>(std::move(names)));
    auto client = std::make_unique<TestClient>(alpha_, "alpha.test", limits,
                                               *directory::AddressPolicy::Create({allowed}), 1,
                                               Finding{.servers = &finder_, .names = &resolver});
    resolver.RunOn(client->loop());
    return client;
  }
  // A call that finds the server at these places.
  Call CallToHosts(const std::vector<HostPort>& hosts) {
    finder_.places.clear();
    for (const HostPort& host : hosts) {
      finder_.places.push_back({.address = host, .certificate_names = {"bravo.test"}, .from_outside = true});
    }
    Call call = CallTo(0);
    call.address = {};
    return call;
  }
  static void ExpectAnswered(const absl::StatusOr<Answer>& answer) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 200);
  }

  FakeFinder finder_;
  std::vector<std::unique_ptr<FakeResolver>> resolvers_;
  support::TestCa ca_;
  TlsFiles alpha_ = ca_.Issue("alpha.test");
  TlsFiles bravo_ = ca_.Issue("bravo.test");
};

TEST_F(ConnectorTest, GoesOnWithTheNextAddressWhenOneRefuses) {
  TestServer server(bravo_);
  const auto client = MakeClient({{"host.test", {"127.0.0.3", "127.0.0.2", "127.0.0.1"}}});
  ExpectAnswered(client->Post(CallToHosts({{"host.test", server.port()}})));
}

TEST_F(ConnectorTest, GoesOnWithTheNextFamilyWhenOneIsNotThere) {
  TestServer server(bravo_);
  const auto policy_allows_all = "::/0";
  const auto client = MakeClient({{"host.test", {"::1", "127.0.0.1"}}}, TestLimits(), policy_allows_all);
  // Nobody listens on ::1, or there is no IPv6 at all.
  const absl::StatusOr<Answer> answer = client->Post(CallToHosts({{"host.test", server.port()}}));
  ExpectAnswered(answer);
}

TEST_F(ConnectorTest, DoesNotWaitForAnAddressThatIsSilent) {
  TestServer server(bravo_);
  for (const bool takes_connections : {false, true}) {
    SCOPED_TRACE(takes_connections);
    DeadEnd dead_end("127.0.0.2", server.port(), takes_connections);
    const auto client = MakeClient({{"host.test", {"127.0.0.2", "127.0.0.1"}}});
    ExpectAnswered(client->Post(CallToHosts({{"host.test", server.port()}})));
    if (takes_connections) {
      EXPECT_TRUE(dead_end.SeesTheEnd()) << "the loser is closed while the winner is in use";
    }
  }
}

TEST_F(ConnectorTest, DoesNotWaitForAHostThatIsSilent) {
  TestServer server(bravo_);
  DeadEnd dead_end("127.0.0.2", server.port(), false);
  const auto client = MakeClient({{"dead.test", {"127.0.0.2"}}, {"host.test", {"127.0.0.1"}}});
  ExpectAnswered(client->Post(CallToHosts({{"dead.test", server.port()}, {"host.test", server.port()}})));
}

TEST_F(ConnectorTest, GoesOnWhenAServerIsNotTheDestination) {
  TestServer server(bravo_);
  RawTlsServer impostor(ca_.Issue("charlie.test"), [](RawTlsConnection&, int) {});
  const auto client = MakeClient({{"a.test", {"127.0.0.1"}}, {"b.test", {"127.0.0.1"}}});
  ExpectAnswered(client->Post(CallToHosts({{"a.test", impostor.port()}, {"b.test", server.port()}})));
  EXPECT_EQ(impostor.connections(), 1);
}

TEST_F(ConnectorTest, DoesNotWaitForANameThatIsSilent) {
  TestServer server(bravo_);
  const auto client = MakeClient({{"silent.test", {}}, {"host.test", {"127.0.0.1"}}});
  ExpectAnswered(client->Post(CallToHosts({{"silent.test", server.port()}, {"host.test", server.port()}})));
}

TEST_F(ConnectorTest, TriesANameThatWasFoundLate) {
  TestServer server(bravo_);
  const auto client = MakeClient({});
  ExpectAnswered(client->Post(CallToHosts({{"late.test", server.port()}, {"unknown.test", server.port()}})));
}

TEST_F(ConnectorTest, TriesTheCandidatesInTheirOrder) {
  std::string host;
  RawTlsServer second(bravo_, [](RawTlsConnection&, int) {});
  {
    RawTlsServer first(bravo_, [&host](RawTlsConnection& connection, int) {
      host = connection.Receive().value_or(RawMessage{}).Header("Host");
      connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    });
    const auto client = MakeClient({{"host.test", {"127.0.0.1"}}});
    ExpectAnswered(client->Post(
        CallToHosts({{"unknown.test", 1}, {"host.test", first.port()}, {"host.test", second.port()}})));
    // Where a server was found is no part of its name.
    EXPECT_EQ(host, "bravo.test");
  }
  EXPECT_EQ(second.connections(), 0);
}

TEST_F(ConnectorTest, SaysOfEachCandidateWhyItWasNone) {
  const auto client = MakeClient({{"a.test", {"127.0.0.2"}}});
  EXPECT_EQ(client->Post(CallToHosts({{"a.test", 1}, {"b.test", 2}})).status(),
            absl::UnavailableError("bravo.test: a.test:1: connection refused; "
                                   "b.test:2: the name cannot be resolved: fake"));
  EXPECT_EQ(client->Post(CallToHosts({{"b.test", 1}, {"c.test", 2}})).status(),
            absl::UnavailableError("bravo.test: b.test:1: the name cannot be resolved: fake; "
                                   "c.test:2: the name cannot be resolved: fake"));
  EXPECT_EQ(client->Post(CallToHosts({})).status(),
            absl::UnavailableError("bravo.test: there is no address"));
}

TEST_F(ConnectorTest, ConnectsToNoAddressThatIsRefused) {
  RawTlsServer refused(bravo_, [](RawTlsConnection&, int) {});
  const auto client = MakeClient({{"host.test", {"127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1"}}}, TestLimits(),
                                 "127.0.0.2/32");
  const absl::Status name = client->Post(CallToHosts({{"host.test", refused.port()}})).status();
  EXPECT_EQ(name.code(), absl::StatusCode::kPermissionDenied);
  // An address that the operator has not written is no better than a name.
  const absl::Status address = client->Post(CallToHosts({{"127.0.0.1", refused.port()}})).status();
  EXPECT_EQ(address.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(address.message()), HasSubstr("is refused: loopback"));
  EXPECT_EQ(refused.connections(), 0);
}

TEST_F(ConnectorTest, LeavesOutTheRefusedOnesAmongTheAddressesOfAName) {
  TestServer server(bravo_);
  RawTlsServer refused(bravo_, [](RawTlsConnection&, int) {});
  const auto client = MakeClient({{"host.test", {"127.0.0.2", "127.0.0.1"}}}, TestLimits(), "127.0.0.1/32");
  ExpectAnswered(client->Post(CallToHosts({{"host.test", server.port()}})));
}

TEST_F(ConnectorTest, BoundsTheTimeForANameWithoutAnAnswer) {
  HttpLimits limits = TestLimits();
  limits.connect_timeout = std::chrono::milliseconds(50);
  const auto client = MakeClient({{"silent.test", {}}}, limits);
  const absl::Status status = client->Post(CallToHosts({{"silent.test", 1}})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("silent.test:1: no connection within 50 ms"));
}

TEST_F(ConnectorTest, TriesAsManyAddressesAsAllowed) {
  TestServer server(bravo_);
  HttpLimits limits = TestLimits();
  for (const std::size_t attempts : {3, 4}) {
    limits.connect_attempts_max = attempts;
    const auto client =
        MakeClient({{"host.test", {"127.0.0.5", "127.0.0.4", "127.0.0.3", "127.0.0.1"}}}, limits);
    EXPECT_EQ(client->Post(CallToHosts({{"host.test", server.port()}})).ok(), attempts == 4);
  }
}

TEST_F(ConnectorTest, TriesEachCandidateBeforeItHasTriedAsManyAddressesAsAllowed) {
  TestServer server(bravo_);
  HttpLimits limits = TestLimits();
  limits.connect_attempts_max = 3;
  const auto client =
      MakeClient({{"a.test", {"127.0.0.5", "127.0.0.4", "127.0.0.3"}}, {"b.test", {"127.0.0.1"}}}, limits);
  ExpectAnswered(client->Post(CallToHosts({{"a.test", server.port()}, {"b.test", server.port()}})));
}

TEST_F(ConnectorTest, StaysWithItsConnectionWhateverIsSaidMeanwhile) {
  for (const bool pipelined : {false, true}) {
    SCOPED_TRACE(pipelined);
    std::atomic<std::uint64_t> last_connection = 0;
    TestServer server(bravo_, TestLimits(),
                      [&last_connection](const Request& request, Server::Respond respond) {
                        last_connection = request.connection;
                        respond({.body = "{}"});
                      });
    const auto client = MakeClient({{"a.test", {"127.0.0.1"}}, {"b.test", {"127.0.0.1"}}});
    const HostPort a{"a.test", server.port()};
    const HostPort b{"b.test", server.port()};
    const auto post = [&](const std::vector<HostPort>& hosts) {
      Call call = CallToHosts(hosts);
      call.pipelined = pipelined;
      ExpectAnswered(client->Post(call));
      return last_connection.load();
    };
    EXPECT_EQ(post({a}), 1u);
    EXPECT_EQ(post({b, a}), 1u);
    EXPECT_EQ(post({b}), 1u);
    // Not with one to another place than where the operator says.
    Call configured = CallTo(server.port());
    configured.pipelined = pipelined;
    ExpectAnswered(client->Post(configured));
    EXPECT_EQ(last_connection, 2u);
    EXPECT_EQ(post({b}), 3u);
  }
}

}  // namespace
}  // namespace federation::https
