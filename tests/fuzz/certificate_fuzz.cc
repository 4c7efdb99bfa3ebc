// Whatever stands in a certificate's list of names, and whatever a peer claims: it passes only for a domain
// that the list covers. An input is lines: the claim, then a DNS name each; with `=` in front it is the DER
// of the list.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/strings/ascii.h>
#include <openssl/x509v3.h>

#include "federation/domain.h"

#include "fuzz/require.h"
#include "https/certificate.h"
#include "https/identity.h"

namespace {

using namespace federation::https;
using federation::fuzz::Require;

struct FreeOpenssl {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(ASN1_OCTET_STRING* bytes) const { ASN1_OCTET_STRING_free(bytes); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

void AddNames(X509* certificate, const std::vector<std::string>& lines) {
  const Owned<GENERAL_NAMES> names(GENERAL_NAMES_new());
  for (const std::string& line : lines) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, line.data(), static_cast<int>(line.size()));
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names.get(), name);
  }
  X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT);
}

void AddDer(X509* certificate, std::string_view der) {
  const Owned<ASN1_OCTET_STRING> bytes(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(bytes.get(), reinterpret_cast<const unsigned char*>(der.data()),
                        static_cast<int>(der.size()));
  const Owned<X509_EXTENSION> extension(
      X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 0, bytes.get()));
  X509_add_ext(certificate, extension.get(), -1);
}

// A rule of its own: the name itself, or a star for its first label.
bool Covers(const std::string& name, const std::string& domain) {
  if (name == domain) return true;
  const std::size_t dot = domain.find('.');
  return dot != std::string::npos && name == "*" + domain.substr(dot);
}

void Check(X509* certificate, const std::string& claim) {
  const std::vector<std::string> names = DnsNames(certificate);
  PeerIdentity peer(certificate);
  const absl::StatusOr<std::string> claimed = peer.Origin(claim);
  if (claimed.ok()) {
    Require(*claimed == absl::AsciiStrToLower(claim));
    Require(federation::ValidateDomain(*claimed).ok());
    Require(std::any_of(names.begin(), names.end(),
                        [&claimed](const std::string& name) { return Covers(name, *claimed); }));
  }
  // The same again, from what is remembered.
  Require(peer.Origin(claim).ok() == claimed.ok());
  const absl::StatusOr<std::string> only = peer.Origin(std::nullopt);
  if (only.ok()) {
    Require(names.size() == 1 && *only == names[0] && federation::ValidateDomain(*only).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> lines;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  const std::string claim = lines.front();
  lines.erase(lines.begin());
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  if (claim.starts_with('=')) {
    AddDer(certificate.get(), text.substr(1));
    Check(certificate.get(), "a.test");
  } else {
    AddNames(certificate.get(), lines);
    Check(certificate.get(), claim);
  }
  return 0;
}
