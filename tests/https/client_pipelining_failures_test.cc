// How pipelined calls fail.
#include <cstdint>
#include <string>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/client_pipelining_fixture.h"
#include "support/raw_tls_client.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct BrokenCase {
  const char* description;
  std::string bytes;  // after the answer to the first of three calls
  const char* words;
};

TEST_F(ClientPipeliningTest, FailsAllInOrderWhenTheConnectionBreaks) {
  HttpLimits limits = TestLimits();
  limits.answer_bytes_max = 1000;
  const BrokenCase cases[] = {
      {"closed", "", "closed the connection before it answered"},
      {"closed in the head", "HTTP/1.1 20", "closed the connection before it answered"},
      {"closed in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx", "in the middle of its answer"},
      {"no HTTP", "220 mail.example ESMTP\r\n\r\n", "bad version"},
      {"too long", AnswerWith(std::string(1001, 'x')), "at most 1000 bytes"},
      {"no length", "HTTP/1.1 200 OK\r\n\r\n" + AnswerWith("b"), "none or several"},
  };
  for (const BrokenCase& test : cases) {
    SCOPED_TRACE(test.description);
    Ends ends;
    RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int number) {
      if (number > 0) {
        ReceiveBodies(connection, 1);
        connection.Send(AnswerWith("new"));
        connection.IsClosedByPeer();
        return;
      }
      ReceiveBodies(connection, 3);
      connection.Send(AnswerWith("a") + test.bytes);
    });
    TestClient client(alpha_, "alpha.test", limits);
    client.loop().Post([&] {
      for (const char* body : {"0", "1", "2"}) {
        client.client().Post(PipelinedCallTo(server.port(), body), [&](const absl::StatusOr<Answer>& answer) {
          // The first one that fails posts another one, which the others come before.
          if (!answer.ok() && ends.Await(0).size() == 1) {
            client.client().Post(PipelinedCallTo(server.port(), "3"),
                                 [&ends](const absl::StatusOr<Answer>& late) { ends.Add(late); });
          }
          ends.Add(answer);
        });
      }
    });
    EXPECT_THAT(ends.Await(4), ElementsAre("a", "UNAVAILABLE", "UNAVAILABLE", "new"));
    for (const std::size_t index : {1, 2}) {
      EXPECT_THAT(ends.message(index), HasSubstr(test.words));
      EXPECT_THAT(ends.message(index), ::testing::StartsWith("bravo.test at 127.0.0.1:"));
    }
    client.Destroy();
  }
}

TEST_F(ClientPipeliningTest, FailsWhatComesBehindAnAnswerThatEndsTheConnection) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    if (number == 0) {
      ReceiveBodies(connection, 3);
      connection.Send(AnswerWith("a") + AnswerWith("b", "Connection: close\r\n") + AnswerWith("unasked"));
    } else {
      ReceiveBodies(connection, 1);
      connection.Send(AnswerWith("new"));
    }
    connection.IsClosedByPeer();
  });
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    Post(client, PipelinedCallTo(server.port(), "0"));
    client.client().Post(PipelinedCallTo(server.port(), "1"), [&](const absl::StatusOr<Answer>& answer) {
      ends_.Add(answer);
      Post(client, PipelinedCallTo(server.port(), "3"));
    });
    Post(client, PipelinedCallTo(server.port(), "2"));
  });
  EXPECT_THAT(ends_.Await(4), ElementsAre("a", "b", "UNAVAILABLE", "new"));
  EXPECT_THAT(ends_.message(2), HasSubstr("after the answer to an earlier call"));
  client.Destroy();
}

TEST_F(ClientPipeliningTest, FailsAllInOrderWhenOneTimesOut) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    if (number == 0) {
      ReceiveBodies(connection, 4);
      connection.Send(AnswerWith("a"));
    } else {
      ReceiveBodies(connection, 1);
      connection.Send(AnswerWith("new"));
    }
    connection.IsClosedByPeer();
  });
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    for (const int timeout : {60'000, 60'000, 200, 60'000}) {
      Call call = PipelinedCallTo(server.port(), "{}");
      call.timeout = std::chrono::milliseconds(timeout);
      Post(client, std::move(call));
    }
  });
  EXPECT_THAT(ends_.Await(4), ElementsAre("a", "UNAVAILABLE", "DEADLINE_EXCEEDED", "UNAVAILABLE"));
  EXPECT_THAT(ends_.message(1), HasSubstr("another call on it had no answer in time"));
  EXPECT_THAT(ends_.message(2), HasSubstr("no answer within 200 ms"));
  PostNumbered(client, server.port(), 0, 1);
  EXPECT_EQ(ends_.Await(5)[4], "new");
  client.Destroy();
}

