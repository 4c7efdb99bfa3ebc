#include "fednode/options.h"

#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fednode/domains.h"
#include "support/temporary_folder.h"

namespace federation::fednode {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const std::vector<std::string> kNeeded = {"--domain",  "alpha.test", "--tls-cert", "a.pem",
                                          "--tls-key", "a.key",      "--store",    "sqlite:a.db"};

absl::StatusOr<std::variant<Options, Notice>> Parse(std::vector<std::string> arguments) {
  std::vector<const char*> argv = {"fednode"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return ParseCommandLine(static_cast<int>(argv.size()), argv.data());
}

std::vector<std::string> Needed(std::vector<std::string> more) {
  std::vector<std::string> all = kNeeded;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Options ParseGood(std::vector<std::string> arguments) {
  auto parsed = Parse(std::move(arguments));
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? std::get<Options>(*parsed) : Options{};
}

std::string ErrorOf(std::vector<std::string> arguments) {
  auto parsed = Parse(std::move(arguments));
  if (parsed.ok()) return "no error";
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status()));
  return std::string(parsed.status().message());
}

class OptionsInFile : public ::testing::Test {
 protected:
  std::vector<std::string> WithFile(const std::string& toml) {
    std::ofstream(dir_.File("node.toml")) << toml;
    return {"--config", dir_.File("node.toml")};
  }

