#include "https/client.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/client_fixture.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(ClientTest, SendsTheProtocolsHeaders) {
  std::string head;
  std::string body;
  std::uint16_t port = 0;
  {
    RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
      const std::optional<RawMessage> request = connection.Receive();
      head = request->head;
      body = request->body;
      connection.Send(AnswerWith("{}"));
    });
    port = server.port();
    TestClient client(alpha_, "alpha.test");
    const absl::StatusOr<Answer> answer = client.Post(CallTo(port, "{\"seq\":0}"));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->content_type, "application/json");
    EXPECT_EQ(answer->body, "{}");
  }
  EXPECT_EQ(head, absl::StrCat("POST /http/v1/updates HTTP/1.1\r\nHost: bravo.test:", port,
                               "\r\nFederation-Origin: alpha.test\r\nFederation-Destination: bravo.test\r\n"
                               "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n"));
  EXPECT_EQ(body, "{\"seq\":0}");
}

TEST_F(ClientTest, IsAnsweredByOurServer) {
  TestServer server(bravo_);
  TestClient client(alpha_, "alpha.test");
  const std::string body(1'000'000, 'x');
  for (int i = 0; i < 3; ++i) {
    const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port(), absl::StrCat(i, body)));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->body,
              absl::StrCat("POST /http/v1/updates alpha.test>bravo.test application/json ", i, body));
  }
}

TEST_F(ClientTest, GetsTheRefusalOfALongBody) {
  HttpLimits limits = TestLimits();
  limits.body_bytes_max = 1000;
  TestServer server(bravo_, limits);
  TestClient client(alpha_, "alpha.test");
  const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port(), std::string(3'000'000, 'x')));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->content_type, "application/problem+json");
}

TEST_F(ClientTest, ReusesTheConnectionForCallsInOrder) {
  std::vector<std::string> bodies;
  {
    RawTlsServer server(bravo_, [&bodies](RawTlsConnection& connection, int) {
      while (const std::optional<RawMessage> request = connection.Receive()) {
        bodies.push_back(request->body);
        connection.Send(AnswerWith(request->body));
      }
    });
    TestClient client(alpha_, "alpha.test");
    std::vector<std::string> answers;
    std::promise<void> done;
    client.loop().Post([&] {
      for (const char* body : {"1", "2", "3"}) {
        client.client().Post(CallTo(server.port(), body), [&](absl::StatusOr<Answer> answer) {
          answers.push_back(answer.ok() ? answer->body : answer.status().ToString());
          if (answers.size() == 3) done.set_value();
        });
      }
      EXPECT_TRUE(answers.empty());
    });
    done.get_future().wait();
    EXPECT_THAT(answers, ElementsAre("1", "2", "3"));
    EXPECT_TRUE(client.Post(CallTo(server.port(), "4")).ok());
    EXPECT_EQ(server.connections(), 1);
    client.Destroy();
  }
  EXPECT_THAT(bodies, ElementsAre("1", "2", "3", "4"));
}

TEST_F(ClientTest, ConnectsAgainAfterTheServerHasClosed) {
  struct Case {
    const char* description;
    const char* connection;  // the header
  };
  for (const Case& test : {Case{"announced", "Connection: close\r\n"}, Case{"idle", ""}}) {
    SCOPED_TRACE(test.description);
    RawTlsServer server(bravo_, [&test](RawTlsConnection& connection, int number) {
      if (!connection.Receive()) return;
      connection.Send(
          absl::StrCat("HTTP/1.1 200 OK\r\n", test.connection, "Content-Length: 1\r\n\r\n", number));
    });
    TestClient client(alpha_, "alpha.test");
    for (int i = 0; i < 3; ++i) {
      const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port()));
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->body, absl::StrCat(i));
    }
  }
}

