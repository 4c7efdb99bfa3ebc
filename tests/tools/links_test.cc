#include "fednode/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/fake_node.h"

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::chrono::system_clock::time_point At(std::int64_t unix_ms) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(unix_ms));
}

LinkStatus Failing() {
  LinkStatus link;
  link.destination = "bravo.test";
  link.assigned = Seq{12};
  link.acked = Seq{10};
  link.state = LinkStatus::State::kWaiting;
  link.pending_bytes = 250;
  link.pending_since = At(1000);
  link.failures = 3;
  link.retry_at = At(2000);
  link.last_heard = At(500);
  link.last_error = "HTTP 503";
  link.loss = "lost";
  link.counters = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  return link;
}

class LinksTest : public ::testing::Test {
 protected:
  LinksTest() {
    LinkStatus idle;
    idle.destination = "c.test";
    node_.links = std::vector<LinkStatus>{Failing(), idle};
  }

  FakeNode node_;
};

TEST_F(LinksTest, TellAllThatTheNodeKnows) {
  const absl::StatusOr<admin::v1::ListLinksResponse> links = ListLinks(node_);
  ASSERT_TRUE(links.ok()) << links.status();
  ASSERT_EQ(links->links_size(), 2);
  const absl::StatusOr<admin::v1::Link> link = GetLink(node_, "bravo.test");
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(links->links(0).SerializeAsString(), link->SerializeAsString());
  EXPECT_EQ(link->destination(), "bravo.test");
  EXPECT_EQ(link->assigned(), 12u);
  EXPECT_EQ(link->acked(), 10u);
  EXPECT_EQ(link->pending(), 2u);
  EXPECT_EQ(link->state(), admin::v1::Link::STATE_WAITING);
  EXPECT_EQ(link->pending_bytes(), 250u);
  EXPECT_EQ(link->pending_since_ms(), 1000);
  EXPECT_EQ(link->failures(), 3u);
  EXPECT_EQ(link->retry_at_ms(), 2000);
  EXPECT_EQ(link->last_heard_ms(), 500);
  EXPECT_EQ(link->last_error(), "HTTP 503");
  EXPECT_EQ(link->loss(), "lost");
  EXPECT_FALSE(links->links(1).has_pending_since_ms());
  EXPECT_FALSE(links->links(1).has_retry_at_ms());
  EXPECT_FALSE(links->links(1).has_last_heard_ms());
}

TEST_F(LinksTest, TellEachCounter) {
  const admin::v1::LinkCounters counters = GetLink(node_, "bravo.test")->counters();
  EXPECT_EQ(counters.pushes(), 1u);
  EXPECT_EQ(counters.acked_updates(), 2u);
  EXPECT_EQ(counters.repeated_updates(), 3u);
  EXPECT_EQ(counters.holes(), 4u);
  EXPECT_EQ(counters.waits(), 5u);
  EXPECT_EQ(counters.expired_updates(), 6u);
  EXPECT_EQ(counters.given_up_updates(), 7u);
  EXPECT_EQ(counters.weak_sent(), 8u);
  EXPECT_EQ(counters.weak_dropped(), 9u);
  EXPECT_EQ(counters.unreachable(), 10u);
  EXPECT_EQ(counters.busy(), 11u);
  EXPECT_EQ(counters.refused(), 12u);
  EXPECT_EQ(counters.too_large(), 13u);
  EXPECT_EQ(counters.contradictions(), 14u);
  EXPECT_EQ(counters.own_store_restored(), 15u);
  EXPECT_EQ(counters.peer_store_restored(), 16u);
}

TEST_F(LinksTest, AreChangedByTheNode) {
  node_.given_up = 2;
  EXPECT_EQ(PauseLink(node_, "bravo.test")->destination(), "bravo.test");
  EXPECT_EQ(ResumeLink(node_, "c.test")->destination(), "c.test");
  EXPECT_EQ(WakeLink(node_, "bravo.test")->destination(), "bravo.test");
  const absl::StatusOr<admin::v1::ResetLinkResponse> reset = ResetLink(node_, "bravo.test");
  EXPECT_EQ(reset->given_up_updates(), 2u);
  EXPECT_EQ(reset->link().destination(), "bravo.test");
  EXPECT_THAT(node_.operations,
              ElementsAre("pause bravo.test", "resume c.test", "wake bravo.test", "reset bravo.test"));
}

TEST_F(LinksTest, ThatAreNotThereAreNotMade) {
  for (const absl::Status& status :
       {GetLink(node_, "brvo.test").status(), PauseLink(node_, "brvo.test").status(),
        ResumeLink(node_, "brvo.test").status(), WakeLink(node_, "brvo.test").status(),
        ResetLink(node_, "brvo.test").status()}) {
    EXPECT_TRUE(absl::IsNotFound(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("destination: no link to brvo.test"));
  }
  for (const absl::Status& status : {GetLink(node_, "Bravo test").status(), ResetLink(node_, "").status()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("destination: "));
  }
  EXPECT_THAT(node_.operations, IsEmpty());
}

TEST_F(LinksTest, PassOnWhatTheNodeSays) {
  node_.operation_status = absl::UnavailableError("the disk is full");
  EXPECT_EQ(PauseLink(node_, "bravo.test").status(), node_.operation_status);
  EXPECT_EQ(ResetLink(node_, "bravo.test").status(), node_.operation_status);
  node_.links = absl::FailedPreconditionError("the node does not run");
  EXPECT_EQ(ListLinks(node_).status(), node_.links.status());
  EXPECT_EQ(WakeLink(node_, "bravo.test").status(), node_.links.status());
}

}  // namespace
}  // namespace federation::fednode
