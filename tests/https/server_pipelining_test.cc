// Requests that a peer sends without waiting for the answers to those before them.
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server.h"
#include "https/server_fixture.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using ::testing::ElementsAre;
using ::testing::EndsWith;

// A handler that keeps the requests until the test answers them.
class Kept {
 public:
  Server::Handler handler() {
    return [this](Request request, Server::Respond respond) {
      const std::lock_guard lock(mutex_);
      bodies_.push_back(request.body);
      connections_.push_back(request.connection);
      waiting_.push_back(std::move(respond));
      changed_.notify_all();
    };
  }

  // Waits until so many have come.
  void Await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() >= count; });
  }
  // How many have come.
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  void Answer(std::size_t index) {
    Server::Respond respond;
    Response response;
    {
      const std::lock_guard lock(mutex_);
      respond = waiting_[index];
      response.body = absl::StrCat("answer to ", bodies_[index]);
    }
    respond(std::move(response));
  }
  std::vector<std::uint64_t> connections() {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> bodies_;
  std::vector<std::uint64_t> connections_;
  std::vector<Server::Respond> waiting_;
};

class ServerPipeliningTest : public ServerTest {
 protected:
  // Whether the handler gets no more than it has, while the loop has had its chance.
  void ExpectNoMoreThan(std::size_t count, Kept& kept, TestServer& server) {
    RawTlsConnection other = Connect(server);
    ASSERT_TRUE(other.Send("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(other.Receive()->status(), 400);
    Settle(server.loop());
    EXPECT_EQ(kept.count(), count);
  }

  static void ExpectAnswers(RawTlsConnection& connection, const std::vector<std::string>& to) {
    for (const std::string& body : to) {
      const std::optional<RawMessage> answer = connection.Receive();
      ASSERT_TRUE(answer) << body;
      EXPECT_EQ(answer->body, "answer to " + body);
    }
  }

  Kept kept_;
};

std::string Numbered(int count) {
  std::string requests;
  for (int i = 0; i < count; ++i) requests += GoodRequest(absl::StrCat(i));
  return requests;
}

TEST_F(ServerPipeliningTest, AnswersInOrderWhateverOrderTheHandlerAnswersIn) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(4)));
  kept_.Await(4);
  for (const std::size_t index : {2, 1, 3, 0}) kept_.Answer(index);
  ExpectAnswers(connection, {"0", "1", "2", "3"});
}

TEST_F(ServerPipeliningTest, SendsAnAnswerAsSoonAsThoseBeforeItAreSent) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(3)));
  kept_.Await(3);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  kept_.Answer(2);
  kept_.Answer(1);
  ExpectAnswers(connection, {"1", "2"});
}

TEST_F(ServerPipeliningTest, AnswersAThousandRequestsFromOtherThreads) {
  std::mutex mutex;
  std::vector<std::pair<Request, Server::Respond>> waiting;
  std::atomic<bool> over = false;
  TestServer server(bravo_, TestLimits(), [&](Request request, Server::Respond respond) {
    const std::lock_guard lock(mutex);
    waiting.emplace_back(std::move(request), std::move(respond));
  });
  std::thread answering([&] {
    while (!over) {
      std::vector<std::pair<Request, Server::Respond>> taken;
      {
        const std::lock_guard lock(mutex);
        taken.swap(waiting);
      }
      // The last one first.
      for (; !taken.empty(); taken.pop_back()) {
        TestServer::Echo(std::move(taken.back().first), std::move(taken.back().second));
      }
      std::this_thread::yield();
    }
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(1000)));
  for (int i = 0; i < 1000; ++i) {
    const std::optional<RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_THAT(answer->body, EndsWith(absl::StrCat(" ", i)));
  }
  over = true;
  answering.join();
}

