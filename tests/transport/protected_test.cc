// The protection level between a transport and what uses it, over a transport that is made of memory: it
// brings the bytes of a call to the handler of its destination, and those of the response back.
#include "transport/protected.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sealing_protection.h"

namespace federation::transport {
namespace {

using support::SealingProtection;
using testing::HasSubstr;
using testing::Not;

class MemoryTransport final : public Client {
 public:
  explicit MemoryTransport(std::string origin) : origin_(std::move(origin)) {}

  void Listen(const std::string& domain, Handler handler) { handlers_[domain] = std::move(handler); }

  void Post(Call call, Done done) override {
    Request request;
    request.method = "POST";
    request.origin = origin_;
    request.target = call.target;
    request.body = call.body;
    on_the_way(request);
    requests.push_back(request.body);
    handlers_.at(call.destination)(request, [this, done = std::move(done)](Response response) {
      back_again(response);
      answers.push_back(response.body);
      done(Answer{response.status, response.content_type, response.body, std::nullopt});
    });
  }

  // What somebody on the way does.
  std::function<void(Request&)> on_the_way = [](Request&) {};
  std::function<void(Response&)> back_again = [](Response&) {};
  std::vector<std::string> requests;
  std::vector<std::string> answers;

 private:
  const std::string origin_;
  std::map<std::string, Handler> handlers_;
};

class ProtectedTest : public testing::Test {
 protected:
  ProtectedTest() {
    for (const char* domain : {"b.test", "c.test"}) {
      transport_.Listen(domain,
                        Protected(theirs_, domain, kBytesMax, [this](Request request, Respond respond) {
                          heard_ = request.body;
                          Response response;
                          response.status = status_;
                          response.body = "echo of " + request.body;
                          respond(std::move(response));
                        }));
    }
  }

  absl::StatusOr<Answer> Post(std::string body, const std::string& destination = "b.test") {
    std::optional<absl::StatusOr<Answer>> result;
    Call call;
    call.destination = destination;
    call.target = "/http/v1/updates";
    call.body = std::move(body);
    client_.Post(std::move(call), [&](absl::StatusOr<Answer> answer) { result = std::move(answer); });
    if (!result && later_) std::exchange(later_, nullptr)();
    return result.has_value() ? *result : absl::InternalError("nothing came");
  }

  static constexpr std::size_t kBytesMax = 1000;
  MemoryTransport transport_{"a.test"};
  std::shared_ptr<SealingProtection> ours_ = std::make_shared<SealingProtection>("key");
  std::shared_ptr<SealingProtection> theirs_ = std::make_shared<SealingProtection>("key");
  std::function<void()> later_;
  ProtectedClient client_{transport_, ours_, "a.test", kBytesMax,
                          [this](std::function<void()> task) { later_ = std::move(task); }};
  std::string heard_;
  int status_ = 200;
};

TEST_F(ProtectedTest, IsNotSeenAboveAndSeenBelow) {
  const auto answer = Post("hello");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "echo of hello");
  EXPECT_EQ(heard_, "hello");
  ASSERT_EQ(transport_.requests.size(), 1U);
  EXPECT_THAT(transport_.requests[0], Not(HasSubstr("hello")));
  EXPECT_THAT(transport_.answers[0], Not(HasSubstr("hello")));
}

TEST_F(ProtectedTest, RefusesARequestThatWasChanged) {
  transport_.on_the_way = [](Request& request) { request.body.back() ^= 1; };
  const auto answer = Post("hello");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 403);
  EXPECT_THAT(answer->body, HasSubstr("the seal is broken"));
  EXPECT_EQ(heard_, "");
}

TEST_F(ProtectedTest, RefusesARequestOfSomebodyElse) {
  transport_.on_the_way = [](Request& request) { request.origin = "mallory.test"; };
  EXPECT_EQ(Post("hello")->status, 403);
}

TEST_F(ProtectedTest, RefusesARequestForSomethingElse) {
  transport_.on_the_way = [](Request& request) { request.target = "/http/v1/rpc"; };
  EXPECT_EQ(Post("hello")->status, 403);
}

TEST_F(ProtectedTest, RefusesARequestForAnotherServer) {
  ASSERT_TRUE(Post("hello").ok());
  transport_.on_the_way = [this](Request& request) { request.body = transport_.requests[0]; };
  EXPECT_EQ(Post("for c", "c.test")->status, 403);
}

