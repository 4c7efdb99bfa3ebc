#include "https/tls.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/harness.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::CertificateOptions;
using support::ConnectRawTls;
using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kOkAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

class TlsTest : public ::testing::Test {
 protected:
  support::TestCa ca_;
  support::TestCa other_ca_;
};

// A certificate and whether a peer with it is accepted, and with which words it is refused.
struct CertificateCase {
  const char* description;
  CertificateOptions options;
  bool from_other_authority;
  const char* refused;  // empty if it is accepted
};

std::vector<CertificateCase> CertificateCases(const std::string& domain) {
  using std::chrono::hours;
  const std::vector<std::string> names = {domain};
  return {
      {"both purposes", {.dns_names = names}, false, ""},
      {"serverAuth only", {.dns_names = names, .extended_key_usage = {"serverAuth"}}, false, ""},
      {"clientAuth only", {.dns_names = names, .extended_key_usage = {"clientAuth"}}, false, ""},
      {"no purpose", {.dns_names = names, .extended_key_usage = {}}, false, ""},
      {"codeSigning only",
       {.dns_names = names, .extended_key_usage = {"codeSigning"}},
       false,
       "other purposes than TLS"},
      {"expired", {.dns_names = names, .valid_until = hours(-1) / 2}, false, "has expired"},
      {"not yet valid", {.dns_names = names, .valid_from = hours(1)}, false, "not valid yet"},
      {"another authority", {.dns_names = names}, true, "not trusted here"},
      {"self-signed", {.dns_names = names, .self_signed = true}, false, "is self-signed"},
      {"an authority that may name it", {.dns_names = names, .intermediate_permits = domain}, false, ""},
      {"an authority that may name domains above it",
       {.dns_names = names, .intermediate_permits = "test"},
       false,
       ""},
      {"an authority that may name others only",
       {.dns_names = names, .intermediate_permits = "charlie.test"},
       false,
       "may not name its domains"},
      {"an authority that may name one of two only",
       {.dns_names = {domain, "delta.test"}, .intermediate_permits = domain},
       false,
       "may not name its domains"},
      {"a name constraint that has the same end only",
       {.dns_names = names, .intermediate_permits = domain.substr(1)},
       false,
       "may not name its domains"},
  };
}

TEST_F(TlsTest, ServerAcceptsCertificatesByTheirPurposeAndDates) {
  TestServer server(ca_.Issue("bravo.test"));
  for (const CertificateCase& test : CertificateCases("alpha.test")) {
    SCOPED_TRACE(test.description);
    TlsFiles alpha = (test.from_other_authority ? other_ca_ : ca_).Issue(test.options);
    alpha.authorities = ca_.authorities();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      RawTlsConnection connection = ConnectRawTls(server.port(), alpha, "bravo.test", version);
      const bool sent = connection.Send(GoodRequest("x"));
      const std::optional<RawMessage> answer = sent ? connection.Receive() : std::nullopt;
      ASSERT_EQ(answer.has_value(), *test.refused == '\0');
      if (answer) {
        EXPECT_EQ(answer->status(), 200);
      }
    }
  }
}

TEST_F(TlsTest, ClientAcceptsCertificatesByTheirPurposeAndDates) {
  TestClient client(ca_.Issue("alpha.test"), "alpha.test");
  for (const CertificateCase& test : CertificateCases("bravo.test")) {
    SCOPED_TRACE(test.description);
    TlsFiles bravo = (test.from_other_authority ? other_ca_ : ca_).Issue(test.options);
    bravo.authorities = ca_.authorities();
    RawTlsServer server(bravo, [](RawTlsConnection& connection, int) {
      if (connection.Receive()) connection.Send(kOkAnswer);
    });
    const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port()));
    if (*test.refused == '\0') {
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->status, 200);
      continue;
    }
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(std::string(answer.status().message()),
                AllOf(HasSubstr("bravo.test at 127.0.0.1:"), HasSubstr(test.refused)));
  }
}

TEST_F(TlsTest, ClientChecksTheNameOfTheServer) {
  struct Case {
    const char* description;
    std::string destination;
    std::vector<std::string> names;
    bool ok;
  };
  const Case cases[] = {
      {"its own", "bravo.test", {"bravo.test"}, true},
      {"one of several", "bravo.test", {"charlie.test", "bravo.test"}, true},
      {"in upper case", "bravo.test", {"BRAVO.test"}, true},
      {"a wildcard's host", "a.bravo.test", {"*.bravo.test"}, true},
      {"a wildcard's domain", "bravo.test", {"*.bravo.test"}, false},
      {"a wildcard, two levels", "b.a.bravo.test", {"*.bravo.test"}, false},
      {"a wildcard of all", "bravo.test", {"*.test"}, false},
      {"part of a label", "ab.bravo.test", {"a*.bravo.test"}, false},
      {"another", "bravo.test", {"charlie.test"}, false},
      {"the domain above", "bravo.test", {"test"}, false},
      {"a domain below", "bravo.test", {"a.bravo.test"}, false},
      {"none", "bravo.test", {}, false},
      {"in another script", "xn--bcher-kva.test", {"xn--bcher-kva.test"}, true},
      {"in another script, not encoded",
       "xn--bcher-kva.test",
       {"b\xC3\xBC"
        "cher.test"},
       false},
      {"a wildcard's host in another script", "xn--bcher-kva.bravo.test", {"*.bravo.test"}, true},
      {"part of an encoded label", "xn--bcher-kva.test", {"xn--*.test"}, false},
      {"cut off by a NUL byte", "bravo.test", {std::string("bravo.test\0.charlie.test", 24)}, false},
      {"with a NUL byte at the end", "bravo.test", {std::string("bravo.test\0", 11)}, false},
      {"a NUL byte behind a good name", "bravo.test", {std::string("x\0", 2), "bravo.test"}, true},
      {"with a dot at the end", "bravo.test", {"bravo.test."}, false},
      {"a wildcard alone", "bravo.test", {"*"}, false},
      {"an address in the place of a name", "bravo.test", {"127.0.0.1"}, false},
  };
  TestClient client(ca_.Issue("alpha.test"), "alpha.test");
  for (const Case& test : cases) {
    SCOPED_TRACE(test.description);
    CertificateOptions options;
    options.dns_names = test.names;
    RawTlsServer server(ca_.Issue(options), [](RawTlsConnection& connection, int) {
      if (connection.Receive()) connection.Send(kOkAnswer);
    });
    Call call = CallTo(server.port());
    call.destination = test.destination;
    const absl::StatusOr<Answer> answer = client.Post(call);
    EXPECT_EQ(answer.ok(), test.ok) << answer.status();
    if (test.ok) continue;
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(std::string(answer.status().message()),
                HasSubstr("certificate is not valid for " + test.destination +
                          ": no DNS name in its subjectAltName covers " + test.destination +
                          ", and its CN is not looked at"));
  }
}