TEST_F(ServerPipeliningTest, ReadsAheadAsManyRequestsAsAllowed) {
  for (const std::size_t requests_max : {1, 3}) {
    Kept kept;
    HttpLimits limits = TestLimits();
    limits.pipelined_requests_max = requests_max;
    TestServer server(bravo_, limits, kept.handler());
    RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(connection.Send(Numbered(5)));
    kept.Await(requests_max);
    ExpectNoMoreThan(requests_max, kept, server);
    kept.Answer(0);
    kept.Await(requests_max + 1);
    ExpectNoMoreThan(requests_max + 1, kept, server);
    for (std::size_t index = 1; index < 5; ++index) {
      kept.Await(index + 1);
      kept.Answer(index);
    }
    ExpectAnswers(connection, {"0", "1", "2", "3", "4"});
  }
}

TEST_F(ServerPipeliningTest, ReadsAheadAsManyBytesAsAllowed) {
  HttpLimits limits = TestLimits();
  limits.pipelined_bytes_max = 1000;
  TestServer server(bravo_, limits, kept_.handler());
  RawTlsConnection connection = Connect(server);
  const std::string a(600, 'a');
  const std::string b(400, 'b');
  // One that is too large by itself is taken when nothing else waits.
  const std::string c(2000, 'c');
  ASSERT_TRUE(connection.Send(GoodRequest(a) + GoodRequest(b) + GoodRequest("d") + GoodRequest(c) +
                              GoodRequest("e")));
  kept_.Await(2);
  ExpectNoMoreThan(2, kept_, server);
  kept_.Answer(1);
  ExpectNoMoreThan(2, kept_, server);
  kept_.Answer(0);
  kept_.Await(3);
  ExpectNoMoreThan(3, kept_, server);
  kept_.Answer(2);
  kept_.Await(4);
  ExpectNoMoreThan(4, kept_, server);
  kept_.Answer(3);
  kept_.Await(5);
  kept_.Answer(4);
  ExpectAnswers(connection, {a, b, "d", c, "e"});
}

TEST_F(ServerPipeliningTest, AnswersWhatCameBeforeABadRequestAndHandlesNothingBehindIt) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2) + RawRequest("Host: b\r\n", "") + GoodRequest("smuggled")));
  kept_.Await(2);
  ExpectNoMoreThan(2, kept_, server);
  kept_.Answer(1);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0", "1"});
  const std::optional<RawMessage> refusal = connection.Receive();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status(), 411);
  EXPECT_EQ(refusal->Header("Connection"), "close");
  EXPECT_TRUE(connection.IsClosedByPeer());
  EXPECT_EQ(kept_.count(), 2U);
}

TEST_F(ServerPipeliningTest, GoesOnBehindARequestOfSomebodyElseWithoutABody) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  const std::string other = "Host: b\r\nFederation-Origin: charlie.test\r\n";
  ASSERT_TRUE(connection.Send(GoodRequest("0") + RawRequest(other + "Content-Length: 0\r\n", "") +
                              GoodRequest("1") + RawRequest(other + "Content-Length: 1\r\n", "x") +
                              GoodRequest("smuggled")));
  kept_.Await(2);
  ExpectNoMoreThan(2, kept_, server);
  kept_.Answer(1);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  EXPECT_EQ(connection.Receive()->status(), 403);
  ExpectAnswers(connection, {"1"});
  const std::optional<RawMessage> last = connection.Receive();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->status(), 403);
  EXPECT_EQ(last->Header("Connection"), "close");
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, HandlesNothingBehindARequestThatEndsTheConnection) {
  for (const char* request : {"POST / HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1",
                              "POST / HTTP/1.0\r\nHost: b\r\nContent-Length: 1\r\n\r\n1"}) {
    SCOPED_TRACE(request);
    Kept kept;
    TestServer server(bravo_, TestLimits(), kept.handler());
    RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(connection.Send(GoodRequest("0") + request + GoodRequest("smuggled")));
    kept.Await(2);
    ExpectNoMoreThan(2, kept, server);
    kept.Answer(1);
    kept.Answer(0);
    const std::optional<RawMessage> first = connection.Receive();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->Header("Connection"), "");
    const std::optional<RawMessage> last = connection.Receive();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->body, "answer to 1");
    EXPECT_EQ(last->Header("Connection"), "close");
    EXPECT_TRUE(connection.IsClosedByPeer());
    EXPECT_EQ(kept.count(), 2U);
  }
}

