#include "federation/node.h"

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "node/two_nodes.h"

namespace federation::node {
namespace {

class NodeTest : public TwoNodes {};

TEST_F(NodeTest, DeliversBothWaysInOrder) {
  StartBoth();
  std::vector<std::string> at_bravo;
  std::vector<std::string> at_alpha;
  for (int i = 1; i <= 200; ++i) {
    alpha.SendTo(bravo, Json(i));
    bravo.SendTo(alpha, Json(-i));
    at_bravo.push_back("alpha.test " + std::to_string(i) + " " + Json(i));
    at_alpha.push_back("bravo.test " + std::to_string(i) + " " + Json(-i));
  }
  EXPECT_EQ(bravo.journal.WaitFor(200), at_bravo);
  EXPECT_EQ(alpha.journal.WaitFor(200), at_alpha);
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  const LinkStatus link = alpha.LinkTo(bravo);
  EXPECT_EQ(link.acked, Seq{200});
  EXPECT_EQ(link.state, LinkStatus::State::kIdle);
  EXPECT_EQ(link.last_error, "");
  EXPECT_TRUE(link.last_heard.has_value());
}

TEST_F(NodeTest, DeliversWeakUpdates) {
  StartBoth();
  ASSERT_TRUE(alpha.node().SendWeak("bravo.test", R"({"update":"typing"})").ok());
  EXPECT_THAT(bravo.journal.WaitFor(1), testing::ElementsAre(R"(alpha.test weak {"update":"typing"})"));
}

TEST_F(NodeTest, DeliversWhatWaitedWhileThePeerWasDown) {
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  bravo.journal.WaitFor(1);
  bravo.Stop();
  for (int i = 2; i <= 50; ++i) alpha.SendTo(bravo, Json(i));
  EXPECT_TRUE(alpha.WaitForLink(bravo, [](const LinkStatus& link) { return !link.last_error.empty(); }));
  EXPECT_THAT(alpha.LinkTo(bravo).last_error, testing::HasSubstr("bravo.test"));
  bravo.Start();
  EXPECT_EQ(bravo.journal.WaitFor(50).size(), 50U);
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_EQ(alpha.LinkTo(bravo).last_error, "");
}

TEST_F(NodeTest, GoesOnWhereItsStoreIsAfterARestart) {
  StartBoth();
  bravo.Stop();
  for (int i = 1; i <= 20; ++i) alpha.SendTo(bravo, Json(i));
  alpha.Stop();
  bravo.Start();
  alpha.Start();
  EXPECT_EQ(bravo.journal.WaitFor(20).size(), 20U);
  alpha.SendTo(bravo, Json(21));
  EXPECT_EQ(bravo.journal.WaitFor(21).back(), "alpha.test 21 " + Json(21));
}

TEST_F(NodeTest, WaitsWhenTheHandlerAsksForTime) {
  StartBoth();
  std::atomic<int> calls{0};
  bravo.receiver.On(Json(2),
                    [&](const UpdateContext&) { return ++calls < 3 ? Outcome::Later(1s) : Outcome::Done(); });
  for (int i = 1; i <= 3; ++i) alpha.SendTo(bravo, Json(i));
  EXPECT_THAT(
      bravo.journal.WaitFor(3),
      testing::ElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2), "alpha.test 3 " + Json(3)));
  EXPECT_EQ(calls, 3);
}

