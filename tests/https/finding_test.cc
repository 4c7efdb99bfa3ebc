#include "https/finding.h"

#include <atomic>
#include <future>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "https/harness.h"
#include "support/raw_tls_server.h"

namespace federation::https {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FakeFinder final : public ServerFinder {
 public:
  void Find(const std::string& domain, Done done) override {
    ++times_asked;
    EXPECT_EQ(domain, "bravo.test");
    if (holds_back) {
      held_back = std::move(done);
      return asked.set_value();
    }
    done(answer);
  }
  void NoteUnreachable(const std::string& domain) override {
    EXPECT_EQ(domain, "bravo.test");
    ++times_unreachable;
  }

  absl::StatusOr<std::vector<directory::Candidate>> answer = absl::NotFoundError("bravo.test has no server");
  bool holds_back = false;
  Done held_back;
  std::promise<void> asked;
  std::atomic<int> times_asked{0};
  std::atomic<int> times_unreachable{0};
};

class FakeNames final : public NameResolver {
 public:
  void Resolve(const std::string& name, Done done) override {
    if (name == "nowhere.test") return done(absl::NotFoundError("no such name"));
    done(std::vector<std::string>{name == "inside.test" ? "10.0.0.1" : "127.0.0.1"});
  }
};

// The client of alpha.test, which may connect to 127.0.0.1 alone.
class FindingTest : public ::testing::Test {
 protected:
  FindingTest() {
    client_ = std::make_unique<Client>(loop_, LoadTls(ca_.Issue("alpha.test"), "alpha.test"), TestLimits(),
                                       *directory::AddressPolicy::Create({"127.0.0.0/8"}), "alpha.test", 1,
                                       Finding{.servers = &finder_, .names = &names_});
    loop_.Start();
  }

  static Call CallToBravo() {
    Call call = CallTo(1);
    call.address = {};
    return call;
  }
  std::future<absl::StatusOr<Answer>> Start(Call call) {
    auto answer = std::make_shared<std::promise<absl::StatusOr<Answer>>>();
    loop_.Post([this, call = std::move(call), answer] {
      client_->Post(call, [answer](absl::StatusOr<Answer> got) { answer->set_value(std::move(got)); });
    });
    return answer->get_future();
  }
  absl::StatusOr<Answer> Post(Call call = CallToBravo()) { return Start(std::move(call)).get(); }
  // The same for calls and for pipelined calls.
  void ExpectError(absl::StatusCode code, const testing::Matcher<std::string>& words) {
    for (const bool pipelined : {false, true}) {
      Call call = CallToBravo();
      call.pipelined = pipelined;
      const absl::Status status = Post(call).status();
      EXPECT_EQ(status.code(), code) << status;
      EXPECT_THAT(std::string(status.message()), words);
    }
  }
  static directory::Candidate At(const std::string& host, std::uint16_t port,
                                 std::vector<std::string> names = {"bravo.test"}) {
    return {.address = {host, port}, .certificate_names = std::move(names), .from_outside = true};
  }

  EventLoop loop_;
  support::TestCa ca_;
  FakeFinder finder_;
  FakeNames names_;
  std::unique_ptr<Client> client_;
};

TEST_F(FindingTest, AsksOnlyWhenItHasToConnect) {
  TestServer server(ca_.Issue("bravo.test"));
  finder_.answer = {At("node.test", server.port())};
  for (int i = 0; i < 3; ++i) {
    const absl::StatusOr<Answer> answer = Post();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_THAT(answer->body, HasSubstr("alpha.test>bravo.test"));
  }
  EXPECT_EQ(finder_.times_asked, 1);
  EXPECT_EQ(finder_.times_unreachable, 0);
}

TEST_F(FindingTest, FallsOverToTheNextPlace) {
  TestServer server(ca_.Issue("bravo.test"));
  support::RawTlsServer wrong(ca_.Issue("evil.test"), [](support::RawTlsConnection&, int) {});
  for (const bool pipelined : {false, true}) {
    finder_.answer = {At("nowhere.test", server.port()), At("inside.test", server.port()), At("node.test", 1),
                      At("node.test", wrong.port()), At("node.test", server.port())};
    Call call = CallToBravo();
    call.pipelined = pipelined;
    const absl::StatusOr<Answer> answer = Post(call);
    ASSERT_TRUE(answer.ok()) << answer.status();
  }
  EXPECT_EQ(finder_.times_unreachable, 0);
}

TEST_F(FindingTest, SaysOfEveryPlaceWhyItWasNone) {
  finder_.answer = {At("nowhere.test", 9880), At("inside.test", 9880), At("node.test", 1)};
  ExpectError(absl::StatusCode::kUnavailable,
              AllOf(HasSubstr("bravo.test: nowhere.test:9880: the name cannot be resolved: no such name; "),
                    HasSubstr("inside.test:9880: address \"10.0.0.1\" is refused: private"),
                    HasSubstr("node.test:1: connection refused")));
  EXPECT_EQ(finder_.times_unreachable, 2);
}

TEST_F(FindingTest, RefusesAddressesThatOthersSayAsIfANameHadThem) {
  finder_.answer = {At("10.0.0.1", 9880), At("::ffff:10.0.0.1", 9880)};
  ExpectError(absl::StatusCode::kPermissionDenied,
              AllOf(HasSubstr("10.0.0.1:9880: address \"10.0.0.1\" is refused: private"),
                    HasSubstr("[::ffff:10.0.0.1]:9880: address")));
}

TEST_F(FindingTest, WantsACertificateForOneOfTheNames) {
  TestServer server(ca_.Issue({.dns_names = {"node.host.test", "bravo.test"}}));
  support::RawTlsServer host(ca_.Issue("node.host.test"), [](support::RawTlsConnection& connection, int) {
    connection.Receive();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  finder_.answer = {At("node.test", host.port())};
  ExpectError(absl::StatusCode::kPermissionDenied, HasSubstr("is not valid for bravo.test"));
  finder_.answer = {At("node.test", host.port(), {"node.host.test", "bravo.test"})};
  EXPECT_TRUE(Post().ok());
  finder_.answer = {At("node.test", host.port(), {"other.test", "node.host.test"})};
  EXPECT_TRUE(Post().ok());
  finder_.answer = {At("node.test", host.port(), {"other.test", "bravo.test"})};
  EXPECT_FALSE(Post().ok());
}

TEST_F(FindingTest, PassesOnThatThereIsNoServer) {
  ExpectError(absl::StatusCode::kNotFound, HasSubstr("bravo.test has no server"));
  EXPECT_EQ(finder_.times_unreachable, 0);
}

TEST_F(FindingTest, GivesUpWaitingWhenTheCallRunsOutOfTime) {
  finder_.holds_back = true;
  Call call = CallToBravo();
  call.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(Post(call).status().code(), absl::StatusCode::kDeadlineExceeded);
  // Too late.
  loop_.Post([&] { finder_.held_back(std::vector{At("node.test", 1)}); });
  Settle(loop_);
  EXPECT_EQ(finder_.times_unreachable, 0);
}

TEST_F(FindingTest, MayBeDestroyedWhileItWaits) {
  finder_.holds_back = true;
  loop_.Post([this] {
    client_->Post(CallToBravo(), [](const absl::StatusOr<Answer>&) { ADD_FAILURE() << "it was dropped"; });
  });
  finder_.asked.get_future().wait();
  client_.reset();
  loop_.Post([&] { finder_.held_back(std::vector{At("node.test", 1)}); });
  Settle(loop_);
}

}  // namespace
}  // namespace federation::https