TEST_F(ServerPipeliningTest, HandlesNothingBehindAHandlerThatThrows) {
  std::atomic<int> handled = 0;
  TestServer server(bravo_, TestLimits(), [&](Request request, Server::Respond respond) {
    ++handled;
    if (request.body == "1") throw std::runtime_error("broken handler");
    TestServer::Echo(std::move(request), std::move(respond));
  });
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(3)));
  EXPECT_EQ(connection.Receive()->status(), 200);
  EXPECT_EQ(connection.Receive()->status(), 500);
  EXPECT_TRUE(connection.IsClosedByPeer());
  EXPECT_EQ(handled, 2);
}

TEST_F(ServerPipeliningTest, SaysContinueBehindTheAnswersToEarlierRequests) {
  HttpLimits limits = TestLimits();
  limits.body_timeout = std::chrono::seconds(1);
  TestServer server(bravo_, limits, kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2) +
                              RawRequest("Host: b\r\nContent-Length: 5\r\nExpect: 100-continue\r\n", "")));
  kept_.Await(2);
  kept_.Answer(1);
  ExpectNoMoreThan(2, kept_, server);
  // The time for the body has not begun.
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  kept_.Answer(0);
  ExpectAnswers(connection, {"0", "1"});
  const std::optional<RawMessage> interim = connection.Receive();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->head, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(connection.Send("hello" + GoodRequest("next")));
  kept_.Await(4);
  kept_.Answer(3);
  kept_.Answer(2);
  ExpectAnswers(connection, {"hello", "next"});
}

TEST_F(ServerPipeliningTest, AnswersHeadAmongOthersWithoutABody) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send("HEAD / HTTP/1.1\r\nHost: b\r\n\r\n" + GoodRequest("next")));
  kept_.Await(2);
  kept_.Answer(1);
  kept_.Answer(0);
  const std::optional<RawMessage> head_and_next = connection.Receive();
  ASSERT_TRUE(head_and_next);
  EXPECT_THAT(head_and_next->body, ::testing::StartsWith("HTTP/1.1 "));
}

TEST_F(ServerPipeliningTest, AnswersAPeerThatSendsNoMore) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2)));
  // Says so, and still reads.
  SSL_shutdown(connection.ssl());
  kept_.Await(2);
  Settle(server.loop());
  kept_.Answer(1);
  kept_.Answer(0);
  ExpectAnswers(connection, {"0", "1"});
}

TEST_F(ServerPipeliningTest, AnswersAllThatHaveBegunOnShutdown) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection between = Connect(server);
  RawTlsConnection sending = Connect(server);
  ASSERT_TRUE(between.Send(Numbered(2)));
  kept_.Await(2);
  ASSERT_TRUE(sending.Send(Numbered(2) + "POST / HTTP/1.1\r\n"));
  kept_.Await(4);
  Settle(server.loop());
  std::promise<void> drained;
  server.server().Shutdown(std::chrono::hours(1), [&drained] { drained.set_value(); });
  Settle(server.loop());
  // What comes after that is not handled.
  ASSERT_TRUE(between.Send(GoodRequest("late")));
  ASSERT_TRUE(sending.Send("Host: b\r\nContent-Length: 1\r\n\r\n2" + GoodRequest("late")));
  kept_.Await(5);
  Settle(server.loop());
  for (const std::size_t index : {4, 3, 2, 1, 0}) kept_.Answer(index);
  ExpectAnswers(between, {"0"});
  EXPECT_EQ(between.Receive()->Header("Connection"), "close");
  EXPECT_TRUE(between.IsClosedByPeer());
  ExpectAnswers(sending, {"0", "1"});
  EXPECT_EQ(sending.Receive()->Header("Connection"), "close");
  EXPECT_TRUE(sending.IsClosedByPeer());
  between.Close();
  sending.Close();
  drained.get_future().wait();
  EXPECT_EQ(kept_.count(), 5U);
}

