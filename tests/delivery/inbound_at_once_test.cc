// Pushes of weak updates alone, which are answered before their handlers run.
#include "delivery/inbound_fixture.h"

namespace federation::delivery {
namespace {

using link::Answer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class InboundAtOnce : public InboundFixture {
 protected:
  // The update {"w":number}, behind `seq` strong ones.
  static std::string Weak(int number, std::uint64_t seq) {
    return R"({"weak":[{"w":)" + std::to_string(number) + R"(}],"strong":[],"seq":)" + std::to_string(seq) +
           "}";
  }
  // After this the store has been asked for the origin's number, over connection 1.
  void Begin() { ASSERT_EQ(Apply(Numbered(1, 3)), Answer::Ok(Seq{3})); }
  bool AtOnce(const std::string& body, const std::string& origin = "a.test", std::uint64_t connection = 1) {
    return Post(body, origin, connection)->answered();
  }
};

TEST_F(InboundAtOnce, AnswersWithTheNumberAndThenCallsTheHandler) {
  Begin();
  handler_.calls.clear();
  applied_.clear();
  received_.clear();
  const Replies reply = Post(Weak(1, 3));
  ASSERT_TRUE(reply->answered());
  EXPECT_EQ(reply->answer(), Answer::Ok(Seq{3}));
  EXPECT_THAT(handler_.calls, IsEmpty());
  world_.Run();
  EXPECT_THAT(handler_.calls, ElementsAre(R"({"w":1})"));
  EXPECT_THAT(applied_, ElementsAre(R"(weak:{"w":1})"));
  ASSERT_THAT(received_, SizeIs(1));
  EXPECT_EQ(received_[0].weak_updates, 1);
  EXPECT_FALSE(received_[0].told_to_wait);
}

TEST_F(InboundAtOnce, SaysTheNumberAlsoWhereTheOriginKnowsALowerOne) {
  Begin();
  const Replies reply = Post(Weak(1, 2));
  ASSERT_TRUE(reply->answered());
  EXPECT_EQ(reply->answer(), Answer::Ok(Seq{3}));
}

TEST_F(InboundAtOnce, AsksTheStoreWhateverItIsNotSureOf) {
  const std::string large = R"({"weak":[{"a":")" + std::string(5000, 'x') + R"("}],"strong":[],"seq":3})";
  const struct {
    const char* description;
    std::string body;
    std::string origin = "a.test";
    std::uint64_t connection = 2;
  } rows[] = {
      {"an origin of which nothing is known", Weak(1, 1), "c.test"},
      {"a process of the origin that may know less", Weak(1, 3), "a.test", 3},
      {"a late one", Weak(1, 3), "a.test", 1},
      {"a hole", Weak(1, 4)},
      {"a repeated strong one", Numbered(3, 3)},
      {"a strong one", R"({"weak":[{"a":"\"strong\":[]"}],"strong":[{}],"seq":3})"},
      {"a strong one that says that it is none", R"({"weak":[{"strong":[]}],"strong":[{}],"seq":3})"},
      {"no push", R"({"weak":[7],"strong":[],"seq":3})"},
      {"a large one", large},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.description);
    Make(&handler_);
    ASSERT_TRUE(file_store_->Transact([](Transaction& t) { return t.SetLast("a.test", Seq{3}); }).ok());
    Apply(Weak(0, 3), "a.test", 2);
    EXPECT_TRUE(AtOnce(Weak(0, 3), "a.test", 2));
    world_.Run();
    EXPECT_FALSE(AtOnce(row.body, row.origin, row.connection));
    world_.Run();
  }
}

TEST_F(InboundAtOnce, AsksTheStoreBehindWhatIsNotDealtWith) {
  Begin();
  EXPECT_FALSE(AtOnce(Numbered(4, 4)));
  EXPECT_FALSE(AtOnce(Weak(1, 3)));
  world_.Run();
  EXPECT_TRUE(AtOnce(Weak(1, 4)));
}

