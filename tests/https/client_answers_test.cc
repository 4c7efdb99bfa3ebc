// What a client takes for an answer, and how long it waits for one.
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/client.h"
#include "https/client_fixture.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::HasSubstr;

struct BadAnswer {
  const char* description;
  std::string bytes;
  const char* reason;
};

TEST_F(ClientTest, RefusesAnswersThatAreNone) {
  HttpLimits limits = TestLimits();
  limits.header_bytes_max = 1000;
  limits.answer_bytes_max = 1000;
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  const BadAnswer cases[] = {
      {"control byte", "HTTP/1.1 200 OK\r\nX: a\x01\r\nContent-Length: 0\r\n\r\n", "control byte"},
      {"folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n", "folded"},
      {"body too long", AnswerWith(std::string(1001, 'x')), "at most 1000 bytes"},
      {"header too long", "HTTP/1.1 200 OK\r\nX: " + std::string(1001, 'x'), "header of at most 1000 bytes"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Transfer-Encoding"},
      {"no length", "HTTP/1.1 200 OK\r\n\r\n{}", "none or several"},
      {"endless interim answers", interim, "header of at most 1000 bytes"},
      {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", "in the middle of its answer"},
      {"bare line feed", "HTTP/1.1 200 OK\n\n", "CR LF"},
      {"no HTTP", "220 mail.example ESMTP\r\n\r\n", "bad version"},
      {"nothing", "", "before it answered"},
  };
  TestClient client(alpha_, "alpha.test", limits);
  for (const BadAnswer& test : cases) {
    SCOPED_TRACE(test.description);
    RawTlsServer server(bravo_, [&test](RawTlsConnection& connection, int) {
      if (connection.Receive() && !test.bytes.empty()) connection.Send(test.bytes);
    });
    const absl::Status status = client.Post(CallTo(server.port())).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.reason));
    EXPECT_THAT(std::string(status.message()), ::testing::StartsWith("bravo.test at 127.0.0.1:"));
  }
}

TEST_F(ClientTest, SkipsInterimAnswers) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    connection.Receive();
    connection.Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                    AnswerWith("{}"));
  });
  TestClient client(alpha_, "alpha.test");
  EXPECT_EQ(client.Post(CallTo(server.port()))->body, "{}");
}

TEST_F(ClientTest, DoesNotFollowRedirects) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    connection.Receive();
    connection.Send(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n");
  });
  TestClient client(alpha_, "alpha.test");
  const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 307);
}

TEST_F(ClientTest, TakesNothingThatWasNotAskedForAsTheNextAnswer) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    if (!connection.Receive()) return;
    connection.Send(AnswerWith(absl::StrCat(number)) + (number == 0 ? AnswerWith("unasked") : ""));
    connection.Receive();
  });
  TestClient client(alpha_, "alpha.test");
  EXPECT_EQ(client.Post(CallTo(server.port()))->body, "0");
  EXPECT_EQ(client.Post(CallTo(server.port()))->body, "1");
}

TEST_F(ClientTest, CutsOffAnAnswerThatDribbles) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = limits.body_timeout = std::chrono::milliseconds(150);
  struct Case {
    std::string begins;
    const char* words;
  };
  for (const Case& test :
       {Case{"HTTP/1.1 200 OK\r\nX: ", "its head did not arrive within 150 ms"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1", "its head did not arrive within 150 ms"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", "its body did not arrive within 150 ms"}}) {
    for (const bool pipelined : {false, true}) {
      SCOPED_TRACE(test.begins);
      RawTlsServer server(bravo_, [&test](RawTlsConnection& connection, int) {
        connection.Receive();
        // Until the client has ended the connection.
        connection.Send(test.begins);
        while (connection.Send("x")) usleep(20'000);
      });
      TestClient client(alpha_, "alpha.test", limits);
      Call call = CallTo(server.port());
      call.pipelined = pipelined;
      const absl::Status status = client.Post(call).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
      EXPECT_THAT(std::string(status.message()), HasSubstr(test.words));
    }
  }
}

TEST_F(ClientTest, WaitsForAnAnswerThatBeginsLate) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = limits.body_timeout = std::chrono::milliseconds(50);
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    connection.Receive();
    usleep(150'000);
    connection.Send("HTTP/1.1 100 Continue\r\n\r\n");
    usleep(150'000);
    connection.Send(AnswerWith("{}"));
  });
  TestClient client(alpha_, "alpha.test", limits);
  const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "{}");
}

}  // namespace
}  // namespace federation::https
