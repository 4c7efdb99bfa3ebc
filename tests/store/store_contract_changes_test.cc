// What changes stored updates: notes, removing, renumbering, pruning; bounds and the quarantine.
#include <thread>

#include <gmock/gmock.h>

#include "store/store_contract.h"

namespace federation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_P(StoreContract, SavesTheLatestNote) {
  AppendNumbers("b.test", 1, 5);
  store_->NoteAcked("b.test", Seq{2});
  store_->NoteAcked("b.test", Seq{4});
  store_->NoteAcked("unknown.test", Seq{4});
  store_->NoteBackOff("b.test", {1, now_});
  store_->NoteBackOff("b.test", {});
  SaveNotes();
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{5}, Seq{4}}));
  EXPECT_EQ(store_->Link("b.test")->backoff, BackOff{});
  EXPECT_EQ(NumbersOf("unknown.test"), LinkNumbers{});
  // A peer that went back to an older store.
  store_->NoteAcked("b.test", Seq{3});
  SaveNotes();
  EXPECT_EQ(NumbersOf("b.test").acked, Seq{3});
  // Never beyond what was given out.
  store_->NoteAcked("b.test", Seq{99});
  SaveNotes();
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{5}, Seq{5}}));
}

TEST_P(StoreContract, SavesANoteWithinASecond) {
  AppendNumbers("b.test", 1, 5);
  store_->NoteAcked("b.test", Seq{2});
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (NumbersOf("b.test").acked != Seq{2} && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(NumbersOf("b.test").acked, Seq{2});
}

TEST_P(StoreContract, RemovesARange) {
  AppendNumbers("b.test", 1, 9);
  ASSERT_TRUE(store_->Transact([](Transaction& t) { return t.Remove("b.test", Seq{3}, Seq{5}); }).ok());
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2", "6:6", "7:7", "8:8", "9:9"));
  EXPECT_EQ(store_->Read("b.test", Seq{1}, 100, 1000)->size(), 2U);
  EXPECT_EQ(store_->Read("b.test", Seq{4}, 100, 1000)->first(), Seq{6});
  // What is removed at the end stays given out.
  ASSERT_TRUE(store_->Transact([](Transaction& t) { return t.Remove("b.test", Seq{8}, Seq{99}); }).ok());
  ASSERT_TRUE(store_->Transact([](Transaction& t) { return t.Remove("unknown.test", Seq{1}, Seq{9}); }).ok());
  EXPECT_EQ(NumbersOf("b.test").assigned, Seq{9});
  Reopen();
  EXPECT_EQ(*Append("b.test", "x"), Seq{10});
  EXPECT_THAT(Stored("b.test"), ElementsAre("1:1", "2:2", "6:6", "7:7", "10:x"));
}

TEST_P(StoreContract, RenumbersWhatWaits) {
  AppendNumbers("b.test", 1, 4);
  ASSERT_TRUE(store_
                  ->Transact([](Transaction& transaction) {
                    const auto numbers = transaction.Renumber("b.test", Seq{2}, Seq{3});
                    EXPECT_EQ(*numbers, (LinkNumbers{Seq{5}, Seq{3}}));
                    return numbers.status();
                  })
                  .ok());
  EXPECT_THAT(Stored("b.test", Seq{3}), ElementsAre("4:3", "5:4"));
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{5}, Seq{3}}));
  EXPECT_EQ(*Append("b.test", "e"), Seq{6});
}

TEST_P(StoreContract, RenumbersALinkThatItDoesNotKnow) {
  ASSERT_TRUE(
      store_->Transact([](Transaction& t) { return t.Renumber("b.test", Seq{0}, Seq{7}).status(); }).ok());
  EXPECT_EQ(*Append("b.test", "x"), Seq{8});
  EXPECT_THAT(Stored("b.test"), ElementsAre("8:x"));
}

