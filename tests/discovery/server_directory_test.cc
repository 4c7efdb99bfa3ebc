#include "discovery/server_directory.h"

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "directory/well_known.h"
#include "discovery/holding_dns.h"
#include "discovery/silent_server.h"
#include "support/dns_server.h"
#include "support/raw_tls_server.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation::discovery {
namespace {

using support::DnsServer;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Outcome = Resolution::Outcome;
using Source = Resolution::Source;

// The web server of bravo.test, with this answer for everybody.
class WebServer {
 public:
  WebServer(support::TestCa& ca, std::string answer, const std::string& domain = "bravo.test")
      : answer_(std::move(answer)),
        server_(ca.Issue(domain), [this](support::RawTlsConnection& connection, int) {
          if (connection.Receive()) connection.Send(answer_);
        }) {}
  std::uint16_t port() const { return server_.port(); }
  int connections() const { return server_.connections(); }

  static std::string Ok(const std::string& body, const std::string& headers = "") {
    return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", headers,
                        "Content-Length: ", body.size(), "\r\n\r\n", body);
  }

 private:
  const std::string answer_;
  support::RawTlsServer server_;
};

class ServerDirectoryTest : public ::testing::Test {
 protected:
  ServerDirectoryTest() { loop_.Start(); }

  // Asks from now on; without a web server nobody listens at its port.
  void Open(std::uint16_t web_port = 1, std::vector<std::string> allowed = {"127.0.0.0/8"}) {
    options_.discovery.well_known_port = web_port;
    if (options_.dns.servers.empty()) options_.dns.servers = {{"127.0.0.1", dns_.port()}};
    auto tls = https::ReloadableTls::Load(ca_.Issue("alpha.test"), "alpha.test");
    auto policy = directory::AddressPolicy::Create(allowed);
    if (!tls.ok() || !policy.ok()) throw std::runtime_error("the options are wrong");
    directory_.emplace(loop_, peers_, options_, *tls, *policy, [] { return 0.0; });
  }
  Resolution Explain(Lookup lookup = Lookup::kRemembered, const std::string& domain = "bravo.test") {
    std::promise<Resolution> found;
    loop_.Post(
        [&] { directory_->Explain(domain, lookup, [&](const Resolution& got) { found.set_value(got); }); });
    return found.get_future().get();
  }
  // What is said of the well-known document.
  std::string WellKnownReason(const std::string& answer, const std::string& certificate = "bravo.test") {
    WebServer web(ca_, answer, certificate);
    Open(web.port());
    const Resolution found = Explain();
    EXPECT_EQ(found.steps[1].source, Source::kWellKnown);
    EXPECT_NE(found.steps[1].outcome, Outcome::kTaken);
    // Whatever it is, the next ways are gone.
    EXPECT_THAT(Candidates(found), ElementsAre("bravo.test:9880 bravo.test"));
    return found.steps[1].reason;
  }
  static std::vector<std::string> Candidates(const Resolution& found) {
    std::vector<std::string> texts;
    for (const Resolution::Candidate& candidate : found.candidates) {
      std::string text = candidate.address.ToString();
      for (const std::string& name : candidate.certificate_names) text += " " + name;
      texts.push_back(text);
    }
    return texts;
  }

  https::EventLoop loop_;
  TemporaryFolder folder_;
  support::TestCa ca_;
  DnsServer dns_{folder_.File("")};
  directory::Discovery::Peers peers_ = {{"peer.test", {"10.0.0.1", 9881}}};
  ServerDirectoryOptions options_;
  std::optional<ServerDirectory> directory_;
};

TEST_F(ServerDirectoryTest, TakesWhatIsConfigured) {
  Open();
  const Resolution found = Explain(Lookup::kRemembered, "peer.test");
  EXPECT_THAT(Candidates(found), ElementsAre("10.0.0.1:9881 peer.test"));
  EXPECT_EQ(found.candidates[0].addresses[0].refused, "");
}

TEST_F(ServerDirectoryTest, TakesTheWellKnownDocument) {
  dns_.Start({"--host-record=bravo.test,127.0.0.1", "--host-record=node.host.test,127.0.0.2",
              DnsServer::Srv("bravo.test", "other.test", 9880)});
  WebServer web(ca_, WebServer::Ok(directory::FormatWellKnown({{"node.host.test", 9880}, {"10.0.0.1", 9880}}),
                                   "Cache-Control: max-age=120\r\n"));
  Open(web.port());
  const Resolution found = Explain();
  EXPECT_THAT(Candidates(found),
              ElementsAre("node.host.test:9880 node.host.test bravo.test", "10.0.0.1:9880 bravo.test"));
  ASSERT_THAT(found.steps, SizeIs(2));
  EXPECT_EQ(found.steps[1].outcome, Outcome::kTaken);
  EXPECT_EQ(found.candidates[0].addresses[0].refused, "");
  EXPECT_THAT(found.candidates[1].addresses[0].refused, HasSubstr("private"));
  EXPECT_GT(found.expires_in, std::chrono::seconds(60));
  EXPECT_LE(found.expires_in, std::chrono::seconds(120));
  // Remembered.
  Explain();
  EXPECT_EQ(web.connections(), 1);
  Explain(Lookup::kFresh);
  EXPECT_EQ(web.connections(), 2);
}

