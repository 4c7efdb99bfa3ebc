// Calls that do not wait for the answers to those before them.
#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/client.h"
#include "https/harness.h"
#include "support/raw_tls_client.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string AnswerWith(std::string_view body, std::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 200 OK\r\n", std::string(headers), "Content-Length: ", body.size(),
                      "\r\n\r\n", std::string(body));
}

Call PipelinedCallTo(std::uint16_t port, std::string body) {
  Call call = CallTo(port, std::move(body));
  call.pipelined = true;
  return call;
}

// The ends of calls, in the order in which they came: the answer's body, or the error.
class Ends {
 public:
  void Add(const absl::StatusOr<Answer>& answer) {
    const std::lock_guard lock(mutex_);
    ends_.push_back(answer.ok() ? answer->body : absl::StatusCodeToString(answer.status().code()));
    statuses_.push_back(answer.status());
    changed_.notify_all();
  }
  // Waits until there are so many.
  std::vector<std::string> Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ends_.size() >= count; });
    return ends_;
  }
  std::string message(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return std::string(statuses_[index].message());
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> ends_;
  std::vector<absl::Status> statuses_;
};

class ClientPipeliningTest : public ::testing::Test {
 protected:
  // Posts pipelined calls whose bodies are their numbers, from within one task.
  void PostNumbered(TestClient& client, std::uint16_t port, int from, int to) {
    client.loop().Post([this, &client, port, from, to] {
      for (int i = from; i < to; ++i) Post(client, PipelinedCallTo(port, absl::StrCat(i)));
    });
  }
  // To be used on the loop.
  void Post(TestClient& client, Call call) {
    client.client().Post(std::move(call),
                         [this](const absl::StatusOr<Answer>& answer) { ends_.Add(answer); });
  }

  support::TestCa ca_;
  TlsFiles alpha_ = ca_.Issue("alpha.test");
  TlsFiles bravo_ = ca_.Issue("bravo.test");
  Ends ends_;
};

// Receives so many requests; returns their bodies.
std::vector<std::string> ReceiveBodies(RawTlsConnection& connection, int count) {
  std::vector<std::string> bodies;
  for (int i = 0; i < count; ++i) {
    const std::optional<RawMessage> request = connection.Receive();
    if (!request) break;
    bodies.push_back(request->body);
  }
  return bodies;
}

TEST_F(ClientPipeliningTest, SendsCallsWithoutWaitingForAnswers) {
  std::vector<std::string> bodies;
  {
    RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
      bodies = ReceiveBodies(connection, 3);
      connection.Send(AnswerWith("a") + AnswerWith("b"));
      connection.Send(AnswerWith("c"));
      connection.IsClosedByPeer();
    });
    TestClient client(alpha_, "alpha.test");
    PostNumbered(client, server.port(), 0, 3);
    EXPECT_THAT(ends_.Await(3), ElementsAre("a", "b", "c"));
    EXPECT_EQ(server.connections(), 1);
    client.Destroy();
  }
  EXPECT_THAT(bodies, ElementsAre("0", "1", "2"));
}

TEST_F(ClientPipeliningTest, SendsSmallCallsTogether) {
  std::string record;
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
    char bytes[16 * 1024];
    const int count = SSL_read(connection.ssl(), bytes, sizeof(bytes));
    record.assign(bytes, static_cast<std::size_t>(std::max(count, 0)));
    for (int i = 0; i < 10; ++i) connection.Send(AnswerWith("{}"));
    connection.IsClosedByPeer();
  });
  TestClient client(alpha_, "alpha.test");
  PostNumbered(client, server.port(), 0, 10);
  ends_.Await(10);
  EXPECT_THAT(record, ::testing::EndsWith("\r\n\r\n9"));
  client.Destroy();
}

TEST_F(ClientPipeliningTest, MakesAThousandCallsToOurServer) {
  TestServer server(bravo_);
  TestClient client(alpha_, "alpha.test");
  PostNumbered(client, server.port(), 0, 500);
  PostNumbered(client, server.port(), 500, 1000);
  const std::vector<std::string> ends = ends_.Await(1000);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(ends[static_cast<std::size_t>(i)],
              absl::StrCat("POST /http/v1/updates alpha.test>bravo.test application/json ", i));
  }
}

TEST_F(ClientPipeliningTest, KeepsItsConnectionWhileIdle) {
  std::vector<std::string> bodies;
  {
    RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
      for (;;) {
        for (std::string& body : ReceiveBodies(connection, 2)) {
          bodies.push_back(body);
          connection.Send(AnswerWith("to " + body));
        }
        if (bodies.size() == 4) break;
      }
      connection.IsClosedByPeer();
    });
    TestClient client(alpha_, "alpha.test");
    PostNumbered(client, server.port(), 0, 2);
    ends_.Await(2);
    PostNumbered(client, server.port(), 2, 4);
    EXPECT_THAT(ends_.Await(4), ElementsAre("to 0", "to 1", "to 2", "to 3"));
    client.Destroy();
  }
  EXPECT_THAT(bodies, ElementsAre("0", "1", "2", "3"));
}

