// What fednode answers of its own, and what it asks others.
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fednode/access_files.h"
#include "fednode/call.h"
#include "fednode/metrics/refusal_metrics.h"
#include "fednode/users.h"
#include "support/temporary_folder.h"

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Files : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.File(name), std::ios::binary) << text;
    return dir_.File(name);
  }

  TemporaryFolder dir_;
};

using AccessFiles = Files;
using UsersFile = Files;

TEST_F(AccessFiles, HaveAPatternALine) {
  const std::string allow = Write("allow", "# friends\n a.test \n\n*.b.test # and below\r\nc.test");
  const auto lists = ReadAccessFiles(allow, Write("deny", ""));
  ASSERT_TRUE(lists.ok()) << lists.status();
  EXPECT_THAT(*lists->allow, ElementsAre("a.test", "*.b.test", "c.test"));
  EXPECT_THAT(lists->deny, IsEmpty());
}

TEST_F(AccessFiles, AllowNobodyIfTheyAreEmptyAndEverybodyIfThereAreNone) {
  EXPECT_THAT(*ReadAccessFiles(Write("allow", "\n"), "")->allow, IsEmpty());
  EXPECT_FALSE(ReadAccessFiles("", "")->allow.has_value());
}

TEST_F(AccessFiles, FailIfTheyCannotBeRead) {
  const absl::Status status = ReadAccessFiles(dir_.File("nowhere"), "").status();
  EXPECT_EQ(status.message(), dir_.File("nowhere") + ": No such file or directory");
  EXPECT_FALSE(ReadAccessFiles("", dir_.File("")).ok());
}

std::vector<std::string> Find(ListedUsers& users, const std::string& query, std::uint32_t users_max = 0) {
  v1::SearchUsersRequest request;
  request.set_query(query);
  request.set_users_max(users_max);
  const RpcContext context{"alpha.test", "bravo.test", std::chrono::steady_clock::time_point::max()};
  const auto found = users.SearchUsers(request, context);
  if (!found.ok()) return {std::string(found.status().message())};
  std::vector<std::string> ids;
  for (const v1::User& user : found->users()) ids.push_back(user.user_id());
  return ids;
}

TEST_F(UsersFile, IsSearchedInIdsAndNames) {
  ListedUsers users;
  EXPECT_THAT(Find(users, "steve"), IsEmpty());
  const auto read = ReadUsers(Write(
      "users.json",
      R"({"users":[{"user_id":"steve","display_name":"S. One"},{"user_id":"u2","display_name":"Big Steve"},{"user_id":"u3"}]})"));
  ASSERT_TRUE(read.ok()) << read.status();
  users.Set(*read);
  EXPECT_THAT(Find(users, "STEV"), ElementsAre("steve", "u2"));
  EXPECT_THAT(Find(users, "STEV", 1), ElementsAre("steve"));
  EXPECT_THAT(Find(users, "u"), ElementsAre("u2", "u3"));
  EXPECT_THAT(Find(users, ""), ElementsAre("query: want a text, got an empty one"));
}

TEST_F(UsersFile, GivesSoManyOnly) {
  v1::SearchUsersResponse many;
  for (int i = 0; i < 500; ++i) many.add_users()->set_user_id("user" + std::to_string(i));
  ListedUsers users;
  users.Set(many);
  EXPECT_EQ(Find(users, "user").size(), ListedUsers::kUsersDefault);
  EXPECT_EQ(Find(users, "user", 1'000'000).size(), ListedUsers::kUsersMax);
}

TEST_F(UsersFile, SaysWhereItIsWrong) {
  const std::string path = Write("users.json", R"({"users":[{"userid":"steve"}]})");
  EXPECT_THAT(std::string(ReadUsers(path).status().message()), HasSubstr(path + ": users[0]"));
  EXPECT_FALSE(ReadUsers(dir_.File("nowhere")).ok());
}

