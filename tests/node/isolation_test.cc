// What a thousand peers that are dead, silent or lying do to a healthy one.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "node/two_nodes.h"
#include "support/eventually.h"
#include "support/raw_tls_server.h"

namespace federation::node {
namespace {

// A port on loopback that is bound: connections to it are refused, or are accepted by the system and by
// nobody else.
class BoundPort {
 public:
  explicit BoundPort(bool listens) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listens) {
      EXPECT_EQ(::listen(socket_, 4096), 0);
    }
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~BoundPort() { ::close(socket_); }
  BoundPort(const BoundPort&) = delete;
  BoundPort& operator=(const BoundPort&) = delete;

  HostPort address() const { return {"127.0.0.1", port_}; }

 private:
  const int socket_;
  std::uint16_t port_ = 0;
};

class IsolationTest : public TwoNodes {
 protected:
  // All of these connections have their ends in this process: more of them than many a shell allows.
  void SetUp() override {
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  }
  // Before the liars go, who wait for what alpha says next.
  void TearDown() override { alpha.Stop(); }

  void KnowBadPeer(const std::string& domain, const HostPort& address) {
    alpha.options().peers[domain] = address;
    bad_.push_back(domain);
  }
  // A server that says of every push that it has what it cannot have. A RawTlsServer talks to one client at a
  // time, so that each liar is a server of its own.
  void StartLiar(const std::string& domain, const TlsFiles& files) {
    liars_.push_back(
        std::make_unique<support::RawTlsServer>(files, [](support::RawTlsConnection& connection, int) {
          const std::string lie = R"({"receive":"ok","seq":999999999})";
          while (connection.Receive().has_value()) {
            if (!connection.Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                                 std::to_string(lie.size()) + "\r\n\r\n" + lie)) {
              return;
            }
          }
        }));
    KnowBadPeer(domain, {"127.0.0.1", liars_.back()->port()});
  }
  // How many links to domains that end so are as asked for.
  std::size_t CountLinks(const std::string& ending, const std::function<bool(const LinkStatus&)>& wanted) {
    const auto links = alpha.node().Links();
    EXPECT_TRUE(links.ok()) << links.status();
    std::size_t count = 0;
    for (const LinkStatus& link : *links) count += link.destination.ends_with(ending) && wanted(link) ? 1 : 0;
    return count;
  }
  // Sends the updates first .. last to bravo, each of them when the one before it is applied.
  void DeliverInTurn(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i) {
      alpha.SendTo(bravo, Json(0));
      ASSERT_EQ(bravo.journal.WaitFor(i).size(), i);
    }
  }

  std::vector<std::string> bad_;
  std::vector<std::unique_ptr<support::RawTlsServer>> liars_;
};

constexpr std::size_t kDead = 600;
constexpr std::size_t kSilent = 300;
constexpr std::size_t kLiars = 100;

TEST_F(IsolationTest, AThousandBadPeersDoNotHoldUpAGoodOne) {
  const BoundPort refusing(false);
  const BoundPort silent(true);
  support::CertificateOptions wildcard;
  wildcard.dns_names = {"*.liars.test"};
  const TlsFiles liar = ca.Issue(wildcard);
  bravo.Start();
  alpha.KnowPeer(bravo);
  for (std::size_t i = 0; i < kDead; ++i) KnowBadPeer(fmt::format("n{}.dead.test", i), refusing.address());
  for (std::size_t i = 0; i < kSilent; ++i) KnowBadPeer(fmt::format("n{}.silent.test", i), silent.address());
  for (std::size_t i = 0; i < kLiars; ++i) StartLiar(fmt::format("n{}.liars.test", i), liar);
  // A silent peer is waited for longer than this test may take: whatever waits behind one does not come.
  alpha.options().limits.http.connect_timeout = 1h;
  alpha.options().limits.outbox.push_timeout = 1h;
  alpha.Start();
  for (int i = 0; i < 3; ++i) {
    const auto sent = alpha.node().SendStrongToAll(bad_, Json(i));
    ASSERT_TRUE(sent.ok()) << sent.status();
  }
  // While alpha gets to know the bad ones, and when each of them has shown what it is.
  ASSERT_NO_FATAL_FAILURE(DeliverInTurn(1, 50));
  const auto has_failed = [](const LinkStatus& link) { return link.counters.unreachable > 0; };
  const auto has_lied = [](const LinkStatus& link) { return link.counters.own_store_restored > 0; };
  EXPECT_TRUE(support::Eventually([&] { return CountLinks(".dead.test", has_failed) == kDead; }, 60s));
  EXPECT_TRUE(support::Eventually([&] { return CountLinks(".liars.test", has_lied) == kLiars; }, 60s));
  ASSERT_NO_FATAL_FAILURE(DeliverInTurn(51, 100));
  const auto is_waited_for = [](const LinkStatus& link) { return link.failures == 0 && link.pending() == 3; };
  EXPECT_EQ(CountLinks(".silent.test", is_waited_for), kSilent);
}

}  // namespace
}  // namespace federation::node
