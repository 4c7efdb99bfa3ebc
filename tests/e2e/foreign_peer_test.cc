#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <poll.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/limits.h"

#include "e2e/eventually.h"
#include "e2e/federation_fixture.h"
#include "support/raw_tls_client.h"
#include "support/raw_tls_server.h"

#include <sqlite3.h>

// A node against a peer that shares no code with it: OpenSSL and HTTP written by hand.
namespace federation::e2e {
namespace {

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

// Keeps others from writing to a database.
class WriteLock {
 public:
  explicit WriteLock(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &connection_), SQLITE_OK);
    sqlite3_busy_timeout(connection_, 10'000);
    EXPECT_EQ(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~WriteLock() { sqlite3_close(connection_); }

 private:
  sqlite3* connection_ = nullptr;
};

TEST_F(ForeignSender, IsToldToWaitWhenTheNodeCannotKeepUp) {
  // One push is applied and a few may queue behind it; one more is too many.
  std::size_t pushes = InboxLimits{}.queued_pushes_max + 2;
  std::vector<std::unique_ptr<support::RawTlsConnection>> connections;
  std::vector<pollfd> sockets;
  for (std::size_t i = 0; i < pushes; ++i) {
    connections.push_back(std::make_unique<support::RawTlsConnection>(Connect()));
    ASSERT_EQ(Push(*connections[i], R"({"weak":[],"strong":[],"seq":0})"), R"({"receive":"ok","seq":0})");
    sockets.push_back({SSL_get_fd(connections[i]->ssl()), POLLIN, 0});
  }
  {
    WriteLock lock(alpha_->File("db"));
    // The newest one first: only it may bring new updates.
    for (auto connection = connections.rbegin(); connection != connections.rend(); ++connection) {
      ASSERT_TRUE((*connection)->Send(PostOf(PushOf(1, 1))));
    }
    // While the store is locked, nothing but `wait` can be answered.
    ASSERT_GT(::poll(sockets.data(), sockets.size(), 4000), 0);
  }
  std::size_t waits = 0;
  for (auto& connection : connections) {
    std::string answer = Answer(*connection);
    if (answer == R"({"receive":"wait","wait":1})") {
      ++waits;
      answer = Push(*connection, PushOf(1, 1));
    }
    EXPECT_EQ(answer, R"({"receive":"ok","seq":1})");
  }
  EXPECT_EQ(waits, 1u);
  EXPECT_TRUE(IsWholeSeries(alpha_->Applied("foreign.test"), 1));
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
