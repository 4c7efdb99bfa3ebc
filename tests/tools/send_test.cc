#include "fednode/send.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/fake_node.h"

namespace federation::fednode {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kRead[] = R"({"update":"messages_read","user_id":"u"})";
constexpr char kReceived[] = R"({"update":"messages_received","user_id":"u"})";
constexpr char kTyping[] = R"({"update":"typing","user_id":"u"})";

class SendTest : public ::testing::Test {
 protected:
  admin::v1::SendResponse SendAll(const std::vector<std::string>& updates) {
    admin::v1::SendRequest request;
    request.set_destination("bravo.test");
    for (const std::string& update : updates) request.add_updates(update);
    return Send(
        node_, tail_, limits_,
        [this](const std::string& destination, const std::vector<std::string>& json) {
          return node_.SendAll(destination, json);
        },
        request);
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