TEST_P(StoreContract, KnowsWhichNumbersWereGivenOutWhenItWasOpened) {
  AppendNumbers("b.test", 1, 3);
  EXPECT_EQ(AtOpen("b.test"), Seq{0});
  EXPECT_EQ(AtOpen("nobody.test"), Seq{0});
  Reopen();
  EXPECT_EQ(AtOpen("b.test"), Seq{3});
  const std::vector<std::string> all = {"b.test", "c.test"};
  ASSERT_TRUE(SubmitAndWait([&](Transaction& t) { return t.AppendToAll(all, "4").status(); }).ok());
  AppendNumbers("b.test", 5, 6);
  EXPECT_EQ(AtOpen("b.test"), Seq{3});
  EXPECT_EQ(AtOpen("c.test"), Seq{0});
  const auto links = store_->Links("", 10);
  EXPECT_EQ(links->front().assigned_at_open, Seq{3});
  CrashAndReopen();
  EXPECT_EQ(AtOpen("b.test"), Seq{6});
  EXPECT_EQ(AtOpen("c.test"), Seq{1});
}

TEST_P(StoreContract, CountsWhatWasGivenOutOnceNumbersWereCompared) {
  AppendNumbers("b.test", 1, 3);
  EXPECT_EQ(AtOpen("b.test"), Seq{0});
  store_->NoteCompared("b.test");
  EXPECT_EQ(AtOpen("b.test"), Seq{3});
  AppendNumbers("b.test", 4, 5);
  EXPECT_EQ(AtOpen("b.test"), Seq{5});
  store_->NoteCompared("c.test");
  AppendNumbers("c.test", 1, 2);
  EXPECT_EQ(AtOpen("c.test"), Seq{2});
  ASSERT_TRUE(
      store_->Transact([](Transaction& t) { return t.Renumber("b.test", Seq{5}, Seq{9}).status(); }).ok());
  store_->NoteCompared("b.test");
  EXPECT_EQ(AtOpen("b.test"), Seq{9});
}

TEST_P(StoreContract, CountsNoUndoneAppendAsGivenOut) {
  AppendNumbers("b.test", 1, 3);
  Reopen();
  const auto fail = [](Transaction& transaction) {
    (void)transaction.Append("b.test", "lost");
    (void)transaction.Renumber("b.test", Seq{3}, Seq{9});
    (void)transaction.Renumber("new.test", Seq{0}, Seq{9});
    return absl::AbortedError("no");
  };
  EXPECT_FALSE(store_->Transact(fail).ok());
  EXPECT_FALSE(SubmitAndWait(fail).ok());
  EXPECT_EQ(AtOpen("b.test"), Seq{3});
  EXPECT_EQ(*Append("b.test", "4"), Seq{4});
  EXPECT_EQ(*Append("new.test", "1"), Seq{1});
  EXPECT_EQ(AtOpen("b.test"), Seq{3});
  EXPECT_EQ(AtOpen("new.test"), Seq{0});
}

TEST_P(StoreContract, TakesNoNumberForNewThatWasGivenOutBeforeItWasOpened) {
  AppendNumbers("b.test", 1, 3);
  Reopen();
  // Who sees the new number sees it as new.
  std::thread appender([&] { AppendNumbers("b.test", 4, 4); });
  for (Seq assigned{0}; assigned < Seq{4};) {
    const auto link = store_->Link("b.test");
    ASSERT_TRUE(link.ok()) << link.status();
    EXPECT_EQ(link->assigned_at_open, Seq{3});
    assigned = link->numbers.assigned;
  }
  appender.join();
}