TEST_F(ClientTest, RepeatsOnceWhenAReusedConnectionEndsBeforeTheAnswer) {
  std::atomic<int> requests = 0;
  RawTlsServer server(bravo_, [&requests](RawTlsConnection& connection, int number) {
    connection.Receive();
    ++requests;
    connection.Send(AnswerWith(absl::StrCat(number)));
    // The first connection ends only after it has the second request.
    if (number != 0) return;
    connection.Receive();
    ++requests;
  });
  TestClient client(alpha_, "alpha.test");
  EXPECT_EQ(client.Post(CallTo(server.port()))->body, "0");
  const absl::StatusOr<Answer> answer = client.Post(CallTo(server.port()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "1");
  EXPECT_EQ(requests, 3);
}

TEST_F(ClientTest, DoesNotRepeatOnAFreshConnectionOrAfterTheFirstByte) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    connection.Receive();
    if (number == 0) return;
    connection.Send(AnswerWith("{}"));
    connection.Receive();
    connection.Send("HTTP/1.1 2");
  });
  TestClient client(alpha_, "alpha.test");
  const absl::Status fresh = client.Post(CallTo(server.port())).status();
  EXPECT_EQ(fresh.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(fresh.message()), HasSubstr("closed the connection before it answered"));
  EXPECT_TRUE(client.Post(CallTo(server.port())).ok());
  const absl::Status begun = client.Post(CallTo(server.port())).status();
  EXPECT_EQ(begun.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, ClosesAConnectionThatIsIdleForLong) {
  HttpLimits limits = TestLimits();
  limits.idle_timeout = std::chrono::milliseconds(100);
  std::promise<bool> closed;
  RawTlsServer server(bravo_, [&closed](RawTlsConnection& connection, int) {
    connection.Receive();
    connection.Send(AnswerWith("{}"));
    closed.set_value(connection.IsClosedByPeer());
  });
  TestClient client(alpha_, "alpha.test", limits);
  EXPECT_TRUE(client.Post(CallTo(server.port())).ok());
  EXPECT_TRUE(closed.get_future().get());
}

TEST_F(ClientTest, RemembersNothingOfADestinationWithoutACallOrAConnection) {
  HttpLimits limits = TestLimits();
  limits.idle_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_);
  SilentListener nobody;
  nobody.Close();
  TestClient client(alpha_, "alpha.test", limits);
  const auto destinations = [&client] {
    std::promise<std::size_t> count;
    client.loop().Post([&] { count.set_value(client.client().destinations()); });
    return count.get_future().get();
  };
  for (const bool pipelined : {false, true}) {
    SCOPED_TRACE(pipelined);
    for (int i = 0; i < 5; ++i) {
      Call call = CallTo(nobody.port());
      call.destination = absl::StrCat("d", i, ".test");
      call.pipelined = pipelined;
      EXPECT_FALSE(client.Post(call).ok());
    }
    Call call = CallTo(server.port());
    call.pipelined = pipelined;
    EXPECT_TRUE(client.Post(call).ok());
    for (int i = 0; i < 1000 && destinations() > 0; ++i) usleep(10'000);
    EXPECT_EQ(destinations(), 0u);
    EXPECT_TRUE(client.Post(call).ok());
  }
}

TEST_F(ClientTest, LeavesTheConnectionWhenTheAddressChanges) {
  TestServer first(bravo_);
  TestServer second(bravo_, TestLimits(),
                    [](Request, Server::Respond respond) { respond({.body = "second"}); });
  TestClient client(alpha_, "alpha.test");
  EXPECT_NE(client.Post(CallTo(first.port()))->body, "second");
  EXPECT_EQ(client.Post(CallTo(second.port()))->body, "second");
}

TEST_F(ClientTest, ReportsAConnectionThatIsRefused) {
  SilentListener listener;
  listener.Close();
  TestClient client(alpha_, "alpha.test");
  const absl::Status status = client.Post(CallTo(listener.port())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(status.message()),
            absl::StrCat("bravo.test at 127.0.0.1:", listener.port(), ": connection refused"));
}

TEST_F(ClientTest, BoundsTheTimeToConnect) {
  SilentListener listener;
  HttpLimits limits = TestLimits();
  limits.connect_timeout = std::chrono::milliseconds(50);
  TestClient client(alpha_, "alpha.test", limits);
  const absl::Status status = client.Post(CallTo(listener.port())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(std::string(status.message()),
            absl::StrCat("bravo.test at 127.0.0.1:", listener.port(), ": no connection within 50 ms"));
}

TEST_F(ClientTest, BoundsTheTimeOfACallAndOfThoseBehindIt) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    if (!connection.Receive()) return;
    if (number == 0) {
      connection.IsClosedByPeer();  // never answers, waits for the end
    } else {
      connection.Send(AnswerWith("{}"));
    }
  });
  TestClient client(alpha_, "alpha.test");
  std::vector<absl::Status> ends;
  std::promise<void> done;
  client.loop().Post([&] {
    for (const int timeout : {100, 50, 60'000}) {
      Call call = CallTo(server.port());
      call.timeout = std::chrono::milliseconds(timeout);
      client.client().Post(std::move(call), [&](absl::StatusOr<Answer> answer) {
        ends.push_back(answer.status());
        if (ends.size() == 3) done.set_value();
      });
    }
  });
  done.get_future().wait();
  const std::string place = absl::StrCat("bravo.test at 127.0.0.1:", server.port());
  EXPECT_EQ(ends[0],
            absl::DeadlineExceededError(place + ": the calls before this one did not end within 50 ms"));
  EXPECT_EQ(ends[1], absl::DeadlineExceededError(place + ": no answer within 100 ms"));
  EXPECT_TRUE(ends[2].ok()) << ends[2];
}

