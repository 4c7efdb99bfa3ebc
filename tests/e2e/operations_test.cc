#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/federation_fixture.h"
#include "support/eventually.h"
#include "support/metrics_text.h"
#include "support/plain_http.h"
#include "support/raw_tls_client.h"
#include "support/raw_tls_server.h"

#include <sqlite3.h>

// What operators do to a running node, and what they see of it.
namespace federation::e2e {
namespace {

using support::Eventually;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kExpired[] = R"({"update":"expired"})";

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// What the node serves where it said in its latest life; the reader throws if it is not well-formed.
MetricsText Metrics(const TestNode& node) {
  const std::string log = node.Log();
  const std::string before = "metrics on http://127.0.0.1:";
  const std::size_t at = log.rfind(before);
  if (at == std::string::npos) throw std::runtime_error("no metrics: " + log);
  const auto port = static_cast<std::uint16_t>(std::stoi(log.substr(at + before.size())));
  return MetricsText(BodyOf(PlainHttpGet(port, "/metrics")));
}

class LinkOperations : public FederationFixture {
 protected:
  void SetUp() override {
    MakePair();
    alpha_->Start();
  }

  // What succeeds.
  std::string Fedctl(const std::vector<std::string>& arguments) {
    const Finished finished = alpha_->Fedctl(arguments);
    EXPECT_EQ(finished.ending.code, 0) << finished.err;
    return finished.out;
  }
  void Send(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number) {
      Fedctl({"send", "bravo.test", NumberedUpdate(number)});
    }
  }
};

TEST_F(LinkOperations, PauseHoldsUpdatesOverARestartUntilResume) {
  bravo_->Start();
  EXPECT_EQ(Fedctl({"link", "pause", "bravo.test"}), "bravo.test: paused, 0 updates wait\n");
  Send(1, 2);
  alpha_->process().Signal(SIGTERM);
  ASSERT_TRUE(alpha_->process().Wait());
  alpha_->Start();
  Send(3, 3);
  // Longer than a push takes, and than the first pause after a failure.
  std::this_thread::sleep_for(std::chrono::milliseconds{1500});
  EXPECT_EQ(bravo_->CountApplied("alpha.test"), 0u);
  EXPECT_THAT(Fedctl({"link", "show", "bravo.test", "--json"}),
              AllOf(HasSubstr(R"("assigned":3,"acked":0,"pending":3,)"), HasSubstr(R"("state":"paused")"),
                    HasSubstr(R"("pending_since":"20)"), HasSubstr(R"("pushes":0,)")));
  EXPECT_THAT(Fedctl({"link", "resume", "bravo.test"}), StartsWith("bravo.test: "));
  EXPECT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") == 3; }));
  EXPECT_TRUE(IsWholeSeries(bravo_->Applied("alpha.test"), 3));
  EXPECT_TRUE(Eventually([&] {
    return Fedctl({"links"}).find("\nbravo.test          3      3        0  ") != std::string::npos;
  }));
}

TEST_F(LinkOperations, ResetGivesUpWhatWaitsAndTheDestinationIsTold) {
  Send(1, 3);
  EXPECT_EQ(Fedctl({"link", "reset", "bravo.test"}), "bravo.test: gave up 3 updates\n");
  EXPECT_EQ(Fedctl({"link", "reset", "bravo.test", "--json"}),
            "{\"destination\":\"bravo.test\",\"given_up_updates\":0}\n");
  bravo_->Start();
  Send(4, 4);
  ASSERT_TRUE(Eventually([&] { return bravo_->CountApplied("alpha.test") == 4; }));
  const std::vector<AppliedRow> rows = bravo_->Applied("alpha.test");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows[i].seq, i + 1);
    EXPECT_EQ(rows[i].json, kExpired);
  }
  EXPECT_EQ(rows[3].seq, 4u);
  EXPECT_EQ(rows[3].json, NumberedUpdate(4));
  EXPECT_TRUE(Eventually([&] {
    const std::string link = Fedctl({"link", "show", "bravo.test", "--json"});
    return link.find(R"("acked":4,"pending":0)") != std::string::npos &&
           link.find(R"("expired_updates":3,"given_up_updates":3)") != std::string::npos;
  })) << Fedctl({"link", "show", "bravo.test"});
}

TEST_F(LinkOperations, OfLinksThatAreNotThereFail) {
  for (const char* operation : {"show", "pause", "resume", "wake", "reset"}) {
    const Finished finished = alpha_->Fedctl({"link", operation, "brvo.test"});
    EXPECT_EQ(finished.ending.code, 1) << operation;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, HasSubstr("destination: no link to brvo.test"));
    EXPECT_EQ(alpha_->Fedctl({"link", operation}).ending.code, 2) << operation;
  }
  EXPECT_THAT(Fedctl({"links"}), Not(HasSubstr("brvo")));
  EXPECT_THAT(alpha_->Fedctl({"link", "pause", "Bravo Test"}).err, HasSubstr("destination: "));
  EXPECT_EQ(alpha_->Fedctl({"link", "frobnicate", "bravo.test"}).ending.code, 2);
}

