#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/sqlite_store.h"

#include "delivery/ack_codec.h"
#include "delivery/fake_world.h"
#include "delivery/faulty_store.h"
#include "delivery/inbound.h"
#include "support/temporary_folder.h"

namespace federation::link {

inline void PrintTo(const Answer& answer, std::ostream* out) { *out << delivery::FormatAnswer(answer); }

}  // namespace federation::link

namespace federation::delivery {

// Takes every update, except for those that a test has a script for.
class ScriptedHandler : public UpdateReceiver {
 public:
  using Script = std::function<Outcome(const UpdateContext&)>;

  void On(const std::string& json, Script script) { scripts_[json] = std::move(script); }
  void OnAll(Script script) { all_ = std::move(script); }
  void Forget() {
    scripts_.clear();
    all_ = nullptr;
  }
  // What it was called with, in order.
  std::vector<std::string> calls;

  Outcome Receive(std::string_view json, const UpdateContext& context) override {
    calls.emplace_back(json);
    const auto found = scripts_.find(std::string(json));
    if (found != scripts_.end()) return found->second(context);
    return all_ ? all_(context) : Outcome::Done();
  }

 private:
  std::map<std::string, Script> scripts_;
  Script all_;
};

// The receiving side with a store of its own. Nothing runs until a test says so.
class InboundFixture : public testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    inbound_.reset();
    store_.reset();
    file_store_.reset();
    auto store = OpenSqliteStore(folder_.File("store.db"), store_limits_);
    ASSERT_TRUE(store.ok()) << store.status();
    file_store_ = *std::move(store);
    store_ = std::make_unique<FaultyStore>(*file_store_);
    Make(&handler_);
  }
  void Make(UpdateReceiver* receiver) {
    inbound_ =
        std::make_unique<Inbound>("b.test", limits_, *store_, receiver,
                                  InboundObservers{on_applied_, on_received_}, world_.loop, world_.workers);
  }

  struct Reply {
    std::optional<InboundReply> reply;

    bool answered() const { return reply.has_value(); }
    link::Answer answer() const {
      EXPECT_TRUE(reply.has_value());
      if (!reply.has_value()) return {};
      EXPECT_FALSE(reply->refused.has_value());
      return reply->answer;
    }
  };
  using Replies = std::shared_ptr<Reply>;

  // Hands a push over, and runs nothing.
  Replies Post(std::string body, std::string origin = "a.test", std::uint64_t connection = 1) {
    auto reply = std::make_shared<Reply>();
    inbound_->Apply({std::move(origin), connection, std::move(body)}, [reply](const InboundReply& answer) {
      EXPECT_FALSE(reply->answered());
      reply->reply = answer;
    });
    return reply;
  }
  link::Answer Apply(std::string body, std::string origin = "a.test", std::uint64_t connection = 1) {
    const Replies reply = Post(std::move(body), std::move(origin), connection);
    world_.Run();
    return reply->answer();
  }

  // The updates {"n":first} .. {"n":last} under these numbers.
  static std::string Numbered(std::uint64_t first, std::uint64_t last) {
    std::vector<std::string> updates;
    for (std::uint64_t i = first; i <= last; ++i) updates.push_back(N(i));
    const std::vector<std::string_view> pieces(updates.begin(), updates.end());
    return link::FormatPush({}, pieces, Seq{last});
  }
  static std::string N(std::uint64_t n) { return "{\"n\":" + std::to_string(n) + "}"; }

  // Has a handler write something in its transaction, which is seen in Written.
  static void Write(const UpdateContext& context) {
    ASSERT_NE(context.transaction, nullptr);
    EXPECT_TRUE(context.transaction->Append("written.test", std::to_string(Value(context.seq))).ok());
  }
  // The numbers of the updates whose handlers wrote.
  std::vector<std::string> Written() {
    const auto run = store_->Read("written.test", Seq{1}, 10'000, 1'000'000);
    EXPECT_TRUE(run.ok()) << run.status();
    std::vector<std::string> written;
    for (std::size_t i = 0; i < run->size(); ++i) written.emplace_back((*run)[i]);
    return written;
  }
  std::vector<QuarantinedUpdate> Quarantined(const std::string& origin = "a.test") {
    auto all = file_store_->Quarantined(origin, 0, 10'000);
    EXPECT_TRUE(all.ok()) << all.status();
    return *std::move(all);
  }
  Seq Last(const std::string& origin = "a.test") {
    const auto last = file_store_->Last(origin);
    EXPECT_TRUE(last.ok()) << last.status();
    return last.value_or(Seq{0});
  }
  static ScriptedHandler::Script Say(Outcome outcome) {
    return [outcome](const UpdateContext&) { return outcome; };
  }
  static ScriptedHandler::Script Throw(const std::string& what) {
    return [what](const UpdateContext&) -> Outcome { throw std::runtime_error(what); };
  }

  TemporaryFolder folder_;
  StoreLimits store_limits_;
  InboxLimits limits_;
  FakeWorld world_;
  std::unique_ptr<Store> file_store_;
  std::unique_ptr<FaultyStore> store_;
  ScriptedHandler handler_;
  // What observers were told: "SEQ:JSON", or "weak:JSON".
  std::vector<std::string> applied_;
  std::vector<Received> received_;
  std::function<void(const Applied&)> on_applied_ = [this](const Applied& applied) {
    applied_.push_back((applied.seq.has_value() ? std::to_string(Value(*applied.seq)) : "weak") + ":" +
                       std::string(applied.json));
  };
  std::function<void(const Received&)> on_received_ = [this](const Received& received) {
    received_.push_back(received);
  };
  std::unique_ptr<Inbound> inbound_;
};

}  // namespace federation::delivery
