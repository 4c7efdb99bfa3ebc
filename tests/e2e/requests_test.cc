// What one fednode asks another, and whom it has nothing to do with.
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/eventually.h"
#include "support/metrics_text.h"
#include "support/plain_http.h"

namespace federation::e2e {
namespace {

using support::Eventually;
using ::testing::HasSubstr;
using ::testing::StartsWith;

MetricsText Metrics(const TestNode& node) {
  const std::string log = node.Log();
  const std::string before = "metrics on http://127.0.0.1:";
  const auto port = static_cast<std::uint16_t>(std::stoi(log.substr(log.rfind(before) + before.size())));
  return MetricsText(BodyOf(PlainHttpGet(port, "/metrics")));
}

class Requests : public FederationFixture {
 protected:
  void SetUp() override {
    MakePair();
    WriteFile("users.json", R"({"users":[{"user_id":"steve","display_name":"Steve"},{"user_id":"ann"}]})");
    WriteFile("deny", "");
    bravo_->AddOptions(
        {"--users", folder_.File("users.json"), "--deny", folder_.File("deny"), "--metrics", "127.0.0.1:0"});
    alpha_->AddOptions({"--deny", folder_.File("alpha.deny")});
    WriteFile("alpha.deny", "");
  }
  void StartBoth() {
    alpha_->Start();
    bravo_->Start();
  }
  void WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name), std::ios::binary) << text;
  }
  // Until the node has read its files again, and so often now.
  static bool ReadsAgain(TestNode& node, const std::string& says) {
    node.process().Signal(SIGHUP);
    return Eventually([&] { return node.Log().find(says) != std::string::npos; });
  }
  Finished Call(const std::string& method, const std::string& request, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"call", "bravo.test", method, request});
    return alpha_->Fedctl(more);
  }
};

TEST_F(Requests, FindUsers) {
  StartBoth();
  const Finished found = Call("search_users", R"({"query":"STE"})");
  EXPECT_EQ(found.ending.code, 0) << found.err;
  EXPECT_EQ(found.out, "{\"users\":[{\"user_id\":\"steve\",\"display_name\":\"Steve\"}]}\n");
  WriteFile("users.json", R"({"users":[{"user_id":"stella"}]})");
  ASSERT_TRUE(ReadsAgain(*bravo_, "SIGHUP: the lists were read again"));
  EXPECT_EQ(Call("search_users", R"({"query":"STE"})").out, "{\"users\":[{\"user_id\":\"stella\"}]}\n");
}

// Alpha has got `expired` in the place of what Bravo gave up, and asks for it.
TEST_F(Requests, FetchWhatWasGivenUp) {
  bravo_->Start();
  const std::string message =
      R"({"update":"message","peer":{"type":"group","id":7},"content":{"type":"text","text":"lost"}})";
  ASSERT_EQ(bravo_->Fedctl({"send", "alpha.test", message}).ending.code, 0);
  ASSERT_EQ(bravo_->Fedctl({"link", "reset", "alpha.test"}).ending.code, 0);
  alpha_->Start();
  ASSERT_EQ(bravo_->Fedctl({"link", "wake", "alpha.test"}).ending.code, 0);
  ASSERT_TRUE(Eventually([&] { return alpha_->CountApplied("bravo.test") == 1; }));
  EXPECT_EQ(alpha_->Applied("bravo.test")[0].json, R"({"update":"expired"})");
  const Finished state = Call("fetch_state", R"({"peer":{"type":"group","id":7}})");
  EXPECT_EQ(state.ending.code, 0) << state.err;
  EXPECT_THAT(state.out, StartsWith("{\"updates\":[" + message + "],\"older\":\""));
  EXPECT_EQ(Call("fetch_state", R"({"peer":{"type":"group","id":8}})").out, "{\"updates\":[]}\n");
}

