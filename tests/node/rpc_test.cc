// Requests between whole nodes in one process, over real TLS on loopback.
#include "federation/rpc.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/node.h"
#include "federation/sqlite_store.h"

#include "node/scripted_dispatcher.h"
#include "node/scripted_receiver.h"
#include "service_gets_client_and_server/directory.federation.h"
#include "support/raw_tls_server.h"
#include "support/temporary_folder.h"
#include "support/test_ca.h"

namespace federation {
namespace {

using namespace std::chrono_literals;
using support::RawMessage;
using support::RawTlsConnection;
using support::RawTlsServer;
using testing::HasSubstr;

using Answer = absl::StatusOr<std::string>;

// A handler that runs until a test lets it go on.
class Gate {
 public:
  // To be called by the handler.
  void Pass() {
    ++entered_;
    entered_.notify_all();
    open_.get_future().wait();
  }
  void WaitUntilEntered() { entered_.wait(0); }
  void Open() { open_.set_value(); }

 private:
  std::atomic<int> entered_{0};
  std::promise<void> open_;
};

class RpcTest : public testing::Test {
 protected:
  struct Server {
    NodeOptions options;
    std::unique_ptr<Store> store;
    node::ScriptedReceiver receiver;
    std::unique_ptr<Node> node;
  };

  RpcTest() {
    for (Server* server : {&alpha_, &bravo_}) {
      server->options.domain = server == &alpha_ ? "alpha.test" : "bravo.test";
      server->options.tls = ca_.Issue(server->options.domain);
      server->options.listen = {"127.0.0.1", 0};
      server->options.handler_threads = 4;
      server->store = *OpenSqliteStore(folder_.File(server->options.domain));
    }
  }
  ~RpcTest() override {
    // Before the handlers of the test.
    alpha_.node.reset();
    bravo_.node.reset();
  }

  // Alpha asks, Bravo answers with `dispatcher`.
  void Start(RpcDispatcher& dispatcher) {
    StartNode(&bravo_, &dispatcher);
    alpha_.options.peers["bravo.test"] = {"127.0.0.1", bravo_.node->port()};
    StartNode(&alpha_, nullptr);
  }
  void StartNode(Server* server, RpcDispatcher* dispatcher) {
    auto node = Node::Create(server->options, *server->store);
    ASSERT_TRUE(node.ok()) << node.status();
    server->node = *std::move(node);
    server->node->Receive(server->receiver);
    if (dispatcher != nullptr) {
      ASSERT_TRUE(server->node->Serve(*dispatcher).ok());
    }
    const absl::Status started = server->node->Start();
    ASSERT_TRUE(started.ok()) << started;
  }

  static RpcCall CallOf(const std::string& method, std::chrono::milliseconds timeout = 20s) {
    return {"bravo.test", R"({"rpc":")" + method + R"("})", {.timeout = timeout}};
  }
  std::future<Answer> StartCall(RpcCall call) {
    auto answer = std::make_shared<std::promise<Answer>>();
    alpha_.node->StartCall(std::move(call), [answer](Answer got) { answer->set_value(std::move(got)); });
    return answer->get_future();
  }

  TemporaryFolder folder_;
  support::TestCa ca_;
  node::ScriptedDispatcher dispatcher_{{"find", "other"}};
  Server alpha_;
  Server bravo_;
};

class Directory : public golden::directory::DirectoryService {
 public:
  using SearchUsersRequest = golden::directory::SearchUsersRequest;
  using SearchUsersResponse = golden::directory::SearchUsersResponse;