TEST_F(ClientTest, OpensAnotherConnectionOnlyIfACallWouldWait) {
  // Answers when as many requests as connections are there.
  constexpr std::size_t kConnections = 2;
  std::vector<Server::Respond> waiting;
  TestServer server(bravo_, TestLimits(), [&](const Request&, Server::Respond respond) {
    waiting.push_back(std::move(respond));
    if (waiting.size() < kConnections) return;
    for (Server::Respond& late : std::exchange(waiting, {})) late(Response{.body = "{}"});
  });
  TestClient client(alpha_, "alpha.test", TestLimits(), {}, kConnections);
  std::atomic<int> answered = 0;
  std::promise<void> done;
  client.loop().Post([&] {
    for (int i = 0; i < 6; ++i) {
      client.client().Post(CallTo(server.port()), [&](const absl::StatusOr<Answer>& answer) {
        EXPECT_TRUE(answer.ok()) << answer.status();
        if (++answered == 6) done.set_value();
      });
    }
  });
  done.get_future().wait();
}

TEST_F(ClientTest, TellsTheServerHowMuchTimeIsLeft) {
  std::string timeout;
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
    timeout = connection.Receive()->Header("Federation-Timeout");
    connection.Send(AnswerWith("{}"));
  });
  TestClient client(alpha_, "alpha.test");
  Call call = CallTo(server.port());
  call.told_deadline = std::chrono::steady_clock::now() + std::chrono::seconds(7);
  ASSERT_TRUE(client.Post(call).ok());
  EXPECT_GT(std::stoi(timeout), 0);
  EXPECT_LE(std::stoi(timeout), 7000);
}

TEST_F(ClientTest, ChecksTheAddressesOfNames) {
  TestServer server(bravo_);
  Call call = CallTo(server.port());
  call.address.host = "localhost";
  TestClient careful(alpha_, "alpha.test");
  const absl::Status refused = careful.Post(call).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("is refused: loopback"));

  TestClient allowing(alpha_, "alpha.test", TestLimits(), *directory::AddressPolicy::Create({"127.0.0.0/8"}));
  const absl::StatusOr<Answer> answer = allowing.Post(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
}

TEST_F(ClientTest, DropsItsCallsWhenItIsDestroyed) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    connection.Receive();
    connection.IsClosedByPeer();
  });
  SilentListener listener;
  auto called = std::make_shared<bool>(false);
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    for (const std::uint16_t port : {server.port(), listener.port()}) {
      Call call = CallTo(port);
      client.client().Post(call, [called](absl::StatusOr<Answer>) { *called = true; });
      call.destination = absl::StrCat("d", port, ".test");
      client.client().Post(call, [called](absl::StatusOr<Answer>) { *called = true; });
    }
  });
  std::promise<void> posted;
  client.loop().Post([&posted] { posted.set_value(); });
  posted.get_future().wait();
  client.Destroy();
  client.loop().Stop();
  EXPECT_FALSE(*called);
  EXPECT_EQ(called.use_count(), 1);
}

TEST_F(ClientTest, GoesOnAfterACallerThatThrows) {
  TestServer server(bravo_);
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    client.client().Post(CallTo(server.port()),
                         [](absl::StatusOr<Answer>) { throw std::runtime_error("broken caller"); });
  });
  EXPECT_TRUE(client.Post(CallTo(server.port())).ok());
}

TEST_F(ClientTest, MayBeDestroyedByItsCaller) {
  TestServer server(bravo_);
  TestClient client(alpha_, "alpha.test");
  std::promise<void> done;
  client.loop().Post([&] {
    client.client().Post(CallTo(server.port()), [&](absl::StatusOr<Answer>) {
      client.Destroy();
      done.set_value();
    });
  });
  done.get_future().wait();
}

}  // namespace
}  // namespace federation::https