TEST_P(StoreContract, TakesWhatTheDestinationHasForGivenOutOnceItIsRenumbered) {
  AppendNumbers("b.test", 1, 2);
  Reopen();
  AppendNumbers("b.test", 3, 4);
  const auto renumber = [](std::string_view destination, Seq boundary, Seq theirs) {
    return [=](Transaction& t) { return t.Renumber(destination, boundary, theirs).status(); };
  };
  ASSERT_TRUE(store_->Transact(renumber("b.test", Seq{2}, Seq{7})).ok());
  ASSERT_TRUE(store_->Transact(renumber("new.test", Seq{0}, Seq{5})).ok());
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{9}, Seq{7}}));
  EXPECT_EQ(AtOpen("b.test"), Seq{7});
  ASSERT_TRUE(Append("b.test", "5").ok());
  ASSERT_TRUE(Append("new.test", "1").ok());
  EXPECT_EQ(AtOpen("b.test"), Seq{7});
  EXPECT_EQ(AtOpen("new.test"), Seq{5});
}

TEST_P(StoreContract, RemembersWhatWasGivenOutThoughAllOfItIsRemoved) {
  AppendNumbers("b.test", 1, 3);
  Reopen();
  AppendNumbers("b.test", 4, 5);
  ASSERT_TRUE(store_->Transact([](Transaction& t) { return t.Remove("b.test", Seq{1}, Seq{5}); }).ok());
  EXPECT_EQ(AtOpen("b.test"), Seq{3});
  Reopen();
  EXPECT_EQ(AtOpen("b.test"), Seq{5});
}

TEST_P(StoreContract, PrunesConfirmedUpdatesThatAreOld) {
  AppendNumbers("b.test", 1, 4);
  store_->NoteAcked("b.test", Seq{3});
  SaveNotes();
  const Retention retention{std::chrono::hours(1), std::chrono::hours(2), 1000};
  const auto prune = [&](std::size_t count_max) {
    Pruned pruned;
    EXPECT_TRUE(store_
                    ->Transact([&](Transaction& transaction) {
                      const auto result = transaction.Prune("b.test", retention, count_max);
                      if (result.ok()) pruned = *result;
                      return result.status();
                    })
                    .ok());
    return pruned;
  };
  EXPECT_EQ(prune(100).removed, 0U);
  now_ += std::chrono::hours(1) + std::chrono::seconds(1);
  Pruned pruned = prune(2);
  EXPECT_EQ(pruned.removed, 2U);
  EXPECT_TRUE(pruned.more);
  pruned = prune(100);
  EXPECT_EQ(pruned.removed, 1U);
  EXPECT_FALSE(pruned.more);
  EXPECT_EQ(pruned.given_up_first, Seq{0});
  EXPECT_THAT(Stored("b.test"), ElementsAre("4:4"));
  now_ += std::chrono::hours(1);
  pruned = prune(100);
  EXPECT_EQ(pruned.given_up_first, Seq{4});
  EXPECT_EQ(pruned.given_up_last, Seq{4});
  EXPECT_TRUE(Stored("b.test").empty());
  EXPECT_EQ(NumbersOf("b.test"), (LinkNumbers{Seq{4}, Seq{3}}));
  // Somebody must tell the destination.
  EXPECT_THAT(*store_->WaitingLinks(), ElementsAre("b.test"));
}

TEST_P(StoreContract, GivesUpTheOldestWhereTooMuchWaits) {
  AppendNumbers("b.test", 10, 19);
  const Retention retention{std::chrono::hours(1), std::chrono::hours(2), 7};
  store_->NoteAcked("b.test", Seq{4});  // counts although no commit has taken it along
  ASSERT_TRUE(store_
                  ->Transact([&](Transaction& transaction) {
                    const auto pruned = transaction.Prune("b.test", retention, 100);
                    EXPECT_EQ(pruned->removed, 3U);
                    EXPECT_EQ(pruned->given_up_first, Seq{5});
                    EXPECT_EQ(pruned->given_up_last, Seq{7});
                    return pruned.status();
                  })
                  .ok());
  EXPECT_EQ(store_->Link("b.test")->waiting_bytes, 6U);
  EXPECT_THAT(Stored("b.test", Seq{5}), ElementsAre("8:17", "9:18", "10:19"));
  EXPECT_EQ(Stored("b.test").size(), 7U);
}

