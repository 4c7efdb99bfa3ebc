#include "directory/address_policy.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::directory {
namespace {

using ::testing::HasSubstr;

struct Case {
  const char* ip;
  const char* kind;  // why it is refused; null if it is global
};

constexpr Case kCases[] = {
    {"8.8.8.8", nullptr},
    {"1.0.0.0", nullptr},
    {"0.0.0.0", "this network"},
    {"0.255.255.255", "this network"},
    {"9.255.255.255", nullptr},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", nullptr},
    {"100.63.255.255", nullptr},
    {"100.64.0.0", "shared"},
    {"100.127.255.255", "shared"},
    {"100.128.0.0", nullptr},
    {"127.0.0.1", "loopback"},
    {"127.255.255.255", "loopback"},
    {"128.0.0.0", nullptr},
    {"169.253.255.255", nullptr},
    {"169.254.169.254", "link-local"},
    {"172.15.255.255", nullptr},
    {"172.16.0.0", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", nullptr},
    {"192.0.0.8", "protocol assignment"},
    {"192.0.2.1", "documentation"},
    {"192.0.1.255", nullptr},
    {"192.88.99.1", "6to4 relay"},
    {"192.167.255.255", nullptr},
    {"192.168.0.1", "private"},
    {"192.169.0.0", nullptr},
    {"198.17.255.255", nullptr},
    {"198.18.0.0", "benchmarking"},
    {"198.19.255.255", "benchmarking"},
    {"198.20.0.0", nullptr},
    {"198.51.100.7", "documentation"},
    {"203.0.113.255", "documentation"},
    {"223.255.255.255", nullptr},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.1", "reserved"},
    {"255.255.255.255", "reserved"},

    {"2600::1", nullptr},
    {"2001:4860:4860::8888", nullptr},
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"0:0:0:0:0:0:0:1", "loopback"},
    {"::7f00:1", "IPv4-compatible"},
    {"::8.8.8.8", "IPv4-compatible"},
    {"::ffff:8.8.8.8", nullptr},
    {"::ffff:127.0.0.1", "loopback"},
    {"::FFFF:7F00:1", "loopback"},
    {"::ffff:169.254.169.254", "link-local"},
    {"::fffe:8.8.8.8", "reserved"},
    {"::ffff:0:8.8.8.8", "reserved"},
    {"64:ff9b::8.8.8.8", "NAT64"},
    {"64:ff9b::7f00:1", "NAT64"},
    {"64:ff9b:1::1", "local NAT64"},
    {"100::1", "discard-only"},
    {"1fff:ffff::", "reserved"},
    {"2001::1", "Teredo"},
    {"2001:2::1", "protocol assignment"},
    {"2001:1ff:ffff::", "protocol assignment"},
    {"2001:200::", nullptr},
    {"2001:db8::1", "documentation"},
    {"2002:808:808::1", "6to4"},
    {"2003::1", nullptr},
    {"3fff:fff::", "documentation"},
    {"3fff:1000::", nullptr},
    {"4000::", "reserved"},
    {"5f00::1", "segment routing"},
    {"8000::1", "reserved"},
    {"fc00::1", "unique local"},
    {"fdff::1", "unique local"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"ff02::1", "multicast"},

    // The same address of this machine in every spelling that carries it.
    {"::ffff:7f00:0001", "loopback"},
    {"0:0:0:0:0:ffff:127.0.0.1", "loopback"},
    {"::127.0.0.1", "IPv4-compatible"},
    {"2002:7f00:1::", "6to4"},
    {"2002:7f00:0001:0:0:0:7f00:1", "6to4"},
    {"64:ff9b::127.0.0.1", "NAT64"},
    {"64:ff9b:1::127.0.0.1", "local NAT64"},
    {"64:ff9b:1:ffff:ffff:ffff:7f00:1", "local NAT64"},
    {"64:ff9b:2::127.0.0.1", "reserved"},
    {"2001:0:7f00:1:0:0:80ff:fffe", "Teredo"},
    {"2001:0000:7f00:0001::", "Teredo"},
    {"::1%lo", "zone"},
    {"fe80::1%25eth0", "zone"},
    {"fe80::1%eth0", "zone"},
    {"2600::1%1", "zone"},
    {"", "no IP address"},
    {"localhost", "no IP address"},
    {"127.1", "no IP address"},
    {"0x7f.0.0.1", "no IP address"},
    {"0177.0.0.1", "no IP address"},
    {"0x7f.1", "no IP address"},
    {"0x7f000001", "no IP address"},
    {"017700000001", "no IP address"},
    {"127.0.0.1.", "no IP address"},
    {"127.0.0.01", "no IP address"},
    {"127.0.0.256", "no IP address"},
    {"::ffff:127.1", "no IP address"},
    {"::ffff:0x7f.0.0.1", "no IP address"},
    {"2130706433", "no IP address"},
    {"127.0.0.1 ", "no IP address"},
    {"[::1]", "no IP address"},
};

TEST(AddressPolicy, RefusesEveryRangeThatIsNotGlobal) {
  const AddressPolicy policy;
  for (const Case& test : kCases) {
    const absl::Status status = policy.Check(test.ip);
    if (test.kind == nullptr) {
      EXPECT_TRUE(status.ok()) << status;
      continue;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << test.ip;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.kind)) << test.ip;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.ip));
  }
}

