#include "https/certificate.h"

#include <memory>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <openssl/x509v3.h>

namespace federation::https {

const unsigned kNameCheckFlags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;

bool IsValidFor(X509* certificate, const std::string& domain) {
  return X509_check_host(certificate, domain.data(), domain.size(), kNameCheckFlags, nullptr) == 1;
}

std::string NotValidWords(const std::string& domain) {
  return absl::StrCat("is not valid for ", domain, ": no DNS name in its subjectAltName covers ", domain,
                      ", and its CN is not looked at");
}

std::vector<std::string> DnsNames(const X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  if (alternatives == nullptr) return names;
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    if (name->type != GEN_DNS) continue;
    const unsigned char* bytes = ASN1_STRING_get0_data(name->d.dNSName);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
    std::string text(reinterpret_cast<const char*>(bytes), size);
    absl::AsciiStrToLower(&text);
    names.push_back(std::move(text));
  }
  return names;
}

}  // namespace federation::https