TEST_F(NodeTest, AnswersFromItsHandlersTransaction) {
  StartBoth();
  bravo.receiver.On(Json(1), [&](const UpdateContext& context) {
    // Outside of the transaction it would have to wait for itself.
    EXPECT_EQ(bravo.node().SendStrong("alpha.test", Json(0)).status().code(),
              absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(bravo.node().SendStrong(*context.transaction, "alpha.test", Json(100)).ok());
    return Outcome::Done();
  });
  alpha.SendTo(bravo, Json(1));
  EXPECT_THAT(alpha.journal.WaitFor(1), testing::ElementsAre("bravo.test 1 " + Json(100)));
}

// A push may carry updates whose commit the link has not been told of yet: their ack is no sign of an older
// store.
TEST_F(NodeTest, KeepsItsNumbersWhenManyThreadsSend) {
  StartBoth();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 400; ++i) alpha.SendTo(bravo, Json(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  EXPECT_EQ(alpha.LinkTo(bravo).assigned, Seq{3200});
  EXPECT_EQ(bravo.journal.WaitFor(3200).size(), 3200U);
}

TEST_F(NodeTest, SendsAllOfATransactionOrNothing) {
  StartBoth();
  const auto send_all = [&](const std::vector<std::string>& updates) {
    return alpha.store().Transact([&](Transaction& transaction) {
      absl::Status status;
      for (const std::string& update : updates) {
        status = alpha.node().SendStrong(transaction, "bravo.test", update).status();
        if (!status.ok()) break;
      }
      return status;
    });
  };
  ASSERT_TRUE(send_all({Json(1), Json(2), Json(3)}).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(send_all({Json(4), std::string(300 * 1024, 'x')})));
  alpha.SendTo(bravo, Json(5));
  EXPECT_EQ(bravo.journal.WaitFor(4).back(), "alpha.test 4 " + Json(5));
}

TEST_F(NodeTest, HealsWhenTheSendersStoreGoesBack) {
  StartBoth();
  for (int i = 1; i <= 5; ++i) alpha.SendTo(bravo, Json(i));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  alpha.Stop();
  CopyStore(alpha.store_path(), folder.File("backup.db"));
  alpha.Start();
  for (int i = 6; i <= 9; ++i) alpha.SendTo(bravo, Json(i));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  alpha.Stop();
  bravo.Stop();
  CopyStore(folder.File("backup.db"), alpha.store_path());
  alpha.Start();
  // Given out again: 6 to 12. None of them may be taken for what the peer has.
  for (int i = 100; i <= 106; ++i) alpha.SendTo(bravo, Json(i));
  bravo.Start();
  const auto applied = bravo.journal.WaitFor(16);
  ASSERT_EQ(applied.size(), 16U);
  EXPECT_EQ(applied[9], "alpha.test 10 " + Json(100));
  EXPECT_EQ(applied[15], "alpha.test 16 " + Json(106));
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
  alpha.SendTo(bravo, Json(107));
  EXPECT_EQ(bravo.journal.WaitFor(17).back(), "alpha.test 17 " + Json(107));
}

// What wakes the link meanwhile must not end the wait for the store.
TEST_F(NodeTest, RenumbersWhenItsStoreIsThereAgain) {
  StartBoth();
  alpha.SendTo(bravo, Json(1));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  alpha.Stop();
  std::filesystem::remove(alpha.store_path());
  std::filesystem::remove(alpha.store_path() + "-wal");
  alpha.store_failures = 1;
  alpha.Start();
  alpha.SendTo(bravo, Json(2));
  for (int i = 0; i < 20 && alpha.store_failures > 0; ++i) std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(alpha.node().SendWeak("bravo.test", R"({"w":1})").ok());
  alpha.SendTo(bravo, Json(3));
  EXPECT_THAT(bravo.journal.WaitFor(4),
              testing::UnorderedElementsAre("alpha.test 1 " + Json(1), "alpha.test 2 " + Json(2),
                                            "alpha.test 3 " + Json(3), R"(alpha.test weak {"w":1})"));
}

TEST_F(NodeTest, HealsWhenTheReceiversStoreGoesBack) {
  StartBoth();
  for (int i = 1; i <= 5; ++i) alpha.SendTo(bravo, Json(i));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  bravo.Stop();
  CopyStore(bravo.store_path(), folder.File("backup.db"));
  bravo.Start();
  for (int i = 6; i <= 9; ++i) alpha.SendTo(bravo, Json(i));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  bravo.Stop();
  CopyStore(folder.File("backup.db"), bravo.store_path());
  bravo.Start();
  alpha.SendTo(bravo, Json(10));
  // 6 to 9 come again: the older store does not know them.
  const auto applied = bravo.journal.WaitFor(14);
  ASSERT_EQ(applied.size(), 14U);
  EXPECT_EQ(applied[9], "alpha.test 6 " + Json(6));
  EXPECT_EQ(applied[13], "alpha.test 10 " + Json(10));
}

TEST_F(NodeTest, SaysExpiredForWhatItNoLongerKeeps) {
  StartBoth();
  for (int i = 1; i <= 5; ++i) alpha.SendTo(bravo, Json(i));
  ASSERT_TRUE(alpha.WaitUntilDelivered(bravo));
  // The confirmed number is saved lazily, and only what is confirmed is pruned.
  ASSERT_TRUE(alpha.store().Transact([](Transaction&) { return absl::OkStatus(); }).ok());
  std::size_t removed = 0;
  for (int i = 0; i < 300 && removed < 5; ++i) {
    const absl::Status pruned = alpha.store().Transact([&](Transaction& transaction) {
      const auto step = transaction.Prune("bravo.test", {-5s, 24h, 1'000'000}, 100);
      if (step.ok()) removed += step->removed;
      return step.status();
    });
    ASSERT_TRUE(pruned.ok()) << pruned;
    std::this_thread::sleep_for(10ms);
  }
  ASSERT_EQ(removed, 5U);
  bravo.Stop();
  std::filesystem::remove(bravo.store_path());
  std::filesystem::remove(bravo.store_path() + "-wal");
  bravo.Start();
  alpha.SendTo(bravo, Json(6));
  const auto applied = bravo.journal.WaitFor(11);
  ASSERT_EQ(applied.size(), 11U);
  EXPECT_EQ(applied[5], R"(alpha.test 1 {"update":"expired"})");
  EXPECT_EQ(applied[9], R"(alpha.test 5 {"update":"expired"})");
  EXPECT_EQ(applied[10], "alpha.test 6 " + Json(6));
}

TEST_F(NodeTest, ShowsALinkWithoutAnAddress) {
  StartBoth();
  ASSERT_TRUE(alpha.node().SendStrong("nowhere.test", Json(1)).ok());
  for (int i = 0; i < 1000; ++i) {
    const auto links = alpha.node().Links();
    if (links->size() == 2 && !links->back().last_error.empty()) break;
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(alpha.node().Links()->back().last_error, "no address is configured for nowhere.test");
  EXPECT_EQ(alpha.node().Links()->back().pending(), 1U);
}

// That nobody knew where a peer is, is no reason to leave it alone when the next process knows.
TEST_F(NodeTest, TriesAPeerAtOnceWhoseAddressItWasNotTold) {
  bravo.Start();
  alpha.options().limits.outbox.backoff_min = 1h;
  alpha.options().limits.outbox.backoff_max = 1h;
  alpha.Start();
  alpha.SendTo(bravo, Json(1));
  for (int i = 0; i < 1000 && alpha.LinkTo(bravo).failures == 0; ++i) std::this_thread::sleep_for(10ms);
  ASSERT_EQ(alpha.LinkTo(bravo).failures, 1);
  alpha.Stop();
  alpha.KnowPeer(bravo);
  alpha.Start();
  EXPECT_EQ(bravo.journal.WaitFor(1).size(), 1U);
}

TEST_F(NodeTest, RefusesWhatCannotBeSent) {
  StartBoth();
  const auto code = [&](std::string_view destination, const std::string& json) {
    const absl::StatusCode strong = alpha.node().SendStrong(destination, json).status().code();
    EXPECT_EQ(alpha.node().SendWeak(destination, json).code(), strong);
    return strong;
  };
  EXPECT_EQ(alpha.node().SendWeak("bravo.test", "{}", std::string(300 * 1024, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("", "{}"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("Bravo.test", "{}"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("alpha.test", "{}"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("bravo.test", "\"" + std::string(256 * 1024, 'x') + "\""),
            absl::StatusCode::kInvalidArgument);
  // What every receiver would refuse must not come to stand in the link's way.
  EXPECT_EQ(code("bravo.test", "no JSON"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("bravo.test", "[]"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("bravo.test", "{\"a\":\"\xff\"}"), absl::StatusCode::kInvalidArgument);
  const auto nested = [](int levels) {
    std::string json;
    for (int i = 0; i < levels - 1; ++i) json += "{\"a\":";
    json += "{}";
    return json + std::string(static_cast<std::size_t>(levels) - 1, '}');
  };
  EXPECT_EQ(code("bravo.test", nested(kUpdateDepthMax + 1)), absl::StatusCode::kInvalidArgument);
  alpha.SendTo(bravo, nested(kUpdateDepthMax));
  EXPECT_EQ(bravo.journal.WaitFor(1).size(), 1U);
}

TEST_F(NodeTest, StartsOnceAndSaysWhenItDoesNotRun) {
  StartBoth();
  EXPECT_EQ(alpha.node().Start().code(), absl::StatusCode::kFailedPrecondition);
  alpha.node().Stop();
  alpha.node().Stop();
  EXPECT_EQ(alpha.node().Links().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(alpha.node().SendStrong("bravo.test", Json(1)).ok());  // for the next time
}

TEST_F(NodeTest, SaysThatItsAddressIsInUse) {
  StartBoth();
  auto store = OpenSqliteStore(folder.File("other.db"));
  const auto second = Node::Create(alpha.options(), **store);
  EXPECT_EQ((*second)->Start().code(), absl::StatusCode::kUnavailable);
  alpha.Stop();
  EXPECT_TRUE((*second)->Start().ok());
}

TEST_F(NodeTest, NamesTheOptionThatIsWrong) {
  auto store = OpenSqliteStore(folder.File("other.db"));
  const auto error = [&](const std::function<void(NodeOptions&)>& spoil) {
    NodeOptions options = alpha.options();
    spoil(options);
    return Node::Create(options, **store).status().ToString();
  };
  using testing::HasSubstr;
  EXPECT_THAT(error([](NodeOptions& o) { o.domain = "no domain"; }), HasSubstr("domain: "));
  EXPECT_THAT(error([](NodeOptions& o) { o.tls.certificate = "/none"; }), HasSubstr("/none"));
  EXPECT_THAT(error([](NodeOptions& o) { o.tls.private_key = "/none"; }), HasSubstr("/none"));
  EXPECT_THAT(error([](NodeOptions& o) { o.domain = "other.test"; }), HasSubstr("other.test"));
  EXPECT_THAT(error([](NodeOptions& o) { o.allowed_addresses = {"10.0.0.0/99"}; }), HasSubstr("10.0.0.0/99"));
  EXPECT_THAT(error([](NodeOptions& o) { o.handler_threads = 0; }), HasSubstr("handler_threads"));
  EXPECT_THAT(error([](NodeOptions& o) { o.request_threads = 0; }), HasSubstr("request_threads"));
  EXPECT_THAT(error([](NodeOptions& o) { o.limits.outbox.push_updates_max = 0; }),
              HasSubstr("push_updates_max"));
  EXPECT_THAT(error([](NodeOptions& o) { o.limits.outbox.backoff_min = 0ms; }), HasSubstr("backoff_min"));
  EXPECT_THAT(error([](NodeOptions& o) { o.peers["alpha.test"] = {"127.0.0.1", 1}; }),
              HasSubstr("alpha.test"));
}

TEST_F(NodeTest, CanBeStoppedInTheMiddleOfTraffic) {
  StartBoth();
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 40; ++i) alpha.SendTo(bravo, Json(i));
    bravo.Stop();
    bravo.Start();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(bravo.journal.WaitFor(200).size(), 200U);
  EXPECT_TRUE(alpha.WaitUntilDelivered(bravo));
}

}  // namespace
}  // namespace federation::node
