// Several domains on one port.
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "node/two_nodes.h"
#include "support/eventually.h"
#include "support/raw_tls_client.h"

namespace federation::node {
namespace {

using support::ConnectRawTls;
using support::RawTlsConnection;
using testing::ElementsAre;
using testing::HasSubstr;

// one.test and two.test on one port, started in this order, and alpha.test elsewhere.
class SharedPorts : public TwoNodes {
 protected:
  void StartAll() {
    auto port = SharedPort::Listen({"127.0.0.1", 0});
    ASSERT_TRUE(port.ok()) << port.status();
    for (Server* server : {&one, &two}) server->options().shared_port = *port;
    one.options().listen.port = two.options().listen.port = (*port)->port();
    alpha.Start();
    alpha.Stop();
    for (Server* server : {&one, &two}) {
      server->KnowPeer(alpha);
      alpha.KnowPeer(*server);
    }
    one.KnowPeer(two);
    two.KnowPeer(one);
    for (Server* server : {&one, &two, &alpha}) server->Start();
    // Only the nodes hold it now.
    for (Server* server : {&one, &two}) server->options().shared_port = *port;
  }
  // A connection of alpha.test that asks for `name`, or for none, and wants a certificate for `certified`.
  RawTlsConnection Connect(const char* name, const std::string& certified) {
    RawTlsConnection connection = ConnectRawTls(one.options().listen.port, alpha.options().tls, certified);
    SSL_set_tlsext_host_name(connection.ssl(), name);
    return connection;
  }
  // An empty push that says for whom it is, if it does, and what comes back: its status, and its body.
  static std::string Push(RawTlsConnection& connection, const std::string& destination) {
    const std::string header =
        destination.empty() ? "" : fmt::format("Federation-Destination: {}\r\n", destination);
    connection.Send(
        fmt::format("POST /http/v1/updates HTTP/1.1\r\nHost: x\r\nFederation-Origin: alpha.test\r\n{}"
                    "Content-Length: 9\r\n\r\n{{\"seq\":0}}",
                    header));
    const auto answer = connection.Receive();
    return answer ? fmt::format("{} {}", answer->status(), answer->body) : "nothing";
  }
  // Which of the nodes say that they got a push meanwhile.
  std::string GotBy(const std::string& name, const std::string& certified, const std::string& destination) {
    const int one_before = one_pushes, two_before = two_pushes;
    RawTlsConnection connection = Connect(name.empty() ? nullptr : name.c_str(), certified);
    const std::string answer = Push(connection, destination);
    std::string got = answer.substr(0, 3);
    // An observer is told after the peer.
    if (got == "200") support::Eventually([&] { return one_pushes > one_before || two_pushes > two_before; });
    if (one_pushes > one_before) got += " one";
    if (two_pushes > two_before) got += " two";
    return got;
  }

  SharedPorts() {
    one.before_start = [this](Node& node) { node.OnReceived([this](const Received&) { ++one_pushes; }); };
    two.before_start = [this](Node& node) { node.OnReceived([this](const Received&) { ++two_pushes; }); };
  }

  TlsFiles Certificate(std::vector<std::string> names) {
    support::CertificateOptions options;
    options.dns_names = std::move(names);
    return ca.Issue(options);
  }

  support::TestCa other;
  std::atomic<int> one_pushes{0};
  std::atomic<int> two_pushes{0};
  Server one{"one.test", ca, folder.File("one.db")};
  Server two{"two.test", ca, folder.File("two.db")};
};

TEST_F(SharedPorts, EachDomainHasNumbersOfItsOwn) {
  StartAll();
  alpha.SendTo(one, Json(1));
  alpha.SendTo(one, Json(2));
  alpha.SendTo(two, Json(3));
  one.SendTo(alpha, Json(4));
  two.SendTo(alpha, Json(5));
  EXPECT_THAT(one.journal.WaitFor(2), ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2)));
  EXPECT_THAT(two.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(3)));
  EXPECT_THAT(alpha.journal.WaitFor(2),
              testing::UnorderedElementsAre("one.test 1 " + Json(4), "two.test 1 " + Json(5)));
  EXPECT_TRUE(alpha.WaitUntilDelivered(one));
  EXPECT_TRUE(alpha.WaitUntilDelivered(two));
}