TEST_F(ServerPipeliningTest, DropsAllWhenTheGraceIsOverOrTheServerIsDestroyed) {
  for (const bool destroy : {false, true}) {
    Kept kept;
    TestServer server(bravo_, TestLimits(), kept.handler());
    RawTlsConnection connection = Connect(server);
    ASSERT_TRUE(connection.Send(Numbered(3)));
    kept.Await(3);
    if (destroy) {
      server.Destroy();
    } else {
      std::promise<void> drained;
      server.server().Shutdown(std::chrono::milliseconds(20), [&drained] { drained.set_value(); });
      drained.get_future().wait();
    }
    EXPECT_TRUE(connection.IsClosedByPeer());
    for (const std::size_t index : {1, 0, 2}) kept.Answer(index);
    server.loop().Stop();
  }
}

TEST_F(ServerPipeliningTest, IsIdleOnlyWhenNothingWaitsForItsAnswer) {
  HttpLimits limits = TestLimits();
  limits.idle_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits, kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(2)));
  kept_.Await(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  kept_.Answer(1);
  ExpectAnswers(connection, {"1"});
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, GivesUpOnAHeaderBehindRequestsThatWait) {
  HttpLimits limits = TestLimits();
  limits.header_timeout = std::chrono::milliseconds(50);
  TestServer server(bravo_, limits, kept_.handler());
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(GoodRequest("0") + "POST / HTTP/1.1\r\nHost:"));
  kept_.Await(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
  EXPECT_EQ(connection.Receive()->status(), 408);
  EXPECT_TRUE(connection.IsClosedByPeer());
}

TEST_F(ServerPipeliningTest, CutsOffAPeerThatSendsOnAndReadsNothing) {
  HttpLimits limits = TestLimits();
  limits.write_timeout = std::chrono::milliseconds(100);
  std::atomic<int> handled = 0;
  TestServer server(bravo_, limits, [&handled](const Request&, Server::Respond respond) {
    ++handled;
    respond({.body = std::string(1'000'000, 'x')});
  });
  RawTlsConnection connection = Connect(server);
  // Ends, with an error.
  while (connection.Send(Numbered(10))) continue;
  // What fits into the sockets' buffers, and what may wait.
  EXPECT_LT(handled, 100);
}

TEST_F(ServerPipeliningTest, SendsAnswersThatAreReadyTogetherInOneRecord) {
  TestServer server(bravo_);
  RawTlsConnection connection = Connect(server);
  ASSERT_TRUE(connection.Send(Numbered(10)));
  char bytes[16 * 1024];
  const int count = SSL_read(connection.ssl(), bytes, sizeof(bytes));
  ASSERT_GT(count, 0);
  const std::string record(bytes, static_cast<std::size_t>(count));
  EXPECT_THAT(record, EndsWith(" 9"));
}

TEST_F(ServerPipeliningTest, NumbersConnectionsInTheOrderOfTheirAcceptance) {
  TestServer server(bravo_, TestLimits(), kept_.handler());
  RawTlsConnection first = Connect(server);
  ASSERT_TRUE(first.Handshake());
  RawTlsConnection second = Connect(server);
  ASSERT_TRUE(second.Send(GoodRequest("0")));
  kept_.Await(1);
  ASSERT_TRUE(first.Send(Numbered(2)));
  kept_.Await(3);
  EXPECT_THAT(kept_.connections(), ElementsAre(2, 1, 1));
}

}  // namespace
}  // namespace federation::https
