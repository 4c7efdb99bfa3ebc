#include "https/reloadable_tls.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/fetcher.h"
#include "https/harness.h"
#include "https/tls_watch.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::ConnectRawTls;
using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::HasSubstr;

class ReloadableTlsTest : public ::testing::Test {
 protected:
  // Moves the content of files to where bravo.test has its own, as tools that renew certificates do.
  void Install(const TlsFiles& files) {
    Move(files.certificate, installed_.certificate);
    Move(files.private_key, installed_.private_key);
  }
  void InstallAuthorities(const std::string& file) { Move(file, installed_.authorities); }
  static void Move(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to + ".new", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(to + ".new", to);
  }

  RawTlsConnection Connect(const TestServer& server) {
    return ConnectRawTls(server.port(), alpha_, "bravo.test");
  }
  static bool IsAnswered(RawTlsConnection& connection) {
    return connection.Send(GoodRequest("x")) && connection.Receive().value_or(RawMessage{}).status() == 200;
  }
  // The serial number of the certificate that the server shows; 0 if there is no connection.
  static long SerialOf(RawTlsConnection& connection) {
    if (!connection.Handshake()) return 0;
    return ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(connection.ssl())));
  }
  long SerialOfNewConnection(const TestServer& server) {
    RawTlsConnection connection = Connect(server);
    return SerialOf(connection);
  }

  support::TestCa ca_;
  TlsFiles alpha_ = ca_.Issue("alpha.test");
  TlsFiles installed_{ca_.directory() + "/installed.pem", ca_.directory() + "/installed.key",
                      ca_.directory() + "/installed-authorities.pem"};

  void SetUp() override {
    Install(ca_.Issue("bravo.test"));
    InstallAuthorities(ca_.authorities());
  }
};

TEST_F(ReloadableTlsTest, NewConnectionsUseWhatWasReadLastAndOldOnesGoOn) {
  TestServer server(installed_);
  RawTlsConnection old = Connect(server);
  const long old_serial = SerialOf(old);
  Install(ca_.Issue("bravo.test"));
  EXPECT_EQ(SerialOfNewConnection(server), old_serial);
  ASSERT_TRUE(server.tls().Reload().ok());
  RawTlsConnection young = Connect(server);
  EXPECT_NE(SerialOf(young), old_serial);
  EXPECT_TRUE(IsAnswered(young));
  EXPECT_TRUE(IsAnswered(old));
}

TEST_F(ReloadableTlsTest, AuthoritiesComeAndGo) {
  support::TestCa other;
  TestServer server(installed_);
  RawTlsConnection old = Connect(server);
  ASSERT_TRUE(IsAnswered(old));
  TlsFiles charlie = other.Issue("alpha.test");
  charlie.authorities = ca_.authorities();
  RawTlsConnection early = ConnectRawTls(server.port(), charlie, "bravo.test");
  EXPECT_FALSE(IsAnswered(early));

  InstallAuthorities(other.authorities());
  ASSERT_TRUE(server.tls().Reload().ok());
  RawTlsConnection late = ConnectRawTls(server.port(), charlie, "bravo.test");
  EXPECT_TRUE(IsAnswered(late));
  RawTlsConnection gone = Connect(server);
  EXPECT_FALSE(IsAnswered(gone));
  EXPECT_TRUE(IsAnswered(old));
}

TEST_F(ReloadableTlsTest, AClientShowsItsNewCertificate) {
  Install(ca_.Issue("alpha.test"));
  std::vector<long> serials;
  {
    RawTlsServer server(ca_.Issue("bravo.test"), [&serials](RawTlsConnection& connection, int) {
      SSL_set_verify(connection.ssl(), SSL_VERIFY_PEER, nullptr);
      if (!connection.Receive()) return;
      serials.push_back(
          ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(connection.ssl()))));
      connection.Send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
    });
    TestClient client(installed_, "alpha.test");
    ASSERT_TRUE(client.Post(CallTo(server.port())).ok());
    Install(ca_.Issue("alpha.test"));
    ASSERT_TRUE(client.tls().Reload().ok());
    ASSERT_TRUE(client.Post(CallTo(server.port())).ok());
  }
  ASSERT_EQ(serials.size(), 2u);
  EXPECT_NE(serials[0], serials[1]);
}

