#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/eventually.h"
#include "support/raw_tls_client.h"
#include "support/raw_tls_server.h"

// A node against a peer that shares no code with it: OpenSSL and HTTP written by hand.
namespace federation::e2e {
namespace {

using support::Eventually;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// As the draft has it, but for the number.
std::string DraftPush(std::uint64_t seq) {
  return R"({
  "weak": [
    {
      "update": "typing",
      "user_id": "uid",
      "peer": {
        "type": "group",
        "id": 11223344
      }
    }
  ],
  "strong": [
    {
      "update": "message",
      "peer": {
        "type": "group",
        "id": 11223344
      },
      "content": {
        "type": "text",
        "text": "Hello Wordl!"
      }
    }
  ],
  "seq": )" +
         std::to_string(seq) + "\n}\n";
}

std::string PushOf(std::uint64_t first, std::uint64_t last) {
  std::string strong;
  for (std::uint64_t number = first; number <= last; ++number) {
    strong += (number == first ? "" : ",") + NumberedUpdate(number);
  }
  return R"({"weak":[],"strong":[)" + strong + R"(],"seq":)" + std::to_string(last) + "}";
}

std::string PostOf(const std::string& body) {
  return "POST /http/v1/updates HTTP/1.1\r\nHost: alpha.test\r\nFederation-Origin: foreign.test\r\n"
         "Content-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class ForeignSender : public FederationFixture {
 protected:
  void SetUp() override {
    alpha_ = MakeNode("alpha.test");
    alpha_->Start();
  }

  support::RawTlsConnection Connect() {
    return support::ConnectRawTls(alpha_->port(), ca_.Issue("foreign.test"), "alpha.test");
  }

  // The body of the answer, or what is wrong with it.
  static std::string Answer(support::RawTlsConnection& connection) {
    std::optional<support::RawMessage> answer = connection.Receive();
    if (!answer) return "no answer";
    if (answer->status() != 200) return answer->head + answer->body;
    return answer->body;
  }
  static std::string Push(support::RawTlsConnection& connection, const std::string& body) {
    return connection.Send(PostOf(body)) ? Answer(connection) : "cannot send";
  }
};

TEST_F(ForeignSender, IsAnsweredWithTheAcksOfTheDraft) {
  support::RawTlsConnection connection = Connect();
  // The draft's own number lies far ahead of a link that begins.
  EXPECT_EQ(Push(connection, DraftPush(234234)), R"({"receive":"hole_detected","seq":1})");
  EXPECT_EQ(Push(connection, DraftPush(1)), R"({"receive":"ok","seq":1})");
  std::vector<AppliedRow> rows = alpha_->Applied("foreign.test");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].seq, 1u);
  EXPECT_THAT(rows[0].json, HasSubstr("Hello Wordl!"));
  // The weak update of both pushes, and each on one line although the draft breaks it into several.
  ASSERT_TRUE(Eventually([&] { return alpha_->Printed().size() == 3; }));
  EXPECT_THAT(alpha_->Printed(),
              ElementsAre(HasSubstr("typing"), HasSubstr(R"("seq":1,"update":{)"), HasSubstr("typing")));
}

TEST_F(ForeignSender, IsToldOfHolesAndMayRepeat) {
  support::RawTlsConnection connection = Connect();
  EXPECT_EQ(Push(connection, PushOf(1, 3)), R"({"receive":"ok","seq":3})");
  EXPECT_EQ(Push(connection, PushOf(6, 8)), R"({"receive":"hole_detected","seq":4})");
  EXPECT_EQ(alpha_->CountApplied("foreign.test"), 3u);
  EXPECT_EQ(Push(connection, PushOf(1, 3)), R"({"receive":"ok","seq":3})");
  EXPECT_EQ(Push(connection, PushOf(2, 5)), R"({"receive":"ok","seq":5})");
  EXPECT_EQ(Push(connection, R"({"weak":[],"strong":[],"seq":5})"), R"({"receive":"ok","seq":5})");
  EXPECT_EQ(Push(connection, R"({"weak":[],"strong":[],"seq":9})"), R"({"receive":"hole_detected","seq":6})");
  EXPECT_EQ(Push(connection, PushOf(6, 8)), R"({"receive":"ok","seq":8})");
  EXPECT_TRUE(IsWholeSeries(alpha_->Applied("foreign.test"), 8));
}

// What comes over an older connection may come of a process that is gone.
TEST_F(ForeignSender, IsToldToWaitOnAnOlderConnection) {
  support::RawTlsConnection older = Connect();
  EXPECT_EQ(Push(older, PushOf(1, 1)), R"({"receive":"ok","seq":1})");
  support::RawTlsConnection newer = Connect();
  EXPECT_EQ(Push(older, PushOf(2, 2)), R"({"receive":"ok","seq":2})");
  EXPECT_EQ(Push(newer, R"({"weak":[],"strong":[],"seq":2})"), R"({"receive":"ok","seq":2})");
  EXPECT_EQ(Push(older, PushOf(3, 3)), R"({"receive":"wait","wait":1})");
  EXPECT_EQ(Push(newer, PushOf(3, 4)), R"({"receive":"ok","seq":4})");
  EXPECT_TRUE(IsWholeSeries(alpha_->Applied("foreign.test"), 4));
}