TEST(AddressPolicy, RefusesAnAddressWithANulByte) {
  const std::string ip("8.8.8.8\0.evil", 13);
  EXPECT_EQ(AddressPolicy().Check(ip).code(), absl::StatusCode::kPermissionDenied);
}

struct AllowedCase {
  std::vector<std::string> allowed;
  const char* ip;
  bool ok;
};

TEST(AddressPolicy, AllowsWhatTheOperatorAllows) {
  const AllowedCase cases[] = {
      {{"127.0.0.0/8"}, "127.0.0.1", true},
      {{"127.0.0.0/8"}, "::ffff:127.0.0.1", true},
      {{"127.0.0.0/8"}, "::1", false},
      {{"127.0.0.0/8"}, "10.0.0.1", false},
      {{"127.0.0.1/32"}, "127.0.0.1", true},
      {{"127.0.0.1/32"}, "127.0.0.2", false},
      {{"10.128.0.0/9"}, "10.128.0.1", true},
      {{"10.128.0.0/9"}, "10.127.0.1", false},
      {{"0.0.0.0/0"}, "10.0.0.1", true},
      {{"0.0.0.0/0"}, "fd00::1", false},
      {{"fd00::/8", "::1/128"}, "fd12::1", true},
      {{"fd00::/8", "::1/128"}, "::1", true},
      {{"fd00::/8", "::1/128"}, "fc00::1", false},
      // The address inside has to be allowed, too.
      {{"64:ff9b::/96"}, "64:ff9b::8.8.8.8", true},
      {{"64:ff9b::/96"}, "64:ff9b::127.0.0.1", false},
      {{"64:ff9b::/96", "127.0.0.0/8"}, "64:ff9b::127.0.0.1", true},
      {{"64:ff9b:1::/48"}, "64:ff9b:1::8.8.8.8", true},
      {{"64:ff9b:1::/48"}, "64:ff9b:1::127.0.0.1", false},
      {{"64:ff9b:1::/48"}, "64:ff9b:1:ffff::10.0.0.1", false},
      {{"2002::/16"}, "2002:808:808::1", true},
      {{"2002::/16"}, "2002:7f00:1::1", false},
      {{"::/96"}, "::8.8.8.8", true},
      {{"::/96"}, "::10.0.0.1", false},
      // Teredo: the server in bits 32 to 63, the client inverted in the last 32.
      {{"2001::/32"}, "2001:0:808:808::f7f7:f7f7", true},
      {{"2001::/32"}, "2001:0:a00:1::f7f7:f7f7", false},
      {{"2001::/32"}, "2001:0:808:808::80ff:fffe", false},
  };
  for (const AllowedCase& test : cases) {
    const absl::StatusOr<AddressPolicy> policy = AddressPolicy::Create(test.allowed);
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_EQ(policy->Check(test.ip).ok(), test.ok) << test.allowed[0] << " " << test.ip;
  }
}

TEST(AddressPolicy, RefusesRangesThatAreNone) {
  for (const char* range : {"", "127.0.0.1", "127.0.0.0/", "127.0.0.0/33", "127.0.0.0/-1", "127.0.0.0/8x",
                            "127.0.0.0/ 8", "fd00::/129", "localhost/8", "/8", "127.0.0.0/8/8"}) {
    const absl::Status status = AddressPolicy::Create({range}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << range;
    EXPECT_THAT(std::string(status.message()), HasSubstr('"' + std::string(range) + '"'));
  }
}

}  // namespace
}  // namespace federation::directory
