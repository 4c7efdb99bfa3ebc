// What applications and operators do with a node beyond plain sending.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/two_nodes.h"

namespace federation::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NodeOperationsTest : public TwoNodes {};

// --- Sending.

TEST_F(NodeOperationsTest, SendsWithoutWaitingForTheCommit) {
  StartBoth();
  constexpr int kUpdates = 500;
  std::vector<std::promise<absl::StatusOr<Seq>>> done(kUpdates);
  for (int i = 0; i < kUpdates; ++i) {
    alpha.node().SendStrongAsync("bravo.test", Json(i),
                                 [promise = &done[static_cast<std::size_t>(i)]](
                                     const absl::StatusOr<Seq>& seq) { promise->set_value(seq); });
  }
  for (int i = 0; i < kUpdates; ++i) {
    const auto seq = done[static_cast<std::size_t>(i)].get_future().get();
    ASSERT_TRUE(seq.ok()) << seq.status();
    EXPECT_EQ(*seq, Seq{static_cast<std::uint64_t>(i) + 1});
  }
  EXPECT_EQ(bravo.journal.WaitFor(kUpdates).back(), "alpha.test 500 " + Json(kUpdates - 1));
}

TEST_F(NodeOperationsTest, GoesOnWhenWhatIsCalledAfterACommitThrowsOrWantsToWait) {
  StartBoth();
  std::promise<absl::StatusCode> nested;
  alpha.node().SendStrongAsync("bravo.test", Json(1), [&](const absl::StatusOr<Seq>&) {
    nested.set_value(alpha.node().SendStrong("bravo.test", Json(2)).status().code());
    throw std::runtime_error("of the application");
  });
  EXPECT_EQ(nested.get_future().get(), absl::StatusCode::kFailedPrecondition);
  alpha.SendTo(bravo, Json(3));
  EXPECT_EQ(bravo.journal.WaitFor(2).back(), "alpha.test 2 " + Json(3));
}

TEST_F(NodeOperationsTest, LeavesItsLinksToTheNextNodeOnTheSameStore) {
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  alpha.StopNode();
  alpha.StartNode();
  alpha.SendTo(bravo, Json(2));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_EQ(bravo.journal.WaitFor(2).size(), 2U);
  EXPECT_EQ(alpha.LinkTo(bravo).counters.own_store_restored, 0U);
}

TEST_F(NodeOperationsTest, SaysAtOnceWhatCannotBeSent) {
  StartBoth();
  absl::StatusCode code = absl::StatusCode::kOk;
  alpha.node().SendStrongAsync("bravo.test", "[]",
                               [&](const absl::StatusOr<Seq>& seq) { code = seq.status().code(); });
  EXPECT_EQ(code, absl::StatusCode::kInvalidArgument);
}

TEST_F(NodeOperationsTest, SendsToManyInOneCommit) {
  StartBoth();
  const std::vector<std::string> destinations = {"bravo.test", "charlie.test", "delta.test"};
  alpha.SendTo(bravo, Json(0));
  const auto numbers = alpha.node().SendStrongToAll(destinations, Json(1));
  ASSERT_TRUE(numbers.ok()) << numbers.status();
  EXPECT_THAT(*numbers, ElementsAre(Seq{2}, Seq{1}, Seq{1}));
  const std::vector<std::string> one_is_none = {"bravo.test", "no domain"};
  EXPECT_EQ(alpha.node().SendStrongToAll(one_is_none, Json(2)).status().code(),
            absl::StatusCode::kInvalidArgument);
  const absl::Status sent = alpha.store().Transact([&](Transaction& transaction) {
    return alpha.node().SendStrongToAll(transaction, destinations, Json(3)).status();
  });
  ASSERT_TRUE(sent.ok()) << sent;
  EXPECT_THAT(bravo.journal.WaitFor(3),
              ElementsAre("alpha.test 1 " + Json(0), "alpha.test 2 " + Json(1), "alpha.test 3 " + Json(3)));
}

// --- Links.

TEST_F(NodeOperationsTest, HoldsWhatIsSentOnAPausedLinkOverARestart) {
  StartBoth();
  ASSERT_TRUE(alpha.node().PauseLink("bravo.test").ok());
  alpha.SendTo(bravo, Json(1));
  EXPECT_EQ(alpha.LinkTo(bravo).state, LinkStatus::State::kPaused);
  alpha.Stop();
  alpha.Start();
  alpha.SendTo(bravo, Json(2));
  EXPECT_EQ(alpha.LinkTo(bravo).state, LinkStatus::State::kPaused);
  // The other way goes on, and what comes back ends no pause.
  bravo.SendTo(alpha, Json(3));
  EXPECT_EQ(alpha.journal.WaitFor(1).size(), 1U);
  EXPECT_EQ(alpha.LinkTo(bravo).pending(), 2U);
  EXPECT_GT(alpha.LinkTo(bravo).pending_bytes, 0U);
  EXPECT_TRUE(alpha.LinkTo(bravo).pending_since.has_value());
  ASSERT_TRUE(alpha.node().ResumeLink("bravo.test").ok());
  EXPECT_THAT(bravo.journal.WaitFor(2), ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2)));
}

