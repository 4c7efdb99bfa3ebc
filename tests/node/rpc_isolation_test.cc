// Requests of one server that take their time, and the other servers.
#include <future>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <gtest/gtest.h>

#include "federation/rpc.h"

#include "node/scripted_dispatcher.h"
#include "node/two_nodes.h"
#include "support/eventually.h"

namespace federation::node {
namespace {

class RpcIsolationTest : public TwoNodes {
 protected:
  RpcIsolationTest() {
    dispatcher_.On("slow", [go = go_.get_future().share()](std::string_view, const RpcContext&) {
      go.wait();
      return absl::StatusOr<std::string>(R"({"result":"ok"})");
    });
    bravo.before_start = [this](Node& node) { ASSERT_TRUE(node.Serve(dispatcher_).ok()); };
  }
  void SetUp() override {
    StartBoth();
    charlie_.KnowPeer(bravo);
    charlie_.Start();
    // More than there are threads.
    for (int i = 0; i < 2 * bravo.options().request_threads; ++i) {
      alpha.node().StartCall({"bravo.test", R"({"rpc":"slow"})", {.timeout = 60s}}, [](const auto&) {});
    }
    ASSERT_TRUE(support::Eventually([this] { return dispatcher_.calls() > 1; }, 20s));
  }
  void TearDown() override {
    go_.set_value();
    alpha.Stop();
    charlie_.Stop();
    bravo.Stop();
  }

  std::promise<void> go_;
  ScriptedDispatcher dispatcher_{{"slow", "quick"}};
  Server charlie_{"charlie.test", ca, folder.File("charlie.db")};
};

TEST_F(RpcIsolationTest, UpdatesOfOthersAreApplied) {
  charlie_.SendTo(bravo, Json(1));
  EXPECT_TRUE(charlie_.WaitUntilDelivered(bravo));
}

TEST_F(RpcIsolationTest, RequestsOfOthersAreAnswered) {
  const absl::StatusOr<std::string> answer =
      charlie_.node().Call({"bravo.test", R"({"rpc":"quick"})", {.timeout = 20s}});
  EXPECT_TRUE(answer.ok()) << answer.status();
}

}  // namespace
}  // namespace federation::node
