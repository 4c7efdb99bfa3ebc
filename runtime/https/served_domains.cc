#include "https/served_domains.h"

#include <algorithm>
#include <utility>

#include <absl/strings/str_cat.h>

namespace federation::https {
namespace {

using Ptr = ServedDomains::Ptr;

Ptr FindAskedIn(const std::vector<Ptr>& domains, const std::string& name) {
  Ptr announcing;
  bool valid = false;
  for (const Ptr& served : domains) {
    if (served->domain == name) return served;
    if (valid || !served->Announces(name)) continue;
    valid = served->tls->current().IsValidFor(name);
    if (valid || announcing == nullptr) announcing = served;
  }
  return announcing;
}

// Whether who asks for `host` is brought to all who announce it.
absl::Status CheckHost(const std::vector<Ptr>& domains, const std::string& host) {
  const Ptr shown = FindAskedIn(domains, host);
  for (const Ptr& served : domains) {
    if (served == shown || !served->Announces(host)) continue;
    if (shown->tls->authorities() != served->tls->authorities()) {
      return absl::InvalidArgumentError(absl::StrCat("who asks for ", host,
                                                     " is checked against the authorities of ", shown->domain,
                                                     ", which are others than those of ", served->domain));
    }
    const TlsContext certificate = shown->tls->current();
    if (!certificate.IsValidFor(host) && !certificate.IsValidFor(served->domain)) {
      return absl::InvalidArgumentError(
          absl::StrCat("who asks for ", host, " is shown the certificate of ", shown->domain,
                       ", which is valid neither for it nor for ", served->domain));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool ServedDomain::Announces(std::string_view host) const {
  return std::find(announced.begin(), announced.end(), host) != announced.end();
}

absl::Status ServedDomains::Add(ServedDomain added) {
  const std::lock_guard lock(mutex_);
  for (const Ptr& served : domains_) {
    if (served->domain == added.domain) {
      return absl::AlreadyExistsError(absl::StrCat(added.domain, " is served already"));
    }
  }
  std::vector<Ptr> domains = domains_;
  const Ptr served = domains.emplace_back(std::make_shared<ServedDomain>(std::move(added)));
  absl::Status status = CheckHost(domains, served->domain);
  for (const std::string& host : served->announced) status.Update(CheckHost(domains, host));
  if (status.ok()) domains_ = std::move(domains);
  return status;
}

void ServedDomains::Remove(std::string_view domain) {
  const std::lock_guard lock(mutex_);
  std::erase_if(domains_, [domain](const Ptr& served) { return served->domain == domain; });
}

ServedDomains::Ptr ServedDomains::Find(std::string_view domain) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(domains_.begin(), domains_.end(),
                                  [domain](const Ptr& served) { return served->domain == domain; });
  return found == domains_.end() ? nullptr : *found;
}

ServedDomains::Ptr ServedDomains::FindAsked(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return FindAskedIn(domains_, name);
}

ServedDomains::Ptr ServedDomains::First() const {
  const std::lock_guard lock(mutex_);
  return domains_.empty() ? nullptr : domains_.front();
}

}  // namespace federation::https
