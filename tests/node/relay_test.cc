#include "node/relay.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sealing_protection.h"
#include "transport/protected.h"

namespace federation::node {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using transport::Answer;
using transport::Call;
using transport::Request;
using transport::Response;

// Keeps calls until a test answers them.
class HeldClient final : public transport::Client {
 public:
  struct Held {
    Call call;
    Done done;
  };
  void Post(Call call, Done done) override { held.push_back({std::move(call), std::move(done)}); }
  std::vector<Held> held;
};

// The relay r.test, which serves d.test to a.test and what is below b.test.
class RelayTest : public testing::Test {
 protected:
  struct Result {
    std::optional<Response> response;
  };

  Relay& relay() {
    if (relay_ == nullptr) {
      const auto rules = RelayRules::Parse({{"d.test", {"a.test", "*.b.test"}}, {"nowhere.test", {"*"}}});
      EXPECT_TRUE(rules.ok()) << rules.status();
      relay_ = std::make_unique<Relay>("r.test", *rules, limits, addresses_, access, admission_, client,
                                       [this] { return now; });
    }
    return *relay_;
  }

  static Request Push(std::string origin = "a.test", std::string destination = "d.test") {
    Request request;
    request.method = "POST";
    request.target = "/http/v1/updates";
    request.origin = std::move(origin);
    request.destination = std::move(destination);
    request.content_type = "application/json";
    request.body = R"({"seq":0})";
    request.connection = 1;
    return request;
  }

  std::shared_ptr<Result> Serve(Request request) {
    auto result = std::make_shared<Result>();
    EXPECT_TRUE(relay().Takes(request));
    relay().Serve(std::move(request),
                  [result](Response response) { result->response = std::move(response); });
    return result;
  }
  // The answer to what is not handed on.
  Response Refused(Request request) {
    const std::size_t before = client.held.size();
    const auto result = Serve(std::move(request));
    EXPECT_EQ(client.held.size(), before) << "it was handed on";
    return result->response.value_or(Response{.status = 0});
  }
  void AnswerAt(std::size_t index, absl::StatusOr<Answer> answer) {
    std::exchange(client.held.at(index).done, nullptr)(std::move(answer));
  }

  HeldClient client;
  Access access;
  RelayLimits limits;
  Addresses::Peers peers{{"d.test", {"127.0.0.1", 1}}, {"s.test", {"127.0.0.1", 2}}};
  Addresses::Relays via;
  Relay::Time now{1h};