TEST_F(Requests, FailInWordsAndByTheExitCode) {
  StartBoth();
  const auto expect = [](const Finished& finished, const std::string& words) {
    EXPECT_EQ(finished.ending.code, 1);
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, StartsWith("fedctl: " + words));
  };
  expect(Call("search_users", "{}"), "INVALID_ARGUMENT: query: want a text, got an empty one\n");
  expect(Call("search_users", R"({"q":""})"), "INVALID_ARGUMENT: request: ");
  expect(Call("lose_users", "{}"), "INVALID_ARGUMENT: method: want search_users or fetch_state");
  expect(alpha_->Fedctl({"call", "carol.test", "search_users", R"({"query":"a"})"}), "UNAVAILABLE: ");
  EXPECT_EQ(Call("search_users", "{}", {"--timeout", "soon"}).ending.code, 2);
  // Nobody is there, and a try that may be made again is, until the time is over.
  bravo_->process().Signal(SIGTERM);
  ASSERT_TRUE(bravo_->process().Wait());
  expect(Call("search_users", R"({"query":"a"})", {"--timeout", "1"}), "UNAVAILABLE: ");
}

TEST_F(Requests, AreRefusedToWhoIsDeniedAsSoonAsTheFileSaysSo) {
  StartBoth();
  const std::string query = R"({"query":"ste"})";
  EXPECT_EQ(Call("search_users", query).ending.code, 0);
  WriteFile("deny", "# not these\n*.test\n");
  ASSERT_TRUE(ReadsAgain(*bravo_, "SIGHUP: the lists were read again"));
  const Finished denied = Call("search_users", query);
  EXPECT_EQ(denied.ending.code, 1);
  EXPECT_THAT(denied.err,
              StartsWith("fedctl: PERMISSION_DENIED: HTTP 403: this server has nothing to do with "));
  ASSERT_EQ(alpha_->Fedctl({"send", "bravo.test", NumberedUpdate(1)}).ending.code, 0);
  EXPECT_TRUE(Eventually([&] { return Metrics(*bravo_).At("federation_denied_total{what=\"push\"}") >= 1; }));
  EXPECT_EQ(Metrics(*bravo_).At("federation_denied_total{what=\"request\"}"), 1);
  EXPECT_EQ(bravo_->CountApplied("alpha.test"), 0u);
  // A file that cannot be taken changes nothing.
  WriteFile("deny", "not a pattern\n");
  ASSERT_TRUE(ReadsAgain(*bravo_, "SIGHUP: the lists stay as they were: access.deny: want a domain name"));
  EXPECT_EQ(Call("search_users", query).ending.code, 1);

  WriteFile("deny", "");
  bravo_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return Call("search_users", query).ending.code == 0; }));
  alpha_->Fedctl({"link", "wake", "bravo.test"});
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") == 1; }));

  WriteFile("alpha.deny", "bravo.test\n");
  ASSERT_TRUE(ReadsAgain(*alpha_, "SIGHUP: the lists were read again"));
  EXPECT_THAT(Call("search_users", query).err,
              HasSubstr("PERMISSION_DENIED: this server has nothing to do with bravo.test: it is denied"));
  const Finished send = alpha_->Fedctl({"send", "bravo.test", NumberedUpdate(2)});
  EXPECT_EQ(send.ending.code, 1);
  EXPECT_THAT(send.err, HasSubstr("this server has nothing to do with bravo.test: it is denied"));
}

TEST_F(Requests, OfOnePeerAreLimited) {
  bravo_->AddOptions({"--origin-requests", "1"});
  StartBoth();
  const std::string query = R"({"query":"ste"})";
  std::string failures;
  // A second of timeout leaves no time for another try.
  for (int i = 0; i < 5; ++i) failures += Call("search_users", query, {"--timeout", "1"}).err;
  EXPECT_THAT(failures, HasSubstr("fedctl: UNAVAILABLE: told to wait 1 s (may succeed in 1 s)"));
  EXPECT_GE(Metrics(*bravo_).At("federation_limited_total{what=\"request\",limit=\"rate\"}"), 1);
  // With more of it each call gets its turn.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Call("search_users", query, {"--timeout", "20"}).ending.code, 0);
}

}  // namespace
}  // namespace federation::e2e
