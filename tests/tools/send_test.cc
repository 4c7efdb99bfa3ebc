#include "fednode/send.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRead[] = R"({"update":"messages_read","user_id":"u"})";
constexpr char kReceived[] = R"({"update":"messages_received","user_id":"u"})";
constexpr char kTyping[] = R"({"update":"typing","user_id":"u"})";

// A node that only remembers what it is handed.
class FakeNode final : public Node {
 public:
  void Receive(UpdateReceiver&) override {}
  absl::Status Serve(RpcDispatcher&) override { return absl::OkStatus(); }
  void OnApplied(std::function<void(const Applied&)>) override {}
  void OnReceived(std::function<void(const Received&)>) override {}
  void OnDelivered(std::function<void(const Delivered&)>) override {}
  void OnPushed(std::function<void(const Pushed&)>) override {}
  void OnGivenUp(std::function<absl::Status(const GivenUp&, Transaction&)>) override {}
  absl::Status Start() override { return absl::OkStatus(); }
  void Stop() override {}
  std::uint16_t port() const override { return 0; }
  const std::string& domain() const override { return domain_; }
  absl::StatusOr<std::vector<LinkStatus>> Links() override { return std::vector<LinkStatus>{}; }
  absl::StatusOr<Seq> SendStrong(std::string_view, std::string_view) override {
    return absl::InternalError("");
  }
  absl::StatusOr<Seq> SendStrong(Transaction&, std::string_view, std::string_view) override {
    return absl::InternalError("");
  }
  void SendStrongAsync(std::string_view, std::string_view, SendDone done) override {
    done(absl::InternalError(""));
  }
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(std::span<const std::string>, std::string_view) override {
    return absl::InternalError("");
  }
  absl::StatusOr<std::vector<Seq>> SendStrongToAll(Transaction&, std::span<const std::string>,
                                                   std::string_view) override {
    return absl::InternalError("");
  }
  absl::Status PauseLink(std::string_view) override { return absl::OkStatus(); }
  absl::Status ResumeLink(std::string_view) override { return absl::OkStatus(); }
  absl::Status WakeLink(std::string_view) override { return absl::OkStatus(); }
  absl::StatusOr<std::uint64_t> ResetLink(std::string_view) override { return 0; }
  absl::StatusOr<std::vector<Replayed>> ReplayQuarantined(std::string_view,
                                                          std::vector<std::int64_t>) override {
    return std::vector<Replayed>{};
  }

  absl::Status SendWeak(std::string_view, std::string_view json, std::string_view) override {
    handed.push_back({std::string(json)});
    return absl::OkStatus();
  }
  absl::StatusOr<std::string> Call(RpcCall) override { return absl::InternalError(""); }
  void StartCall(RpcCall, Done done) override { done(absl::InternalError("")); }
  absl::StatusOr<Seq> SendStrongBatch(std::string_view destination,
                                      const std::vector<std::string>& json) override {
    if (last + json.size() > full_at) return absl::ResourceExhaustedError("too many updates wait");
    destinations.push_back(std::string(destination));
    handed.push_back(json);
    last += json.size();
    return Seq{last};
  }

  std::vector<std::vector<std::string>> handed;
  std::vector<std::string> destinations;
  std::uint64_t last = 0;
  std::uint64_t full_at = 1000;

 private:
  std::string domain_ = "alpha.test";
};

class SendTest : public ::testing::Test {
 protected:
  admin::v1::SendResponse SendAll(const std::vector<std::string>& updates) {
    admin::v1::SendRequest request;
    request.set_destination("bravo.test");
    for (const std::string& update : updates) request.add_updates(update);
    return Send(node_, tail_, limits_, request);
  }

  OutboxLimits limits_;
  FakeNode node_;
  TailHub tail_;
};

TEST_F(SendTest, StoresStrongUpdatesInARowInOneCommit) {
  admin::v1::SendResponse response = SendAll({kRead, kReceived, kTyping, kRead});
  EXPECT_FALSE(response.has_failure()) << response.failure().message();
  EXPECT_THAT(response.seqs(), ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(node_.handed,
              ElementsAre(ElementsAre(kRead, kReceived), ElementsAre(kTyping), ElementsAre(kRead)));
  EXPECT_THAT(node_.destinations, ElementsAre("bravo.test", "bravo.test"));
}

TEST_F(SendTest, TakesNothingWhenOneUpdateIsWrong) {
  struct Case {
    std::string wrong;
    const char* reason;
  };
  const Case cases[] = {
      {R"({"update":"messages_read","peer":{"id":"soon"}})", "peer.id"},
      {R"({"update":"messages_read","user":"u"})", "user"},
      {R"({"update":"dance"})", "dance"},
      {R"({})", "update"},
      {"", "got"},
      {R"({"update":"message","sender_id":")" + std::string(300'000, 'x') + "\"}", "at most 262144 bytes"},
  };
  for (const Case& test : cases) {
    admin::v1::SendResponse response = SendAll({kRead, test.wrong, kTyping});
    EXPECT_THAT(response.seqs(), IsEmpty());
    EXPECT_EQ(response.failure().index(), 1u);
    EXPECT_TRUE(response.failure().invalid());
    EXPECT_THAT(response.failure().message(), HasSubstr(test.reason));
  }
  EXPECT_THAT(node_.handed, IsEmpty());
}

TEST_F(SendTest, SaysWhatWasTakenBeforeTheNodeRefused) {
  node_.full_at = 1;
  admin::v1::SendResponse response = SendAll({kRead, kTyping, kRead, kRead});
  EXPECT_THAT(response.seqs(), ElementsAre(1, 0));
  EXPECT_EQ(response.failure().index(), 2u);
  EXPECT_FALSE(response.failure().invalid());
  EXPECT_THAT(response.failure().message(), HasSubstr("too many updates wait"));
}

TEST_F(SendTest, HandsUpdatesOverMinified) {
  SendAll({R"( { "user_id" : "u", "update" : "messages_read" } )"});
  EXPECT_THAT(node_.handed, ElementsAre(ElementsAre(kRead)));
}

}  // namespace
}  // namespace federation::fednode