TEST_F(SharedPorts, OneDomainSendsToAnother) {
  StartAll();
  one.SendTo(two, Json(1));
  two.SendTo(one, Json(2));
  EXPECT_THAT(two.journal.WaitFor(1), ElementsAre("one.test 1 " + Json(1)));
  EXPECT_THAT(one.journal.WaitFor(1), ElementsAre("two.test 1 " + Json(2)));
}

TEST_F(SharedPorts, TheNameThatIsAskedForChoosesTheCertificate) {
  StartAll();
  EXPECT_EQ(GotBy("one.test", "one.test", ""), "200 one");
  EXPECT_EQ(GotBy("two.test", "two.test", ""), "200 two");
  EXPECT_EQ(GotBy("TWO.test", "two.test", ""), "200 two");
  EXPECT_EQ(GotBy("", "one.test", ""), "200 one") << "the first one is for who asks for none,";
  EXPECT_EQ(GotBy("three.test", "one.test", ""), "200 one") << "or for another one";
  EXPECT_EQ(GotBy("one.test", "two.test", ""), "not");
  EXPECT_EQ(GotBy("", "two.test", ""), "not");
}

TEST_F(SharedPorts, ARequestComesToItsDestinationOnly) {
  StartAll();
  EXPECT_EQ(GotBy("one.test", "one.test", "one.test"), "200 one");
  EXPECT_EQ(GotBy("two.test", "two.test", "Two.Test"), "200 two");
  EXPECT_EQ(GotBy("one.test", "one.test", "two.test"), "421");
  EXPECT_EQ(GotBy("two.test", "two.test", "one.test"), "421");
  EXPECT_EQ(GotBy("", "one.test", "two.test"), "421");
  EXPECT_EQ(GotBy("three.test", "one.test", "two.test"), "421");
  EXPECT_EQ(GotBy("two.test", "two.test", "three.test"), "404");
}

TEST_F(SharedPorts, ACertificateForBothBringsToBoth) {
  one.options().tls = Certificate({"one.test", "two.test"});
  StartAll();
  EXPECT_EQ(GotBy("one.test", "one.test", "two.test"), "200 two");
  EXPECT_EQ(GotBy("", "two.test", "two.test"), "200 two");
  EXPECT_EQ(GotBy("two.test", "two.test", "one.test"), "421");
}

// Who speaks was established with the authorities of the domain that the client asked for.
TEST_F(SharedPorts, ACertificateForBothBringsOnlyToWhoTrustsTheSameAuthorities) {
  one.options().tls = Certificate({"one.test", "two.test"});
  two.options().tls.authorities = other.authorities();
  StartAll();
  EXPECT_EQ(GotBy("two.test", "two.test", "two.test"), "not");
  EXPECT_EQ(GotBy("one.test", "one.test", "one.test"), "200 one");
  EXPECT_EQ(GotBy("one.test", "one.test", "two.test"), "421");
  EXPECT_EQ(GotBy("", "one.test", "two.test"), "421");
}

TEST_F(SharedPorts, ADomainThatComesAgainWithOtherAuthoritiesAsksForANewConnection) {
  StartAll();
  RawTlsConnection held = Connect("two.test", "two.test");
  EXPECT_THAT(Push(held, ""), HasSubstr("200"));
  two.Stop();
  two.options().tls.authorities = other.authorities();
  two.Start();
  EXPECT_THAT(Push(held, ""), HasSubstr("421"));
}

TEST_F(SharedPorts, AnAnnouncedHostChoosesWhoAnnouncesIt) {
  two.options().discovery.announced = {{"127.0.0.1", 9880}, {"Node.test", 9880}};
  StartAll();
  EXPECT_EQ(GotBy("node.test", "two.test", "two.test"), "200 two");
  EXPECT_EQ(GotBy("NODE.test", "two.test", ""), "200 two");
  EXPECT_EQ(GotBy("node.test", "two.test", "one.test"), "421");
  EXPECT_EQ(GotBy("127.0.0.1", "one.test", "one.test"), "200 one") << "addresses are no names";
}

TEST_F(SharedPorts, AHostThatAllAnnounceBringsToAll) {
  two.options().tls = Certificate({"two.test", "node.test"});
  for (Server* server : {&one, &two}) server->options().discovery.announced = {{"node.test", 9880}};
  StartAll();
  EXPECT_EQ(GotBy("node.test", "node.test", "one.test"), "200 one") << "with the certificate of two.test";
  EXPECT_EQ(GotBy("node.test", "node.test", "two.test"), "200 two");
  EXPECT_EQ(GotBy("node.test", "node.test", "three.test"), "404");
  EXPECT_EQ(GotBy("one.test", "one.test", "one.test"), "200 one");
  EXPECT_EQ(GotBy("one.test", "one.test", "two.test"), "421");
  EXPECT_EQ(GotBy("two.test", "node.test", "one.test"), "421") << "the host was not asked for";
}

