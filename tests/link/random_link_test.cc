// The two ends of a link under a network that loses, repeats and delays pushes and answers, from seeds.
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "link/inbox.h"
#include "link/outbox.h"
#include "link/push.h"

namespace federation::link {
namespace {

using std::chrono::milliseconds;

// A sender with a store, a receiver with a store, and what is between them. The stores survive crashes of the
// sender; the outbox does not.
class Link {
 public:
  explicit Link(unsigned seed) : random_(seed) { Restart(); }

  // One random event.
  void Step() {
    now_ += milliseconds(Draw(50));
    switch (Draw(12)) {
      case 0:
      case 1:
      case 2:
        Enqueue();
        break;
      case 3:
        if (Draw(20) == 0) Restart();
        break;
      case 4:
        if (Draw(4) == 0) repeats_.push_back(last_body_);
        break;
      case 5:
        if (!repeats_.empty()) {
          // An old push arrives late; nobody waits for its answer.
          Receive(repeats_.front());
          repeats_.pop_front();
        }
        break;
      default:
        Exchange(/*may_fail=*/true);
    }
  }

  // Without faults all that waits is delivered.
  void Drain() {
    for (int i = 0; i < 1000 && outbox_->numbers().acked < outbox_->numbers().assigned; ++i) {
      now_ = std::max(now_, outbox_->WakeTime().value_or(now_));
      Exchange(/*may_fail=*/false);
    }
    EXPECT_EQ(outbox_->numbers().acked, outbox_->numbers().assigned);
    EXPECT_EQ(applied_, sent_);
  }

  void Check() const {
    ASSERT_LE(applied_.size(), sent_.size());
    for (std::size_t i = 0; i < applied_.size(); ++i) ASSERT_EQ(applied_[i], sent_[i]) << "at " << i;
    ASSERT_LE(Value(outbox_->numbers().acked), applied_.size());  // an ok is a promise
  }

 private:
  unsigned Draw(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_); }

  void Enqueue() {
    sent_.push_back("{\"n\":" + std::to_string(sent_.size()) + "}");
    outbox_->Enqueued(Seq{sent_.size()});
  }

  void Restart() {
    OutboxLimits limits;
    limits.push_updates_max = 1 + Draw(5);
    outbox_.emplace(limits, LinkNumbers{Seq{sent_.size()}, saved_acked_},
                    [this] { return Draw(100) / 100.0; });
  }

  std::optional<Answer> Receive(const std::string& body) {
    PushView push;
    if (body.empty() || ParsePush(body, {}, &push).has_value()) return std::nullopt;
    if (Draw(10) == 0) return Answer::Wait(std::chrono::seconds(1));
    const InboxPlan plan = PlanPush(Seq{applied_.size()}, push.strong.size(), push.seq);
    if (plan.kind == InboxPlan::Kind::kApply) {
      for (std::size_t i = plan.skip; i < push.strong.size(); ++i) {
        if (Draw(20) == 0) return Answer::Wait(std::chrono::seconds(1));  // the prefix stays
        applied_.emplace_back(push.strong[i]);
      }
    }
    return AnswerPush(plan, Seq{applied_.size()});
  }

  void Exchange(bool may_fail) {
    const std::optional<Outbox::Push> push = outbox_->Poll(now_);
    if (!push.has_value()) return;
    std::vector<std::string> strong;
    const std::size_t first = Value(push->first) - 1;
    for (std::size_t i = first; i < sent_.size() && strong.size() < push->updates_max; ++i)
      strong.push_back(sent_[i]);
    last_body_ = FormatPush({}, strong, Seq{first + strong.size()});
    std::optional<Answer> answer;
    const bool push_arrives = !may_fail || Draw(5) != 0;
    if (push_arrives) answer = Receive(last_body_);
    const bool answer_arrives = !may_fail || Draw(5) != 0;
    if (!answer_arrives || !answer.has_value()) {
      outbox_->Failed(Outbox::Failure::kUnreachable, strong.size(), std::nullopt, now_);
      return;
    }
    const Outbox::Reaction reaction = outbox_->Answered(strong.size(), *answer, now_);
    EXPECT_FALSE(reaction.renumber.has_value());
    EXPECT_FALSE(reaction.peer_went_back_from.has_value());
    EXPECT_FALSE(reaction.contradiction);
    if (reaction.save_acked && Draw(2) == 0) saved_acked_ = outbox_->numbers().acked;  // it is saved lazily
  }

  std::mt19937 random_;
  Outbox::Time now_{};
  std::optional<Outbox> outbox_;
  std::vector<std::string> sent_;     // the sender's store
  Seq saved_acked_{0};                // and its lazily saved number
  std::vector<std::string> applied_;  // the receiver's store
  std::string last_body_;
  std::deque<std::string> repeats_;
};

TEST(RandomLink, LosesNothingRepeatsNothingKeepsTheOrder) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Link link(seed);
    for (int i = 0; i < 300; ++i) {
      link.Step();
      link.Check();
      if (testing::Test::HasFailure()) return;
    }
    link.Drain();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace federation::link