// Its first push was told to wait: the number is still that of the older one.
TEST_F(InboundAtOnce, AsksTheStoreForAConnectionThatItHasNotAnswered) {
  limits_.queued_bytes_max = Weak(1, 3).size();
  Make(&handler_);
  Begin();
  EXPECT_TRUE(AtOnce(Weak(1, 3)));
  EXPECT_EQ(Post(Weak(2, 3), "a.test", 2)->answer(), Answer::Wait(limits_.wait_when_busy));
  world_.Run();
  // Nor for the older one, whose pushes are late now.
  EXPECT_FALSE(AtOnce(Weak(3, 3), "a.test", 1));
  world_.Run();
  EXPECT_FALSE(AtOnce(Weak(3, 3), "a.test", 2));
  world_.Run();
  EXPECT_TRUE(AtOnce(Weak(3, 3), "a.test", 2));
}

TEST_F(InboundAtOnce, LateAndFastPushesAreToldToWait) {
  limits_.updates_per_second_max = 3;
  Make(&handler_);
  Begin();
  world_.Advance(std::chrono::seconds(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Post(Weak(i, 3))->answer(), Answer::Ok(Seq{3}));
  EXPECT_EQ(Apply(Weak(3, 3)), Answer::Wait(std::chrono::seconds{1}));
  EXPECT_EQ(Apply(Weak(3, 3), "a.test", 2), Answer::Wait(std::chrono::seconds{1}));
  EXPECT_EQ(Apply(Weak(3, 3)).kind, Answer::Kind::kWait);
}

TEST_F(InboundAtOnce, DoesNotBelieveANumberWhoseCommitFailed) {
  Begin();
  store_->commits = absl::UnavailableError("full");
  EXPECT_EQ(Apply(Numbered(4, 4)).kind, Answer::Kind::kWait);
  store_->commits = absl::OkStatus();
  EXPECT_FALSE(AtOnce(Weak(1, 3)));
  world_.Run();
  EXPECT_TRUE(AtOnce(Weak(1, 3)));
  EXPECT_EQ(Last(), Seq{3});
}

TEST_F(InboundAtOnce, KeepsTheOrderOfWeakAndStrongUpdates) {
  Begin();
  handler_.calls.clear();
  EXPECT_TRUE(AtOnce(Weak(1, 3)));
  EXPECT_TRUE(AtOnce(Weak(2, 3)));
  EXPECT_FALSE(AtOnce(Numbered(4, 4)));
  EXPECT_FALSE(AtOnce(Weak(3, 3)));
  world_.Run();
  EXPECT_THAT(handler_.calls, ElementsAre(R"({"w":1})", R"({"w":2})", N(4), R"({"w":3})"));
}

// A slow handler holds up the answers, and so the origin, as it does for all other pushes.
TEST_F(InboundAtOnce, LetsNoMoreThanAFewWaitForTheHandler) {
  Begin();
  int answered = 0;
  std::vector<Replies> replies;
  for (int i = 0; i < 100; ++i) {
    replies.push_back(Post(Weak(i, 3)));
    if (replies.back()->answered()) ++answered;
  }
  EXPECT_EQ(answered, 16);
  EXPECT_EQ(Post(Weak(0, 0), "c.test")->answered(), false);
  world_.Run();
  for (const Replies& reply : replies) EXPECT_EQ(reply->answer(), Answer::Ok(Seq{3}));
  EXPECT_THAT(handler_.calls, SizeIs(3 + 100 + 1));
  EXPECT_TRUE(AtOnce(Weak(0, 3)));
}

TEST_F(InboundAtOnce, CountsWhatIsAnsweredAmongWhatWaits) {
  limits_.queued_bytes_max = 2 * Weak(1, 3).size();
  Make(&handler_);
  Begin();
  EXPECT_TRUE(AtOnce(Weak(1, 3)));
  EXPECT_TRUE(AtOnce(Weak(2, 3)));
  EXPECT_EQ(Post(Weak(3, 3))->answer(), Answer::Wait(limits_.wait_when_busy));
  world_.Run();
  EXPECT_EQ(Post(Weak(3, 3))->answer(), Answer::Ok(Seq{3}));
}

TEST_F(InboundAtOnce, StopsWithTheOthers) {
  Begin();
  handler_.calls.clear();
  EXPECT_TRUE(AtOnce(Weak(1, 3)));
  inbound_->Stop();
  EXPECT_EQ(Post(Weak(2, 3))->answer().kind, Answer::Kind::kWait);
  world_.Run();
  EXPECT_THAT(handler_.calls, ElementsAre(R"({"w":1})"));
}

}  // namespace
}  // namespace federation::delivery
