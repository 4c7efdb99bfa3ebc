#include "node/access.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/admission.h"

namespace federation::node {
namespace {

using testing::HasSubstr;

bool Lets(const AccessLists& lists, const std::string& domain) {
  Access access;
  const absl::Status set = access.Set(lists);
  EXPECT_TRUE(set.ok()) << set;
  return access.Check(domain).ok();
}

TEST(Access, LetsEverybodyInWithoutLists) { EXPECT_TRUE(Lets({}, "a.test")); }

TEST(Access, LetsNobodyInWithAnEmptyListOfWhomToAllow) {
  EXPECT_FALSE(Lets({.allow = std::vector<std::string>{}}, "a.test"));
}

TEST(Access, TakesADomainForItselfAndAWildcardForWhatIsBelow) {
  const AccessLists one{.allow = {{"a.test"}}};
  EXPECT_TRUE(Lets(one, "a.test"));
  for (const char* other : {"b.a.test", "xa.test", "a.test.org", "test"})
    EXPECT_FALSE(Lets(one, other)) << other;
  const AccessLists below{.allow = {{"*.a.test"}}};
  for (const char* domain : {"b.a.test", "c.b.a.test"}) EXPECT_TRUE(Lets(below, domain)) << domain;
  for (const char* other : {"a.test", "xa.test", "b.xa.test"}) EXPECT_FALSE(Lets(below, other)) << other;
  EXPECT_TRUE(Lets({.allow = {{"*"}}}, "anybody.test"));
}

TEST(Access, DeniesBeforeItAllows) {
  const AccessLists lists{.allow = {{"*.a.test"}}, .deny = {"b.a.test", "*.c.a.test"}};
  EXPECT_TRUE(Lets(lists, "x.a.test"));
  EXPECT_TRUE(Lets(lists, "c.a.test"));
  EXPECT_FALSE(Lets(lists, "b.a.test"));
  EXPECT_FALSE(Lets(lists, "d.c.a.test"));
  EXPECT_FALSE(Lets({.deny = {"*"}}, "a.test"));
}

TEST(Access, KeepsItsListsWhenNewOnesAreMalformed) {
  Access access;
  ASSERT_TRUE(access.Set({.deny = {"a.test"}}).ok());
  for (const char* pattern :
       {"", "*.", "a.*", "*a.test", "A.test", "a.test.", "10.0.0.1", "*.*.test", "a test"}) {
    const absl::Status allow = access.Set({.allow = {{pattern}}});
    EXPECT_EQ(allow.code(), absl::StatusCode::kInvalidArgument) << pattern;
    EXPECT_THAT(std::string(allow.message()), HasSubstr("access.allow: want a domain name, got ")) << pattern;
    EXPECT_THAT(std::string(access.Set({.deny = {pattern}}).message()), HasSubstr("access.deny: "));
  }
  EXPECT_EQ(access.Check("a.test").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(access.Check("b.test").ok());
  ASSERT_TRUE(access.Set({}).ok());
  EXPECT_TRUE(access.Check("a.test").ok());
}

TEST(Admission, CountsWhatItKeepsOutByKind) {
  Access access;
  ASSERT_TRUE(access.Set({.deny = {"a.test"}}).ok());
  OriginRates::Time now{};
  Admission admission(access, {.requests_per_second_max = 1, .bytes_per_second_max = 10},
                      [&] { return now; });
  using Kind = Admission::Kind;
  for (const Kind kind : {Kind::kPush, Kind::kPush, Kind::kRequest, Kind::kOther}) {
    EXPECT_EQ(admission.CheckOrigin("a.test", kind).code(), absl::StatusCode::kPermissionDenied);
    EXPECT_TRUE(admission.CheckOrigin("b.test", kind).ok());
  }
  EXPECT_EQ(admission.Take("b.test", Kind::kPush, 11), std::nullopt);
  EXPECT_EQ(admission.Take("b.test", Kind::kRequest, 1), std::chrono::seconds(1));
  now += std::chrono::seconds(1);
  EXPECT_EQ(admission.Take("b.test", Kind::kPush, 10), std::chrono::seconds(1));
  Refusals counted;
  admission.AddTo(&counted);
  EXPECT_EQ(counted.pushes.denied, 2U);
  EXPECT_EQ(counted.requests.denied, 1U);
  EXPECT_EQ(counted.others.denied, 1U);
  EXPECT_EQ(counted.requests.over_rate, 1U);
  EXPECT_EQ(counted.pushes.over_bytes, 1U);
  EXPECT_EQ(counted.pushes.over_rate + counted.requests.over_bytes, 0U);
}

}  // namespace
}  // namespace federation::node
