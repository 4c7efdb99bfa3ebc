// Calls that do not wait for the answers to those before them.
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/client_pipelining_fixture.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using support::RawTlsConnection;
using support::RawTlsServer;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

TEST_F(ClientPipeliningTest, WaitsForTheAnswersOfAnotherAddress) {
  std::atomic<int> answered = 0;
  const auto named = [&answered](const char* name) {
    return [&answered, name](const Request&, const Server::Respond& respond) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      respond({.body = absl::StrCat(name, ++answered)});
    };
  };
  TestServer first(bravo_, TestLimits(), named("first "));
  TestServer second(bravo_, TestLimits(), named("second "));
  TestClient client(alpha_, "alpha.test");
  client.loop().Post([&] {
    for (const TestServer* server : {&first, &first, &second, &second, &first}) {
      Post(client, PipelinedCallTo(server->port(), "{}"));
    }
  });
  EXPECT_THAT(ends_.Await(5), ElementsAre("first 1", "first 2", "second 3", "second 4", "first 5"));
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
