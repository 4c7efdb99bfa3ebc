#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <openssl/types.h>

namespace federation::https {

// Who speaks in a request.
struct Speaker {
  std::string origin;
  // Who brought it, where that is not the origin itself.
  std::string relay{};
};

// Whether a domain's server may bring requests of an origin.
using RelayTrust = std::function<bool(const std::string& relay, const std::string& origin)>;

// Who speaks on a connection, as far as the client certificate proves it.
class PeerIdentity {
 public:
  // `certificate`: one that has been verified, or null for a peer without. Borrowed.
  explicit PeerIdentity(X509* certificate) : certificate_(certificate) {}

  bool has_certificate() const { return certificate_ != nullptr; }
  // Tells peers apart, before they name themselves: the DNS names of the certificate. Empty without any, and
  // then no request can come from this peer.
  std::string Key() const;
  // Whether it may be another one in more requests than that: its certificate has more names, or a wildcard.
  bool HasMoreNamesThan(std::size_t names_max) const;

  // The domain that a request comes from. `claimed` is the header Federation-Origin: the certificate must be
  // valid for it. Without the header it is the certificate's only DNS name. Errors: unauthenticated (no
  // certificate, or no header and not one name), invalid argument (the header is no domain name), permission
  // denied (the certificate is not valid for the header).
  absl::StatusOr<std::string> Origin(std::optional<std::string_view> claimed);

  // The same for a request that may come through a relay, which the header Federation-Relay names: then the
  // certificate must be valid for that one, and `trusts`, which may be null, say that it may speak for the
  // origin. Errors, too: invalid argument (the relay's name is none, or there is no Federation-Origin),
  // permission denied (the certificate is not valid for the relay, or that is not trusted).
  absl::StatusOr<Speaker> Identify(std::optional<std::string_view> origin,
                                   std::optional<std::string_view> relay, const RelayTrust& trusts);

 private:
  absl::StatusOr<std::string> OnlyName();
  // The domain that `header` claims, if the certificate is valid for it.
  absl::StatusOr<std::string> Prove(std::string_view header, std::string_view claimed);

  X509* certificate_;
  // The last claim that proved true: peers repeat it in each request, and checking it decodes the
  // certificate.
  std::string proved_;
  // The same for peers that claim nothing.
  std::string only_name_;
};

}  // namespace federation::https