// Every name is 127.0.0.1.
class LoopbackNames final : public NameResolver {
 public:
  void Resolve(const std::string& /*name*/, Done done) override {
    done(std::vector<std::string>{"127.0.0.1"});
  }
};

TEST_F(ReloadableTlsTest, AFetcherTrustsTheNewAuthorities) {
  support::TestCa other;
  RawTlsServer server(other.Issue("web.test"), [](RawTlsConnection& connection, int) {
    if (connection.Receive()) connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  });
  const auto tls = LoadTls(installed_, "bravo.test");
  EventLoop loop;
  loop.Start();
  LoopbackNames names;
  Fetcher fetcher(loop, tls, *directory::AddressPolicy::Create({"127.0.0.0/8"}), names);
  const auto fetch = [&] {
    std::promise<absl::Status> fetched;
    loop.Post([&] {
      fetcher.Get({.host = "web.test", .port = server.port(), .path = "/"},
                  [&](const absl::StatusOr<Fetched>& got) { fetched.set_value(got.status()); });
    });
    return fetched.get_future().get();
  };
  EXPECT_EQ(fetch().code(), absl::StatusCode::kPermissionDenied);
  InstallAuthorities(other.authorities());
  // What it shows itself is of no interest to a web server, but has to fit.
  Install(other.Issue("bravo.test"));
  ASSERT_TRUE(tls->Reload().ok());
  EXPECT_TRUE(fetch().ok());
}

TEST_F(ReloadableTlsTest, KeepsWhatItHasWhenTheFilesCannotBeUsed) {
  TestServer server(installed_);
  const long serial = SerialOfNewConnection(server);
  struct Case {
    std::string file;
    const char* words;
  };
  for (const Case& test : {Case{installed_.certificate, "certificate "},
                           {installed_.private_key, "private key "},
                           {installed_.authorities, "authorities "}}) {
    SCOPED_TRACE(test.words);
    const std::string aside = test.file + ".aside";
    std::filesystem::rename(test.file, aside);
    for (const bool there : {false, true}) {
      if (there) std::ofstream(test.file) << "this is no PEM\n";
      const absl::Status status = server.tls().Reload();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(std::string(status.message()), HasSubstr(test.words + test.file));
      EXPECT_EQ(SerialOfNewConnection(server), serial);
    }
    std::filesystem::rename(aside, test.file);
  }
  EXPECT_TRUE(server.tls().Reload().ok());
}

TEST_F(ReloadableTlsTest, LooksAtFilesThatHaveChangedOnly) {
  const auto tls = LoadTls(installed_, "bravo.test");
  EXPECT_FALSE(*tls->ReloadIfChanged());
  const TlsFiles next = ca_.Issue("bravo.test");
  Move(next.certificate, installed_.certificate);
  // The new key is not there yet: said once, not at each look.
  EXPECT_THAT(std::string(tls->ReloadIfChanged().status().message()), HasSubstr("it is not the key of"));
  EXPECT_FALSE(*tls->ReloadIfChanged());
  Move(next.private_key, installed_.private_key);
  EXPECT_TRUE(*tls->ReloadIfChanged());
  EXPECT_FALSE(*tls->ReloadIfChanged());
}

TEST_F(ReloadableTlsTest, AreReadAgainWhenTheyChange) {
  TestServer server(installed_);
  std::optional<TlsWatch> watch;
  server.loop().Post([&] {
    watch.emplace(server.loop(), std::shared_ptr<ReloadableTls>(std::shared_ptr<void>(), &server.tls()));
    watch->Start(std::chrono::milliseconds(5));
  });
  const long old_serial = SerialOfNewConnection(server);
  Install(ca_.Issue("bravo.test"));
  long serial = old_serial;
  for (int i = 0; i < 1000 && serial == old_serial; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    serial = SerialOfNewConnection(server);
  }
  EXPECT_NE(serial, old_serial);
  server.loop().Stop();
}

}  // namespace
}  // namespace federation::https
