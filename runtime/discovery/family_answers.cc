#include "discovery/family_answers.h"

#include <utility>

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "https/name_resolver.h"

namespace federation::discovery {
namespace {

std::string Named(Family family, const absl::Status& status) {
  return absl::StrCat(family == Family::kIpv6 ? "AAAA: " : "A: ", status.message());
}

// One status for two failures.
absl::Status Both(const absl::Status& ipv6, const absl::Status& ipv4) {
  if (ipv6 == ipv4) return ipv6;
  if (absl::IsNotFound(ipv6) && absl::IsNotFound(ipv4)) return absl::NotFoundError("the name has no address");
  const bool late = absl::IsDeadlineExceeded(ipv6) || absl::IsDeadlineExceeded(ipv4);
  const std::string words = absl::StrCat(Named(Family::kIpv6, ipv6), ", ", Named(Family::kIpv4, ipv4));
  return late ? absl::DeadlineExceededError(words) : absl::UnavailableError(words);
}

}  // namespace

void FamilyAnswers::Take(Family family, Answer answer, bool has_route) {
  (family == Family::kIpv6 ? ipv6_ : ipv4_) = Taken{std::move(answer), has_route};
}

FamilyAnswers::Next FamilyAnswers::next() const {
  if (ipv6_ && ipv4_) return Next::kGoOn;
  const std::optional<Taken>& one = ipv6_ ? ipv6_ : ipv4_;
  return one && one->answer.ok() && one->has_route ? Next::kWaitBriefly : Next::kWait;
}

FamilyAnswers::Answer FamilyAnswers::Addresses() const {
  const bool any6 = ipv6_ && ipv6_->answer.ok();
  const bool any4 = ipv4_ && ipv4_->answer.ok();
  if (any6 && any4) {
    const bool ipv4_first = ipv4_->has_route && !ipv6_->has_route;
    std::vector<std::string> all = ipv4_first ? *ipv4_->answer : *ipv6_->answer;
    const std::vector<std::string>& others = ipv4_first ? *ipv6_->answer : *ipv4_->answer;
    all.insert(all.end(), others.begin(), others.end());
    return https::InterleaveFamilies(all);
  }
  if (any6) return ipv6_->answer;
  if (any4) return ipv4_->answer;
  const absl::Status none = absl::DeadlineExceededError("no answer yet");
  return Both(ipv6_ ? ipv6_->answer.status() : none, ipv4_ ? ipv4_->answer.status() : none);
}

std::string FamilyAnswers::Missing() const {
  if (!ipv6_ || !ipv4_ || ipv6_->answer.ok() == ipv4_->answer.ok()) return "";
  const Family family = ipv6_->answer.ok() ? Family::kIpv4 : Family::kIpv6;
  const absl::Status& why = (family == Family::kIpv6 ? ipv6_ : ipv4_)->answer.status();
  return absl::IsNotFound(why) ? "" : Named(family, why);
}

}  // namespace federation::discovery
