#include "node/routes.h"

#include <future>
#include <memory>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "delivery/delivery.h"
#include "https/event_loop.h"
#include "node/network.h"
#include "node/scripted_dispatcher.h"
#include "node/scripted_receiver.h"
#include "support/temporary_folder.h"

namespace federation::node {
namespace {

class NoTransport final : public delivery::Transport {
 public:
  void Push(delivery::PushCall, Done) override { ADD_FAILURE() << "there is nothing to push"; }
};

class RoutesTest : public testing::Test {
 protected:
  // A worker may still be on its way out of the inbox.
  void TearDown() override { workers_.Stop(); }

  RoutesTest() {
    auto store = OpenSqliteStore(folder_.File("store.db"));
    store_ = *std::move(store);
    delivery_ = std::make_unique<delivery::Delivery>(
        delivery::DeliveryOptions{"b.test", {}, {}, "owner"}, *store_,
        delivery::Surroundings{network_, workers_, workers_, transport_, [] { return 0.5; }});
    delivery_->Receive(receiver_);
    delivery_->Start();
    requests_ = std::make_unique<InboundRequests>(
        "b.test", Limits{}, InboundRequests::Methods{{"search_users", {&dispatcher_, 0}}}, workers_);
    routes_ = std::make_unique<Routes>("b.test", R"({"endpoints":[]})", admission_, *delivery_, *requests_);
  }

  static transport::Request Post(std::string target, std::string body) {
    transport::Request request;
    request.method = "POST";
    request.target = std::move(target);
    request.origin = "a.test";
    request.content_type = "application/json";
    request.body = std::move(body);
    return request;
  }

