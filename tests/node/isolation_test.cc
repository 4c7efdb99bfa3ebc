// What a thousand peers that are dead, silent or lying do to a healthy one.
#include <chrono>
#include <string>
#include <unistd.h>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "node/two_nodes.h"
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
  void KnowBadPeer(const std::string& domain, const HostPort& address) {
    alpha.options().peers[domain] = address;
    bad_.push_back(domain);
  }

  std::vector<std::string> bad_;
};

TEST_F(IsolationTest, AThousandBadPeersDoNotHoldUpAGoodOne) {
  const BoundPort refusing(false);
  const BoundPort silent(true);
  // Says of every push that it has what it cannot have.
  support::CertificateOptions wildcard;
  wildcard.dns_names = {"*.liars.test"};
  support::RawTlsServer liars(ca.Issue(wildcard), [](support::RawTlsConnection& connection, int) {
    const std::string lie = R"({"receive":"ok","seq":999999999})";
    while (connection.Receive().has_value()) {
      if (!connection.Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(lie.size()) + "\r\n\r\n" + lie)) {
        return;
      }
    }
  });
  bravo.Start();
  alpha.KnowPeer(bravo);
  for (int i = 0; i < 400; ++i) KnowBadPeer("dead" + std::to_string(i) + ".test", refusing.address());
  for (int i = 0; i < 300; ++i) KnowBadPeer("silent" + std::to_string(i) + ".test", silent.address());
  for (int i = 0; i < 300; ++i) {
    KnowBadPeer("n" + std::to_string(i) + ".liars.test", {"127.0.0.1", liars.port()});
  }
  alpha.Start();
  for (int i = 0; i < 3; ++i) {
    const auto sent = alpha.node().SendStrongToAll(bad_, Json(i));
    ASSERT_TRUE(sent.ok()) << sent.status();
  }
  // One behind the other, each of them delivered before the next one is sent: many times the way to and fro,
  // in less time than one of the bad peers is waited for.
  for (std::size_t i = 1; i <= 100; ++i) {
    alpha.SendTo(bravo, Json(0));
    ASSERT_EQ(bravo.journal.WaitFor(i).size(), i);
  }
  // By now they had their chance to be in the way.
  const auto links = alpha.node().Links();
  ASSERT_TRUE(links.ok()) << links.status();
  std::size_t failing = 0;
  for (const LinkStatus& link : *links) failing += link.failures > 0 ? 1 : 0;
  EXPECT_GE(failing, 400U);
  alpha.Stop();
}

}  // namespace
}  // namespace federation::node