 private:
  const Addresses addresses_{peers, via, false};
  Admission admission_{access, {.requests_per_second_max = 10}, [this] { return now; }};
  std::unique_ptr<Relay> relay_;
};

TEST_F(RelayTest, HandsOnAPushAsItIs) {
  Request push = Push();
  push.body = "not even JSON";
  const auto result = Serve(push);
  ASSERT_EQ(client.held.size(), 1U);
  const Call& call = client.held[0].call;
  EXPECT_EQ(call.destination, "d.test");
  EXPECT_EQ(call.relay, "");
  EXPECT_EQ(call.address, (HostPort{"127.0.0.1", 1}));
  EXPECT_EQ(call.target, "/http/v1/updates");
  EXPECT_EQ(call.body, "not even JSON");
  EXPECT_TRUE(call.pipelined);
  EXPECT_EQ(call.relayed->origin, "a.test");
  EXPECT_EQ(call.relayed->hops, 1);
  EXPECT_FALSE(result->response.has_value()) << "an answer that the destination has not given";
}

struct AnswerCase {
  Answer answer;
  std::vector<std::pair<std::string, std::string>> headers;
};

TEST_F(RelayTest, BringsBackEveryAnswerAsItIs) {
  const AnswerCase cases[] = {
      {{200, "application/json", R"({"receive":"ok","seq":7})", {}}, {}},
      {{200, "application/octet-stream", std::string("\0\xff sealed", 9), {}}, {}},
      {{403, "application/problem+json", R"({"status":403})", {}}, {}},
      {{413, "", "", {}}, {}},
      {{429, "text/plain", "later", 7s}, {{"Retry-After", "7"}}},
      {{503, "text/plain", "later", 0s}, {{"Retry-After", "0"}}},
      {{508, "application/problem+json", "{}", {}}, {}},
  };
  for (const AnswerCase& test : cases) {
    now += 1s;
    const auto result = Serve(Push());
    AnswerAt(client.held.size() - 1, test.answer);
    ASSERT_TRUE(result->response.has_value());
    EXPECT_EQ(result->response->status, test.answer.status);
    EXPECT_EQ(result->response->content_type, test.answer.content_type);
    EXPECT_EQ(result->response->body, test.answer.body);
    EXPECT_EQ(result->response->headers, test.headers);
  }
}

TEST_F(RelayTest, SaysThatThereIsNoAnswerAndNotWhere) {
  const std::pair<absl::Status, int> cases[] = {
      {absl::UnavailableError("d.test at 10.0.0.7:1: refused"), 502},
      {absl::AbortedError("d.test at 10.0.0.7:1: closed"), 502},
      {absl::PermissionDeniedError("d.test at 10.0.0.7:1: another certificate"), 502},
      {absl::DeadlineExceededError("d.test at 10.0.0.7:1: late"), 504},
  };
  for (const auto& [status, http] : cases) {
    now += 1s;
    const auto result = Serve(Push());
    AnswerAt(client.held.size() - 1, status);
    EXPECT_EQ(result->response->status, http);
    EXPECT_EQ(result->response->content_type, "application/problem+json");
    EXPECT_THAT(result->response->body, HasSubstr("r.test got no answer from d.test"));
    EXPECT_THAT(result->response->body, Not(HasSubstr("10.0.0.7")));
  }
  EXPECT_EQ(Refused(Push("a.test", "nowhere.test")).status, 502);
}

TEST_F(RelayTest, TakesOnlyPushesForOthersThatItServes) {
  EXPECT_TRUE(relay().Takes(Push()));
  EXPECT_FALSE(relay().Takes(Push("a.test", "")));
  EXPECT_FALSE(relay().Takes(Push("a.test", "r.test")));
  EXPECT_FALSE(relay().Takes(Push("a.test", "x.test")));
  EXPECT_FALSE(relay().Takes(Push("", "d.test")));
  Request request = Push();
  request.target = "/http/v1/rpc";
  EXPECT_FALSE(relay().Takes(request));
  request = Push();
  request.method = "GET";
  EXPECT_FALSE(relay().Takes(request));
}

TEST_F(RelayTest, ServesTheOriginsOfItsList) {
  EXPECT_EQ(Refused(Push("c.test")).status, 403);
  EXPECT_EQ(Refused(Push("b.test")).status, 403);
  Serve(Push("x.b.test"));
  EXPECT_EQ(client.held.size(), 1U);
}

TEST_F(RelayTest, KeepsToTheAccessLists) {
  Request brought = Push();
  brought.relay = "q.test";
  brought.hops = 1;
  for (const char* denied : {"a.test", "q.test", "d.test"}) {
    ASSERT_TRUE(access.Set({.deny = {denied}}).ok());
    const Response response = Refused(brought);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(response.body, HasSubstr(denied));
  }
  via["d.test"] = "s.test";
  ASSERT_TRUE(access.Set({.deny = {"s.test"}}).ok());
  EXPECT_THAT(Refused(brought).body, HasSubstr("s.test"));
  ASSERT_TRUE(access.Set({}).ok());
  Serve(brought);
  EXPECT_EQ(client.held.at(0).call.relay, "s.test");
  EXPECT_EQ(client.held.at(0).call.address, (HostPort{"127.0.0.1", 2}));
}

TEST_F(RelayTest, WantsJson) {
  Request push = Push();
  push.content_type = "text/plain";
  EXPECT_EQ(Refused(push).status, 415);
}

TEST_F(RelayTest, CountsHopsUpToItsLimit) {
  Request push = Push();
  push.relay = "q.test";
  for (push.hops = 1; push.hops < limits.hops_max; ++push.hops) {
    Serve(push);
    EXPECT_EQ(client.held.back().call.relayed->hops, push.hops + 1);
  }
  for (const int hops : {limits.hops_max, 99}) {
    push.hops = hops;
    const Response response = Refused(push);
    EXPECT_EQ(response.status, 508);
    EXPECT_THAT(response.body, HasSubstr("Loop Detected"));
  }
}

TEST_F(RelayTest, SendsNothingBackWhereItComesFrom) {
  via["d.test"] = "s.test";
  Request push = Push();
  push.relay = "s.test";
  push.hops = 1;
  EXPECT_EQ(Refused(push).status, 508);
  via["d.test"] = "a.test";
  peers["a.test"] = {"127.0.0.1", 3};
  EXPECT_EQ(Refused(Push()).status, 508);
}

TEST_F(RelayTest, TellsAnOriginThatSendsTooMuchToWait) {
  for (int i = 0; i < 10; ++i) Serve(Push());
  const Response response = Refused(Push());
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.headers, ElementsAre(Pair("Retry-After", "1")));
  Serve(Push("x.b.test"));
  EXPECT_EQ(client.held.size(), 11U);
}