TEST_F(ClientPipeliningTest, TimesOutWhileItConnects) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) { connection.IsClosedByPeer(); });
  // It serves one connection at a time: this one.
  RawTlsConnection first = support::ConnectRawTls(server.port(), alpha_, "bravo.test");
  ASSERT_TRUE(first.Handshake());
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    for (const int timeout : {100, 60'000}) {
      Call call = PipelinedCallTo(server.port(), "{}");
      call.timeout = std::chrono::milliseconds(timeout);
      Post(client, std::move(call));
    }
  });
  EXPECT_THAT(ends_.Await(2), ElementsAre("DEADLINE_EXCEEDED", "UNAVAILABLE"));
  client.Destroy();
}

TEST_F(ClientPipeliningTest, FailsAllWhenItCannotConnect) {
  std::uint16_t port = 0;
  {
    TestServer gone(bravo_);
    port = gone.port();
  }
  TestClient client(alpha_, "alpha.test");
  PostNumbered(client, port, 0, 3);
  EXPECT_THAT(ends_.Await(3), Each("UNAVAILABLE"));
  EXPECT_EQ(ends_.message(2), absl::StrCat("bravo.test at 127.0.0.1:", port, ": connection refused"));
}

TEST_F(ClientPipeliningTest, SaysThatAConnectionWasClosedWhileItWasIdle) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    ReceiveBodies(connection, 1);
    connection.Send(AnswerWith(absl::StrCat(number)));
    // The first connection ends only after it has the next two requests.
    if (number == 0) ReceiveBodies(connection, 2);
  });
  TestClient client(alpha_, "alpha.test");
  PostNumbered(client, server.port(), 0, 1);
  ends_.Await(1);
  PostNumbered(client, server.port(), 1, 3);
  EXPECT_THAT(ends_.Await(3), ElementsAre("0", "ABORTED", "ABORTED"));
  EXPECT_THAT(ends_.message(1), HasSubstr("had been closed while it was idle"));
  PostNumbered(client, server.port(), 3, 4);
  EXPECT_EQ(ends_.Await(4)[3], "1");
}

TEST_F(ClientPipeliningTest, DoesNotCallAConnectionIdleThatHasAnswered) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int) {
    ReceiveBodies(connection, 1);
    connection.Send(AnswerWith("0"));
    ReceiveBodies(connection, 2);
    connection.Send(AnswerWith("1"));
  });
  TestClient client(alpha_, "alpha.test");
  PostNumbered(client, server.port(), 0, 1);
  ends_.Await(1);
  PostNumbered(client, server.port(), 1, 3);
  EXPECT_THAT(ends_.Await(3), ElementsAre("0", "1", "UNAVAILABLE"));
}

TEST_F(ClientPipeliningTest, UsesANewConnectionAfterTheServerHasClosedAnIdleOne) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    ReceiveBodies(connection, 1);
    connection.Send(AnswerWith(absl::StrCat(number)));
  });
  TestClient client(alpha_, "alpha.test");
  EXPECT_EQ(client.Post(PipelinedCallTo(server.port(), "{}"))->body, "0");
  // The end of the connection comes at any time before the next call, or while that is on its way.
  absl::StatusOr<Answer> answer = absl::AbortedError("");
  while (absl::IsAborted(answer.status())) answer = client.Post(PipelinedCallTo(server.port(), "{}"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "1");
}

TEST_F(ClientPipeliningTest, TakesNothingThatWasNotAskedForAsTheNextAnswer) {
  RawTlsServer server(bravo_, [](RawTlsConnection& connection, int number) {
    ReceiveBodies(connection, 1);
    connection.Send(AnswerWith(absl::StrCat(number)) + (number == 0 ? AnswerWith("unasked") : ""));
    ReceiveBodies(connection, 1);
  });
  TestClient client(alpha_, "alpha.test");
  EXPECT_EQ(client.Post(PipelinedCallTo(server.port(), "{}"))->body, "0");
  EXPECT_EQ(client.Post(PipelinedCallTo(server.port(), "{}"))->body, "1");
  client.Destroy();
}

TEST_F(ClientPipeliningTest, GetsTheRefusalOfALongBody) {
  HttpLimits limits = TestLimits();
  limits.body_bytes_max = 1000;
  TestServer server(bravo_, limits);
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    Post(client, PipelinedCallTo(server.port(), "{}"));
    Post(client, PipelinedCallTo(server.port(), std::string(3'000'000, 'x')));
    Post(client, PipelinedCallTo(server.port(), "{}"));
  });
  const std::vector<std::string> ends = ends_.Await(3);
  EXPECT_THAT(ends[1], HasSubstr("\"status\":413"));
  EXPECT_EQ(ends[2], "UNAVAILABLE");
}

}  // namespace
}  // namespace federation::https
