// The questions for A and for AAAA are two, and one that nobody answers keeps nobody waiting (RFC 8305,
// section 3).
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "discovery/dns_resolver.h"
#include "discovery/holding_dns.h"
#include "support/dns_server.h"
#include "support/eventually.h"
#include "support/temporary_folder.h"

namespace federation::discovery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::Eventually;
using ::testing::ElementsAre;

class TwoFamiliesTest : public ::testing::Test {
 protected:
  using Found = absl::StatusOr<std::vector<std::string>>;

  TwoFamiliesTest() {
    loop_.Start();
    dns_.Start({"--host-record=both.test,192.0.2.1,2001:db8::1", "--host-record=four.test,192.0.2.4",
                "--cname=alias.test,both.test"});
    options_.timeout = seconds(60);
    options_.tries = 1;
  }

  // Asks from now on; answers of this type are kept back.
  void Hold(unsigned type) {
    front_.emplace(dns_.port(), type);
    options_.servers = {{"127.0.0.1", front_->port()}};
    resolver_.emplace(loop_, options_);
  }
  std::future<Found> Resolve(const std::string& name) {
    auto found = std::make_shared<std::promise<Found>>();
    loop_.Post([this, name, found] {
      resolver_->Resolve(name, [found](Found got) { found->set_value(std::move(got)); });
    });
    return found->get_future();
  }
  // Whether it comes while answers are kept back: well before the server is given up.
  static bool Comes(const std::future<Found>& found) {
    return found.wait_for(seconds(30)) == std::future_status::ready;
  }

  https::EventLoop loop_;
  TemporaryFolder folder_;
  support::DnsServer dns_{folder_.File("")};
  std::optional<HoldingDns> front_;
  DnsOptions options_;
  std::optional<DnsResolver> resolver_;
};

TEST_F(TwoFamiliesTest, DoNotWaitForAnAaaaThatDoesNotCome) {
  Hold(HoldingDns::kAaaa);
  for (const std::string name : {"both.test", "alias.test"}) {
    std::future<Found> found = Resolve(name);
    ASSERT_TRUE(Comes(found)) << name;
    EXPECT_THAT(*found.get(), ElementsAre("192.0.2.1"));
  }
  EXPECT_GE(front_->held(), 1);
}

TEST_F(TwoFamiliesTest, DoNotWaitForAnAThatDoesNotCome) {
  options_.has_route = [](const std::string&) { return true; };
  Hold(HoldingDns::kA);
  std::future<Found> found = Resolve("both.test");
  ASSERT_TRUE(Comes(found));
  EXPECT_THAT(*found.get(), ElementsAre("2001:db8::1"));
}

TEST_F(TwoFamiliesTest, WaitForAnAaaaThatComesSoon) {
  options_.resolution_delay = seconds(60);
  options_.has_route = [](const std::string&) { return true; };
  Hold(HoldingDns::kAaaa);
  std::future<Found> found = Resolve("both.test");
  ASSERT_TRUE(Eventually([&] { return front_->passed() == 1 && front_->held() == 1; }));
  front_->Release();
  ASSERT_TRUE(Comes(found));
  EXPECT_THAT(*found.get(), ElementsAre("2001:db8::1", "192.0.2.1"));
}

// That there is no AAAA is an answer.
TEST_F(TwoFamiliesTest, DoNotWaitForWhatThereIsNot) {
  options_.resolution_delay = seconds(60);
  Hold(0);
  std::future<Found> found = Resolve("four.test");
  ASSERT_TRUE(Comes(found));
  EXPECT_THAT(*found.get(), ElementsAre("192.0.2.4"));
}

// Where there is no IPv6, its addresses alone are of no use.
TEST_F(TwoFamiliesTest, WaitWhereTheOtherFamilyLeadsNowhere) {
  options_.resolution_delay = milliseconds(1);
  options_.has_route = [](const std::string& ip) { return ip.find(':') == std::string::npos; };
  Hold(HoldingDns::kA);
  std::future<Found> found = Resolve("both.test");
  ASSERT_TRUE(Eventually([&] { return front_->passed() == 1 && front_->held() == 1; }));
  EXPECT_EQ(found.wait_for(milliseconds(200)), std::future_status::timeout);
  front_->Release();
  ASSERT_TRUE(Comes(found));
  EXPECT_THAT(*found.get(), ElementsAre("192.0.2.1", "2001:db8::1"));
}

TEST_F(TwoFamiliesTest, SayThatNobodyKnowsWhereOneSaysNothing) {
  options_.timeout = milliseconds(50);
  Hold(HoldingDns::kA);
  const Found found = Resolve("four.test").get();
  EXPECT_EQ(found.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(found.status().message(), "AAAA: the name has no such record, A: no DNS server answers");
}

TEST_F(TwoFamiliesTest, AreBothWaitedForWhereAllIsAskedFor) {
  options_.timeout = milliseconds(500);
  Hold(HoldingDns::kAaaa);
  auto all = std::make_shared<std::promise<FamilyAnswers>>();
  loop_.Post([this, all] {
    resolver_->ResolveAll("both.test", [all](const FamilyAnswers& answers) { all->set_value(answers); });
  });
  const FamilyAnswers answers = all->get_future().get();
  EXPECT_THAT(*answers.Addresses(), ElementsAre("192.0.2.1"));
  EXPECT_EQ(answers.Missing(), "AAAA: no DNS server answers");
}

// What is dropped is told to nobody, and takes nothing with it.
TEST_F(TwoFamiliesTest, CanBeDestroyedBesideADroppedQuestion) {
  options_.resolution_delay = milliseconds(1);
  Hold(HoldingDns::kAaaa);
  std::vector<std::future<Found>> found;
  for (int i = 0; i < 20; ++i) found.push_back(Resolve("both.test"));
  for (std::future<Found>& one : found) EXPECT_THAT(*one.get(), ElementsAre("192.0.2.1"));
  front_->Release();
  std::future<Found> last = Resolve("both.test");
  EXPECT_TRUE(last.get().ok());
  resolver_.reset();
}

}  // namespace
}  // namespace federation::discovery
