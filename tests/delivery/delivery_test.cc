// Two servers, each with all of its delivery, and a wire between them.
#include "delivery/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "delivery/ack_codec.h"
#include "delivery/fake_world.h"
#include "support/temporary_folder.h"

namespace federation::delivery {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kExpired = R"({"update":"expired"})";

// One server, its handler, and its end of the wire.
class Server : public UpdateReceiver, public Transport {
 public:
  Server(std::string domain, FakeWorld& world) : domain_(std::move(domain)), world_(world) {
    auto store = OpenSqliteStore(folder_.File("store.db"), {}, [this] { return world_.loop.WallNow(); });
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    delivery_ = std::make_unique<Delivery>(
        DeliveryOptions{.domain = domain_, .outbox = {}, .inbox = {}, .owner = "me"}, *store_,
        Surroundings{world_.loop, world_.workers, world_.workers, *this, [] { return 1.0; }});
    delivery_->Receive(*this);
    Delivery::Observers observers;
    observers.given_up = [this](const GivenUp& update, Transaction&) {
      given_up.push_back(std::to_string(Value(update.first)) + "-" + std::to_string(Value(update.last)) +
                         " " + std::string(update.reason));
      return absl::OkStatus();
    };
    delivery_->Observe(std::move(observers));
    delivery_->Start();
  }
  ~Server() override {
    delivery_->StopReceiving();
    delivery_->StopSending();
    world_.Run();
  }

