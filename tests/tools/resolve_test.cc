#include "fednode/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/fake_node.h"

namespace federation::fednode {
namespace {

using admin::v1::ResolveStep;

admin::v1::ResolveRequest RequestFor(const std::string& domain, bool fresh) {
  admin::v1::ResolveRequest request;
  request.set_domain(domain);
  request.set_fresh(fresh);
  return request;
}

TEST(Resolve, SaysAllThatTheNodeSays) {
  FakeNode node;
  node.resolution.domain = "bravo.test";
  node.resolution.via = "relay.test";
  node.resolution.steps = {
      {Resolution::Source::kWellKnown, Resolution::Outcome::kFailed, "https://bravo.test/", "HTTP 500"},
      {Resolution::Source::kSrv, Resolution::Outcome::kTaken, "SRV x", "node.test:9880"}};
  node.resolution.candidates = {
      {{"::1", 9880}, {"node.test", "bravo.test"}, {{"::1", "refused: loopback"}}, ""}};
  node.resolution.age = std::chrono::milliseconds(5);
  node.resolution.expires_in = std::chrono::milliseconds(6);
  const auto response = Resolve(node, RequestFor("bravo.test", false));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->domain(), "bravo.test");
  EXPECT_EQ(response->via(), "relay.test");
  ASSERT_EQ(response->steps_size(), 2);
  EXPECT_EQ(response->steps(0).source(), ResolveStep::SOURCE_WELL_KNOWN);
  EXPECT_EQ(response->steps(0).outcome(), ResolveStep::OUTCOME_FAILED);
  EXPECT_EQ(response->steps(0).asked(), "https://bravo.test/");
  EXPECT_EQ(response->steps(0).reason(), "HTTP 500");
  EXPECT_EQ(response->steps(1).outcome(), ResolveStep::OUTCOME_TAKEN);
  ASSERT_EQ(response->candidates_size(), 1);
  EXPECT_EQ(response->candidates(0).address(), "[::1]:9880");
  EXPECT_THAT(response->candidates(0).certificate_names(), testing::ElementsAre("node.test", "bravo.test"));
  EXPECT_EQ(response->candidates(0).addresses(0).refused(), "refused: loopback");
  EXPECT_EQ(response->error(), "");
  EXPECT_EQ(response->age_ms(), 5U);
  EXPECT_EQ(response->expires_in_ms(), 6U);
}

TEST(Resolve, SaysWhyThereIsNothing) {
  FakeNode node;
  node.resolution.status = absl::NotFoundError("there is no server");
  EXPECT_EQ(Resolve(node, RequestFor("bravo.test", true))->error(), "there is no server");
}

}  // namespace
}  // namespace federation::fednode