// Answers each call as it is told.
class FixedChannel final : public RpcChannel {
 public:
  explicit FixedChannel(absl::StatusOr<std::string> answer) : answer_(std::move(answer)) {}
  absl::StatusOr<std::string> Call(RpcCall call) override {
    calls.push_back(std::move(call));
    return answer_;
  }
  void StartCall(RpcCall, Done done) override { done(absl::InternalError("")); }

  std::vector<RpcCall> calls;

 private:
  const absl::StatusOr<std::string> answer_;
};

admin::v1::CallPeerRequest RequestOf(const std::string& method, const std::string& json) {
  admin::v1::CallPeerRequest request;
  request.set_destination("bravo.test");
  request.set_method(method);
  request.set_request(json);
  return request;
}

TEST(CallPeer, GoesThroughTheGeneratedClient) {
  FixedChannel channel(R"({"result":"ok","users":[{"user_id":"steve"}]})");
  admin::v1::CallPeerRequest request = RequestOf("search_users", R"({"query":"st"})");
  request.set_timeout_ms(1500);
  const auto response = CallPeer(channel, request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->answer(), R"({"users":[{"user_id":"steve"}]})");
  ASSERT_EQ(channel.calls.size(), 1u);
  EXPECT_EQ(channel.calls[0].destination, "bravo.test");
  EXPECT_EQ(channel.calls[0].request, R"({"rpc":"search_users","query":"st"})");
  EXPECT_EQ(channel.calls[0].options.timeout, std::chrono::milliseconds(1500));
  EXPECT_TRUE(channel.calls[0].repeatable);
}

TEST(CallPeer, RefusesWhatTheSchemaDoesNotKnow) {
  FixedChannel channel(std::string(""));
  EXPECT_EQ(CallPeer(channel, RequestOf("find", "{}")).status(),
            absl::InvalidArgumentError("method: want search_users or fetch_state, got \"find\""));
  EXPECT_THAT(std::string(CallPeer(channel, RequestOf("search_users", R"({"q":1})")).status().message()),
              HasSubstr("request: "));
  EXPECT_FALSE(CallPeer(channel, RequestOf("fetch_state", R"({"peer":7})")).ok());
  EXPECT_FALSE(CallPeer(channel, RequestOf("fetch_state", "")).ok());
  EXPECT_THAT(channel.calls, IsEmpty());
}

TEST(CallPeer, SaysWhyThereIsNoAnswer) {
  FixedChannel channel(Wait(std::chrono::seconds{7}));
  const auto response = CallPeer(channel, RequestOf("fetch_state", R"({"peer":{"type":"group","id":7}})"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->failure().code(), "UNAVAILABLE");
  EXPECT_EQ(response->failure().message(), "told to wait 7 s");
  EXPECT_TRUE(response->failure().can_retry());
  EXPECT_EQ(response->failure().retry_after_s(), 7u);
}

TEST(RefusalMetricsTest, TellWhatAndWhyApart) {
  Refusals refusals;
  refusals.pushes = {.denied = 1, .over_rate = 2, .over_bytes = 3, .over_updates = 4, .over_queued = 10};
  refusals.requests = {.denied = 5, .over_rate = 6, .over_bytes = 7, .over_running = 8};
  refusals.others.denied = 9;
  std::vector<std::string> lines;
  for (const prometheus::MetricFamily& family : RefusalMetrics(refusals)) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      std::string line = family.name;
      for (const auto& label : metric.label) line += " " + label.value;
      lines.push_back(line + " " + std::to_string(static_cast<int>(metric.counter.value)));
    }
  }
  EXPECT_THAT(
      lines,
      ElementsAre("federation_denied_total push 1", "federation_denied_total request 5",
                  "federation_denied_total other 9", "federation_limited_total push rate 2",
                  "federation_limited_total push bytes 3", "federation_limited_total push updates 4",
                  "federation_limited_total push queued 10", "federation_limited_total request rate 6",
                  "federation_limited_total request bytes 7", "federation_limited_total request running 8"));
}

}  // namespace
}  // namespace federation::fednode