TEST_P(StoreContract, HasABoundOnTheUpdatesOfALink) {
  StoreLimits limits;
  limits.waiting_updates_max = 2;
  Reopen(limits);
  ASSERT_TRUE(Append("b.test", "1").ok());
  ASSERT_TRUE(Append("b.test", "2").ok());
  const absl::Status refused = Append("b.test", "3").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.ToString(), testing::AllOf(HasSubstr("b.test"), HasSubstr("the bound is 2")));
  const std::vector<std::string> all = {"c.test", "b.test"};
  EXPECT_EQ(SubmitAndWait([&](Transaction& t) { return t.AppendToAll(all, "3").status(); }).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(NumbersOf("c.test"), LinkNumbers{});
  ASSERT_TRUE(Append("c.test", "1").ok());
  EXPECT_EQ(NumbersOf("b.test").assigned, Seq{2});
  store_->NoteAcked("b.test", Seq{1});
  EXPECT_TRUE(Append("b.test", "3").ok());
  EXPECT_FALSE(Append("b.test", "4").ok());
}

TEST_P(StoreContract, HasABoundOnTheBytesOfALink) {
  StoreLimits limits;
  limits.waiting_bytes_max = 100;
  Reopen(limits);
  ASSERT_TRUE(Append("b.test", std::string(60, 'x')).ok());
  const absl::Status refused = Append("b.test", std::string(60, 'x')).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.ToString(), testing::AllOf(HasSubstr("b.test"), HasSubstr("the bound is 100")));
  ASSERT_TRUE(Append("b.test", std::string(40, 'x')).ok());
  Reopen(limits);
  EXPECT_FALSE(Append("b.test", "x").ok());
  store_->NoteAcked("b.test", Seq{1});
  SaveNotes();
  EXPECT_TRUE(Append("b.test", std::string(60, 'x')).ok());
}

TEST_P(StoreContract, HasABoundOnAllBytes) {
  StoreLimits limits;
  limits.waiting_bytes_total_max = 100;
  Reopen(limits);
  ASSERT_TRUE(Append("b.test", std::string(60, 'x')).ok());
  ASSERT_TRUE(Append("c.test", std::string(40, 'x')).ok());
  const auto refused = [&] {
    const absl::Status status = Append("d.test", "x").status();
    EXPECT_EQ(status.ok() || absl::IsResourceExhausted(status), true) << status;
    return !status.ok();
  };
  EXPECT_TRUE(refused());
  // What is undone does not count, what is removed or confirmed neither.
  EXPECT_FALSE(store_
                   ->Transact([](Transaction& transaction) -> absl::Status {
                     (void)transaction.Remove("b.test", Seq{1}, Seq{1});
                     return absl::AbortedError("no");
                   })
                   .ok());
  EXPECT_TRUE(refused());
  Reopen(limits);
  EXPECT_TRUE(refused());
  store_->NoteAcked("c.test", Seq{1});
  SaveNotes();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(SubmitAndWait([](Transaction& transaction) -> absl::Status {
                   EXPECT_TRUE(transaction.Append("d.test", std::string(40, 'x')).ok());
                   return absl::AbortedError("no");
                 }).ok());
  }
  EXPECT_TRUE(Append("d.test", std::string(40, 'x')).ok());
  EXPECT_TRUE(refused());
  ASSERT_TRUE(store_->Transact([](Transaction& t) { return t.Remove("b.test", Seq{1}, Seq{1}); }).ok());
  const std::vector<std::string> all = {"e.test", "f.test"};
  EXPECT_FALSE(
      SubmitAndWait([&](Transaction& t) { return t.AppendToAll(all, std::string(31, 'x')).status(); }).ok());
  EXPECT_TRUE(
      SubmitAndWait([&](Transaction& t) { return t.AppendToAll(all, std::string(30, 'x')).status(); }).ok());
  EXPECT_TRUE(refused());
}

