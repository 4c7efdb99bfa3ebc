#include "discovery/dns_resolver.h"

#include <fstream>
#include <future>
#include <optional>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "discovery/silent_server.h"
#include "support/dns_server.h"
#include "support/temporary_folder.h"

namespace federation::discovery {
namespace {

using directory::DiscoverySources;
using directory::SrvRecord;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::DnsServer;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using Srv = DiscoverySources::Srv;

class DnsResolverTest : public ::testing::Test {
 protected:
  DnsResolverTest() { loop_.Start(); }

  void Ask(std::vector<std::uint16_t> ports, milliseconds timeout = seconds(10)) {
    // However slow the machine is, both families are waited for.
    DnsOptions options{.servers = {}, .timeout = timeout, .tries = 2, .resolution_delay = seconds(10)};
    for (std::uint16_t port : ports) options.servers.push_back({"127.0.0.1", port});
    resolver_.emplace(loop_, options);
  }
  void StartDns(const std::vector<std::string>& records) {
    dns_.Start(records);
    Ask({dns_.port()});
  }
  absl::StatusOr<std::vector<std::string>> Resolve(const std::string& name) {
    std::promise<absl::StatusOr<std::vector<std::string>>> found;
    loop_.Post([&] {
      resolver_->Resolve(name, [&](absl::StatusOr<std::vector<std::string>> got) { found.set_value(got); });
    });
    return found.get_future().get();
  }
  absl::StatusOr<Srv> LookUp(const std::string& name) {
    std::promise<absl::StatusOr<Srv>> found;
    loop_.Post([&] { resolver_->LookUpSrv(name, [&](absl::StatusOr<Srv> got) { found.set_value(got); }); });
    return found.get_future().get();
  }
  void ExpectBoth(absl::StatusCode code, const std::string& name) {
    EXPECT_EQ(Resolve(name).status().code(), code) << Resolve(name).status();
    EXPECT_EQ(LookUp(name).status().code(), code) << LookUp(name).status();
  }

