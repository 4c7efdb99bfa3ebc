// Client, server interface and dispatcher of a service.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/rpc.h"

#include "service_gets_client_and_server/directory.federation.h"

// What is deprecated is served all the same.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace golden::directory {
namespace {

using federation::RpcCall;
using federation::RpcContext;
using google::protobuf::Empty;
using testing::ElementsAre;
using testing::HasSubstr;

class Directory : public DirectoryService {
 public:
  absl::StatusOr<SearchUsersResponse> SearchUsers(const SearchUsersRequest& request,
                                                  const RpcContext& context) override {
    asked.push_back(std::string(context.origin) + " searches " + request.query());
    if (!answer.ok()) return answer;
    SearchUsersResponse response;
    if (request.count_max() > 0) response.add_users()->set_user_id(request.query());
    return response;
  }
  absl::StatusOr<Empty> Report(const golden::directory::Report& request, const RpcContext&) override {
    asked.push_back("report " + request.state());
    return Empty();
  }
  absl::StatusOr<User> delete_(const DeleteRequest& request, const RpcContext&) override {
    User user;
    user.set_display_name(request.user_id());
    return user;
  }
  absl::StatusOr<SearchUsersResponse> ListHTTPUsers(const Empty&, const RpcContext&) override {
    return SearchUsersResponse();
  }

  std::vector<std::string> asked;
  absl::Status answer;
};

RpcContext ContextOf(std::string_view origin) {
  return {origin, "bravo.test", std::chrono::steady_clock::time_point::max()};
}

// Carries calls to a dispatcher of the same process, and keeps them.
class Wire : public federation::RpcChannel {
 public:
  explicit Wire(federation::RpcDispatcher& dispatcher) : dispatcher_(dispatcher) {}

  absl::StatusOr<std::string> Call(RpcCall call) override {
    calls.push_back(call);
    if (answer.has_value()) return *answer;
    const std::vector<std::string_view> methods = dispatcher_.Methods();
    for (std::size_t i = 0; i < methods.size(); ++i) {
      if (call.request.starts_with("{\"rpc\":\"" + std::string(methods[i]) + "\"")) {
        return dispatcher_.Serve(i, call.request, ContextOf("alpha.test"));
      }
    }
    return absl::UnimplementedError("");
  }
  void StartCall(RpcCall call, Done done) override { done(Call(std::move(call))); }

  std::vector<RpcCall> calls;
  // What every call comes to, in place of the dispatcher's answer.
  std::optional<absl::StatusOr<std::string>> answer;

 private:
  federation::RpcDispatcher& dispatcher_;
};

class ServiceTest : public testing::Test {
 protected:
  static SearchUsersRequest RequestFor(const std::string& query) {
    SearchUsersRequest request;
    request.set_query(query);
    request.set_count_max(1);
    return request;
  }

  Directory directory;
  DirectoryDispatcher dispatcher{directory};
  Wire wire{dispatcher};
  DirectoryClient client{wire};
};

TEST_F(ServiceTest, BringsARequestToTheServerAndItsAnswerBack) {
  const auto response = client.SearchUsers("bravo.test", RequestFor("steve"));
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->users_size(), 1);
  EXPECT_EQ(response->users(0).user_id(), "steve");
  EXPECT_THAT(directory.asked, ElementsAre("alpha.test searches steve"));
}

TEST_F(ServiceTest, WritesRequestsAsTheProtocolSays) {
  (void)client.SearchUsers("bravo.test", RequestFor("steve"), {.timeout = std::chrono::seconds(5)});
  (void)client.delete_("charlie.test", DeleteRequest());
  ASSERT_EQ(wire.calls.size(), 2U);
  EXPECT_EQ(wire.calls[0].destination, "bravo.test");
  EXPECT_EQ(wire.calls[0].request, R"({"rpc":"search_users","query":"steve","count_max":1})");
  EXPECT_EQ(wire.calls[0].options.timeout, std::chrono::seconds(5));
  EXPECT_TRUE(wire.calls[0].repeatable);
  EXPECT_EQ(wire.calls[1].destination, "charlie.test");
  EXPECT_EQ(wire.calls[1].request, R"({"rpc":"remove_user"})");
  EXPECT_EQ(wire.calls[1].options.timeout, federation::kCallTimeoutDefault);
  EXPECT_FALSE(wire.calls[1].repeatable);
}

TEST_F(ServiceTest, WritesAnswersAsTheProtocolSays) {
  const RpcContext context = ContextOf("alpha.test");
  EXPECT_EQ(*dispatcher.Serve(0, R"({"rpc":"search_users"})", context), R"({"result":"ok","users":[]})");
  EXPECT_EQ(*dispatcher.Serve(1, R"({"state":"x","rpc":"report"})", context), R"({"result":"ok"})");
  EXPECT_EQ(*dispatcher.Serve(2, R"({"rpc":"remove_user","user_id":"u"})", context),
            R"({"result":"ok","display_name":"u"})");
}