  void Send(const std::string& destination, const std::string& json) {
    const absl::Status status = store_->Transact(
        [&](Transaction& transaction) { return transaction.Append(destination, json).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }
  void Connect(Server& other) { other_ = &other; }
  void Disconnect() { other_ = nullptr; }

  Outcome Receive(std::string_view json, const UpdateContext& context) override {
    received.emplace_back(json);
    if (json == R"({"answer":"please"})") {
      EXPECT_TRUE(context.transaction->Append(context.origin, R"({"here":"it is"})").ok());
    }
    return rejects && context.transaction != nullptr ? Outcome::Reject("not yet") : Outcome::Done();
  }

  void Push(PushCall call, Done done) override {
    ++pushes;
    if (other_ == nullptr) {
      return world_.loop.Post([done = std::move(done)] { done(absl::UnavailableError("no connection")); });
    }
    other_->delivery_->Heard(domain_);
    other_->delivery_->Push({domain_, 1, std::move(call.body)},
                            [this, done = std::move(done)](const InboundReply& reply) {
                              world_.loop.Post([done, body = FormatAnswer(reply.answer)] {
                                done(PushAnswer{.status = 200, .body = body, .retry_after = {}});
                              });
                            });
  }

  Delivery& delivery() { return *delivery_; }
  Store& store() { return *store_; }
  LinkStatus Link() {
    LinkStatus status;
    delivery_->Links([&](const absl::StatusOr<std::vector<LinkStatus>>& all) {
      ASSERT_TRUE(all.ok() && all->size() == 1);
      status = all->front();
    });
    world_.Run();
    return status;
  }

  std::vector<std::string> received;
  std::vector<std::string> given_up;
  bool rejects = false;
  int pushes = 0;

 private:
  const std::string domain_;
  FakeWorld& world_;
  TemporaryFolder folder_;
  Server* other_ = nullptr;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Delivery> delivery_;
};

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() {
    a_.Connect(b_);
    b_.Connect(a_);
  }
  FakeWorld world_;
  Server a_{"a.test", world_};
  Server b_{"b.test", world_};
};

TEST_F(DeliveryTest, BringsUpdatesAndTheAnswersOfHandlers) {
  a_.Send("b.test", R"({"n":1})");
  a_.Send("b.test", R"({"answer":"please"})");
  ASSERT_TRUE(a_.delivery().SendWeak("b.test", R"({"w":1})", "").ok());
  world_.Run();
  EXPECT_THAT(b_.received, ElementsAre(R"({"n":1})", R"({"answer":"please"})", R"({"w":1})"));
  EXPECT_THAT(a_.received, ElementsAre(R"({"here":"it is"})"));
  EXPECT_EQ(a_.Link().waiting(), 0U);
  EXPECT_EQ(a_.Link().state, LinkStatus::State::kIdle);
}

TEST_F(DeliveryTest, TellsBothEndsWhatHasWaitedForTooLong) {
  a_.Disconnect();
  a_.Send("b.test", R"({"n":1})");
  a_.Send("b.test", R"({"n":2})");
  world_.Run();
  world_.loop.SetNow(world_.loop.Now() + hours(24 * 30) - minutes(5));
  a_.Send("b.test", R"({"n":3})");
  world_.Advance(minutes(7));
  EXPECT_THAT(a_.given_up, ElementsAre("1-2 it has waited for too long, or too much waits"));
  a_.Connect(b_);
  world_.Advance(hours(2));
  EXPECT_THAT(b_.received, ElementsAre(kExpired, kExpired, R"({"n":3})"));
  EXPECT_EQ(a_.Link().counters.given_up_updates, 2U);
}

TEST_F(DeliveryTest, GivesUpAllThatWaitsOnReset) {
  EXPECT_EQ(*a_.delivery().Reset("b.test"), 0U);
  a_.Disconnect();
  for (int i = 0; i < 3; ++i) a_.Send("b.test", "{}");
  world_.Advance(seconds(100));
  a_.Connect(b_);
  EXPECT_EQ(*a_.delivery().Reset("b.test"), 3U);
  world_.Run();  // at once: the failures are forgotten
  EXPECT_THAT(a_.given_up, ElementsAre("1-3 the link was reset"));
  EXPECT_THAT(b_.received, ElementsAre(kExpired, kExpired, kExpired));
  EXPECT_EQ(a_.Link().waiting(), 0U);
}

TEST_F(DeliveryTest, SendsNothingBetweenPauseAndResume) {
  ASSERT_TRUE(a_.delivery().Pause("b.test").ok());
  a_.Send("b.test", "{}");
  world_.Advance(hours(1));
  EXPECT_EQ(a_.pushes, 0);
  EXPECT_EQ(a_.Link().state, LinkStatus::State::kPaused);
  ASSERT_TRUE(a_.delivery().Resume("b.test").ok());
  world_.Run();
  EXPECT_THAT(b_.received, SizeIs(1));
}

TEST_F(DeliveryTest, EndsABackOffWhenThePeerPushes) {
  a_.Disconnect();
  a_.Send("b.test", R"({"n":1})");
  world_.Advance(minutes(30));
  a_.Connect(b_);
  b_.Send("a.test", R"({"n":2})");
  world_.Run();
  EXPECT_THAT(b_.received, ElementsAre(R"({"n":1})"));
}

TEST_F(DeliveryTest, HasABoundOnWeakUpdatesOnTheirWay) {
  absl::Status status;
  int sent = 0;
  for (; status.ok() && sent < 100'000; ++sent) status = a_.delivery().SendWeak("b.test", "{}", "");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(sent, 16'385);
  world_.Run();
  EXPECT_TRUE(a_.delivery().SendWeak("b.test", "{}", "").ok());
}

TEST_F(DeliveryTest, ReplaysItsQuarantine) {
  b_.rejects = true;
  a_.Send("b.test", R"({"n":1})");
  world_.Run();
  EXPECT_THAT(*b_.store().Quarantined("a.test", 0, 10), SizeIs(1));
  b_.rejects = false;
  std::size_t replayed = 0;
  b_.delivery().Replay("a.test", {},
                       [&](const absl::StatusOr<std::vector<Replayed>>& all) { replayed = all->size(); });
  world_.Run();
  EXPECT_EQ(replayed, 1U);
  EXPECT_THAT(*b_.store().Quarantined("a.test", 0, 10), IsEmpty());
}

TEST_F(DeliveryTest, TellsToWaitOnceItReceivesNoMore) {
  b_.delivery().StopReceiving();
  a_.Send("b.test", "{}");
  world_.Run();
  EXPECT_THAT(b_.received, IsEmpty());
  EXPECT_EQ(a_.Link().counters.waits, 1U);
}

TEST_F(DeliveryTest, SendsNothingOnceItIsStopped) {
  world_.Run();
  a_.delivery().StopSending();
  a_.Send("b.test", "{}");
  ASSERT_TRUE(a_.delivery().SendWeak("b.test", "{}", "").ok());
  world_.Advance(hours(24 * 60));
  EXPECT_EQ(a_.pushes, 0);
  EXPECT_THAT(a_.given_up, IsEmpty());
}

}  // namespace
}  // namespace federation::delivery