  https::EventLoop loop_;
  TemporaryFolder folder_;
  DnsServer dns_{folder_.File("")};
  std::optional<DnsResolver> resolver_;
};

TEST_F(DnsResolverTest, FindsAddressesOfBothFamilies) {
  StartDns({"--host-record=both.test,192.0.2.1,2001:db8::1", "--host-record=four.test,192.0.2.4",
            "--host-record=six.test,2001:db8::6"});
  EXPECT_THAT(*Resolve("both.test"), UnorderedElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_THAT(*Resolve("four.test"), ElementsAre("192.0.2.4"));
  EXPECT_THAT(*Resolve("six.test"), ElementsAre("2001:db8::6"));
}

TEST_F(DnsResolverTest, FollowsAliases) {
  StartDns(
      {"--host-record=node.test,192.0.2.1", "--cname=alias.test,node.test", "--cname=two.test,alias.test"});
  EXPECT_THAT(*Resolve("alias.test"), ElementsAre("192.0.2.1"));
  EXPECT_THAT(*Resolve("two.test"), ElementsAre("192.0.2.1"));
}

// Names come from others; what this machine calls itself is none of their business.
TEST_F(DnsResolverTest, KnowsNothingOfTheHostsFile) {
  SilentServer silent;
  Ask({silent.port()}, milliseconds(20));
  std::vector<std::string> names = {"localhost"};
  std::ifstream hosts("/etc/hosts");
  for (std::string line; std::getline(hosts, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string name;
    for (words >> name; words >> name;) names.push_back(name);
  }
  for (const std::string& name : names) EXPECT_FALSE(Resolve(name).ok()) << name;
}

TEST_F(DnsResolverTest, FindsServicesWithTheirTimeToLive) {
  StartDns({DnsServer::Srv("bravo.test", "Node1.Bravo.test", 9880, 10, 5),
            DnsServer::Srv("bravo.test", "node2.bravo.test", 9881, 20, 0), "--local-ttl=77"});
  const absl::StatusOr<Srv> found = LookUp("_actor-server._tcp.bravo.test");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->records, UnorderedElementsAre(SrvRecord{10, 5, {"node1.bravo.test", 9880}},
                                                   SrvRecord{20, 0, {"node2.bravo.test", 9881}}));
  EXPECT_EQ(found->ttl, seconds(77));
}

TEST_F(DnsResolverTest, TellsAServiceThatThereIsNotFromAName) {
  StartDns({"--srv-host=_actor-server._tcp.bravo.test", "--host-record=bravo.test,192.0.2.1"});
  const absl::StatusOr<Srv> none = LookUp("_actor-server._tcp.bravo.test");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->records.empty());
  // No data, and no such name.
  EXPECT_EQ(LookUp("bravo.test").status().message(), "the name has no such record");
  EXPECT_EQ(LookUp("nobody.test").status().message(), "there is no such name");
  ExpectBoth(absl::StatusCode::kNotFound, "nobody.test");
}

TEST_F(DnsResolverTest, TakesALargeAnswerOverTcpAndSoManyRecordsOfIt) {
  std::vector<std::string> records;
  for (int i = 0; i < 60; ++i) {
    records.push_back(
        DnsServer::Srv("bravo.test", "a-rather-long-name-for-node" + std::to_string(i) + ".test", 9880));
    records.push_back("--host-record=bravo.test,192.0.2." + std::to_string(i));
  }
  StartDns(records);
  const absl::StatusOr<Srv> found = LookUp("_actor-server._tcp.bravo.test");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->records.size(), DnsResolver::kServicesMax);
  EXPECT_EQ(Resolve("bravo.test")->size(), DnsResolver::kAddressesMax);
}

TEST_F(DnsResolverTest, GivesUpOnASilentServer) {
  SilentServer silent;
  Ask({silent.port()}, milliseconds(20));
  ExpectBoth(absl::StatusCode::kDeadlineExceeded, "bravo.test");
}

TEST_F(DnsResolverTest, AsksTheNextServer) {
  SilentServer silent;
  dns_.Start({"--host-record=bravo.test,192.0.2.1"});
  Ask({silent.port(), dns_.port()}, milliseconds(500));
  EXPECT_THAT(*Resolve("bravo.test"), ElementsAre("192.0.2.1"));
}

TEST_F(DnsResolverTest, SaysThatThereIsNoServer) {
  Ask({dns_.port()}, milliseconds(500));
  EXPECT_FALSE(Resolve("bravo.test").ok());
  ExpectBoth(LookUp("bravo.test").status().code(), "bravo.test");
  EXPECT_FALSE(absl::IsNotFound(LookUp("bravo.test").status()));
}

TEST_F(DnsResolverTest, SaysWhenItIsRefused) {
  // It knows nothing of other domains, and asks nobody.
  StartDns({});
  const absl::Status status = LookUp("_actor-server._tcp.bravo.example").status();
  EXPECT_FALSE(status.ok() || absl::IsNotFound(status)) << status;
}

TEST_F(DnsResolverTest, TakesNamesThatAreNone) {
  StartDns({});
  const std::string long_name(300, 'a');
  for (const std::string& name : {std::string(), std::string("."), std::string("a..b"), long_name,
                                  std::string("a b"), std::string(70, 'a') + ".test"}) {
    EXPECT_FALSE(Resolve(name).ok()) << name;
    EXPECT_FALSE(LookUp(name).ok()) << name;
  }
}

TEST_F(DnsResolverTest, AsksManyAtTheSameTime) {
  StartDns({"--host-record=bravo.test,192.0.2.1"});
  std::vector<std::promise<bool>> found(200);
  loop_.Post([&] {
    for (auto& promise : found) {
      resolver_->Resolve("bravo.test", [&](const absl::StatusOr<std::vector<std::string>>& got) {
        promise.set_value(got.ok());
      });
    }
  });
  for (auto& promise : found) EXPECT_TRUE(promise.get_future().get());
}

TEST_F(DnsResolverTest, CanBeDestroyedWhileItAsks) {
  SilentServer silent;
  Ask({silent.port()});
  loop_.Post([this] {
    for (int i = 0; i < 10; ++i) {
      resolver_->Resolve("bravo.test",
                         [](const absl::StatusOr<std::vector<std::string>>&) { ADD_FAILURE(); });
      resolver_->LookUpSrv("bravo.test", [](const absl::StatusOr<Srv>&) { ADD_FAILURE(); });
    }
  });
  std::promise<void> asked;
  loop_.Post([&] { asked.set_value(); });
  asked.get_future().wait();
  resolver_.reset();
  std::promise<void> settled;
  loop_.Post([&] { settled.set_value(); });
  settled.get_future().wait();
}

}  // namespace
}  // namespace federation::discovery