TEST_F(SharedPorts, ADomainMayAnnounceAnotherOneOfThePort) {
  two.options().discovery.announced = {{"one.test", 9880}};
  StartAll();
  EXPECT_EQ(GotBy("one.test", "one.test", "two.test"), "200 two");
  EXPECT_EQ(GotBy("one.test", "one.test", "one.test"), "200 one");
  EXPECT_EQ(GotBy("two.test", "two.test", "one.test"), "421");
}

// A certificate that is good for one of them only, or nobody's word that the host may speak for the other.
TEST_F(SharedPorts, AHostCountsForWhoseDocumentMayHaveNamedIt) {
  one.options().tls = Certificate({"one.test", "node.test"});
  for (Server* server : {&one, &two}) server->options().discovery.announced = {{"node.test", 9880}};
  StartAll();
  EXPECT_EQ(GotBy("node.test", "one.test", "two.test"), "200 two");
  // The host's name has gone from the certificate since.
  const TlsFiles without = ca.Issue("one.test");
  for (const auto& [from, to] : {std::pair{&without.certificate, &one.options().tls.certificate},
                                 {&without.private_key, &one.options().tls.private_key}}) {
    std::filesystem::copy_file(*from, *to, std::filesystem::copy_options::overwrite_existing);
  }
  ASSERT_TRUE(one.node().ReloadTls().ok());
  EXPECT_EQ(GotBy("node.test", "one.test", "one.test"), "200 one");
  EXPECT_EQ(GotBy("node.test", "one.test", "two.test"), "421");
}