  transport::Response Serve(transport::Request request) {
    auto response = std::make_shared<std::promise<transport::Response>>();
    routes_->Serve(std::move(request),
                   [response](transport::Response r) { response->set_value(std::move(r)); });
    return response->get_future().get();
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  ScriptedReceiver receiver_;
  https::EventLoop loop_;  // stands still
  NetworkLoop network_{loop_};
  NoTransport transport_;
  WorkerPool workers_{1};
  std::unique_ptr<delivery::Delivery> delivery_;
  Access access_;
  OriginRates::Time now_{};
  Admission admission_{access_, {.requests_per_second_max = 10}, [this] { return now_; }};
  ScriptedDispatcher dispatcher_{{"search_users"}};
  std::unique_ptr<InboundRequests> requests_;
  std::unique_ptr<Routes> routes_;
};

TEST_F(RoutesTest, AnswersAPushWithAnAck) {
  transport::Request request = Post("/http/v1/updates", R"({"strong":[{"update":"message"}],"seq":1})");
  request.destination = "b.test";
  const transport::Response response = Serve(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"receive":"ok","seq":1})");
}

TEST_F(RoutesTest, NamesThePlaceWhereABodyIsMalformed) {
  const transport::Response response = Serve(Post("/http/v1/updates", R"({"strong":[{"a":tru}],"seq":1})"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  constexpr const char* kProblem =
      R"json({"title":"Bad Request","status":400,"detail":"strong[0].a: want true or false, got tru (byte 16)",)json"
      R"json("pointer":"/strong/0/a","offset":16})json";
  EXPECT_EQ(response.body, kProblem);
}

TEST_F(RoutesTest, RefusesWhatItDoesNotServe) {
  EXPECT_EQ(Serve(Post("/", "{}")).status, 404);
  EXPECT_EQ(Serve(Post("/http/v1/updates/", "{}")).status, 404);
  transport::Request get = Post("/http/v1/updates", "");
  get.method = "GET";
  const transport::Response response = Serve(get);
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Allow", "POST")));
  transport::Request form = Post("/http/v1/updates", "{}");
  form.content_type = "application/x-www-form-urlencoded";
  EXPECT_EQ(Serve(form).status, 415);
  transport::Request elsewhere = Post("/http/v1/updates", R"({"seq":0})");
  elsewhere.destination = "c.test";
  EXPECT_EQ(Serve(elsewhere).status, 404);
}

TEST_F(RoutesTest, AnswersARequest) {
  EXPECT_EQ(Serve(Post("/http/v1/rpc", R"({"query":"steve","rpc":"search_users"})")).body,
            R"({"result":"ok"})");
  const transport::Response response = Serve(Post("/http/v1/rpc", R"({"rpc":"lose_users"})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(
      response.body,
      R"({"result":"error","code":"UNIMPLEMENTED","message":"b.test serves no method of this name","can_retry":false})");
}

TEST_F(RoutesTest, NamesThePlaceWhereARequestIsNone) {
  EXPECT_EQ(Serve(Post("/http/v1/rpc", R"({"query":"steve"})")).status, 400);
  EXPECT_EQ(Serve(Post("/http/v1/rpc", R"({"rpc":7})")).status, 400);
  EXPECT_EQ(Serve(Post("/http/v1/rpc", "{")).status, 400);
  const transport::Response response = Serve(Post("/http/v1/rpc", R"({"rpc":"search_users","n":[tru]})"));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, testing::HasSubstr(R"("pointer":"/n/0","offset":27)"));
  EXPECT_EQ(dispatcher_.calls(), 0);
}

TEST_F(RoutesTest, RefusesAllThatADeniedOriginAsksFor) {
  ASSERT_TRUE(access_.Set({.deny = {"a.test"}}).ok());
  constexpr const char* kProblem =
      R"json({"title":"Forbidden","status":403,"detail":"this server has nothing to do with a.test: it is denied"})json";
  transport::Request well_known = Post("/.well-known/actor-federation", "");
  well_known.method = "GET";
  for (const transport::Request& request :
       {Post("/http/v1/updates", R"({"strong":[{"update":"message"}],"seq":1})"),
        Post("/http/v1/rpc", R"({"rpc":"search_users"})"), well_known, Post("/elsewhere", "")}) {
    const transport::Response response = Serve(request);
    EXPECT_EQ(response.status, 403) << request.target;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.body, kProblem);
  }
  EXPECT_EQ(dispatcher_.calls(), 0);
  EXPECT_EQ(store_->Last("a.test").value_or(Seq{7}), Seq{0});
  // Who shows no certificate is nobody on a list.
  well_known.origin = "";
  EXPECT_EQ(Serve(well_known).status, 200);
  ASSERT_TRUE(access_.Set({}).ok());
  EXPECT_EQ(Serve(Post("/http/v1/rpc", R"({"rpc":"search_users"})")).status, 200);
}

TEST_F(RoutesTest, TellsAnOriginThatSendsTooMuchToWait) {
  const transport::Request push = Post("/http/v1/updates", R"({"strong":[{"update":"message"}],"seq":1})");
  const transport::Request request = Post("/http/v1/rpc", R"({"rpc":"search_users"})");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Serve(request).body, R"({"result":"ok"})");
  EXPECT_EQ(Serve(request).body, R"({"result":"wait","wait":1})");
  EXPECT_EQ(Serve(push).body, R"({"receive":"wait","wait":1})");
  EXPECT_EQ(dispatcher_.calls(), 10);
  transport::Request other = request;
  other.origin = "c.test";
  EXPECT_EQ(Serve(other).body, R"({"result":"ok"})");
  now_ += std::chrono::seconds(1);
  EXPECT_EQ(Serve(push).body, R"({"receive":"ok","seq":1})");
}

TEST_F(RoutesTest, HandsOnHowLongTheCallerWaits) {
  transport::Request request = Post("/http/v1/rpc", R"({"rpc":"search_users"})");
  request.timeout = std::chrono::milliseconds(0);
  EXPECT_THAT(Serve(request).body, testing::HasSubstr("DEADLINE_EXCEEDED"));
  dispatcher_.On(
      "search_users", [](std::string_view, const RpcContext& context) -> absl::StatusOr<std::string> {
        const auto left = context.deadline - std::chrono::steady_clock::now();
        return left > std::chrono::minutes(59) && left <= std::chrono::hours(1) ? "an hour" : "another time";
      });
  // More than a clock can count.
  request.timeout = std::chrono::milliseconds(999'999'999'999'999'999);
  EXPECT_EQ(Serve(request).body, "an hour");
}

}  // namespace
}  // namespace federation::node