TEST_F(ProtectedTest, RefusesAnAnswerThatWasChanged) {
  transport_.back_again = [](Response& response) { response.body.back() ^= 1; };
  const auto answer = Post("hello");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("the seal is broken"));
}

TEST_F(ProtectedTest, RefusesTheAnswerToAnotherRequest) {
  ASSERT_TRUE(Post("one").ok());
  transport_.back_again = [this](Response& response) { response.body = transport_.answers[0]; };
  EXPECT_EQ(Post("two").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ProtectedTest, LetsErrorsGoByAsTheyAre) {
  status_ = 404;
  const auto answer = Post("hello");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "echo of hello");
}

TEST_F(ProtectedTest, LeavesAloneWhatIsForEverybody) {
  for (const char* origin : {"", "a.test"}) {
    transport_.on_the_way = [origin](Request& request) {
      request.method = "GET";
      request.target = "/.well-known/actor-federation";
      request.origin = origin;
      request.body = "who are you?";
    };
    // The answer is no answer to the call, so what is above never gets it.
    EXPECT_FALSE(Post("hello").ok());
    EXPECT_EQ(heard_, "who are you?");
    EXPECT_EQ(transport_.answers.back(), "echo of who are you?");
  }
}

TEST_F(ProtectedTest, RefusesARequestOfNobody) {
  transport_.on_the_way = [](Request& request) {
    request.origin = "";
    request.body = "hello";
  };
  const auto answer = Post("hello");
  EXPECT_EQ(heard_, "");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 403);
}

// Grows what it checks.
class Inflating final : public Protection {
 public:
  absl::StatusOr<std::string> ProtectRequest(Exchange&, std::string body) override { return body; }
  absl::StatusOr<std::string> CheckAnswer(Exchange&, std::string) override { return std::string(1001, 'x'); }
  absl::StatusOr<std::string> CheckRequest(Exchange&, std::string) override { return std::string(1001, 'x'); }
  absl::StatusOr<std::string> ProtectAnswer(Exchange&, std::string body) override { return body; }
};

TEST_F(ProtectedTest, BoundsWhatComesOfARequest) {
  transport_.Listen("b.test", Protected(std::make_shared<Inflating>(), "b.test", kBytesMax,
                                        [](const Request&, const Respond&) { FAIL() << "was let through"; }));
  EXPECT_EQ(Post("small")->status, 413);
}

TEST_F(ProtectedTest, BoundsWhatComesOfAnAnswer) {
  ProtectedClient client(transport_, std::make_shared<Inflating>(), "a.test", kBytesMax, nullptr);
  transport_.Listen("b.test", [](const Request&, const Respond& respond) { respond(Response{}); });
  std::optional<absl::StatusOr<Answer>> result;
  Call call;
  call.destination = "b.test";
  client.Post(std::move(call), [&](absl::StatusOr<Answer> answer) { result = std::move(answer); });
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->status().code(), absl::StatusCode::kUnavailable);
}

// Has lost its key.
class Unable final : public Protection {
 public:
  absl::StatusOr<std::string> ProtectRequest(Exchange&, std::string) override { return NoKey(); }
  absl::StatusOr<std::string> CheckAnswer(Exchange&, std::string body) override { return body; }
  absl::StatusOr<std::string> CheckRequest(Exchange&, std::string body) override { return body; }
  absl::StatusOr<std::string> ProtectAnswer(Exchange&, std::string) override { return NoKey(); }

 private:
  static absl::Status NoKey() { return absl::NotFoundError("no key"); }
};

TEST_F(ProtectedTest, SendsNothingThatCannotBeProtected) {
  std::function<void()> later;
  ProtectedClient client(transport_, std::make_shared<Unable>(), "a.test", kBytesMax,
                         [&](std::function<void()> task) { later = std::move(task); });
  Call call;
  call.destination = "b.test";
  std::optional<absl::StatusOr<Answer>> result;
  client.Post(std::move(call), [&](absl::StatusOr<Answer> answer) { result = std::move(answer); });
  EXPECT_FALSE(result.has_value()) << "called from within Post";
  later();
  EXPECT_EQ(result->status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(ProtectedTest, SaysNothingThatCannotBeProtected) {
  transport_.Listen("b.test", Protected(std::make_shared<Unable>(), "b.test", kBytesMax,
                                        [](const Request&, const Respond& respond) {
                                          Response response;
                                          response.body = "a secret";
                                          respond(std::move(response));
                                        }));
  const auto answer = Post("hello");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 500);
  EXPECT_THAT(answer->body, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace federation::transport