TEST_F(ServiceTest, NamesItsMethodsAsOnTheWire) {
  EXPECT_THAT(dispatcher.Methods(), ElementsAre("search_users", "report", "remove_user", "list_http_users"));
}

TEST_F(ServiceTest, HandsTheServersErrorToTheCaller) {
  directory.answer = absl::NotFoundError("nobody");
  EXPECT_EQ(client.SearchUsers("bravo.test", RequestFor("steve")).status(), absl::NotFoundError("nobody"));
}

TEST_F(ServiceTest, CallsBackWithTheAnswer) {
  std::optional<absl::StatusOr<SearchUsersResponse>> got;
  client.StartSearchUsers("bravo.test", RequestFor("steve"),
                          [&](absl::StatusOr<SearchUsersResponse> response) { got = std::move(response); });
  ASSERT_TRUE(got.has_value() && got->ok());
  EXPECT_EQ((*got)->users(0).user_id(), "steve");
  wire.answer = absl::UnavailableError("gone");
  std::optional<absl::StatusOr<Empty>> empty;
  client.StartReport("bravo.test", Report(),
                     [&](absl::StatusOr<Empty> response) { empty = std::move(response); });
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(empty->status(), absl::UnavailableError("gone"));
}

TEST_F(ServiceTest, SendsNothingThatIsNotUtf8) {
  EXPECT_EQ(client.SearchUsers("bravo.test", RequestFor("\xFF")).status().code(),
            absl::StatusCode::kInvalidArgument);
  std::optional<absl::Status> got;
  client.StartSearchUsers(
      "bravo.test", RequestFor("\xFF"),
      [&](const absl::StatusOr<SearchUsersResponse>& response) { got = response.status(); });
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(wire.calls.empty());
}

TEST_F(ServiceTest, SaysWhereARequestIsMalformed) {
  const absl::Status status =
      dispatcher.Serve(0, R"({"rpc":"search_users","count_max":"many"})", ContextOf("a.test")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("count_max: want"));
  EXPECT_TRUE(directory.asked.empty());
  EXPECT_EQ(dispatcher.Serve(0, R"({"rpc":"report"})", ContextOf("a.test")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(dispatcher.Serve(4, R"({"rpc":"x"})", ContextOf("a.test")).status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST_F(ServiceTest, TakesTheBlameForAnAnswerThatCannotBeWritten) {
  class BadDirectory : public Directory {
    absl::StatusOr<User> delete_(const DeleteRequest&, const RpcContext&) override {
      User user;
      user.set_user_id("\xFF");
      return user;
    }
  } bad_directory;
  DirectoryDispatcher bad_dispatcher(bad_directory);
  EXPECT_EQ(bad_dispatcher.Serve(2, R"({"rpc":"remove_user"})", ContextOf("a.test")).status().code(),
            absl::StatusCode::kInternal);
}

TEST_F(ServiceTest, TakesAnAnswerThatIsNoneForAnInternalError) {
  for (const char* answer : {"", "{}", R"({"result":"ok","users":7})", R"({"result":"ok"} x)"}) {
    wire.answer = std::string(answer);
    const absl::Status status = client.SearchUsers("bravo.test", RequestFor("s")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << answer;
    EXPECT_THAT(std::string(status.message()), testing::StartsWith("the answer is malformed: ")) << answer;
  }
}

TEST_F(ServiceTest, ReadsAnswersInAnyOrderOfKeys) {
  wire.answer = R"({"users":[{"user_id":"u"}],"future":1,"result":"ok"})";
  const auto response = client.SearchUsers("bravo.test", RequestFor("s"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->users(0).user_id(), "u");
}

TEST_F(ServiceTest, RefusesUnknownKeysIfItIsTold) {
  const federation::json::DecodeOptions strict = {.unknown_keys =
                                                      federation::json::DecodeOptions::UnknownKeys::kRefuse};
  DirectoryDispatcher strict_dispatcher(directory, strict);
  EXPECT_THAT(
      std::string(strict_dispatcher.Serve(0, R"({"rpc":"search_users","mood":1})", ContextOf("a.test"))
                      .status()
                      .message()),
      HasSubstr("mood: unknown key"));
  EXPECT_TRUE(strict_dispatcher.Serve(0, R"({"query":"s","rpc":"search_users"})", ContextOf("a.test")).ok());
  wire.answer = R"({"result":"ok","mood":1})";
  EXPECT_FALSE(DirectoryClient(wire, strict).SearchUsers("bravo.test", RequestFor("s")).ok());
  EXPECT_TRUE(client.SearchUsers("bravo.test", RequestFor("s")).ok());
}

}  // namespace
}  // namespace golden::directory
