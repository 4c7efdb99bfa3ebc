// Requests that a peer sends without waiting for the answers to those before them.
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/server_pipelining_fixture.h"

namespace federation::https {
namespace {

using support::RawMessage;
using support::RawTlsConnection;
using ::testing::ElementsAre;
using ::testing::EndsWith;

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
  kept_.Answer(2);
  Settle(server.loop());
  kept_.Answer(0);
  ExpectAnswers(connection, {"0"});
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
