#include "discovery/family_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace federation::discovery {
namespace {

using Next = FamilyAnswers::Next;
using ::testing::ElementsAre;

const absl::Status kNoSuchName = absl::NotFoundError("there is no such name");
const absl::Status kNoData = absl::NotFoundError("the name has no such record");
const absl::Status kLate = absl::DeadlineExceededError("no DNS server answers");
const absl::Status kRefused = absl::UnavailableError("DNS: refused");

FamilyAnswers::Answer Ips(std::vector<std::string> ips) { return ips; }

absl::Status StatusOfBoth(const absl::Status& ipv6, const absl::Status& ipv4) {
  FamilyAnswers answers;
  answers.Take(Family::kIpv6, ipv6, false);
  answers.Take(Family::kIpv4, ipv4, false);
  EXPECT_EQ(answers.next(), Next::kGoOn);
  EXPECT_EQ(answers.Missing(), "");
  return answers.Addresses().status();
}

TEST(FamilyAnswers, WaitBrieflyForTheOtherFamilyOnceThereIsOneThatLeadsSomewhere) {
  for (const Family family : {Family::kIpv6, Family::kIpv4}) {
    FamilyAnswers usable;
    EXPECT_EQ(usable.next(), Next::kWait);
    usable.Take(family, Ips({"::1"}), true);
    EXPECT_EQ(usable.next(), Next::kWaitBriefly);
    FamilyAnswers useless;
    useless.Take(family, Ips({"::1"}), false);
    EXPECT_EQ(useless.next(), Next::kWait);
    FamilyAnswers failed;
    failed.Take(family, kNoData, false);
    EXPECT_EQ(failed.next(), Next::kWait);
  }
}

TEST(FamilyAnswers, AreASuccessWithOneFamily) {
  for (const absl::Status& other : {kNoSuchName, kNoData, kLate, kRefused}) {
    FamilyAnswers answers;
    answers.Take(Family::kIpv6, other, false);
    answers.Take(Family::kIpv4, Ips({"192.0.2.1"}), true);
    EXPECT_EQ(answers.next(), Next::kGoOn);
    EXPECT_THAT(*answers.Addresses(), ElementsAre("192.0.2.1"));
    EXPECT_EQ(answers.Missing(), absl::IsNotFound(other) ? "" : "AAAA: " + std::string(other.message()));
  }
  FamilyAnswers alone;
  alone.Take(Family::kIpv6, Ips({"2001:db8::1"}), true);
  EXPECT_THAT(*alone.Addresses(), ElementsAre("2001:db8::1"));
  alone.Take(Family::kIpv4, kLate, false);
  EXPECT_EQ(alone.Missing(), "A: no DNS server answers");
}

TEST(FamilyAnswers, TakeTheFamiliesInTurnAndIpv6First) {
  struct Case {
    bool route6;
    bool route4;
    bool ipv6_first;
  };
  for (const Case& test : {Case{true, true, true}, Case{true, false, true}, Case{false, false, true},
                           Case{false, true, false}}) {
    FamilyAnswers answers;
    answers.Take(Family::kIpv4, Ips({"192.0.2.1", "192.0.2.2"}), test.route4);
    answers.Take(Family::kIpv6, Ips({"2001:db8::1", "2001:db8::2", "2001:db8::3"}), test.route6);
    if (test.ipv6_first) {
      EXPECT_THAT(*answers.Addresses(),
                  ElementsAre("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"));
    } else {
      EXPECT_THAT(*answers.Addresses(),
                  ElementsAre("192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2", "2001:db8::3"));
    }
    EXPECT_EQ(answers.Missing(), "");
  }
}

TEST(FamilyAnswers, FailIfBothDo) {
  EXPECT_EQ(StatusOfBoth(kNoSuchName, kNoSuchName), kNoSuchName);
  EXPECT_EQ(StatusOfBoth(kNoSuchName, kNoData), absl::NotFoundError("the name has no address"));
  EXPECT_EQ(StatusOfBoth(kLate, kLate), kLate);
  EXPECT_EQ(StatusOfBoth(kNoData, kLate),
            absl::DeadlineExceededError("AAAA: the name has no such record, A: no DNS server answers"));
  EXPECT_EQ(StatusOfBoth(kLate, kRefused).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(StatusOfBoth(kRefused, kNoData),
            absl::UnavailableError("AAAA: DNS: refused, A: the name has no such record"));
}

}  // namespace
}  // namespace federation::discovery
