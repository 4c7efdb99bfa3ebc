// The two ends of a link over a network that loses, repeats and delays pushes and answers, on machines that
// restart and are restored from backups; from seeds.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "link/inbox.h"
#include "link/outbox.h"
#include "link/push.h"

namespace federation::link {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kExpired = R"({"update":"expired"})";

enum class Trouble { kNetworkAndRestarts, kRestoredBackupsToo };

// A sender with a store, a receiver with a store, and one connection between them. The stores survive
// restarts; the outbox and what is on its way do not.
class Link {
 public:
  Link(unsigned seed, Trouble trouble) : random_(seed), trouble_(trouble) {
    sender_backups_.push_back(sender_);
    receiver_backups_.push_back(applied_);
    Restart();
  }

  // One random event.
  void Step() {
    now_ += milliseconds(Draw(50));
    switch (Draw(16)) {
      case 0:
      case 1:
      case 2:
        return Enqueue();
      case 3:
        if (Draw(5) == 0) weak_.push_back("{\"w\":" + std::to_string(next_weak_++) + "}");
        return outbox_->SetWeakWaiting(!weak_.empty());
      case 4:
        if (Draw(10) == 0) Break();
        return;
      case 5:
        if (Draw(20) == 0 && !ComparesAfterRestore()) Restart();
        return;
      case 6:
        return RepeatOld();
      case 7:
        if (trouble_ == Trouble::kRestoredBackupsToo) BackUpOrRestore();
        return;
      case 8:
      case 9:
      case 10:
        return Send();
      case 11:
      case 12:
      case 13:
        return Deliver(/*may_fail=*/true);
      default:
        return Return();
    }
  }

  // Without faults all that waits is delivered.
  void Drain() {
    Enqueue();  // an idle link does not notice what its receiver has lost
    for (int i = 0; i < 2000 && !outbox_->idle(); ++i) {
      now_ = std::max(now_, outbox_->WakeTime().value_or(now_));
      Send();
      Deliver(/*may_fail=*/false);
      Return();
    }
    EXPECT_EQ(outbox_->numbers().acked, Seq{sender_.assigned});
    ASSERT_EQ(applied_.size(), sender_.assigned);
    std::multiset<std::string> all(applied_.begin(), applied_.end());
    for (const auto& [seq, json] : sender_.updates) {
      ASSERT_EQ(applied_[seq - 1], json);
      ASSERT_EQ(all.count(json), 1U);
    }
  }

  void Check() const {
    ASSERT_EQ(std::set(applied_weak_.begin(), applied_weak_.end()).size(), applied_weak_.size());
    ASSERT_LE(outbox_->in_flight(), limits_.pushes_in_flight_max);
    if (trouble_ == Trouble::kRestoredBackupsToo) return;
    ASSERT_LE(applied_.size(), sender_.assigned);
    for (std::size_t i = 0; i < applied_.size(); ++i) ASSERT_EQ(applied_[i], sender_.updates.at(i + 1));
    ASSERT_LE(Value(outbox_->numbers().acked), applied_.size());  // an ok is a promise
  }

  int renumbered() const { return renumbered_; }

 private:
  struct Store {
    std::map<std::uint64_t, std::string> updates;
    std::uint64_t assigned = 0;
    Seq acked{0};  // saved lazily
  };
  struct OnItsWay {
    std::string body;
    bool delivered = false;
    std::optional<Answer> answer{};
  };

  unsigned Draw(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_); }

  void Enqueue() {
    sender_.updates[++sender_.assigned] = "{\"n\":" + std::to_string(next_update_++) + "}";
    outbox_->Enqueued(Seq{sender_.assigned});
  }

  // The sender's process ends, and another one starts.
  void Restart() {
    for (std::size_t arrive = Draw(4); arrive > 0; --arrive) Deliver(/*may_fail=*/true);
    connection_.clear();
    weak_.clear();
    limits_ = {};
    limits_.push_updates_max = 1 + Draw(5);
    limits_.pushes_in_flight_max = 1 + Draw(6);
    Outbox::Rest rest;
    rest.numbers = {Seq{sender_.assigned}, sender_.acked};
    at_open_ = rest.assigned_at_open = Seq{sender_.assigned};
    outbox_.emplace(limits_, rest, [this] { return Draw(100) / 100.0; });
  }

  // Whether the sender has been restored and does not know yet what the receiver has. What it gives out until
  // then has numbers that may be taken; who starts from a copy of that does not know which ones.
  bool ComparesAfterRestore() const { return restored_ && !outbox_->rest().probed; }

  // Newer backups than the one that is restored are gone.
  void BackUpOrRestore() {
    switch (Draw(12)) {
      case 0:
        if (!ComparesAfterRestore()) sender_backups_.push_back(sender_);
        return;
      case 1:
        return receiver_backups_.push_back(applied_);
      case 2:
        sender_backups_.resize(1 + Draw(static_cast<unsigned>(sender_backups_.size())));
        connection_.clear();  // what the old process had sent reaches nobody any more
        repeats_.clear();
        sender_ = sender_backups_.back();
        restored_ = true;
        return Restart();
      case 3:
        receiver_backups_.resize(1 + Draw(static_cast<unsigned>(receiver_backups_.size())));
        applied_ = receiver_backups_.back();
        return;
      default:
        return;
    }
  }