TEST_F(ServerDirectoryTest, GoesOnWhereTheWellKnownDocumentIsNone) {
  dns_.Start({"--host-record=bravo.test,127.0.0.1"});
  EXPECT_EQ(WellKnownReason("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "HTTP 404");
  EXPECT_EQ(WellKnownReason("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), "want HTTP 200, got 503");
  EXPECT_EQ(
      WellKnownReason("HTTP/1.1 301 Moved\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n"),
      "HTTP 301: redirects are not followed");
  EXPECT_EQ(WellKnownReason("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}"),
            "want application/json, got \"text/html\"");
  EXPECT_THAT(WellKnownReason(WebServer::Ok("<html>")), HasSubstr("want an object"));
  EXPECT_THAT(WellKnownReason(WebServer::Ok(R"({"endpoints":[]})")), HasSubstr("want at least one"));
  EXPECT_THAT(WellKnownReason(WebServer::Ok(std::string(64 * 1024 + 1, ' '))), HasSubstr("65536 bytes"));
  EXPECT_THAT(WellKnownReason("SMTP ready\r\n"), HasSubstr("the answer is refused"));
  // A document that comes from somebody else is not looked at.
  const std::string good = WebServer::Ok(directory::FormatWellKnown({{"evil.test", 9880}}));
  EXPECT_THAT(WellKnownReason(good, "evil.test"), HasSubstr("certificate is not valid for bravo.test"));
}

TEST_F(ServerDirectoryTest, TakesSrvWithAliasesOfItsTargets) {
  dns_.Start({DnsServer::Srv("bravo.test", "second.test", 9882, 20), "--local-ttl=60",
              DnsServer::Srv("bravo.test", "alias.test", 9881, 10), "--host-record=node.test,127.0.0.1",
              "--cname=alias.test,node.test"});
  Open();
  const Resolution found = Explain();
  EXPECT_THAT(Candidates(found), ElementsAre("alias.test:9881 bravo.test", "second.test:9882 bravo.test"));
  EXPECT_THAT(found.candidates[0].addresses, SizeIs(1));
  EXPECT_EQ(found.candidates[0].addresses[0].ip, "127.0.0.1");
  EXPECT_EQ(found.candidates[1].error, "there is no such name");
  ASSERT_THAT(found.steps, SizeIs(3));
  EXPECT_EQ(found.steps[1].outcome, Outcome::kFailed);
  EXPECT_EQ(found.steps[2].source, Source::kSrv);
  EXPECT_EQ(found.steps[2].outcome, Outcome::kTaken);
}

TEST_F(ServerDirectoryTest, TakesTheDomainWhereThereIsNothing) {
  dns_.Start({"--host-record=bravo.test,127.0.0.1", "--txt-record=_actor-server._tcp.bravo.test,hello"});
  Open();
  const Resolution found = Explain();
  EXPECT_THAT(Candidates(found), ElementsAre("bravo.test:9880 bravo.test"));
  EXPECT_THAT(found.steps, SizeIs(4));
  EXPECT_EQ(found.steps[2].reason, "the name has no such record");
  EXPECT_LE(found.expires_in, std::chrono::seconds(30));
  const Resolution nobody = Explain(Lookup::kRemembered, "nobody.test");
  EXPECT_EQ(nobody.steps[2].reason, "there is no such name");
  EXPECT_EQ(nobody.candidates[0].error, "there is no such name");
}

TEST_F(ServerDirectoryTest, BelievesThatThereIsNoServer) {
  dns_.Start({"--srv-host=_actor-server._tcp.bravo.test"});
  Open();
  const Resolution found = Explain();
  EXPECT_EQ(found.status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(found.candidates, IsEmpty());
}

TEST_F(ServerDirectoryTest, ShowsWhichAddressesAreRefused) {
  dns_.Start({"--host-record=bravo.test,127.0.0.1", "--host-record=node.test,10.1.2.3,fd00::1",
              DnsServer::Srv("bravo.test", "node.test", 9880), "--local-ttl=60"});
  Open(1, {});
  const Resolution found = Explain();
  EXPECT_THAT(found.steps[1].reason, HasSubstr("\"127.0.0.1\" is refused: loopback"));
  ASSERT_THAT(found.candidates[0].addresses, SizeIs(2));
  for (const Resolution::Address& address : found.candidates[0].addresses) {
    EXPECT_THAT(address.refused, HasSubstr(address.ip == "fd00::1" ? "unique local" : "private"));
  }
}

TEST_F(ServerDirectoryTest, AsksAgainForAnAnswerThatMustNotBeKept) {
  dns_.Start({DnsServer::Srv("bravo.test", "old.test", 9880), "--local-ttl=0"});
  Open();
  EXPECT_THAT(Candidates(Explain()), ElementsAre("old.test:9880 bravo.test"));
  dns_.Start({DnsServer::Srv("bravo.test", "new.test", 9880), "--local-ttl=0"});
  EXPECT_THAT(Candidates(Explain()), ElementsAre("new.test:9880 bravo.test"));
}

TEST_F(ServerDirectoryTest, KeepsAnAnswerUntilItExpires) {
  dns_.Start({DnsServer::Srv("bravo.test", "old.test", 9880), "--local-ttl=1"});
  Open();
  EXPECT_THAT(Candidates(Explain()), ElementsAre("old.test:9880 bravo.test"));
  dns_.Start({DnsServer::Srv("bravo.test", "new.test", 9880), "--local-ttl=300"});
  // However long that took.
  std::this_thread::sleep_for(std::chrono::milliseconds(1001));
  EXPECT_THAT(Candidates(Explain()), ElementsAre("new.test:9880 bravo.test"));
  dns_.Start({DnsServer::Srv("bravo.test", "newer.test", 9880), "--local-ttl=300"});
  EXPECT_THAT(Candidates(Explain()), ElementsAre("new.test:9880 bravo.test"));
  EXPECT_THAT(Candidates(Explain(Lookup::kFresh)), ElementsAre("newer.test:9880 bravo.test"));
}

TEST_F(ServerDirectoryTest, TakesTheDomainWhenNoDnsServerAnswers) {
  SilentServer silent;
  options_.dns = {.servers = {{"127.0.0.1", silent.port()}}, .timeout = std::chrono::milliseconds(20)};
  Open();
  const Resolution found = Explain();
  EXPECT_THAT(Candidates(found), ElementsAre("bravo.test:9880 bravo.test"));
  EXPECT_EQ(found.steps[2].outcome, Outcome::kFailed);
  EXPECT_EQ(found.steps[2].reason, "no DNS server answers");
  EXPECT_EQ(found.candidates[0].error, "no DNS server answers");
}

// None of those that come from others; those that its operator has written down it knows.
TEST_F(ServerDirectoryTest, KnowsNothingOfTheNamesOfThisMachine) {
  SilentServer silent;
  options_.dns = {.servers = {{"127.0.0.1", silent.port()}}, .timeout = std::chrono::milliseconds(20)};
  peers_["named.test"] = {"localhost", 9881};
  Open();
  const Resolution outside = Explain(Lookup::kRemembered, "localhost");
  EXPECT_THAT(outside.candidates[0].addresses, IsEmpty());
  EXPECT_NE(outside.candidates[0].error, "");
  const Resolution configured = Explain(Lookup::kRemembered, "named.test");
  EXPECT_THAT(configured.candidates[0].addresses,
              Contains(testing::Field(&Resolution::Address::ip, "127.0.0.1")));
}

TEST_F(ServerDirectoryTest, ShowsAFamilyThatNobodyKnows) {
  dns_.Start({"--host-record=bravo.test,127.0.0.1,2001:db8::1"});
  HoldingDns front(dns_.port(), HoldingDns::kAaaa);
  options_.dns = {.servers = {{"127.0.0.1", front.port()}}, .timeout = std::chrono::milliseconds(500)};
  Open();
  const Resolution found = Explain();
  // It was not waited for where a connection was to be made.
  EXPECT_THAT(found.steps[1].reason, HasSubstr("connection refused"));
  ASSERT_THAT(found.candidates[0].addresses, SizeIs(1));
  EXPECT_EQ(found.candidates[0].addresses[0].ip, "127.0.0.1");
  EXPECT_EQ(found.candidates[0].error, "AAAA: no DNS server answers");
}

TEST_F(ServerDirectoryTest, CanBeDestroyedWhileItLooks) {
  SilentServer silent;
  options_.dns.servers = {{"127.0.0.1", silent.port()}};
  Open();
  std::promise<void> asked;
  loop_.Post([&] {
    directory_->Explain("bravo.test", Lookup::kRemembered, [](const Resolution&) { ADD_FAILURE(); });
    directory_->Find("bravo.test", [](const auto&) { ADD_FAILURE(); });
    asked.set_value();
  });
  asked.get_future().wait();
  directory_.reset();
}

}  // namespace
}  // namespace federation::discovery