  TemporaryFolder dir_;
};

TEST(OptionsOnCommandLine, SayWhichWayUpdatesGo) {
  const RelayOptions relay = ParseGood(Needed({"--via", "d.test=r.test", "--relay", "e.test=a.test,*.b.test",
                                               "--relay", "e.test=c.test", "--trust-relay", "s.test=*"}))
                                 .node.relay;
  EXPECT_THAT(relay.via, UnorderedElementsAre(Pair("d.test", "r.test")));
  EXPECT_THAT(relay.serves,
              UnorderedElementsAre(Pair("e.test", ElementsAre("a.test", "*.b.test", "c.test"))));
  EXPECT_THAT(relay.trusted, UnorderedElementsAre(Pair("s.test", ElementsAre("*"))));
  EXPECT_THAT(ErrorOf(Needed({"--via", "d.test"})), HasSubstr("want DESTINATION=RELAY"));
  EXPECT_THAT(ErrorOf(Needed({"--via", "d.test=r.test", "--via", "d.test=s.test"})),
              HasSubstr("stands twice"));
  EXPECT_THAT(ErrorOf(Needed({"--relay", "d.test="})), HasSubstr("want DESTINATION=ORIGIN"));
  EXPECT_THAT(ErrorOf(Needed({"--trust-relay", "r.test"})), HasSubstr("want RELAY=ORIGIN"));
}

TEST(OptionsOnCommandLine, StandOnceForEachDomain) {
  const std::vector<std::string> second = {"--domain",  "bravo.test", "--tls-cert", "b.pem",
                                           "--tls-key", "b.key",      "--store",    "sqlite:b.db"};
  std::vector<std::string> more = second;
  more.insert(more.end(), {"--tls-ca", "ca.pem", "--peer", "alpha.test=h:1", "--peer", "bravo.test=h:1",
                           "--admin", "unix:a.sock", "--admin", "unix:b.sock"});
  const std::vector<Options> each = OptionsOfEach(ParseGood(Needed(more)));
  ASSERT_EQ(each.size(), 2u);
  EXPECT_EQ(each[0].node.domain, "alpha.test");
  EXPECT_EQ(each[0].store_path, "a.db");
  EXPECT_EQ(each[0].admin_socket_path, "a.sock");
  EXPECT_THAT(each[0].node.peers, UnorderedElementsAre(Pair("bravo.test", HostPort{"h", 1})));
  EXPECT_EQ(each[1].node.domain, "bravo.test");
  EXPECT_EQ(each[1].node.tls.certificate, "b.pem");
  EXPECT_EQ(each[1].node.tls.private_key, "b.key");
  EXPECT_EQ(each[1].node.tls.authorities, "ca.pem");
  EXPECT_EQ(each[1].store_path, "b.db");
  EXPECT_EQ(each[1].admin_socket_path, "b.sock");
  EXPECT_EQ(each[1].metrics_listen, std::nullopt);
  EXPECT_THAT(each[1].node.peers, UnorderedElementsAre(Pair("alpha.test", HostPort{"h", 1})));
  for (std::size_t i = 0; i < second.size(); i += 2) {
    std::vector<std::string> less = second;
    less.erase(less.begin() + static_cast<long>(i), less.begin() + static_cast<long>(i) + 2);
    EXPECT_EQ(ErrorOf(Needed(less)), second[i] + ": want one for each of the 2 domains");
  }
  more = second;
  more.insert(more.end(), {"--admin", "unix:a.sock"});
  EXPECT_EQ(ErrorOf(Needed(more)), "--admin: want one for each of the 2 domains");
}

TEST(OptionsOnCommandLine, HaveTheirDefaults) {
  Options options = ParseGood(kNeeded);
  EXPECT_EQ(options.node.domain, "alpha.test");
  EXPECT_EQ(options.node.tls.certificate, "a.pem");
  EXPECT_EQ(options.node.tls.private_key, "a.key");
  EXPECT_EQ(options.node.tls.authorities, "");
  EXPECT_EQ(options.store_path, "a.db");
  EXPECT_EQ(options.node.listen, (HostPort{"0.0.0.0", 9880}));
  EXPECT_EQ(options.admin_socket_path, "");
  EXPECT_EQ(options.metrics_listen, std::nullopt);
  EXPECT_EQ(options.metrics_labels_max, 100u);
  EXPECT_EQ(options.history_rows_max, 1'000'000u);
  EXPECT_EQ(options.node.handler_threads, 8);
  EXPECT_EQ(options.node.request_threads, 8);
  EXPECT_EQ(options.allow_path + options.deny_path + options.users_path, "");
  // What --help says.
  EXPECT_EQ(options.node.limits.origin.requests_per_second_max, 100'000u);
  EXPECT_EQ(options.node.limits.origin.bytes_per_second_max, 268'435'456u);
  EXPECT_EQ(options.node.limits.inbox.updates_per_second_max, 1'000'000u);
  EXPECT_TRUE(options.node.discovery.enabled);
  EXPECT_EQ(options.node.discovery.well_known_port, 443);
  EXPECT_EQ(options.log_level, spdlog::level::info);
}

TEST(OptionsOnCommandLine, AreAllRead) {
  Options options = ParseGood(Needed({"--listen",
                                      "[::1]:0",
                                      "--tls-ca",
                                      "ca.pem",
                                      "--peer",
                                      "bravo.test=127.0.0.1:9881",
                                      "--peer",
                                      "carol.test=carol.example:1",
                                      "--allow-address",
                                      "127.0.0.0/8",
                                      "--allow-address",
                                      "10.0.0.0/8",
                                      "--discovery",
                                      "off",
                                      "--announce",
                                      "node.alpha.test:443",
                                      "--announce",
                                      "192.0.2.1:9880",
                                      "--dns-server",
                                      "[::1]:53",
                                      "--well-known-port",
                                      "8443",
                                      "--admin",
                                      "unix:/run/a.sock",
                                      "--metrics",
                                      "[::1]:9890",
                                      "--metrics-labels",
                                      "0",
                                      "--history",
                                      "0",
                                      "--handler-threads",
                                      "4",
                                      "--request-threads",
                                      "5",
                                      "--allow",
                                      "allow.txt",
                                      "--deny",
                                      "deny.txt",
                                      "--users",
                                      "users.json",
                                      "--origin-requests",
                                      "10",
                                      "--origin-bytes",
                                      "20",
                                      "--origin-updates",
                                      "30",
                                      "--log-level",
                                      "warn"}));
  EXPECT_EQ(options.node.listen, (HostPort{"::1", 0}));
  EXPECT_EQ(options.node.tls.authorities, "ca.pem");
  EXPECT_THAT(options.node.peers, UnorderedElementsAre(Pair("bravo.test", HostPort{"127.0.0.1", 9881}),
                                                       Pair("carol.test", HostPort{"carol.example", 1})));
  EXPECT_THAT(options.node.allowed_addresses, ElementsAre("127.0.0.0/8", "10.0.0.0/8"));
  EXPECT_FALSE(options.node.discovery.enabled);
  EXPECT_THAT(options.node.discovery.announced,
              ElementsAre(HostPort{"node.alpha.test", 443}, HostPort{"192.0.2.1", 9880}));
  EXPECT_THAT(options.node.discovery.dns_servers, ElementsAre(HostPort{"::1", 53}));
  EXPECT_EQ(options.node.discovery.well_known_port, 8443);
  EXPECT_EQ(options.admin_socket_path, "/run/a.sock");
  EXPECT_EQ(options.metrics_listen, (HostPort{"::1", 9890}));
  EXPECT_EQ(options.metrics_labels_max, 0u);
  EXPECT_EQ(options.history_rows_max, 0u);
  EXPECT_EQ(options.node.handler_threads, 4);
  EXPECT_EQ(options.node.request_threads, 5);
  EXPECT_EQ(options.allow_path, "allow.txt");
  EXPECT_EQ(options.deny_path, "deny.txt");
  EXPECT_EQ(options.users_path, "users.json");
  EXPECT_EQ(options.node.limits.origin.requests_per_second_max, 10u);
  EXPECT_EQ(options.node.limits.origin.bytes_per_second_max, 20u);
  EXPECT_EQ(options.node.limits.inbox.updates_per_second_max, 30u);
  EXPECT_EQ(options.log_level, spdlog::level::warn);
}

TEST(OptionsOnCommandLine, AreNamedWhenTheyAreWrong) {
  struct Case {
    std::vector<std::string> arguments;
    const char* name;
    const char* reason;
  };
  const Case cases[] = {
      {{"--listen", "9880"}, "--listen", "9880"},
      {{"--origin-requests", "0"}, "--origin-requests", "want a number from 1 to"},
      {{"--allow", ""}, "--allow", "want a text, got an empty one"},
      {{"--store", "mysql:x"}, "--store", "want sqlite:FILE, got \"mysql:x\""},
      {{"--store", "sqlite:"}, "--store", "want sqlite:FILE"},
      {{"--admin", "/run/a.sock"}, "--admin", "want unix:PATH"},
      {{"--admin", "unix:" + std::string(108, 'x')}, "--admin", "at most 107 bytes"},
      {{"--peer", "bravo.test"}, "--peer", "want DOMAIN=HOST:PORT, got \"bravo.test\""},
      {{"--peer", "bravo.test=127.0.0.1:x"}, "--peer", "127.0.0.1:x"},
      {{"--discovery", "yes"}, "--discovery", "want on or off, got \"yes\""},
      {{"--announce", "node.test"}, "--announce", "want HOST:PORT, got \"node.test\""},
      {{"--dns-server", "127.0.0.1"}, "--dns-server", "want HOST:PORT"},
      {{"--well-known-port", "0"}, "--well-known-port", "want a number from 1 to 65535, got \"0\""},
      {{"--peer", "b.test=h:1", "--peer", "b.test=h:2"}, "--peer", "\"b.test\" stands twice"},
      {{"--history", "-1"}, "--history", "got \"-1\""},
      {{"--history", "10k"}, "--history", "got \"10k\""},
      {{"--history", "99999999999999999999"}, "--history", "want a number of rows"},
      {{"--metrics", "9890"}, "--metrics", "9890"},
      {{"--metrics-labels", "10001"}, "--metrics-labels", "0 to 10000"},
      {{"--metrics-labels", "-1"}, "--metrics-labels", "0 to 10000"},
      {{"--handler-threads", "0"}, "--handler-threads", "1 to 256"},
      {{"--request-threads", "257"}, "--request-threads", "1 to 256"},
      {{"--log-level", "loud"}, "--log-level", "got \"loud\""},
      {{"--tls-ca", ""}, "--tls-ca", "got an empty one"},
      {{"--config", "/nowhere.toml"}, "--config", "/nowhere.toml"},
  };
  for (const Case& test : cases) {
    // Before the needed ones: the options are read in the order of their rows, the wrong one is the one that
    // counts.
    std::vector<std::string> arguments = test.arguments;
    for (std::size_t i = 0; i < kNeeded.size(); i += 2) {
      if (kNeeded[i] != test.name) arguments.insert(arguments.end(), {kNeeded[i], kNeeded[i + 1]});
    }
    EXPECT_THAT(ErrorOf(arguments), AllOf(HasSubstr(test.name), HasSubstr(test.reason)));
  }
}

TEST(OptionsOnCommandLine, AreRefusedWhenTheyAreUnknown) {
  EXPECT_THAT(ErrorOf(Needed({"--frobnicate"})), HasSubstr("--frobnicate"));
  EXPECT_THAT(ErrorOf(Needed({"stray"})), HasSubstr("stray"));
  EXPECT_THAT(ErrorOf({"--domian", "alpha.test"}), HasSubstr("--domian"));
}

TEST(OptionsOnCommandLine, AreRefusedWhenOneThatIsNeededIsMissing) {
  EXPECT_THAT(ErrorOf({"--domain", "alpha.test", "--tls-cert", "a", "--tls-key", "b"}), HasSubstr("--store"));
}

TEST(OptionsOnCommandLine, AreRefusedWhenOneStandsTwice) {
  EXPECT_THAT(ErrorOf(Needed({"--history", "1", "--history", "2"})), HasSubstr("--history"));
}

TEST(OptionsOnCommandLine, AreExplainedByHelp) {
  auto parsed = Parse({"--help"});
  ASSERT_TRUE(parsed.ok());
  const std::string& text = std::get<Notice>(*parsed).text;
  for (const char* name : {"--domain",
                           "--listen HOST:PORT=0.0.0.0:9880",
                           "--tls-cert",
                           "--tls-key",
                           "--tls-ca",
                           "--store",
                           "--peer",
                           "--discovery on|off=on",
                           "--announce",
                           "--dns-server",
                           "--well-known-port PORT=443",
                           "--allow-address",
                           "--admin",
                           "--metrics HOST:PORT",
                           "--metrics-labels COUNT=100",
                           "--history ROWS=1000000",
                           "--handler-threads",
                           "--request-threads",
                           "--log-level LEVEL=info",
                           "--config",
                           "--version"}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
}

TEST_F(OptionsInFile, AreAllRead) {
  Options options = ParseGood(WithFile(R"(
      domain = "alpha.test"
      listen = "127.0.0.1:0"
      tls-cert = "a.pem"
      tls-key = "a.key"
      tls-ca = "ca.pem"
      store = "sqlite:a.db"
      peer = ["bravo.test=127.0.0.1:9881", "carol.test=127.0.0.1:9882"]
      allow-address = "127.0.0.0/8"
      admin = "unix:a.sock"
      metrics = "127.0.0.1:9890"
      metrics-labels = 7
      history = 5000
      handler-threads = 2
      log-level = "debug"
  )"));
  EXPECT_EQ(options.node.domain, "alpha.test");
  EXPECT_EQ(options.node.listen, (HostPort{"127.0.0.1", 0}));
  EXPECT_EQ(options.node.tls.certificate, "a.pem");
  EXPECT_EQ(options.node.tls.private_key, "a.key");
  EXPECT_EQ(options.node.tls.authorities, "ca.pem");
  EXPECT_EQ(options.store_path, "a.db");
  EXPECT_EQ(options.node.peers.size(), 2u);
  EXPECT_THAT(options.node.allowed_addresses, ElementsAre("127.0.0.0/8"));
  EXPECT_EQ(options.admin_socket_path, "a.sock");
  EXPECT_EQ(options.metrics_listen, (HostPort{"127.0.0.1", 9890}));
  EXPECT_EQ(options.metrics_labels_max, 7u);
  EXPECT_EQ(options.history_rows_max, 5000u);
  EXPECT_EQ(options.node.handler_threads, 2);
  EXPECT_EQ(options.log_level, spdlog::level::debug);
}

TEST_F(OptionsInFile, GiveWayToTheCommandLine) {
  std::vector<std::string> arguments = Needed(WithFile("domain = \"other.test\"\nhistory = 7\n"));
  Options options = ParseGood(arguments);
  EXPECT_EQ(options.node.domain, "alpha.test");
  EXPECT_EQ(options.history_rows_max, 7u);
}

TEST_F(OptionsInFile, AreRefusedWithLineAndKeyWhenTheyAreWrong) {
  struct Case {
    const char* toml;
    const char* reason;
  };
  const Case cases[] = {
      {"history = 1\nfrobnicate = 1\n", "line 2: unknown key `frobnicate`"},
      {"[tls]\ncert = \"a.pem\"\n", "line 1: unknown key `tls`"},
      {"[peer]\na = \"b\"\n", "line 1: `peer`: want a string, a whole number, true or false"},
      {"history = 1.5\n", "line 1: `history`: want"},
      {"history = -5\n", "--history: want a number of rows"},
      {"config = \"x.toml\"\n", "`config` can stand on the command line only"},
      {"help = true\n", "`help` can stand on the command line only"},
      {"listen = [\"a:1\", \"b:1\"]\n", "--listen"},
      {"domain = \n", "line 1:"},
      {"history = 1\nhistory = 2\n", "line 2:"},
      {"log-level = \"loud\"\n", "--log-level: want"},
  };
  for (const Case& test : cases) {
    EXPECT_THAT(ErrorOf(Needed(WithFile(test.toml))), HasSubstr(test.reason)) << test.toml;
  }
}

TEST_F(OptionsInFile, MayBeEmptyLists) {
  EXPECT_TRUE(ParseGood(Needed(WithFile("peer = []"))).node.peers.empty());
}

}  // namespace
}  // namespace federation::fednode
