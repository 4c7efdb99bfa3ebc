#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <openssl/types.h>

namespace federation::https {

// Who speaks on a connection, as far as the client certificate proves it.
class PeerIdentity {
 public:
  // `certificate`: one that has been verified, or null for a peer without. Borrowed.
  explicit PeerIdentity(X509* certificate) : certificate_(certificate) {}

  // The domain that a request comes from. `claimed` is the header Federation-Origin: the certificate must be
  // valid for it. Without the header it is the certificate's only DNS name. Errors: unauthenticated (no
  // certificate, or no header and not one name), invalid argument (the header is no domain name), permission
  // denied (the certificate is not valid for the header).
  absl::StatusOr<std::string> Origin(std::optional<std::string_view> claimed);

 private:
  absl::StatusOr<std::string> OnlyName() const;

  X509* certificate_;
  // The last claim that proved true: peers repeat it in each request, and checking it decodes the
  // certificate.
  std::string proved_;
};

}  // namespace federation::https
