#include "federation/host_port.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation {
namespace {

using ::testing::HasSubstr;

TEST(HostPort, ParsesWhatItPrints) {
  for (const char* text :
       {"127.0.0.1:9880", "[::1]:9880", "bravo.test:9880", "localhost:0", "[2600::1]:65535"}) {
    const absl::StatusOr<HostPort> parsed = HostPort::Parse(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->ToString(), text);
  }
}

TEST(HostPort, KeepsTheHostWithoutBracketsInLowerCase) {
  EXPECT_EQ(*HostPort::Parse("[::1]:9880"), (HostPort{"::1", 9880}));
  EXPECT_EQ(*HostPort::Parse("Bravo.TEST:9880"), (HostPort{"bravo.test", 9880}));
}

TEST(HostPort, RefusesDoubtfulTextAndQuotesIt) {
  struct Case {
    std::string text;
    const char* reason;
  };
  const Case cases[] = {
      {"", "no port"},
      {"bravo.test", "no port"},
      {"bravo.test:", "0 to 65535"},
      {"bravo.test:65536", "0 to 65535"},
      {"bravo.test:+1", "0 to 65535"},
      {"bravo.test: 1", "0 to 65535"},
      {"bravo.test:01", "0 to 65535"},
      {"bravo.test:100000", "0 to 65535"},
      {":9880", "the host is no name"},
      {"::1:9880", "stands in brackets"},
      {"[::1:9880", "bracket is not closed"},
      {"[127.0.0.1]:9880", "no IPv6 address"},
      {"[]:9880", "no IPv6 address"},
      {"256.0.0.1:9880", "the host is no name"},
      {"https://bravo.test:9880", "the host is no name"},
      {std::string("::1\0:9880", 9), "NUL"},
  };
  for (const Case& test : cases) {
    const absl::Status status = HostPort::Parse(test.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.reason)) << test.text;
  }
}

}  // namespace
}  // namespace federation
