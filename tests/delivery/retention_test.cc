// What is not kept any longer.
#include "delivery/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "delivery/fake_world.h"
#include "delivery/faulty_store.h"
#include "support/temporary_folder.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RetentionTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = OpenSqliteStore(folder_.File("store.db"), {}, [this] { return world_.loop.WallNow(); });
    ASSERT_TRUE(store.ok()) << store.status();
    file_store_ = *std::move(store);
    store_ = std::make_unique<FaultyStore>(*file_store_);
    rounds_ = std::make_unique<RetentionRounds>(
        limits_, *store_, world_.loop, world_.workers,
        [this](const GivenUp& update, Transaction& transaction) { return OnGivenUp(update, transaction); },
        [this](const std::string& destination, Seq first, Seq last) {
          gave_up_.push_back(NameOf(destination, first, last));
        });
    rounds_->Start();
  }

  absl::Status OnGivenUp(const GivenUp& update, Transaction& transaction) {
    if (!application_.ok()) return application_;
    EXPECT_TRUE(store_->InTransaction());
    told_.push_back(NameOf(update.destination, update.first, update.last));
    return transaction.Append("told.test", "{}").status();
  }
  static std::string NameOf(std::string_view destination, Seq first, Seq last) {
    return std::string(destination) + " " + std::to_string(Value(first)) + "-" + std::to_string(Value(last));
  }

  void Append(const std::string& destination, std::size_t count, const std::string& json = "{}") {
    const absl::Status status = store_->Transact([&](Transaction& transaction) -> absl::Status {
      for (std::size_t i = 0; i < count; ++i) {
        const auto seq = transaction.Append(destination, json);
        if (!seq.ok()) return seq.status();
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  std::size_t Kept(const std::string& destination) {
    std::size_t kept = 0;
    for (Seq next{1};;) {
      const auto run = file_store_->Read(destination, next, 1000, 1'000'000);
      EXPECT_TRUE(run.ok()) << run.status();
      if (!run.ok() || run->empty()) return kept;
      kept += run->size();
      next = Next(run->last());
    }
  }
  // Time passes; at its end there is a round.
  void Pass(std::chrono::milliseconds time) {
    world_.loop.SetNow(world_.loop.Now() + time);
    world_.Advance(minutes(1));
  }

  TemporaryFolder folder_;
  FakeWorld world_;
  OutboxLimits limits_;
  std::unique_ptr<Store> file_store_;
  std::unique_ptr<FaultyStore> store_;
  absl::Status application_;
  // "DESTINATION FIRST-LAST", as the application was told in the transaction, and as the loop was after it.
  std::vector<std::string> told_;
  std::vector<std::string> gave_up_;
  std::unique_ptr<RetentionRounds> rounds_;
};

TEST_F(RetentionTest, RemovesAcknowledgedUpdatesWhenTheyAreOld) {
  Append("b.test", 3);
  file_store_->NoteAcked("b.test", Seq{2});
  Pass(limits_.acked_age_max - minutes(2));
  EXPECT_EQ(Kept("b.test"), 3U);
  Pass(minutes(2));
  EXPECT_EQ(Kept("b.test"), 1U);
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(gave_up_, IsEmpty());
}

TEST_F(RetentionTest, GivesUpWhatHasWaitedForTooLong) {
  Append("b.test", 3);
  file_store_->NoteAcked("b.test", Seq{1});
  Pass(limits_.waiting_age_max - hours(1));
  Append("b.test", 2);
  EXPECT_THAT(told_, IsEmpty());
  Pass(hours(1));
  EXPECT_THAT(told_, ElementsAre("b.test 2-3"));
  EXPECT_THAT(gave_up_, ElementsAre("b.test 2-3"));
  EXPECT_EQ(Kept("b.test"), 2U);
  EXPECT_EQ(Kept("told.test"), 1U);  // what the application wrote with it
}

TEST_F(RetentionTest, GivesUpTheOldestWhereTooMuchWaits) {
  limits_.waiting_bytes_max = 1000;
  Append("b.test", 8, std::string(200, 'x'));
  Append("c.test", 4, std::string(200, 'x'));
  Pass(seconds(0));
  EXPECT_THAT(told_, ElementsAre("b.test 1-3"));
  EXPECT_EQ(Kept("b.test"), 5U);
  EXPECT_EQ(Kept("c.test"), 4U);
}

TEST_F(RetentionTest, RemovesNothingThatTheApplicationCannotNote) {
  Append("b.test", 3);
  application_ = absl::UnavailableError("not now");
  Pass(limits_.waiting_age_max + seconds(1));
  EXPECT_EQ(Kept("b.test"), 3U);
  EXPECT_THAT(gave_up_, IsEmpty());
  application_ = absl::OkStatus();
  Pass(seconds(0));
  EXPECT_THAT(gave_up_, ElementsAre("b.test 1-3"));
}

TEST_F(RetentionTest, GoesOnAfterAStoreThatFails) {
  Append("b.test", 3);
  store_->links = absl::UnavailableError("no disk");
  Pass(limits_.waiting_age_max + seconds(1));
  store_->links = absl::OkStatus();
  store_->transacts = absl::UnavailableError("no disk");
  Pass(seconds(0));
  EXPECT_THAT(gave_up_, IsEmpty());
  store_->transacts = absl::OkStatus();
  Pass(seconds(0));
  EXPECT_THAT(gave_up_, ElementsAre("b.test 1-3"));
}

TEST_F(RetentionTest, LetsOneLinkThatFailsHoldUpNoOther) {
  Append("b.test", 1);
  Append("c.test", 1);
  rounds_->Stop();
  rounds_ = std::make_unique<RetentionRounds>(
      limits_, *store_, world_.loop, world_.workers,
      [](const GivenUp& update, Transaction&) {
        return update.destination == "b.test" ? absl::UnavailableError("no") : absl::OkStatus();
      },
      [this](const std::string& destination, Seq first, Seq last) {
        gave_up_.push_back(NameOf(destination, first, last));
      });
  rounds_->Start();
  Pass(limits_.waiting_age_max + seconds(1));
  EXPECT_THAT(gave_up_, ElementsAre("c.test 1-1"));
}

TEST_F(RetentionTest, LooksAtEveryLink) {
  std::vector<std::string> destinations;
  for (int i = 0; i < 250; ++i) destinations.push_back("b" + std::to_string(i) + ".test");
  ASSERT_TRUE(
      store_->Transact([&](Transaction& t) { return t.AppendToAll(destinations, "{}").status(); }).ok());
  Pass(limits_.waiting_age_max + seconds(1));
  EXPECT_THAT(gave_up_, SizeIs(250));
  for (const std::string& destination : destinations) EXPECT_EQ(Kept(destination), 0U);
}

TEST_F(RetentionTest, GoesInSmallStepsBetweenWhichOthersHaveTheirTurn) {
  Append("b.test", 12'000);
  world_.loop.SetNow(world_.loop.Now() + limits_.waiting_age_max + seconds(61));
  ASSERT_TRUE(world_.loop.RunTimer());
  ASSERT_TRUE(world_.workers.RunOne());
  EXPECT_LT(Kept("b.test"), 12'000U);
  EXPECT_GT(Kept("b.test"), 0U);
  world_.Run();
  EXPECT_EQ(Kept("b.test"), 0U);
  EXPECT_THAT(gave_up_, ElementsAre("b.test 1-5000", "b.test 5001-10000", "b.test 10001-12000"));
}

TEST_F(RetentionTest, StopsInTheMiddleOfARound) {
  Append("b.test", 12'000);
  world_.loop.SetNow(world_.loop.Now() + limits_.waiting_age_max + seconds(61));
  ASSERT_TRUE(world_.loop.RunTimer());
  ASSERT_TRUE(world_.workers.RunOne());
  rounds_->Stop();
  world_.Advance(hours(1));
  EXPECT_GT(Kept("b.test"), 0U);
  EXPECT_EQ(world_.workers.waiting(), 0U);
}

}  // namespace
}  // namespace federation::delivery