TEST_P(StoreContract, HasABoundOnWhatIsQueued) {
  StoreLimits limits;
  limits.queued_bytes_max = 10'000;
  Reopen(limits);
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  store_->Submit([released](Transaction&) { return released.wait(), absl::OkStatus(); },
                 [](const absl::Status&) {});
  std::vector<std::future<absl::StatusOr<Seq>>> all;
  for (int i = 0; i < 30; ++i) {
    auto done = std::make_shared<std::promise<absl::StatusOr<Seq>>>();
    all.push_back(done->get_future());
    store_->Append("b.test", std::string(1000, 'x'),
                   [done](const absl::StatusOr<Seq>& seq) { done->set_value(seq); });
  }
  // The last one is refused at once, while nothing is committed.
  EXPECT_EQ(all.back().get().status().code(), absl::StatusCode::kResourceExhausted);
  release.set_value();
  EXPECT_EQ(*all.front().get(), Seq{1});
  SaveNotes();  // behind all of them
  EXPECT_TRUE(Append("b.test", std::string(20'000, 'x')).ok());
}

TEST_P(StoreContract, KeepsAQuarantineWithABound) {
  StoreLimits limits;
  limits.quarantine_updates_max = 2;
  limits.quarantine_bytes_max = 100;
  Reopen(limits);
  const auto quarantine = [&](const std::string& origin, std::uint64_t seq, const std::string& json) {
    return store_->Transact([&](Transaction& transaction) {
      return transaction.Quarantine(
          {.origin = origin, .seq = Seq{seq}, .reason = "why", .json = json, .since = now_});
    });
  };
  const auto unquarantine = [&](std::int64_t id) {
    return store_->Transact([&](Transaction& t) { return t.Unquarantine("b.test", id); });
  };
  EXPECT_TRUE(quarantine("b.test", 7, "one").ok());
  EXPECT_TRUE(quarantine("b.test", 7, "two").ok());  // the number came twice
  EXPECT_EQ(quarantine("b.test", 9, "three").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(quarantine("c.test", 1, std::string(90, 'x')).ok());
  EXPECT_EQ(quarantine("c.test", 2, std::string(90, 'x')).code(), absl::StatusCode::kResourceExhausted);

  auto kept = store_->Quarantined("b.test", 0, 10);
  ASSERT_EQ(kept->size(), 2U);
  const std::int64_t first = kept->front().id;
  const std::int64_t second = kept->back().id;
  EXPECT_LT(first, second);
  EXPECT_EQ(kept->back().seq, Seq{7});
  EXPECT_EQ(kept->back().json, "two");
  EXPECT_EQ(kept->back().reason, "why");
  EXPECT_EQ(kept->back().since, now_);
  EXPECT_EQ(store_->Quarantined("b.test", first, 10)->size(), 1U);
  EXPECT_EQ(store_->Quarantined("b.test", 0, 1)->size(), 1U);

  ASSERT_TRUE(store_->Transact([&](Transaction& t) { return t.SetReason("b.test", first, "again"); }).ok());
  EXPECT_EQ(store_->Quarantined("b.test", 0, 1)->front().reason, "again");
  EXPECT_EQ(store_->Transact([&](Transaction& t) { return t.SetReason("c.test", 99, ""); }).code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(unquarantine(second).ok());
  EXPECT_EQ(unquarantine(second).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(quarantine("b.test", 10, "four").ok());
  kept = store_->Quarantined("b.test", first, 10);
  ASSERT_EQ(kept->size(), 1U);
  EXPECT_GT(kept->front().id, second);  // an id is not given twice

  const auto sizes = store_->Quarantines();
  ASSERT_EQ(sizes->size(), 2U);
  EXPECT_EQ(sizes->front().origin, "b.test");
  EXPECT_EQ(sizes->front().updates, 2U);
  EXPECT_EQ(sizes->front().bytes, 7U);
  EXPECT_EQ(sizes->back().bytes, 90U);
}

}  // namespace
}  // namespace federation
