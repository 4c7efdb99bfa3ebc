#include "discovery/configured_names.h"

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "discovery/silent_server.h"
#include "support/dns_server.h"
#include "support/temporary_folder.h"

namespace federation::discovery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;

class ConfiguredNamesTest : public ::testing::Test {
 protected:
  using Found = absl::StatusOr<std::vector<std::string>>;

  ConfiguredNamesTest() { loop_.Start(); }

  void AskAt(std::uint16_t port, milliseconds timeout = seconds(10)) {
    names_.emplace(loop_, DnsOptions{.servers = {{"127.0.0.1", port}}, .timeout = timeout, .tries = 1});
  }
  std::future<Found> Resolve(const std::string& name) {
    auto found = std::make_shared<std::promise<Found>>();
    loop_.Post([this, name, found] { names_->Resolve(name, [found](Found got) { found->set_value(got); }); });
    return found->get_future();
  }

  https::EventLoop loop_;
  TemporaryFolder folder_;
  support::DnsServer dns_{folder_.File("")};
  SilentServer silent_;
  std::optional<ConfiguredNames> names_;
};

TEST_F(ConfiguredNamesTest, DoNotWaitForOneThatNobodyAnswersFor) {
  dns_.Start({"--host-record=bravo.test,192.0.2.1",
              "--server=/silent.test/127.0.0.1#" + std::to_string(silent_.port())});
  AskAt(dns_.port(), seconds(3));
  std::future<Found> slow = Resolve("silent.test");
  std::future<Found> fast = Resolve("bravo.test");
  EXPECT_THAT(*fast.get(), ElementsAre("192.0.2.1"));
  EXPECT_NE(slow.wait_for(seconds(0)), std::future_status::ready);
  EXPECT_EQ(slow.get().status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ConfiguredNamesTest, MayStandInTheHostsFile) {
  AskAt(silent_.port(), milliseconds(20));
  EXPECT_THAT(*Resolve("localhost").get(), Contains("127.0.0.1"));
}

// Something that only the system reads: an old way to write an address.
TEST_F(ConfiguredNamesTest, MayBeKnownToTheSystemAlone) {
  dns_.Start({});
  AskAt(dns_.port());
  EXPECT_THAT(*Resolve("127.2").get(), ElementsAre("127.0.0.2"));
}

}  // namespace
}  // namespace federation::discovery
