#include "https/fetcher.h"

#include <future>
#include <string>
#include <thread>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/harness.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

// Every name is 127.0.0.1.
class LoopbackNames final : public NameResolver {
 public:
  void Resolve(const std::string& /*name*/, Done done) override {
    done(std::vector<std::string>{"127.0.0.1"});
  }
};

class FetcherTest : public ::testing::Test {
 protected:
  FetcherTest() { loop_.Start(); }

  absl::StatusOr<Fetched> Get(std::uint16_t port, const std::vector<std::string>& allowed = {"127.0.0.0/8"},
                              milliseconds timeout = seconds(60)) {
    Fetcher fetcher(loop_, LoadTls(ca_.Issue("alpha.test"), "alpha.test"),
                    *directory::AddressPolicy::Create(allowed), names_);
    std::promise<absl::StatusOr<Fetched>> fetched;
    loop_.Post([&] {
      fetcher.Get(
          {.host = "bravo.test", .port = port, .path = "/x", .body_bytes_max = 100, .timeout = timeout},
          [&](absl::StatusOr<Fetched> got) { fetched.set_value(std::move(got)); });
    });
    return fetched.get_future().get();
  }
  // From a server that answers with these bytes and closes.
  absl::StatusOr<Fetched> GetFrom(const std::string& answer, const std::string& certificate = "bravo.test") {
    support::RawTlsServer server(ca_.Issue(certificate), [&](support::RawTlsConnection& connection, int) {
      const auto request = connection.Receive();
      if (request) request_ = request->head;
      connection.Send(answer);
    });
    return Get(server.port());
  }
  // What is said of an answer that is not taken.
  std::string Refusal(const std::string& answer) {
    const absl::StatusOr<Fetched> fetched = GetFrom(answer);
    EXPECT_EQ(fetched.status().code(), absl::StatusCode::kUnavailable) << answer.substr(0, 100);
    return std::string(fetched.status().message());
  }

  EventLoop loop_;
  support::TestCa ca_;
  LoopbackNames names_;
  std::string request_;
};

TEST_F(FetcherTest, FetchesADocument) {
  const absl::StatusOr<Fetched> fetched = GetFrom(
      "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nCache-Control: max-age=9\r\n"
      "Content-Length: 2\r\n\r\n{}");
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->status, 200);
  EXPECT_EQ(fetched->content_type, "application/json");
  EXPECT_EQ(fetched->body, "{}");
  EXPECT_EQ(fetched->fresh_for, seconds(9));
  EXPECT_THAT(request_, testing::StartsWith("GET /x HTTP/1.1\r\nHost: bravo.test:"));
  EXPECT_THAT(request_, testing::Not(HasSubstr("Federation-")));
}

TEST_F(FetcherTest, TakesEveryFramingOfABody) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.0 200 OK\r\n\r\n{}"}) {
    const absl::StatusOr<Fetched> fetched = GetFrom(answer);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    EXPECT_EQ(fetched->body, "{}") << answer;
    EXPECT_FALSE(fetched->fresh_for.has_value());
  }
}

TEST_F(FetcherTest, FollowsNoRedirect) {
  const absl::StatusOr<Fetched> fetched =
      GetFrom("HTTP/1.1 302 Found\r\nLocation: https://bravo.test/y\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->status, 302);
}

TEST_F(FetcherTest, RefusesABodyThatIsTooLarge) {
  const std::string body(101, 'x');
  EXPECT_THAT(Refusal("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + body),
              HasSubstr("at most 100 bytes"));
  EXPECT_THAT(Refusal("HTTP/1.1 200 OK\r\n\r\n" + body), HasSubstr("at most 100 bytes"));
  EXPECT_THAT(Refusal("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + body + "\r\n0\r\n\r\n"),
              HasSubstr("at most 100 bytes"));
}

TEST_F(FetcherTest, RefusesWhatIsNoWholeAnswer) {
  Refusal("SSH-2.0-OpenSSH\r\n\r\n");
  Refusal("");
  Refusal("HTTP/1.1 200 OK\r\nContent-Le");
  Refusal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}");
  Refusal("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
}

// Each piece of these is small, and they have no end.
TEST_F(FetcherTest, RefusesLinesWithoutAnEnd) {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct Endless {
    std::string start;
    std::string piece;
  };
  for (const Endless& answer :
       {Endless{"HTTP/1.1 200 OK\r\n", "x: y\r\n"}, Endless{"HTTP/1.1 200 OK\r\nX: ", "xxxxxx"},
        Endless{chunked + "1;", "xxxxxx"}, Endless{chunked + "0\r\n", "x: y\r\n"}}) {
    bool went_on = true;
    {
      support::RawTlsServer server(ca_.Issue("bravo.test"), [&](support::RawTlsConnection& connection, int) {
        connection.Receive();
        connection.Send(answer.start);
        std::string piece;
        while (piece.size() < 600) piece += answer.piece;
        for (int sent = 0; went_on && sent < 100; ++sent) {
          went_on = connection.Send(piece);
          std::this_thread::sleep_for(milliseconds(1));
        }
        // Nothing more: the answer has to be refused for what has come.
        if (went_on) went_on = !connection.IsClosedByPeer();
      });
      const absl::Status status = Get(server.port(), {"127.0.0.0/8"}, seconds(5)).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr("the answer is refused"));
    }
    EXPECT_FALSE(went_on);
  }
}

TEST_F(FetcherTest, TakesAHeadAndABodyThatComeInOnePiece) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < 16'000) head += "x: y\r\n";
  const std::string body(100, ' ');
  for (const std::string& answer :
       {head + "Content-Length: 100\r\n\r\n" + body,
        head + "Transfer-Encoding: chunked\r\n\r\n64\r\n" + body + "\r\n0\r\n\r\n"}) {
    const absl::StatusOr<Fetched> fetched = GetFrom(answer);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    EXPECT_EQ(fetched->body, body);
  }
}

TEST_F(FetcherTest, RefusesACertificateForAnotherName) {
  const absl::Status status = GetFrom("HTTP/1.1 200 OK\r\n\r\n{}", "evil.test").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
}

TEST_F(FetcherTest, ChecksTheAddressesOfTheName) {
  const absl::Status status = Get(1, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("loopback"));
}

TEST_F(FetcherTest, GivesUpOnASilentServer) {
  std::promise<void> over;
  support::RawTlsServer server(ca_.Issue("bravo.test"), [&](support::RawTlsConnection& connection, int) {
    connection.Receive();
    connection.Send("HTTP/1.1 200 OK\r\n");
    over.get_future().wait();
  });
  const absl::Status status = Get(server.port(), {"127.0.0.0/8"}, milliseconds(100)).status();
  over.set_value();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

TEST_F(FetcherTest, CanBeDestroyedWhileItFetches) {
  std::promise<void> asked;
  std::promise<void> over;
  support::RawTlsServer server(ca_.Issue("bravo.test"), [&](support::RawTlsConnection& connection, int) {
    connection.Receive();
    asked.set_value();
    over.get_future().wait();
  });
  auto fetcher = std::make_unique<Fetcher>(loop_, LoadTls(ca_.Issue("alpha.test"), "alpha.test"),
                                           *directory::AddressPolicy::Create({"127.0.0.0/8"}), names_);
  loop_.Post([&] {
    fetcher->Get({.host = "bravo.test", .port = server.port(), .path = "/x"},
                 [](const absl::StatusOr<Fetched>&) { ADD_FAILURE() << "it was dropped"; });
  });
  asked.get_future().wait();
  fetcher.reset();
  Settle(loop_);
  over.set_value();
}

}  // namespace
}  // namespace federation::https
