#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "delivery/ack_codec.h"
#include "delivery/fake_world.h"
#include "delivery/faulty_store.h"
#include "delivery/outbound_links.h"
#include "link/inbox.h"
#include "link/push.h"
#include "support/temporary_folder.h"

namespace federation::delivery {

// A server that takes every push.
class FakePeer {
 public:
  PushAnswer Take(const PushCall& call) {
    link::PushView push;
    EXPECT_FALSE(link::ParsePush(call.body, {}, &push).has_value()) << call.body;
    const link::InboxPlan plan = link::PlanPush(last(), push.strong.size(), push.seq);
    if (plan.kind == link::InboxPlan::Kind::kApply) {
      strong.insert(strong.end(), push.strong.begin() + static_cast<std::ptrdiff_t>(plan.skip),
                    push.strong.end());
    }
    weak.insert(weak.end(), push.weak.begin(), push.weak.end());
    return {.status = 200, .body = FormatAnswer(link::AnswerPush(plan, last())), .retry_after = {}};
  }
  Seq last() const { return Seq{strong.size()}; }

  // What it has applied.
  std::vector<std::string> strong;
  std::vector<std::string> weak;
};

// The sending side with a store of its own, whose network a test plays. Nothing runs until a test says so.
class OutboundFixture : public testing::Test {
 protected:
  static constexpr const char* kPeer = "b.test";
  static constexpr const char* kProbe = R"({"weak":[],"strong":[],"seq":0})";

  void SetUp() override { Restart(); }
  void TearDown() override { StopLinks(); }

  void StopLinks() {
    if (links_ == nullptr) return;
    file_store_->ObserveAppends(nullptr);
    links_->Stop();
    world_.Run();
    links_.reset();
  }
  // A new process with the same store.
  void Restart() {
    StopLinks();
    store_.reset();
    file_store_.reset();
    auto store = OpenSqliteStore(folder_.File("store.db"), {}, [this] { return world_.loop.WallNow(); });
    ASSERT_TRUE(store.ok()) << store.status();
    file_store_ = *std::move(store);
    store_ = std::make_unique<FaultyStore>(*file_store_);
    ready_ = {limits_.ready_bytes_total_max, 0};
    in_flight_ = {limits_.bytes_in_flight_total_max, 0};
    links_ = std::make_unique<OutboundLinks>(LinkServices{world_.loop, world_.transport, *store_,
                                                          world_.workers, limits_, owner_, [] { return 1.0; },
                                                          observers_, ready_, in_flight_});
    file_store_->ObserveAppends([this](const Store::Appended& appended) {
      world_.loop.Post([this, destination = std::string(appended.destination), assigned = appended.assigned,
                        run = appended.run] {
        if (links_ != nullptr) links_->Appended(destination, assigned, run);
      });
    });
  }

  // Stores {"n":first} .. {"n":last} in one commit.
  void Append(std::uint64_t first, std::uint64_t last, const std::string& destination = kPeer) {
    const absl::Status status = file_store_->Transact([&](Transaction& transaction) -> absl::Status {
      for (std::uint64_t i = first; i <= last; ++i) {
        const auto seq = transaction.Append(destination, N(i));
        if (!seq.ok()) return seq.status();
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  static std::string N(std::uint64_t n) { return "{\"n\":" + std::to_string(n) + "}"; }
  static std::vector<std::string> All(std::uint64_t first, std::uint64_t last) {
    std::vector<std::string> all;
    for (std::uint64_t i = first; i <= last; ++i) all.push_back(N(i));
    return all;
  }

  // From now on the peer takes what is sent.
  void LetPeerAnswer() {
    world_.transport.AnswerAll([this](const PushCall& call) { return peers_[call.destination].Take(call); });
  }
  void LetPeerFail(absl::StatusOr<PushAnswer> how = absl::UnavailableError("no connection")) {
    world_.transport.AnswerAll([how = std::move(how)](const PushCall&) { return how; });
  }
  static PushAnswer Http(int status, std::string body = "") {
    return {.status = status, .body = std::move(body), .retry_after = {}};
  }
  static std::string Ok(std::uint64_t seq) { return FormatAnswer(link::Answer::Ok(Seq{seq})); }
  static std::string Hole(std::uint64_t seq) { return FormatAnswer(link::Answer::HoleDetected(Seq{seq})); }
  void Run() { world_.Run(); }
  // Gets the link past its first exchange.
  void Probe(const std::string& destination = kPeer) {
    LetPeerAnswer();
    links_->SendWeak(destination, R"({"probe":1})", "");
    Run();
    world_.transport.AnswerAll(nullptr);
    world_.transport.TakeBodies();
    peers_[destination].weak.clear();
  }

  std::vector<LinkStatus> Statuses() {
    std::vector<LinkStatus> found;
    links_->Status([&](absl::StatusOr<std::vector<LinkStatus>> all) {
      ASSERT_TRUE(all.ok()) << all.status();
      found = *std::move(all);
    });
    Run();
    return found;
  }
  LinkStatus Status(const std::string& destination = kPeer) {
    for (LinkStatus& status : Statuses()) {
      if (status.destination == destination) return status;
    }
    ADD_FAILURE() << "there is no link to " << destination;
    return {};
  }
  // In how long the link does something by itself.
  std::optional<std::chrono::milliseconds> Delay() const {
    const auto next = world_.loop.NextTimer();
    if (!next.has_value()) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(*next - world_.loop.Now());
  }

  TemporaryFolder folder_;
  FakeWorld world_;
  OutboxLimits limits_;
  const std::string owner_ = "me";
  OutboundObservers observers_;
  ByteBudget ready_;
  ByteBudget in_flight_;
  std::unique_ptr<Store> file_store_;
  std::unique_ptr<FaultyStore> store_;
  std::unique_ptr<OutboundLinks> links_;
  std::map<std::string, FakePeer> peers_;
  FakePeer& peer_ = peers_[kPeer];
};

}  // namespace federation::delivery