TEST_F(TlsTest, ClientTakesNeitherTheAddressNorTheCommonNameForTheServers) {
  TestClient client(ca_.Issue("alpha.test"), "alpha.test");
  for (const CertificateOptions& options : {CertificateOptions{.ip_addresses = {"127.0.0.1"}},
                                            {.common_name = "bravo.test"},
                                            {.common_name = "bravo.test", .dns_names = {"charlie.test"}},
                                            {.common_name = "bravo.test", .ip_addresses = {"127.0.0.1"}}}) {
    RawTlsServer server(ca_.Issue(options), [](RawTlsConnection& connection, int) {
      if (connection.Receive()) connection.Send(kOkAnswer);
    });
    const absl::Status status = client.Post(CallTo(server.port())).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(std::string(status.message()), HasSubstr("certificate is not valid for bravo.test"));
  }
}

TEST_F(TlsTest, ClientNamesTheServerThatItWants) {
  std::string name;
  {
    RawTlsServer server(ca_.Issue("bravo.test"), [&name](RawTlsConnection& connection, int) {
      name = SSL_get_servername(connection.ssl(), TLSEXT_NAMETYPE_host_name);
      if (connection.Receive()) connection.Send(kOkAnswer);
    });
    TestClient client(ca_.Issue("alpha.test"), "alpha.test");
    EXPECT_TRUE(client.Post(CallTo(server.port())).ok());
  }
  EXPECT_EQ(name, "bravo.test");
}

TEST_F(TlsTest, ClientReportsThatItsOwnCertificateIsRefused) {
  TestServer server(ca_.Issue("bravo.test"));
  TlsFiles alpha = other_ca_.Issue("alpha.test");
  alpha.authorities = ca_.authorities();
  TestClient client(alpha, "alpha.test");
  const absl::Status status = client.Post(CallTo(server.port())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("alert unknown ca"));
}

class TlsFilesTest : public TlsTest {
 protected:
  absl::Status Load(const TlsFiles& files) { return TlsContext::Load(files, "bravo.test").status(); }

  std::string Garbage() {
    const std::string path = ca_.directory() + "/garbage";
    std::ofstream(path) << "this is no PEM\n";
    return path;
  }
};

TEST_F(TlsFilesTest, AreReadAndChecked) {
  const TlsFiles good = ca_.Issue("bravo.test");
  const TlsFiles other = ca_.Issue("alpha.test");
  const std::string garbage = Garbage();
  EXPECT_TRUE(Load(good).ok());
  struct Case {
    TlsFiles files;
    std::string message;
  };
  const Case cases[] = {
      {{"/nowhere/c", good.private_key, good.authorities},
       "certificate /nowhere/c: no such file or directory"},
      {{good.certificate, "/nowhere/k", good.authorities},
       "private key /nowhere/k: no such file or directory"},
      {{good.certificate, good.private_key, "/nowhere/a"},
       "authorities /nowhere/a: no such file or directory"},
      {{garbage, good.private_key, good.authorities},
       "certificate " + garbage + ": want certificates in PEM form"},
      {{good.certificate, garbage, good.authorities}, "private key " + garbage + ": want a key in PEM form"},
      {{good.certificate, good.private_key, garbage},
       "authorities " + garbage + ": want certificates in PEM form"},
      {{good.certificate, other.private_key, good.authorities},
       "private key " + other.private_key + ": it is not the key of " + good.certificate},
      {other, "certificate " + other.certificate + ": it is not valid for bravo.test"},
  };
  for (const Case& test : cases) {
    const absl::Status status = Load(test.files);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.message));
  }
}

TEST_F(TlsFilesTest, WantADnsNameAndNoCommonName) {
  const TlsFiles files = ca_.Issue(CertificateOptions{.common_name = "bravo.test"});
  EXPECT_EQ(
      Load(files).message(),
      "certificate " + files.certificate +
          ": it is not valid for bravo.test: no DNS name in its subjectAltName covers bravo.test, and its "
          "CN is not looked at");
}

TEST_F(TlsFilesTest, MayLeaveTheAuthoritiesToTheSystem) {
  TlsFiles files = ca_.Issue("bravo.test");
  files.authorities.clear();
  EXPECT_TRUE(Load(files).ok());
}

}  // namespace
}  // namespace federation::https