class NodeLongBackOffTest : public NodeOperationsTest {
 protected:
  // Bravo is down, and alpha is not going to look soon.
  void StartAndWait() {
    StartBoth();
    bravo.Stop();
    alpha.Stop();
    alpha.options().limits.outbox.backoff_min = 1h;
    alpha.options().limits.outbox.backoff_max = 1h;
    alpha.Start();
    alpha.SendTo(bravo, Json(1));
    ASSERT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return link.failures > 0; }));
    EXPECT_EQ(alpha.LinkTo(bravo).state, LinkStatus::State::kWaiting);
    EXPECT_TRUE(alpha.LinkTo(bravo).retry_at.has_value());
  }
};

TEST_F(NodeLongBackOffTest, EndsByTheOperatorsWord) {
  StartAndWait();
  bravo.Start();
  ASSERT_TRUE(alpha.node().WakeLink("bravo.test").ok());
  EXPECT_EQ(bravo.journal.WaitFor(1).size(), 1U);
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return link.failures == 0; }));
}

TEST_F(NodeOperationsTest, TriesAgainWhenThePeerIsHeard) {
  StartBoth();
  alpha.Stop();
  alpha.before_start = [&](Node&) {
    alpha.store().NoteBackOff("bravo.test", {20, std::chrono::system_clock::now() + 1h});
    ASSERT_TRUE(alpha.store().Transact([](Transaction&) { return absl::OkStatus(); }).ok());
  };
  alpha.Start();
  alpha.SendTo(bravo, Json(1));
  ASSERT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return link.failures == 20; }));
  EXPECT_EQ(alpha.LinkTo(bravo).state, LinkStatus::State::kWaiting);
  ASSERT_TRUE(bravo.node().SendWeak("alpha.test", Json(7)).ok());
  EXPECT_EQ(bravo.journal.WaitFor(1).size(), 1U);
}

TEST_F(NodeLongBackOffTest, GoesOnAfterARestart) {
  StartAndWait();
  alpha.Stop();
  bravo.Start();
  alpha.Start();
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return link.failures > 0; }));
  EXPECT_EQ(alpha.LinkTo(bravo).state, LinkStatus::State::kWaiting);
  EXPECT_EQ(alpha.LinkTo(bravo).pending(), 1U);
}

TEST_F(NodeLongBackOffTest, GivesUpWhatAnOperatorDoesNotWantToBeSent) {
  std::vector<std::string> given_up;
  std::mutex mutex;
  alpha.before_start = [&](Node& node) {
    node.OnGivenUp([&](const GivenUp& what, Transaction& transaction) {
      const std::lock_guard guard(mutex);
      given_up.push_back(std::string(what.destination) + " " + std::to_string(Value(what.first)) + ".." +
                         std::to_string(Value(what.last)) + " " + std::string(what.reason));
      // It commits with what was removed.
      return node.SendStrong(transaction, "charlie.test", Json(9)).status();
    });
  };
  StartAndWait();
  alpha.SendTo(bravo, Json(2));
  const auto count = alpha.node().ResetLink("bravo.test");
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(*count, 2U);
  {
    const std::lock_guard guard(mutex);
    EXPECT_THAT(given_up, ElementsAre("bravo.test 1..2 the link was reset"));
  }
  EXPECT_EQ(alpha.store().Link("charlie.test")->numbers.assigned, Seq{1});
  bravo.Start();
  alpha.SendTo(bravo, Json(3));
  ASSERT_TRUE(alpha.node().WakeLink("bravo.test").ok());
  EXPECT_THAT(bravo.journal.WaitFor(3),
              ElementsAre(R"(alpha.test 1 {"update":"expired"})", R"(alpha.test 2 {"update":"expired"})",
                          "alpha.test 3 " + Json(3)));
}