// A server of another make: keeps numbers, and says what it is told to say to the next push that has strong
// updates.
class ForeignServer {
 public:
  using Clock = std::chrono::steady_clock;
  struct Received {
    support::RawMessage request;
    Clock::time_point at;
  };

  explicit ForeignServer(const TlsFiles& files)
      : server_(files, [this](support::RawTlsConnection& connection, int) { Serve(connection); }) {}

  void AnswerNext(std::vector<std::string> bodies) {
    std::lock_guard lock(mutex_);
    answers_ = std::move(bodies);
  }
  // The pushes with strong updates so far.
  std::vector<Received> received() {
    std::lock_guard lock(mutex_);
    return received_;
  }
  std::uint16_t port() const { return server_.port(); }

 private:
  void Serve(support::RawTlsConnection& connection) {
    while (std::optional<support::RawMessage> request = connection.Receive()) {
      std::string body = AnswerOf(*request);
      connection.Send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }

  std::string AnswerOf(const support::RawMessage& request) {
    std::lock_guard lock(mutex_);
    if (request.body.find(R"("strong":[])") != std::string::npos) return R"({"receive":"ok","seq":0})";
    received_.push_back({request, Clock::now()});
    if (answers_.empty()) return R"({"receive":"wait","wait":3600})";
    std::string answer = answers_.front();
    answers_.erase(answers_.begin());
    return answer;
  }

  std::mutex mutex_;
  std::vector<std::string> answers_;
  std::vector<Received> received_;
  support::RawTlsServer server_;
};

class ForeignReceiver : public FederationFixture {
 protected:
  void SetUp() override {
    foreign_ = std::make_unique<ForeignServer>(ca_.Issue("foreign.test"));
    alpha_ = MakeNode("alpha.test");
    alpha_->AddPeer("foreign.test", foreign_->port());
    alpha_->Start();
  }
  // The server waits for its connections to close.
  void TearDown() override { alpha_->Kill(); }

  std::unique_ptr<ForeignServer> foreign_;
};

TEST_F(ForeignReceiver, GetsThePushOfTheDraft) {
  foreign_->AnswerNext({R"({"receive":"ok","seq":1})"});
  alpha_->Fedctl({"send", "foreign.test", NumberedUpdate(1)});
  ASSERT_TRUE(Eventually([&] { return foreign_->received().size() == 1; }));
  support::RawMessage request = foreign_->received()[0].request;
  EXPECT_THAT(request.head, ::testing::StartsWith("POST /http/v1/updates HTTP/1.1\r\n"));
  EXPECT_EQ(request.Header("Federation-Origin"), "alpha.test");
  EXPECT_EQ(request.Header("Content-Type"), "application/json");
  EXPECT_EQ(request.body, PushOf(1, 1));
  EXPECT_TRUE(Eventually([&] { return alpha_->Acked("foreign.test") == 1; }));
}

TEST_F(ForeignReceiver, IsObeyedWhenItSaysWait) {
  foreign_->AnswerNext({R"({"receive":"wait","wait":2})", R"({"receive":"ok","seq":1})"});
  alpha_->Fedctl({"send", "foreign.test", NumberedUpdate(1)});
  ASSERT_TRUE(Eventually([&] { return foreign_->received().size() == 2; }));
  std::vector<ForeignServer::Received> received = foreign_->received();
  EXPECT_GE(received[1].at - received[0].at, std::chrono::milliseconds{1990});
  EXPECT_EQ(received[1].request.body, received[0].request.body);
  EXPECT_TRUE(Eventually([&] { return alpha_->Acked("foreign.test") == 1; }));
}

TEST_F(ForeignReceiver, GetsAgainWhatItSaysIsMissing) {
  foreign_->AnswerNext({R"({"receive":"ok","seq":2})", R"({"receive":"hole_detected","seq":2})",
                        R"({"receive":"ok","seq":3})"});
  alpha_->Fedctl({"send", "foreign.test", "-"}, NumberedLines(2));
  ASSERT_TRUE(Eventually([&] { return alpha_->Acked("foreign.test") == 2; }));
  alpha_->Fedctl({"send", "foreign.test", NumberedUpdate(3)});
  ASSERT_TRUE(Eventually([&] { return foreign_->received().size() == 3; }));
  EXPECT_EQ(foreign_->received()[1].request.body, PushOf(3, 3));
  EXPECT_EQ(foreign_->received()[2].request.body, PushOf(2, 3));
  EXPECT_TRUE(Eventually([&] { return alpha_->Acked("foreign.test") == 3; }));
}

}  // namespace
}  // namespace federation::e2e
