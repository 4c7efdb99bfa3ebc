// Who a request comes from.
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

TEST_F(ServerTest, TakesTheOnlyNameOfTheCertificateWithoutTheHeader) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(RawRequest("Host: bravo.test\r\nContent-Length: 0\r\n", "")));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "POST /echo alpha.test>  ");
}

struct IdentityCase {
  const char* description;
  std::vector<std::string> names;
  const char* header;  // with CR LF; empty for none
  int status;
  const char* detail;
};

TEST_F(ServerTest, ComparesTheOriginWithTheCertificate) {
  TestServer server(bravo_);
  const IdentityCase cases[] = {
      {"another name",
       {"alpha.test"},
       "Federation-Origin: charlie.test\r\n",
       403,
       "not valid for charlie.test"},
      {"a subdomain",
       {"alpha.test"},
       "Federation-Origin: x.alpha.test\r\n",
       403,
       "not valid for x.alpha.test"},
      {"one of two",
       {"alpha.test", "charlie.test"},
       "Federation-Origin: charlie.test\r\n",
       200,
       "charlie.test>"},
      {"two without header", {"alpha.test", "charlie.test"}, "", 401, "has 2 DNS names"},
      {"no name, as header", {}, "Federation-Origin: alpha.test\r\n", 403, "not valid for alpha.test"},
      {"no name, no header", {}, "", 401, "has 0 DNS names"},
      {"a wildcard's host", {"*.alpha.test"}, "Federation-Origin: a.alpha.test\r\n", 200, "a.alpha.test>"},
      {"a wildcard's domain", {"*.alpha.test"}, "Federation-Origin: alpha.test\r\n", 403, "not valid"},
      {"a wildcard, two levels", {"*.alpha.test"}, "Federation-Origin: b.a.alpha.test\r\n", 403, "not valid"},
      {"a wildcard of all", {"*.test"}, "Federation-Origin: alpha.test\r\n", 403, "not valid"},
      {"a wildcard, no header", {"*.alpha.test"}, "", 401, "no domain name"},
      {"part of a label", {"a*.alpha.test"}, "Federation-Origin: ab.alpha.test\r\n", 403, "not valid"},
      {"another script",
       {"xn--bcher-kva.test"},
       "Federation-Origin: xn--bcher-kva.test\r\n",
       200,
       "xn--bcher-kva.test>"},
      {"another script, no header", {"xn--bcher-kva.test"}, "", 200, "xn--bcher-kva.test>"},
      {"another script, not encoded",
       {"xn--bcher-kva.test"},
       "Federation-Origin: b\xC3\xBC"
       "cher.test\r\n",
       400,
       "only lower case letters"},
      {"another script, not encoded in the certificate",
       {"b\xC3\xBC"
        "cher.test"},
       "",
       401,
       "no domain name"},
      {"a NUL byte, as header",
       {std::string("alpha.test\0.evil.test", 21)},
       "Federation-Origin: alpha.test\r\n",
       403,
       "not valid for alpha.test"},
      {"a NUL byte, no header", {std::string("alpha.test\0.evil.test", 21)}, "", 401, "no domain name"},
      {"an address in the place of a name, no header", {"127.0.0.1"}, "", 401, "no domain name"},
      {"upper case, no header", {"ALPHA.test"}, "", 200, "alpha.test>"},
      {"leading dot", {"a.alpha.test"}, "Federation-Origin: .alpha.test\r\n", 400, "a label is empty"},
      {"an address", {"alpha.test"}, "Federation-Origin: 127.0.0.1\r\n", 400, "IP address"},
      {"empty", {"alpha.test"}, "Federation-Origin:\r\n", 400, "it is empty"},
      {"two headers",
       {"alpha.test"},
       "Federation-Origin: alpha.test\r\nFederation-Origin: alpha.test\r\n",
       400,
       "several"},
      {"malformed destination",
       {"alpha.test"},
       "Federation-Destination: b_b\r\n",
       400,
       "Federation-Destination"},
      {"two destinations",
       {"alpha.test"},
       "Federation-Destination: b\r\nFederation-Destination: b\r\n",
       400,
       "several"},
  };
  for (const IdentityCase& test : cases) {
    SCOPED_TRACE(test.description);
    support::CertificateOptions options;
    options.dns_names = test.names;
    RawTlsConnection connection = ConnectRawTls(server.port(), ca_.Issue(options), "bravo.test");
    ASSERT_TRUE(
        connection.Send(RawRequest(absl::StrCat("Host: b\r\nContent-Length: 0\r\n", test.header), "")));
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status(), test.status);
    EXPECT_THAT(answer->body, HasSubstr(test.detail));
  }
  ExpectServes(server);
}

TEST_F(ServerTest, ChecksTheOriginOfEachRequestOfAConnection) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  for (const auto& [origin, status] :
       {std::pair{"alpha.test", 200}, {"charlie.test", 403}, {"alpha.test", 200}}) {
    ASSERT_TRUE(connection.Send(
        RawRequest(absl::StrCat("Host: b\r\nContent-Length: 0\r\nFederation-Origin: ", origin, "\r\n"), "")));
    EXPECT_EQ(connection.Receive()->status(), status);
  }
}

TEST_F(ServerTest, AnswersAPeerWithoutCertificate) {
  TestServer server(bravo_);
  RawTlsConnection connection =
      ConnectRawTls(server.port(), {.authorities = ca_.authorities()}, "bravo.test");
  ASSERT_TRUE(connection.Send(GoodRequest("hello")));
  const std::optional<RawMessage> answer = connection.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status(), 401);
  EXPECT_EQ(answer->Header("Content-Type"), "application/problem+json");
  EXPECT_EQ(
      answer->body,
      R"({"title":"Unauthorized","status":401,"detail":"want a client certificate that names the origin, got none"})");
  EXPECT_TRUE(connection.IsClosedByPeer());
}

}  // namespace
}  // namespace federation::https
