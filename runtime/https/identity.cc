#include "https/identity.h"

#include <algorithm>
#include <vector>

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "federation/domain.h"

#include "directory/text.h"
#include "https/certificate.h"

namespace federation::https {
namespace {

constexpr char kOrigin[] = "Federation-Origin";

// A name with a leading dot, which is none, would match every subdomain of a certificate.
absl::StatusOr<std::string> DomainIn(std::string_view header, std::string_view claimed) {
  std::string domain = absl::AsciiStrToLower(directory::ToAbsl(claimed));
  const absl::Status status = ValidateDomain(domain);
  if (!status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(directory::ToAbsl(header), ": ", status.message()));
  }
  return domain;
}

}  // namespace

std::string PeerIdentity::Key() const {
  return certificate_ == nullptr ? "" : absl::StrJoin(DnsNames(certificate_), " ");
}

bool PeerIdentity::HasMoreNamesThan(std::size_t names_max) const {
  if (certificate_ == nullptr) return false;
  const std::vector<std::string> names = DnsNames(certificate_);
  return names.size() > names_max || std::any_of(names.begin(), names.end(), [](const std::string& name) {
           return name.find('*') != std::string::npos;
         });
}

absl::StatusOr<std::string> PeerIdentity::Origin(std::optional<std::string_view> claimed) {
  if (certificate_ == nullptr) {
    return absl::UnauthenticatedError("want a client certificate that names the origin, got none");
  }
  if (!claimed) return OnlyName();
  return Prove(kOrigin, *claimed);
}

absl::StatusOr<Speaker> PeerIdentity::Identify(std::optional<std::string_view> origin,
                                               std::optional<std::string_view> relay,
                                               const RelayTrust& trusts) {
  if (!relay || certificate_ == nullptr) {
    absl::StatusOr<std::string> proved = Origin(origin);
    if (!proved.ok()) return proved.status();
    return Speaker{*std::move(proved)};
  }
  absl::StatusOr<std::string> brought_by = Prove("Federation-Relay", *relay);
  if (!brought_by.ok()) return brought_by.status();
  absl::StatusOr<std::string> claimed = DomainIn(kOrigin, origin.value_or(""));
  if (!claimed.ok()) return claimed.status();
  if (trusts == nullptr || !trusts(*brought_by, *claimed)) {
    return absl::PermissionDeniedError(
        absl::StrCat("Federation-Relay: ", *brought_by, " is not trusted here for ", *claimed));
  }
  return Speaker{*std::move(claimed), *std::move(brought_by)};
}

absl::StatusOr<std::string> PeerIdentity::Prove(std::string_view header, std::string_view claimed) {
  if (!proved_.empty() && absl::EqualsIgnoreCase(directory::ToAbsl(claimed), proved_)) return proved_;
  absl::StatusOr<std::string> domain = DomainIn(header, claimed);
  if (!domain.ok()) return domain;
  if (!IsValidFor(certificate_, *domain)) {
    return absl::PermissionDeniedError(
        absl::StrCat(directory::ToAbsl(header), ": the client certificate ", NotValidWords(*domain)));
  }
  proved_ = *domain;
  return domain;
}

absl::StatusOr<std::string> PeerIdentity::OnlyName() {
  if (!only_name_.empty()) return only_name_;
  const std::vector<std::string> names = DnsNames(certificate_);
  if (names.size() != 1) {
    return absl::UnauthenticatedError(absl::StrCat("the client certificate has ", names.size(),
                                                   " DNS names: want the header Federation-Origin"));
  }
  if (!ValidateDomain(names[0]).ok()) {
    return absl::UnauthenticatedError(
        "the client certificate's only DNS name is no domain name: want the header Federation-Origin");
  }
  only_name_ = names[0];
  return only_name_;
}

}  // namespace federation::https