// A server of another make that refuses pushes until it is told not to.
class RefusingServer {
 public:
  explicit RefusingServer(const TlsFiles& files)
      : server_(files, [this](support::RawTlsConnection& connection, int) { Serve(connection); }) {}

  void RefuseNoMore() { refuses_ = false; }
  int refused() const { return refused_; }
  std::uint16_t port() const { return server_.port(); }

 private:
  void Serve(support::RawTlsConnection& connection) {
    while (std::optional<support::RawMessage> request = connection.Receive()) {
      const std::string body = Answer(request->body);
      connection.Send((refuses_ ? "HTTP/1.1 403 Forbidden" : "HTTP/1.1 200 OK") +
                      std::string("\r\nContent-Type: application/json\r\nContent-Length: ") +
                      std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }
  // The number stands at the end of a push.
  std::string Answer(const std::string& push) {
    if (refuses_) {
      ++refused_;
      return R"({"detail":"not you\u001b[2J"})";
    }
    if (push.find(R"("strong":[])") == std::string::npos) last_ = push.substr(push.rfind(':') + 1);
    return R"({"receive":"ok","seq":)" + last_.substr(0, last_.find('}')) + "}";
  }

  std::atomic<bool> refuses_{true};
  std::atomic<int> refused_{0};
  std::string last_ = "0";
  support::RawTlsServer server_;
};

class RefusedLink : public FederationFixture {
 protected:
  void SetUp() override {
    foreign_ = std::make_unique<RefusingServer>(ca_.Issue("foreign.test"));
    alpha_ = MakeNode("alpha.test");
    alpha_->AddPeer("foreign.test", foreign_->port());
    alpha_->Start();
  }
  // The server waits for its connections to close.
  void TearDown() override { alpha_->Kill(); }

  std::unique_ptr<RefusingServer> foreign_;
};

// When the link is tried again by itself, if it was refused; else the past.
absl::Time TriedByItself(TestNode& node, const std::string& destination) {
  const std::string link = node.Fedctl({"link", "show", destination, "--json"}).out;
  constexpr std::string_view kRetryAt = R"("retry_at":")";
  const std::size_t at = link.find(kRetryAt);
  if (link.find(R"("state":"refused")") == std::string::npos || at == std::string::npos) return {};
  const std::size_t begin = at + kRetryAt.size();
  absl::Time time;
  std::string error;
  EXPECT_TRUE(
      absl::ParseTime(absl::RFC3339_full, link.substr(begin, link.find('"', begin) - begin), &time, &error))
      << error;
  return time;
}

TEST_F(RefusedLink, IsTriedAtOnceWhenItIsWoken) {
  alpha_->Fedctl({"send", "foreign.test", NumberedUpdate(1)});
  absl::Time by_itself;
  // That is at a random time below a minute, which doubles: it may be soon.
  ASSERT_TRUE(Eventually(
      [&] {
        by_itself = TriedByItself(*alpha_, "foreign.test");
        return by_itself > absl::Now() + absl::Seconds(15);
      },
      std::chrono::seconds{100}));
  const int refused = foreign_->refused();
  const std::string times = std::to_string(refused);
  const std::string link = alpha_->Fedctl({"link", "show", "foreign.test"}).out;
  EXPECT_THAT(link, AllOf(HasSubstr("\nfailures                    " + times + " in a row\n"),
                          HasSubstr("\nlast error                  HTTP 403: not you?[2J\n"),
                          HasSubstr("\n  failures: refused         " + times + "\n")));
  foreign_->RefuseNoMore();
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  EXPECT_EQ(alpha_->Acked("foreign.test"), 0u) << "it waits by itself";
  EXPECT_EQ(foreign_->refused(), refused);
  EXPECT_EQ(alpha_->Fedctl({"link", "wake", "foreign.test"}).ending.code, 0);
  EXPECT_TRUE(Eventually([&] { return alpha_->Acked("foreign.test") == 1; }));
  EXPECT_LT(absl::Now(), by_itself) << "it may have come to that by itself";
}

// As many bytes as the update that it stands for: the store knows their sum.
constexpr char kCorrected[] = R"({"update":"expired"              })";

// Changes what is in a node's quarantine, as a new schema changes what a node makes of it.
void Correct(const TestNode& node, std::int64_t id, const std::string& json) {
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(node.File("db").c_str(), &connection), SQLITE_OK);
  sqlite3_busy_timeout(connection, 10'000);
  const std::string sql =
      "UPDATE federation_quarantine SET json = '" + json + "' WHERE id = " + std::to_string(id);
  EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(connection);
  EXPECT_EQ(sqlite3_changes(connection), 1);
  sqlite3_close(connection);
}

// A peer whose schema has updates that this node's has not.
class QuarantineOperations : public FederationFixture {
 protected:
  void SetUp() override {
    alpha_ = MakeNode("alpha.test");
    alpha_->AddOptions({"--metrics", "127.0.0.1:0"});
    alpha_->Start();
    support::RawTlsConnection connection =
        support::ConnectRawTls(alpha_->port(), ca_.Issue("foreign.test"), "alpha.test");
    const std::string body = R"({"weak":[],"strong":[{"update":"dance"},)" + NumberedUpdate(2) +
                             R"(,{"update":"sing","song":"a\u009b"}],"seq":3})";
    ASSERT_TRUE(connection.Send(
        "POST /http/v1/updates HTTP/1.1\r\nHost: alpha.test\r\nFederation-Origin: foreign.test\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body));
    const std::optional<support::RawMessage> answer = connection.Receive();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->body, R"({"receive":"ok","seq":3})");
  }

  Finished Quarantine(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "quarantine");
    return alpha_->Fedctl(arguments);
  }
};

TEST_F(QuarantineOperations, ShowWhatIsThere) {
  EXPECT_EQ(Quarantine({"list"}).out, "ORIGIN        UPDATES  BYTES\nforeign.test        2     52\n");
  EXPECT_EQ(Quarantine({"list", "--json"}).out, "{\"origin\":\"foreign.test\",\"updates\":2,\"bytes\":52}\n");
  EXPECT_THAT(Quarantine({"list", "foreign.test"}).out,
              StartsWith("ID  SEQ  BYTES  SINCE    REASON\n 1    1 "));
  const std::vector<std::string> lines = Lines(Quarantine({"list", "foreign.test", "--json"}).out);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], AllOf(StartsWith(R"({"id":1,"origin":"foreign.test","seq":1,"since":"20)"),
                              HasSubstr("dance"), HasSubstr(R"("bytes":18})")));
  EXPECT_THAT(lines[1], StartsWith(R"({"id":2,"origin":"foreign.test","seq":3,"since":")"));
  // Since the test began, or nearly.
  const std::string since = lines[0].substr(lines[0].find(R"("since":")") + 9, 24);
  absl::Time time;
  std::string error;
  ASSERT_TRUE(absl::ParseTime("%Y-%m-%dT%H:%M:%E*SZ", since, &time, &error)) << since << ": " << error;
  EXPECT_LT(absl::Now() - time, absl::Minutes(5));

  EXPECT_THAT(Quarantine({"show", "foreign.test", "1"}).out,
              AllOf(StartsWith("origin  foreign.test\nid      1\nseq     1\n"),
                    ::testing::EndsWith("\n{\"update\":\"dance\"}\n")));
  EXPECT_THAT(Quarantine({"show", "foreign.test", "2", "--json"}).out,
              ::testing::EndsWith(",\"update\":{\"update\":\"sing\",\"song\":\"a\\u009b\"}}\n"));
  const Finished missing = Quarantine({"show", "foreign.test", "3"});
  EXPECT_EQ(missing.ending.code, 1);
  EXPECT_THAT(missing.err, HasSubstr("id: no update of foreign.test with the id 3 is in quarantine"));
  EXPECT_EQ(Quarantine({"list", "nobody.test"}).out, "ID  SEQ  BYTES  SINCE  REASON\n");
  EXPECT_EQ(Quarantine({"list", "nobody.test", "--json"}).out, "");
  EXPECT_EQ(Metrics(*alpha_).At("federation_quarantined_updates{origin=\"foreign.test\"}"), 2);
}

TEST_F(QuarantineOperations, ReplayAppliesWhatIsUnderstoodByNow) {
  Finished replay = Quarantine({"replay", "foreign.test", "--all"});
  EXPECT_EQ(replay.ending.code, 1);
  EXPECT_THAT(Lines(replay.out),
              ::testing::ElementsAre(StartsWith("1: rejected again: "), StartsWith("2: rejected again: "),
                                     "applied 0 updates"));
  EXPECT_THAT(replay.err, HasSubstr("2 updates not applied"));
  EXPECT_EQ(alpha_->CountQuarantined("foreign.test"), 2u);

  Correct(*alpha_, 2, kCorrected);
  replay = Quarantine({"replay", "foreign.test", "2", "--json"});
  EXPECT_EQ(replay.ending.code, 0) << replay.err;
  EXPECT_EQ(replay.out, "{\"id\":2,\"seq\":3,\"result\":\"applied\",\"reason\":null}\n");
  EXPECT_EQ(alpha_->CountQuarantined("foreign.test"), 1u);
  const std::vector<AppliedRow> rows = alpha_->Applied("foreign.test");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[1].seq, 3u);
  EXPECT_EQ(rows[1].json, kCorrected);

  replay = Quarantine({"replay", "foreign.test", "1", "2"});
  EXPECT_EQ(replay.ending.code, 1);
  EXPECT_EQ(replay.out, "");
  EXPECT_THAT(replay.err, HasSubstr("with the id 2 "));
  EXPECT_EQ(Quarantine({"replay", "foreign.test"}).ending.code, 2);
}

TEST_F(QuarantineOperations, DropSaysHowMany) {
  EXPECT_EQ(Quarantine({"drop", "foreign.test"}).ending.code, 2) << "no id stands for nothing";
  EXPECT_EQ(Quarantine({"drop", "foreign.test", "7"}).ending.code, 1);
  EXPECT_EQ(alpha_->CountQuarantined("foreign.test"), 2u);
  EXPECT_EQ(Quarantine({"drop", "foreign.test", "2"}).out, "dropped 1 update of foreign.test\n");
  EXPECT_EQ(Quarantine({"drop", "foreign.test", "--all", "--json"}).out,
            "{\"origin\":\"foreign.test\",\"dropped_updates\":1}\n");
  EXPECT_EQ(Quarantine({"list", "--json"}).out, "");
  EXPECT_EQ(alpha_->CountQuarantined("foreign.test"), 0u);
  EXPECT_THAT(alpha_->Applied("foreign.test"), SizeIs(1));
}

class MetricsOfNodes : public FederationFixture {
 protected:
  void SetUp() override {
    MakePair();
    for (TestNode* node : {alpha_.get(), bravo_.get()}) node->AddOptions({"--metrics", "127.0.0.1:0"});
    alpha_->Start();
  }
};

TEST_F(MetricsOfNodes, MoveWithWhatHappens) {
  const std::string bravo = "{destination=\"bravo.test\"";
  ASSERT_TRUE(AcceptedAll(alpha_->Fedctl({"send", "bravo.test", "-"}, NumberedLines(10)), 10));
  const std::string unreachable = "federation_link_failures_total" + bravo + ",kind=\"unreachable\"}";
  EXPECT_TRUE(Eventually([&] {
    const MetricsText text = Metrics(*alpha_);
    return text.At("federation_link_pending_updates" + bravo + "}") == 10 && text.At(unreachable) >= 1 &&
           text.At("federation_link_oldest_pending_age_seconds" + bravo + "}") > 0 &&
           text.At("federation_link_pending_bytes" + bravo + "}") > 1000 &&
           text.At("federation_link_failing" + bravo + "}") == 1;
  }));
  const MetricsText before = Metrics(*alpha_);
  EXPECT_EQ(before.At("federation_link_acked_updates_total" + bravo + "}"), 0);
  EXPECT_GE(before.At("federation_push_duration_seconds_count{result=\"failed\"}"), 1);

  bravo_->Start();
  alpha_->Fedctl({"link", "wake", "bravo.test"});
  EXPECT_TRUE(Eventually([&] {
    const MetricsText text = Metrics(*alpha_);
    return text.At("federation_link_acked_updates_total" + bravo + "}") == 10 &&
           text.At("federation_link_pending_updates" + bravo + "}") == 0 &&
           text.At("federation_link_failing" + bravo + "}") == 0;
  }));
  const MetricsText after = Metrics(*alpha_);
  EXPECT_EQ(after.TypeOf("federation_push_duration_seconds"), "histogram");
  EXPECT_GE(after.At("federation_push_duration_seconds_count{result=\"acked\"}"), 1);
  EXPECT_GT(after.At("federation_push_duration_seconds_sum{result=\"acked\"}"), 0);
  EXPECT_GE(after.At("federation_pushed_updates_total{delivery=\"strong\"}"), 10);
  EXPECT_GE(after.At(unreachable), before.At(unreachable));
  // The answer may be out before it is counted.
  EXPECT_TRUE(Eventually([&] {
    const MetricsText received = Metrics(*bravo_);
    return received.At("federation_received_updates_total{delivery=\"strong\"}") >= 10 &&
           received.At("federation_received_push_duration_seconds_count{result=\"answered\"}") >= 1;
  }));
}

TEST_F(MetricsOfNodes, TellAsManyLinksApartAsTheyAreTold) {
  bravo_->AddOptions(
      {"--metrics-labels", "1", "--peer", "carol.test=127.0.0.1:1", "--peer", "dave.test=127.0.0.1:1"});
  bravo_->Start();
  bravo_->Fedctl({"link", "pause", "carol.test"});
  const MetricsText text = Metrics(*bravo_);
  EXPECT_EQ(text.At("federation_link_pending_updates{destination=\"alpha.test\"}"), 0);
  EXPECT_EQ(text.At("federation_link_pending_updates{destination=\"other\"}"), 0);
  EXPECT_FALSE(text.Has("federation_link_pending_updates{destination=\"carol.test\"}"));
  EXPECT_EQ(text.At("federation_links_in_other"), 2);
  EXPECT_EQ(text.At("federation_links{state=\"paused\"}"), 1);
}

TEST_F(MetricsOfNodes, NeedAnAddressThatIsFree) {
  const std::string log = alpha_->Log();
  const std::string taken =
      log.substr(log.rfind("http://") + 7, log.rfind("/metrics") - log.rfind("http://") - 7);
  std::vector<std::string> command = bravo_->Command();
  for (std::string& argument : command) {
    if (argument == "127.0.0.1:0") argument = taken;
  }
  const Finished second = RunToEnd(command, folder_.File(""));
  EXPECT_EQ(second.ending.code, 1);
  EXPECT_THAT(second.err, HasSubstr("--metrics: cannot listen on " + taken));
}

TEST_F(MetricsOfNodes, AreNotServedUnlessAskedFor) {
  std::unique_ptr<TestNode> carol = MakeNode("carol.test");
  carol->Start();
  EXPECT_THAT(carol->Log(), Not(HasSubstr("metrics")));
}

}  // namespace
}  // namespace federation::e2e
