#include "federation/domain.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation {
namespace {

using ::testing::HasSubstr;

// A name of `bytes` bytes in labels of at most 63.
std::string LongDomain(std::size_t bytes) {
  std::string domain;
  while (domain.size() < bytes) domain += (domain.size() % 64 == 63) ? '.' : 'a';
  return domain;
}

TEST(ValidateDomain, TakesNamesInTheirOneSpelling) {
  for (const std::string& domain :
       {std::string("alpha.test"), std::string("a"), std::string("xn--bcher-kva.example"),
        std::string("1.2.example"), std::string("0x7f.example"), std::string("a.0xg"),
        std::string("a-b.3com"), std::string(63, 'a') + ".b", LongDomain(253)}) {
    EXPECT_TRUE(ValidateDomain(domain).ok()) << domain;
  }
}

TEST(ValidateDomain, RefusesEverythingElseWithAReason) {
  struct Case {
    std::string domain;
    const char* reason;
  };
  const Case cases[] = {
      {"", "empty"},
      {LongDomain(254), "longer than 253"},
      {std::string(64, 'a') + ".b", "longer than 63"},
      {"Alpha.test", "lower case"},
      {"alpha_1.test", "lower case"},
      {"b\xc3\xbc"
       "cher.example",
       "lower case"},
      {"*.example", "lower case"},
      {std::string("a\0.b", 4), "lower case"},
      {"alpha.test.", "a label is empty"},
      {".alpha.test", "a label is empty"},
      {"alpha..test", "a label is empty"},
      {"-alpha.test", "hyphen"},
      {"alpha-.test", "hyphen"},
      {"127.0.0.1", "IP address"},
      {"2130706433", "IP address"},
      {"017700000001", "IP address"},
      {"0x7f.1", "IP address"},
      {"0x7f000001", "IP address"},
      {"127.0.0.0x1", "IP address"},
      {"a.0x", "IP address"},
      {"alpha.test:9880", "lower case"},
  };
  for (const Case& test : cases) {
    const absl::Status status = ValidateDomain(test.domain);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.domain;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.reason));
  }
}

}  // namespace
}  // namespace federation