TEST_F(NodeOperationsTest, KnowsOnlyLinksToOtherDomains) {
  StartBoth();
  for (const char* destination : {"no domain", "alpha.test"}) {
    EXPECT_EQ(alpha.node().PauseLink(destination).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(alpha.node().ResumeLink(destination).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(alpha.node().WakeLink(destination).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(alpha.node().ResetLink(destination).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(NodeOperationsTest, DoesNotWaitWhereOthersWaitForIt) {
  std::promise<absl::StatusCode> on_loop;
  alpha.before_start = [&](Node& node) {
    node.OnDelivered([&](const Delivered&) { on_loop.set_value(node.Links().status().code()); });
  };
  StartBoth();
  bravo.receiver.On(Json(1), [&](const UpdateContext&) {
    EXPECT_EQ(bravo.node().Links().status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(bravo.node().PauseLink("alpha.test").code(), absl::StatusCode::kFailedPrecondition);
    return Outcome::Done();
  });
  alpha.SendTo(bravo, Json(1));
  EXPECT_EQ(on_loop.get_future().get(), absl::StatusCode::kFailedPrecondition);
  alpha.node().Stop();
  EXPECT_EQ(alpha.node().PauseLink("bravo.test").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(alpha.node().ResetLink("bravo.test").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(alpha.node().ReplayQuarantined("bravo.test", {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

// --- Quarantine.

TEST_F(NodeOperationsTest, ReplaysWhatWasPutAside) {
  StartBoth();
  std::atomic<bool> upgraded{false};
  const auto script = [&](const UpdateContext&) {
    return upgraded ? Outcome::Done() : Outcome::Reject("never heard of it");
  };
  bravo.receiver.On(Json(1), script);
  bravo.receiver.On(Json(3), script);
  bravo.receiver.On(Json(4), [](const UpdateContext&) { return Outcome::Reject("not this one"); });
  for (int i = 1; i <= 5; ++i) alpha.SendTo(bravo, Json(i));
  EXPECT_EQ(bravo.journal.WaitFor(2).back(), "alpha.test 5 " + Json(5));
  ASSERT_EQ(bravo.store().Quarantined("alpha.test", 0, 10)->size(), 3U);
  bravo.Stop();
  bravo.Start();
  upgraded = true;
  const auto replayed = bravo.node().ReplayQuarantined("alpha.test", {});
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  ASSERT_EQ(replayed->size(), 3U);
  EXPECT_EQ((*replayed)[0].seq, Seq{1});
  EXPECT_EQ((*replayed)[0].result, Replayed::Result::kDone);
  EXPECT_EQ((*replayed)[2].result, Replayed::Result::kRejected);
  EXPECT_THAT((*replayed)[2].reason, HasSubstr("not this one"));
  const auto left = bravo.store().Quarantined("alpha.test", 0, 10);
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().seq, Seq{4});
}

// --- News.

TEST_F(NodeOperationsTest, TellsWhatHappens) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Seq> delivered;
  std::size_t pushed = 0;
  std::size_t received = 0;
  alpha.before_start = [&](Node& node) {
    node.OnDelivered([&](const Delivered& up_to) {
      const std::lock_guard guard(mutex);
      delivered.push_back(up_to.up_to);
      changed.notify_all();
    });
    node.OnPushed([&](const Pushed& push) {
      const std::lock_guard guard(mutex);
      if (push.result == Pushed::Result::kAcked) pushed += push.strong_updates;
    });
  };
  bravo.before_start = [&](Node& node) {
    node.OnReceived([&](const Received& push) {
      const std::lock_guard guard(mutex);
      received += push.strong_updates;
    });
  };
  StartBoth();
  for (int i = 1; i <= 20; ++i) alpha.SendTo(bravo, Json(i));
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, 20s, [&] { return !delivered.empty() && delivered.back() == Seq{20}; }));
  EXPECT_TRUE(std::is_sorted(delivered.begin(), delivered.end()));
  lock.unlock();
  alpha.Stop();
  bravo.Stop();
  EXPECT_EQ(pushed, 20U);
  EXPECT_EQ(received, 20U);
}

// A handler that takes its time, and has not yet written anything, holds up its own link only.
TEST_F(NodeOperationsTest, LetsOtherOriginsPassASlowHandler) {
  Server charlie{"charlie.test", ca, folder.File("charlie.db")};
  StartBoth();
  charlie.KnowPeer(bravo);
  charlie.Start();
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  bravo.receiver.On(Json(1), [released](const UpdateContext&) {
    released.wait();
    return Outcome::Done();
  });
  alpha.SendTo(bravo, Json(1));
  charlie.SendTo(bravo, Json(2));
  EXPECT_THAT(bravo.journal.WaitFor(1), ElementsAre("charlie.test 1 " + Json(2)));
  // Nor does it stop those who send.
  bravo.SendTo(alpha, Json(3));
  EXPECT_EQ(alpha.journal.WaitFor(1).size(), 1U);
  release.set_value();
  EXPECT_EQ(bravo.journal.WaitFor(2).back(), "alpha.test 1 " + Json(1));
}

}  // namespace
}  // namespace federation::node