TEST_F(ClientPipeliningTest, LeavesOtherCallsToOtherConnections) {
  TestServer server(bravo_);
  TestClient client(alpha_, "alpha.test");
  EXPECT_TRUE(client.Post(PipelinedCallTo(server.port(), "p")).ok());
  EXPECT_TRUE(client.Post(CallTo(server.port(), "c")).ok());
  EXPECT_TRUE(client.Post(PipelinedCallTo(server.port(), "p")).ok());
}

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

TEST_F(ClientPipeliningTest, WaitsForTheAnswersOfAnotherAddress) {
  std::atomic<int> answered = 0;
  const auto count = [&answered](Request, Server::Respond respond) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    respond({.body = absl::StrCat(++answered)});
  };
  TestServer first(bravo_, TestLimits(), count);
  TestServer second(bravo_, TestLimits(), count);
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    for (const TestServer* server : {&first, &first, &second, &second, &first}) {
      Post(client, PipelinedCallTo(server->port(), "{}"));
    }
  });
  EXPECT_THAT(ends_.Await(5), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(ClientPipeliningTest, ReadsWhileItsWritesAreBlocked) {
  // Sends a long answer before it reads the next request: the client has to read it although its own request
  // does not fit into the buffers.
  const std::string long_answer(8'000'000, 'a');
  const std::string long_request(8'000'000, 'r');
  HttpLimits limits = TestLimits();
  limits.answer_bytes_max = long_answer.size();
  RawTlsServer server(bravo_, [&](RawTlsConnection& connection, int) {
    for (int i = 0; i < 4; ++i) {
      ReceiveBodies(connection, 1);
      if (!connection.Send(AnswerWith(long_answer))) return;
    }
    connection.IsClosedByPeer();
  });
  TestClient client(alpha_, "alpha.test", limits);
  client.loop().Post([&] {
    for (int i = 0; i < 4; ++i) Post(client, PipelinedCallTo(server.port(), long_request));
  });
  EXPECT_THAT(ends_.Await(4), Each(long_answer));
  client.Destroy();
}

TEST_F(ClientPipeliningTest, ExchangesLongBodiesWithOurServerInBothDirections) {
  HttpLimits limits = TestLimits();
  limits.answer_bytes_max = limits.body_bytes_max;
  TestServer server(bravo_, limits, [](Request request, Server::Respond respond) {
    respond({.body = std::move(request.body)});
  });
  TestClient client(alpha_, "alpha.test", limits);
  client.loop().Post([&] {
    for (int i = 0; i < 30; ++i) {
      Post(client, PipelinedCallTo(server.port(), absl::StrCat(i, std::string(1'000'000, 'x'))));
    }
  });
  const std::vector<std::string> ends = ends_.Await(30);
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(ends[static_cast<std::size_t>(i)], absl::StrCat(i, std::string(1'000'000, 'x')));
  }
}

TEST_F(ClientPipeliningTest, DropsItsCallsWhenItIsDestroyedByACaller) {
  for (const char* connection_header : {"", "Connection: close\r\n"}) {
    RawTlsServer server(bravo_, [connection_header](RawTlsConnection& connection, int) {
      ReceiveBodies(connection, 3);
      connection.Send(AnswerWith("a", connection_header) + AnswerWith("b"));
    });
    TestClient client(alpha_, "alpha.test");
    auto called = std::make_shared<std::atomic<int>>(0);
    client.loop().Post([&] {
      for (int i = 0; i < 3; ++i) {
        client.client().Post(PipelinedCallTo(server.port(), "{}"),
                             [&client, called](const absl::StatusOr<Answer>&) {
                               if (++*called == 1) client.Destroy();
                             });
      }
    });
    while (*called == 0) std::this_thread::yield();
    Settle(client.loop());
    EXPECT_EQ(*called, 1);
    client.loop().Stop();
    EXPECT_EQ(called.use_count(), 1);
  }
}

TEST_F(ClientPipeliningTest, GoesOnAfterACallerThatThrows) {
  TestServer server(bravo_);
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    client.client().Post(PipelinedCallTo(server.port(), "{}"),
                         [](const absl::StatusOr<Answer>&) { throw std::runtime_error("broken caller"); });
    client.client().Post(PipelinedCallTo(server.port(), "{}"),
                         [](const absl::StatusOr<Answer>&) { throw "no exception"; });
    Post(client, PipelinedCallTo(server.port(), "{}"));
  });
  EXPECT_THAT(ends_.Await(1)[0], HasSubstr("alpha.test>bravo.test"));
}

TEST_F(ClientPipeliningTest, ClosesAConnectionThatIsIdleForLong) {
  HttpLimits limits = TestLimits();
  limits.idle_timeout = std::chrono::milliseconds(100);
  std::promise<bool> closed;
  RawTlsServer server(bravo_, [&closed](RawTlsConnection& connection, int) {
    ReceiveBodies(connection, 1);
    connection.Send(AnswerWith("{}"));
    closed.set_value(connection.IsClosedByPeer());
  });
  TestClient client(alpha_, "alpha.test", limits);
  EXPECT_TRUE(client.Post(PipelinedCallTo(server.port(), "{}")).ok());
  EXPECT_TRUE(closed.get_future().get());
}

}  // namespace
}  // namespace federation::https
