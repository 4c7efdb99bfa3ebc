#include "https/identity.h"

#include <vector>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include "federation/domain.h"

#include "directory/text.h"
#include "https/certificate.h"

namespace federation::https {

absl::StatusOr<std::string> PeerIdentity::Origin(std::optional<std::string_view> claimed) {
  if (certificate_ == nullptr) {
    return absl::UnauthenticatedError("want a client certificate that names the origin, got none");
  }
  if (!claimed) return OnlyName();
  std::string domain = absl::AsciiStrToLower(directory::ToAbsl(*claimed));
  if (!proved_.empty() && domain == proved_) return domain;
  // The check comes first: a name with a leading dot would match every subdomain.
  if (const absl::Status status = ValidateDomain(domain); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("Federation-Origin: ", status.message()));
  }
  if (!IsValidFor(certificate_, domain)) {
    return absl::PermissionDeniedError(
        absl::StrCat("Federation-Origin: the client certificate ", NotValidWords(domain)));
  }
  proved_ = domain;
  return domain;
}

absl::StatusOr<std::string> PeerIdentity::OnlyName() const {
  const std::vector<std::string> names = DnsNames(certificate_);
  if (names.size() != 1) {
    return absl::UnauthenticatedError(absl::StrCat("the client certificate has ", names.size(),
                                                   " DNS names: want the header Federation-Origin"));
  }
  if (!ValidateDomain(names[0]).ok()) {
    return absl::UnauthenticatedError(
        "the client certificate's only DNS name is no domain name: want the header Federation-Origin");
  }
  return names[0];
}

}  // namespace federation::https