  void Send() {
    const std::optional<Outbox::Push> push = outbox_->Poll(now_);
    if (!push.has_value()) return;
    if (Draw(30) == 0) return outbox_->NotSent(now_);
    std::vector<std::string_view> strong;
    const std::uint64_t first = Value(push->first);
    for (std::uint64_t seq = first; seq <= sender_.assigned && strong.size() < push->updates_max; ++seq) {
      const auto found = sender_.updates.find(seq);
      strong.push_back(found == sender_.updates.end() ? kExpired : found->second);
    }
    std::vector<std::string> weak;
    if (push->takes_weak) weak.swap(weak_);
    outbox_->SetWeakWaiting(!weak_.empty());
    connection_.push_back({.body = FormatPush(weak, strong, Seq{first - 1 + strong.size()})});
    outbox_->Sent(strong.size(), connection_.back().body.size(), !weak.empty());
  }

  // The receiver takes the next push from the connection.
  void Deliver(bool may_fail) {
    const auto next = std::find_if(connection_.begin(), connection_.end(),
                                   [](const OnItsWay& push) { return !push.delivered; });
    if (next == connection_.end()) return;
    next->delivered = true;
    next->answer = Receive(next->body, may_fail, /*weak_too=*/true);
    if (Draw(10) == 0) repeats_.push_back(next->body);
  }

  Answer Receive(const std::string& body, bool may_fail, bool weak_too) {
    PushView push;
    EXPECT_FALSE(ParsePush(body, {}, &push).has_value());
    if (may_fail && Draw(15) == 0) return Answer::Wait(seconds(1));
    const InboxPlan plan = PlanPush(Seq{applied_.size()}, push.strong.size(), push.seq);
    if (plan.kind == InboxPlan::Kind::kApply) {
      for (std::size_t i = plan.skip; i < push.strong.size(); ++i) {
        if (may_fail && Draw(20) == 0) return Answer::Wait(seconds(1));  // the prefix stays
        if (may_fail && i > plan.skip && Draw(20) == 0) break;           // no time for more of them
        applied_.emplace_back(push.strong[i]);
      }
    }
    if (weak_too) applied_weak_.insert(applied_weak_.end(), push.weak.begin(), push.weak.end());
    return AnswerPush(plan, Seq{applied_.size()});
  }

  // The oldest answer that is on its way back arrives.
  void Return() {
    if (connection_.empty() || !connection_.front().delivered) return;
    const Answer answer = *connection_.front().answer;
    connection_.pop_front();
    React(outbox_->Answered(answer, now_));
  }

  // The connection fails; some of what is on its way has arrived.
  void Break() {
    for (std::size_t arrive = Draw(4); arrive > 0; --arrive) Deliver(/*may_fail=*/true);
    const auto failure = Draw(3) == 0 ? Outbox::Failure::kStale : Outbox::Failure::kUnreachable;
    while (!connection_.empty()) {
      connection_.pop_front();
      React(outbox_->Failed(failure, std::nullopt, now_));
    }
  }

  // An old push arrives late; nobody waits for its answer.
  void RepeatOld() {
    if (repeats_.empty()) return;
    Receive(repeats_.front(), /*may_fail=*/true, /*weak_too=*/false);
    repeats_.pop_front();
  }

  void React(const Outbox::Reaction& reaction) {
    if (trouble_ == Trouble::kNetworkAndRestarts) {
      EXPECT_FALSE(reaction.renumber.has_value());
      EXPECT_FALSE(reaction.peer_went_back_from.has_value());
      EXPECT_FALSE(reaction.contradiction);
    }
    if (reaction.save_acked && Draw(2) == 0) sender_.acked = outbox_->numbers().acked;
    if (reaction.renumber.has_value()) Renumber(*reaction.renumber);
  }

  void Renumber(Outbox::Reaction::Renumber renumber) {
    ++renumbered_;
    EXPECT_EQ(renumber.boundary, at_open_);
    const std::uint64_t shift = Value(renumber.theirs) - Value(renumber.boundary);
    std::map<std::uint64_t, std::string> updates;
    for (auto& [seq, json] : sender_.updates) {
      updates.emplace(seq > Value(renumber.boundary) ? seq + shift : seq, std::move(json));
    }
    sender_.updates = std::move(updates);
    sender_.assigned += shift;
    sender_.acked = renumber.theirs;
    outbox_->Renumbered({Seq{sender_.assigned}, sender_.acked});
  }

  std::mt19937 random_;
  const Trouble trouble_;
  Outbox::Time now_{};
  OutboxLimits limits_;
  std::optional<Outbox> outbox_;
  Seq at_open_{0};
  bool restored_ = false;
  Store sender_;
  std::vector<std::string> applied_;  // the receiver's store
  std::vector<Store> sender_backups_;
  std::vector<std::vector<std::string>> receiver_backups_;
  std::deque<OnItsWay> connection_;
  std::deque<std::string> repeats_;
  std::vector<std::string> weak_;
  std::vector<std::string> applied_weak_;
  int next_update_ = 0;
  int next_weak_ = 0;
  int renumbered_ = 0;
};

// Returns how often a sender has got new numbers.
int RunSeeds(unsigned seeds, Trouble trouble) {
  int renumbered = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Link link(seed, trouble);
    for (int i = 0; i < 500; ++i) {
      link.Step();
      link.Check();
      if (testing::Test::HasFailure()) return renumbered;
    }
    link.Drain();
    if (testing::Test::HasFailure()) return renumbered;
    renumbered += link.renumbered();
  }
  return renumbered;
}

TEST(RandomLink, LosesNothingRepeatsNothingKeepsTheOrder) { RunSeeds(2000, Trouble::kNetworkAndRestarts); }

TEST(RandomLink, HealsWhenEitherSideGoesBackToABackup) {
  EXPECT_GT(RunSeeds(2000, Trouble::kRestoredBackupsToo), 100);
}

}  // namespace
}  // namespace federation::link