TEST_F(SharedPorts, AHostThatCannotBringToAllIsRefused) {
  StartAll();
  const auto start = [this](const char* domain, TlsFiles tls, const char* host) {
    NodeOptions options{.domain = domain, .shared_port = two.options().shared_port, .tls = std::move(tls)};
    options.discovery.announced = {{host, 9880}};
    auto store = OpenSqliteStore(folder.File("other.db"));
    auto node = Node::Create(options, **store);
    return node.ok() ? (*node)->Start() : node.status();
  };
  TlsFiles trusting_others = Certificate({"three.test", "node.test", "two.test"});
  trusting_others.authorities = other.authorities();
  EXPECT_EQ(start("three.test", trusting_others, "two.test"),
            absl::InvalidArgumentError("discovery.announced: who asks for two.test is checked against the "
                                       "authorities of two.test, which are others than those of three.test"));
  two.Stop();
  two.options().discovery.announced = {{"node.test", 9880}};
  two.Start();
  EXPECT_EQ(
      start("three.test", Certificate({"three.test"}), "node.test"),
      absl::InvalidArgumentError("discovery.announced: who asks for node.test is shown the certificate of "
                                 "two.test, which is valid neither for it nor for three.test"));
  EXPECT_EQ(start("three.test", trusting_others, "node.test").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(start("three.test", Certificate({"three.test"}), "other.test"), absl::OkStatus());
  EXPECT_EQ(start("three.test", Certificate({"three.test", "node.test"}), "node.test"), absl::OkStatus());
  EXPECT_EQ(GotBy("two.test", "two.test", ""), "200 two");
  // The certificate that is shown for the host changes with who comes.
  EXPECT_EQ(start("node.test", Certificate({"node.test"}), "node.test"), absl::OkStatus());
  EXPECT_EQ(start("node.test", trusting_others, "other.test").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SharedPorts, NoSessionLeadsToAnotherDomain) {
  StartAll();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    RawTlsConnection first =
        ConnectRawTls(one.options().listen.port, alpha.options().tls, "one.test", version);
    EXPECT_THAT(Push(first, ""), HasSubstr("200"));
    SSL_SESSION* session = SSL_get1_session(first.ssl());
    RawTlsConnection second =
        ConnectRawTls(one.options().listen.port, alpha.options().tls, "two.test", version);
    SSL_set_session(second.ssl(), session);
    EXPECT_THAT(Push(second, ""), HasSubstr("200"));
    EXPECT_FALSE(SSL_session_reused(second.ssl()));
    X509* shown = SSL_get0_peer_certificate(second.ssl());
    ASSERT_NE(shown, nullptr);
    EXPECT_EQ(X509_check_host(shown, "two.test", 0, 0, nullptr), 1);
    SSL_SESSION_free(session);
  }
}

TEST_F(SharedPorts, EachDomainHasAuthoritiesOfItsOwn) {
  two.options().tls.authorities = other.authorities();
  StartAll();
  TlsFiles stranger = other.Issue("alpha.test");
  stranger.authorities = ca.authorities();
  const auto push = [&](const TlsFiles& files, const std::string& domain) {
    RawTlsConnection connection = ConnectRawTls(one.options().listen.port, files, domain);
    return Push(connection, "").substr(0, 3);
  };
  EXPECT_EQ(push(alpha.options().tls, "one.test"), "200");
  EXPECT_EQ(push(alpha.options().tls, "two.test"), "not");
  EXPECT_EQ(push(stranger, "one.test"), "not");
  EXPECT_EQ(push(stranger, "two.test"), "200");
}

TEST_F(SharedPorts, EachDomainReadsItsCertificateAgain) {
  StartAll();
  RawTlsConnection before = Connect("two.test", "two.test");
  EXPECT_THAT(Push(before, ""), HasSubstr("200"));
  const TlsFiles other = ca.Issue(support::CertificateOptions{.dns_names = {"two.test", "new.test"}});
  for (const auto& [from, to] : {std::pair{&other.certificate, &two.options().tls.certificate},
                                 {&other.private_key, &two.options().tls.private_key}}) {
    std::filesystem::copy_file(*from, *to, std::filesystem::copy_options::overwrite_existing);
  }
  ASSERT_TRUE(two.node().ReloadTls().ok());
  EXPECT_EQ(GotBy("two.test", "new.test", "two.test"), "200 two");
  EXPECT_EQ(GotBy("one.test", "new.test", ""), "not");
  EXPECT_EQ(GotBy("one.test", "one.test", ""), "200 one");
  EXPECT_THAT(Push(before, ""), HasSubstr("200"));
}

TEST_F(SharedPorts, ADomainMayComeAndGoWhileTheOthersStay) {
  StartAll();
  RawTlsConnection held = Connect("two.test", "two.test");
  EXPECT_THAT(Push(held, ""), HasSubstr("200"));
  two.Stop();
  EXPECT_THAT(Push(held, ""), HasSubstr("503"));
  EXPECT_EQ(GotBy("two.test", "two.test", ""), "not") << "nobody has its certificate now";
  EXPECT_EQ(GotBy("one.test", "one.test", ""), "200 one");
  alpha.SendTo(two, Json(1));
  two.Start();
  EXPECT_TRUE(alpha.WaitUntilDelivered(two));
  EXPECT_THAT(two.journal.WaitFor(1), ElementsAre("alpha.test 1 " + Json(1)));
}

TEST_F(SharedPorts, ADomainIsServedOnce) {
  StartAll();
  auto store = OpenSqliteStore(folder.File("other.db"));
  ASSERT_TRUE(store.ok());
  auto again = Node::Create(two.options(), **store);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->Start(), absl::AlreadyExistsError("shared_port: two.test is served already"));
  again->reset();
  EXPECT_EQ(GotBy("two.test", "two.test", ""), "200 two");
}

TEST_F(SharedPorts, ClosesConnectionsWhileNobodyIsThere) {
  StartAll();
  one.Stop();
  two.Stop();
  EXPECT_EQ(GotBy("one.test", "one.test", ""), "not");
  one.Start();
  EXPECT_EQ(GotBy("one.test", "one.test", ""), "200 one");
}

TEST_F(SharedPorts, ConnectionsAreCountedTogether) {
  HttpLimits limits;
  limits.connections_per_peer_max = 2;
  auto port = SharedPort::Listen({"127.0.0.1", 0}, limits);
  ASSERT_TRUE(port.ok());
  for (Server* server : {&one, &two}) {
    server->options().shared_port = *port;
    server->Start();
  }
  RawTlsConnection first = Connect("one.test", "one.test");
  RawTlsConnection second = Connect("two.test", "two.test");
  EXPECT_THAT(Push(first, ""), HasSubstr("200"));
  EXPECT_THAT(Push(second, ""), HasSubstr("200"));
  EXPECT_EQ(GotBy("two.test", "two.test", ""), "429");
}

}  // namespace
}  // namespace federation::node