TEST_F(RelayTest, BoundsThePushesOfAnOriginThatHaveNoAnswer) {
  limits.origin_pushes_max = 2;
  Serve(Push());
  Serve(Push());
  const Response response = Refused(Push());
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.headers, ElementsAre(Pair("Retry-After", "1")));
  Serve(Push("x.b.test"));
  AnswerAt(0, absl::UnavailableError("gone"));
  Serve(Push());
  EXPECT_EQ(Refused(Push()).status, 503);
}

TEST_F(RelayTest, BoundsTheBytesOfAnOrigin) {
  limits.origin_bytes_max = 100;
  Request large = Push();
  large.body = std::string(60, ' ');
  Serve(large);
  EXPECT_EQ(Refused(large).status, 503);
  Serve(Push());
  AnswerAt(0, Answer{200, "", "", {}});
  Serve(large);
}

TEST_F(RelayTest, BoundsWhatAllHaveTogether) {
  limits.pushes_max = 3;
  limits.bytes_max = 100;
  Request large = Push("huge.b.test");
  large.body = std::string(200, ' ');
  Serve(large);
  EXPECT_EQ(Refused(Push("y.b.test")).status, 503) << "more bytes than there may be";
  AnswerAt(0, Answer{200, "", "", {}});
  for (const char* origin : {"1.b.test", "2.b.test", "3.b.test"}) Serve(Push(origin));
  EXPECT_EQ(Refused(Push("4.b.test")).status, 503);
  AnswerAt(2, Answer{200, "", "", {}});
  Serve(Push("4.b.test"));
}

TEST_F(RelayTest, TakesNothingLateFromAnOlderConnection) {
  Request older = Push();
  Request newer = Push();
  newer.connection = 2;
  Serve(older);
  Serve(newer);
  EXPECT_EQ(Refused(older).status, 503);
  older.origin = "x.b.test";
  Serve(older);
  older.origin = "a.test";
  now += 3min;
  Serve(older);
  EXPECT_EQ(client.held.size(), 4U);
}

TEST_F(RelayTest, GivesUpBeforeTheOriginDoes) {
  Request push = Push();
  Serve(push);
  EXPECT_EQ(client.held.back().call.timeout, limits.push_timeout);
  push.timeout = 20s;
  Serve(push);
  EXPECT_EQ(client.held.back().call.timeout, 18s);
  EXPECT_EQ(client.held.back().call.told_deadline, now + 18s);
  push.timeout = std::chrono::milliseconds(999'999'999'999'999'999);
  Serve(push);
  EXPECT_EQ(client.held.back().call.timeout, limits.push_timeout);
  push.timeout = 0s;
  EXPECT_EQ(Refused(push).status, 504);
}

// The protection level from end to end: a client above the relay, a server below it.
TEST_F(RelayTest, SeesOnlySealedBytes) {
  const auto ours = std::make_shared<support::SealingProtection>("key");
  const auto theirs = std::make_shared<support::SealingProtection>("key");
  HeldClient to_relay;
  transport::ProtectedClient sender(to_relay, ours, "a.test", 1000, [](const std::function<void()>&) {});
  Call call;
  call.destination = "d.test";
  call.relay = "r.test";
  call.target = "/http/v1/updates";
  call.body = "hello";
  std::optional<absl::StatusOr<Answer>> answer;
  sender.Post(call, [&](absl::StatusOr<Answer> got) { answer = std::move(got); });

  Request push = Push();
  push.body = to_relay.held.at(0).call.body;
  EXPECT_THAT(push.body, Not(HasSubstr("hello")));
  const auto result = Serve(push);

  const Call& handed_on = client.held.at(0).call;
  Request arrived = Push(handed_on.relayed->origin, handed_on.destination);
  arrived.relay = "r.test";
  arrived.body = handed_on.body;
  transport::Protected(theirs, "d.test", 1000, [](Request request, const transport::Respond& respond) {
    EXPECT_EQ(request.body, "hello");
    respond({.body = "acknowledged"});
  })(arrived, [this](Response response) {
    EXPECT_THAT(response.body, Not(HasSubstr("acknowledged")));
    AnswerAt(0, Answer{response.status, response.content_type, response.body, {}});
  });
  to_relay.held.at(0).done(
      Answer{result->response->status, result->response->content_type, result->response->body, {}});
  ASSERT_TRUE(answer.has_value() && answer->ok());
  EXPECT_EQ((*answer)->body, "acknowledged");
}

}  // namespace
}  // namespace federation::node