  absl::StatusOr<SearchUsersResponse> SearchUsers(const SearchUsersRequest& request,
                                                  const RpcContext& context) override {
    SearchUsersResponse response;
    response.add_users()->set_user_id(request.query());
    response.add_users()->set_display_name(std::string(context.origin) + " asks " +
                                           std::string(context.destination));
    return response;
  }
  absl::StatusOr<google::protobuf::Empty> Report(const golden::directory::Report&,
                                                 const RpcContext&) override {
    return google::protobuf::Empty();
  }
  absl::StatusOr<golden::directory::User> delete_(const golden::directory::DeleteRequest&,
                                                  const RpcContext&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<SearchUsersResponse> ListHTTPUsers(const google::protobuf::Empty&,
                                                    const RpcContext&) override {
    return absl::UnimplementedError("");
  }
};

TEST_F(RpcTest, BringsAGeneratedClientToAGeneratedServer) {
  Directory directory;
  golden::directory::DirectoryDispatcher dispatcher(directory);
  Start(dispatcher);
  golden::directory::DirectoryClient client(*alpha_.node);
  Directory::SearchUsersRequest request;
  request.set_query("st\xc3\xa9ve");
  const auto response = client.SearchUsers("bravo.test", request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->users(0).user_id(), "st\xc3\xa9ve");
  EXPECT_EQ(response->users(1).display_name(), "alpha.test asks bravo.test");
  std::promise<absl::StatusOr<google::protobuf::Empty>> reported;
  client.StartReport(
      "bravo.test", golden::directory::Report(),
      [&](absl::StatusOr<google::protobuf::Empty> got) { reported.set_value(std::move(got)); });
  EXPECT_TRUE(reported.get_future().get().ok());
}

TEST_F(RpcTest, CarriesAFailureWithWhatItSaysBesideItsCode) {
  Start(dispatcher_);
  const absl::Status failures[] = {
      absl::PermissionDeniedError("not you"),
      WithCanRetry(absl::AbortedError("again"), true),
      Wait(7s),
      absl::UnavailableError("no disk"),
  };
  for (const absl::Status& failure : failures) {
    dispatcher_.On("find", [&](std::string_view, const RpcContext&) { return failure; });
    const absl::Status got = alpha_.node->Call(CallOf("find")).status();
    EXPECT_EQ(got.code(), failure.code());
    EXPECT_EQ(std::string(got.message()), std::string(failure.message()));
    EXPECT_EQ(RetryAfter(got), RetryAfter(failure));
    EXPECT_EQ(CanRetry(got), CanRetry(failure));
  }
}

TEST_F(RpcTest, SaysThatNobodyServesAMethod) {
  Start(dispatcher_);
  const absl::Status status = alpha_.node->Call(CallOf("lose")).status();
  EXPECT_EQ(status,
            WithCanRetry(absl::UnimplementedError("bravo.test serves no method of this name"), false));
  EXPECT_EQ(dispatcher_.calls(), 0);
}

TEST_F(RpcTest, ServesSeveralServices) {
  node::ScriptedDispatcher second({"second"});
  node::ScriptedDispatcher same({"third", "second"});
  bravo_.node = *Node::Create(bravo_.options, *bravo_.store);
  ASSERT_TRUE(bravo_.node->Serve(dispatcher_).ok());
  ASSERT_TRUE(bravo_.node->Serve(second).ok());
  EXPECT_EQ(bravo_.node->Serve(same), absl::AlreadyExistsError("the method second is served already"));
  ASSERT_TRUE(bravo_.node->Start().ok());
  EXPECT_EQ(bravo_.node->Serve(same).code(), absl::StatusCode::kFailedPrecondition);
  alpha_.options.peers["bravo.test"] = {"127.0.0.1", bravo_.node->port()};
  StartNode(&alpha_, nullptr);
  EXPECT_TRUE(alpha_.node->Call(CallOf("find")).ok());
  EXPECT_TRUE(alpha_.node->Call(CallOf("second")).ok());
  EXPECT_EQ(alpha_.node->Call(CallOf("third")).status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(RpcTest, GivesUpAtTheDeadlineThatItToldTheServer) {
  Start(dispatcher_);
  Gate gate;
  std::promise<std::chrono::steady_clock::duration> left;
  dispatcher_.On("find", [&](std::string_view, const RpcContext& context) -> Answer {
    left.set_value(context.deadline - std::chrono::steady_clock::now());
    gate.Pass();
    return R"({"result":"ok"})";
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(alpha_.node->Call(CallOf("find", 300ms)).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 300ms);
  EXPECT_LE(left.get_future().get(), 301ms);
  gate.Open();
  EXPECT_EQ(alpha_.node->Call(CallOf("other", 0ms)).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(alpha_.node->Call(CallOf("other")).ok());
}

TEST_F(RpcTest, NeverStartsAHandlerBehindTheDeadline) {
  bravo_.options.limits.rpc.running_requests_max = 1;
  Start(dispatcher_);
  Gate gate;
  dispatcher_.On("find", [&](std::string_view, const RpcContext&) -> Answer {
    gate.Pass();
    return R"({"result":"ok"})";
  });
  std::future<Answer> first = StartCall(CallOf("find"));
  gate.WaitUntilEntered();
  EXPECT_EQ(alpha_.node->Call(CallOf("other", 100ms)).status().code(), absl::StatusCode::kDeadlineExceeded);
  // Bravo counts from when the request came.
  std::this_thread::sleep_for(101ms);
  gate.Open();
  EXPECT_TRUE(first.get().ok());
  dispatcher_.On("find", nullptr);
  EXPECT_TRUE(alpha_.node->Call(CallOf("find")).ok());
  EXPECT_EQ(dispatcher_.calls(), 2);
}

TEST_F(RpcTest, AnswersWaitWhenAnOriginAsksTooMuch) {
  bravo_.options.limits.rpc.running_requests_max = 1;
  bravo_.options.limits.rpc.queued_requests_max = 1;
  Start(dispatcher_);
  Gate gate;
  dispatcher_.On("find", [&](std::string_view, const RpcContext&) -> Answer {
    gate.Pass();
    return R"({"result":"ok"})";
  });
  std::future<Answer> running = StartCall(CallOf("find"));
  gate.WaitUntilEntered();
  // One of these finds room to wait; who that is, is the network's choice.
  std::vector<std::future<Answer>> others;
  others.reserve(3);
  for (int i = 0; i < 3; ++i) others.push_back(StartCall(CallOf("other")));
  int told_to_wait = 0;
  while (told_to_wait < 2) {
    for (std::future<Answer>& other : others) {
      if (!other.valid() || other.wait_for(1ms) != std::future_status::ready) continue;
      const absl::Status status = other.get().status();
      EXPECT_EQ(RetryAfter(status), 1s) << status;
      ++told_to_wait;
    }
  }
  gate.Open();
  EXPECT_TRUE(running.get().ok());
  for (std::future<Answer>& other : others) {
    if (other.valid()) {
      EXPECT_TRUE(other.get().ok());
    }
  }
}

TEST_F(RpcTest, BlamesTheHandlerThatThrows) {
  Start(dispatcher_);
  dispatcher_.On("find",
                 [](std::string_view, const RpcContext&) -> Answer { throw std::runtime_error("a secret"); });
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status(),
            WithCanRetry(absl::InternalError("the handler failed"), false));
  dispatcher_.On("find", [](std::string_view, const RpcContext&) -> Answer { throw 7; });
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(alpha_.node->Call(CallOf("other")).ok());
}

TEST_F(RpcTest, MakesManyCallsAtOnce) {
  Start(dispatcher_);
  dispatcher_.On("find", [](std::string_view request, const RpcContext&) -> Answer {
    return R"({"result":"ok","asked":)" + std::string(request) + "}";
  });
  constexpr int kThreads = 4;
  constexpr int kCallsEach = 25;
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::pair<std::string, std::future<Answer>>> started;
      started.reserve(kCallsEach);
      for (int i = 0; i < kCallsEach; ++i) {
        RpcCall call = CallOf("find");
        call.request = R"({"rpc":"find","n":)" + std::to_string(t * 1000 + i) + "}";
        const std::string want = R"({"result":"ok","asked":)" + call.request + "}";
        if (i % 5 == 0) {
          const Answer answer = alpha_.node->Call(std::move(call));
          if (answer.ok() && *answer == want) ++answered;
        } else {
          started.emplace_back(want, StartCall(std::move(call)));
        }
      }
      for (auto& [want, future] : started) {
        const Answer answer = future.get();
        // More than Bravo takes from one origin at a time is told to wait.
        if (answer.ok() ? *answer == want : RetryAfter(answer.status()).has_value()) ++answered;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, kThreads * kCallsEach);
}

TEST_F(RpcTest, DoesNotWaitForAPush) {
  Start(dispatcher_);
  Gate gate;
  bravo_.receiver.On(R"({"w":1})", [&](const UpdateContext&) {
    gate.Pass();
    return Outcome::Done();
  });
  ASSERT_TRUE(alpha_.node->SendWeak("bravo.test", R"({"w":1})").ok());
  gate.WaitUntilEntered();
  EXPECT_TRUE(alpha_.node->Call(CallOf("find")).ok());
  gate.Open();
}

TEST_F(RpcTest, EndsItsCallsWhenItStops) {
  Start(dispatcher_);
  Gate gate;
  dispatcher_.On("find", [&](std::string_view, const RpcContext&) -> Answer {
    gate.Pass();
    return R"({"result":"ok"})";
  });
  std::future<Answer> started = StartCall(CallOf("find"));
  std::future<Answer> waiting =
      std::async(std::launch::async, [&] { return alpha_.node->Call(CallOf("other", 19s)); });
  gate.WaitUntilEntered();
  EXPECT_TRUE(waiting.get().ok());
  alpha_.node->Stop();
  EXPECT_EQ(started.get().status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(StartCall(CallOf("find")).get().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status().code(), absl::StatusCode::kFailedPrecondition);
  gate.Open();
}

TEST_F(RpcTest, AnswersWhatRunsWhenItStops) {
  Start(dispatcher_);
  Gate gate;
  dispatcher_.On("find", [&](std::string_view, const RpcContext&) -> Answer {
    gate.Pass();
    return R"({"result":"ok"})";
  });
  std::future<Answer> answer = StartCall(CallOf("find"));
  gate.WaitUntilEntered();
  std::thread stopping([&] { bravo_.node->Stop(); });
  gate.Open();
  EXPECT_TRUE(answer.get().ok());
  stopping.join();
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status().code(), absl::StatusCode::kUnavailable);
}

// A handler that waits for another server must not keep its own from stopping.
TEST_F(RpcTest, StopsAlthoughAHandlerWaitsForAnAnswer) {
  Start(dispatcher_);
  Gate gate;
  dispatcher_.On("find", [&](std::string_view, const RpcContext&) -> Answer {
    gate.Pass();
    return R"({"result":"ok"})";
  });
  std::promise<absl::Status> asked;
  alpha_.receiver.On(R"({"w":1})", [&](const UpdateContext&) {
    asked.set_value(alpha_.node->Call(CallOf("find")).status());
    return Outcome::Done();
  });
  NodeOptions charlie_options = alpha_.options;
  charlie_options.domain = "charlie.test";
  charlie_options.tls = ca_.Issue("charlie.test");
  charlie_options.peers = {{"alpha.test", {"127.0.0.1", alpha_.node->port()}}};
  const std::unique_ptr<Store> store = *OpenSqliteStore(folder_.File("charlie.db"));
  const std::unique_ptr<Node> charlie = *Node::Create(charlie_options, *store);
  ASSERT_TRUE(charlie->Start().ok());
  ASSERT_TRUE(charlie->SendWeak("alpha.test", R"({"w":1})").ok());
  gate.WaitUntilEntered();
  alpha_.node->Stop();
  EXPECT_EQ(asked.get_future().get().code(), absl::StatusCode::kCancelled);
  gate.Open();
}

TEST_F(RpcTest, RefusesToWaitInsideOfATransaction) {
  Start(dispatcher_);
  std::future<Answer> started;
  ASSERT_TRUE(alpha_.store
                  ->Transact([&](Transaction&) {
                    EXPECT_EQ(alpha_.node->Call(CallOf("find")).status().code(),
                              absl::StatusCode::kFailedPrecondition);
                    started = StartCall(CallOf("find"));
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(started.get().ok());
}

TEST_F(RpcTest, RefusesWhatCannotBeAsked) {
  alpha_.options.limits.rpc.calls_max = 1;
  Start(dispatcher_);
  const auto code = [&](const std::string& destination) {
    RpcCall call = CallOf("find");
    call.destination = destination;
    const absl::StatusCode waited = alpha_.node->Call(call).status().code();
    EXPECT_EQ(StartCall(call).get().status().code(), waited);
    return waited;
  };
  EXPECT_EQ(code("Bravo.test"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("alpha.test"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("nowhere.test"), absl::StatusCode::kUnavailable);
  Gate gate;
  dispatcher_.On("find", [&](std::string_view, const RpcContext&) -> Answer {
    gate.Pass();
    return R"({"result":"ok"})";
  });
  std::future<Answer> running = StartCall(CallOf("find"));
  EXPECT_EQ(alpha_.node->Call(CallOf("other")).status().code(), absl::StatusCode::kResourceExhausted);
  gate.Open();
  EXPECT_TRUE(running.get().ok());
  EXPECT_TRUE(alpha_.node->Call(CallOf("other")).ok());
}

TEST_F(RpcTest, SendsNoAnswerThatACallerWouldNotTake) {
  bravo_.options.limits.http.answer_bytes_max = 1000;
  Start(dispatcher_);
  dispatcher_.On("find", [](std::string_view, const RpcContext&) -> Answer {
    return R"({"result":"ok","text":")" + std::string(1000, 'x') + "\"}";
  });
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status().code(), absl::StatusCode::kResourceExhausted);
}

// ---- Against a foreign server

class ForeignServerTest : public RpcTest {
 protected:
  // `answers` go out one after the other; an empty one closes the connection.
  void StartForeign(std::vector<std::string> answers) {
    server_ = std::make_unique<RawTlsServer>(
        ca_.Issue("bravo.test"), [this, answers = std::move(answers)](RawTlsConnection& connection, int) {
          while (const std::optional<RawMessage> request = connection.Receive()) {
            std::string answer;
            {
              const std::lock_guard guard(mutex_);
              answer = requests_.size() < answers.size() ? answers[requests_.size()] : "";
              requests_.push_back(*request);
            }
            if (answer.empty() || !connection.Send(answer)) return;
          }
        });
    alpha_.options.peers["bravo.test"] = {"127.0.0.1", server_->port()};
    StartNode(&alpha_, nullptr);
  }
  void TearDown() override {
    // Before the server, which waits for the end of its connections.
    alpha_.node->Stop();
  }
  static std::string Http(int status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::vector<RawMessage> requests() {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<RawMessage> requests_;
  std::unique_ptr<RawTlsServer> server_;
};

TEST_F(ForeignServerTest, GetsWhatTheProtocolSays) {
  StartForeign({Http(200, R"({"users":[],"result":"ok"})")});
  const Answer answer = alpha_.node->Call(CallOf("find", 5s));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, R"({"users":[],"result":"ok"})");
  ASSERT_EQ(requests().size(), 1U);
  const RawMessage request = requests().front();
  EXPECT_THAT(request.head, testing::StartsWith("POST /http/v1/rpc HTTP/1.1\r\n"));
  EXPECT_EQ(request.body, R"({"rpc":"find"})");
  EXPECT_EQ(request.Header("Federation-Origin"), "alpha.test");
  EXPECT_EQ(request.Header("Federation-Destination"), "bravo.test");
  const int timeout_ms = std::stoi(request.Header("Federation-Timeout"));
  EXPECT_GT(timeout_ms, 0);
  EXPECT_LE(timeout_ms, 5000);
}

TEST_F(ForeignServerTest, RefusesInItsOwnWords) {
  StartForeign({Http(403, R"({"detail":"not you"})"), Http(503, "", "Retry-After: 9\r\n"), Http(500, ""),
                Http(200, "<html>")});
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status(), absl::PermissionDeniedError("HTTP 403: not you"));
  const absl::Status busy = alpha_.node->Call(CallOf("find")).status();
  EXPECT_EQ(busy.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RetryAfter(busy), 9s);
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status(), absl::UnknownError("HTTP 500"));
  const absl::Status none = alpha_.node->Call(CallOf("find")).status();
  EXPECT_EQ(none.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(none.message()), HasSubstr("the answer is malformed"));
}

// Over a connection that had been idle: whether the request has arrived is not known.
TEST_F(ForeignServerTest, GetsARequestAgainOnlyIfItMay) {
  const std::string ok = Http(200, R"({"result":"ok"})");
  StartForeign({ok, "", ok, "", ok});
  EXPECT_TRUE(alpha_.node->Call(CallOf("find")).ok());
  RpcCall repeatable = CallOf("find");
  repeatable.repeatable = true;
  EXPECT_TRUE(alpha_.node->Call(repeatable).ok());
  EXPECT_EQ(requests().size(), 3U);
  EXPECT_EQ(alpha_.node->Call(CallOf("find")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(requests().size(), 4U);
}

TEST_F(ForeignServerTest, IsUnavailableIfItIsNotWhoItShouldBe) {
  RawTlsServer wrong(ca_.Issue("mallory.test"), [](RawTlsConnection&, int) {});
  alpha_.options.peers["bravo.test"] = {"127.0.0.1", wrong.port()};
  StartNode(&alpha_, nullptr);
  const absl::Status status = alpha_.node->Call(CallOf("find")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(CanRetry(status));
}

}  // namespace
}  // namespace federation
