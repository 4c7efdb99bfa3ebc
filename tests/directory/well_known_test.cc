#include "directory/well_known.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WellKnown, ReadsWhatItWrites) {
  const std::vector<HostPort> addresses = {{"node1.bravo.test", 9880}, {"192.0.2.1", 1}, {"2600::1", 65535}};
  const std::string json = FormatWellKnown(addresses);
  EXPECT_EQ(json, R"({"endpoints":[{"transport":"https","host":"node1.bravo.test","port":9880},)"
                  R"({"transport":"https","host":"192.0.2.1","port":1},)"
                  R"({"transport":"https","host":"2600::1","port":65535}]})");
  const absl::StatusOr<std::vector<HostPort>> again = ParseWellKnown(json);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, addresses);
}

TEST(WellKnown, PassesOverWhatLaterVersionsMaySay) {
  const absl::StatusOr<std::vector<HostPort>> addresses = ParseWellKnown(
      R"({"version":2,"endpoints":[{"transport":"quic","host":"anything goes","port":0},)"
      R"({"host":"nobody knows how.test","port":1},{"priority":1,"port":9880,"host":"B.Test","transport":"https"}]})");
  ASSERT_TRUE(addresses.ok()) << addresses.status();
  EXPECT_THAT(*addresses, ElementsAre(HostPort{"b.test", 9880}));
}

TEST(WellKnown, TakesSoManyEndpointsAndNoMore) {
  const std::vector<HostPort> many(kWellKnownEndpointsMax + 5, {"b.test", 9880});
  EXPECT_EQ(ParseWellKnown(FormatWellKnown(many))->size(), kWellKnownEndpointsMax);
}

TEST(WellKnown, RefusesEverythingElseWithItsPlace) {
  const auto with_host = [](const std::string& host) {
    return R"({"endpoints":[{"transport":"https","host":")" + host + R"(","port":9880}]})";
  };
  struct Case {
    std::string json;
    const char* reason;
  };
  const Case cases[] = {
      {"", "want"},
      {"<html>", "want"},
      {"[]", "want an object"},
      {"{}", "endpoints: want at least one"},
      {R"({"endpoints":[]})", "endpoints: want at least one"},
      {R"({"endpoints":[{"transport":"quic","host":"b.test","port":9880}]})", "endpoints: want at least one"},
      {R"({"endpoints":"b.test"})", "endpoints: want an array"},
      {R"({"endpoints":[{"transport":"https","host":"b.test"}]})",
       "endpoints[0].port: want 1 to 65535, got 0"},
      {R"({"endpoints":[{"transport":"https","host":"b.test","port":65536}]})", "endpoints[0].port"},
      {R"({"endpoints":[{"transport":"https","host":"b.test","port":-1}]})", "endpoints[0].port"},
      {R"({"endpoints":[{"transport":"https","port":9880}]})", "endpoints[0].host"},
      {with_host("b.test") + "x", "want"},
      {with_host("b.test:1"), "endpoints[0].host"},
      {with_host("[::1]"), "endpoints[0].host"},
      {with_host("fe80::1%eth0"), "endpoints[0].host"},
      {with_host("http://b.test"), "endpoints[0].host"},
      {with_host("b.test/x"), "endpoints[0].host"},
      {with_host("user@b.test"), "endpoints[0].host"},
      {with_host("b_c.test"), "endpoints[0].host"},
      {with_host("b.test."), "endpoints[0].host"},
      {with_host("b.test\\u0000"), "endpoints[0].host"},
      // Spellings of 127.0.0.1 that are no IP addresses to this project, but to some resolvers.
      {with_host("2130706433"), "endpoints[0].host"},
      {with_host("0x7f000001"), "endpoints[0].host"},
      {with_host("0x7f.1"), "endpoints[0].host"},
      {with_host("0177.0.0.1"), "endpoints[0].host"},
      {with_host("017700000001"), "endpoints[0].host"},
      {with_host("127.1"), "endpoints[0].host"},
      {with_host("127.0.0.0x1"), "endpoints[0].host"},
  };
  for (const Case& test : cases) {
    const absl::Status status = ParseWellKnown(test.json).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.json;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.reason)) << test.json;
  }
}

}  // namespace
}  // namespace federation::directory
