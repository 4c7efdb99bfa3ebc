#include "https/error_words.h"

#include <system_error>

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "https/certificate.h"

namespace federation::https {
namespace {

struct VerifyWords {
  long verify_result;
  const char* words;
};

constexpr VerifyWords kVerifyWords[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "certificate has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "certificate is not valid yet"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "certificate is self-signed"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "certificate is from an authority that is not trusted here"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     "certificate is from an authority that is not trusted here"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "certificate is from an authority that is not trusted here"},
    {X509_V_ERR_PERMITTED_VIOLATION, "certificate is from an authority that may not name its domains"},
    {X509_V_ERR_EXCLUDED_VIOLATION, "certificate is from an authority that may not name its domains"},
    {X509_V_ERR_INVALID_PURPOSE, "certificate is for other purposes than TLS"},
};

}  // namespace

std::string SystemWords(int error) {
  std::string words = std::generic_category().message(error);
  if (!words.empty()) words[0] = absl::ascii_tolower(words[0]);
  return words;
}

std::string TlsWords() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  // From OpenSSL 3 on, errors of the system have a form of their own.
  if (ERR_SYSTEM_ERROR(error)) return SystemWords(ERR_GET_REASON(error));
  const char* reason = ERR_reason_error_string(error);
  return reason == nullptr ? "unknown error" : reason;
}

std::string CertificateWords(long verify_result, const std::string& domain) {
  if (verify_result == X509_V_ERR_HOSTNAME_MISMATCH) {
    return absl::StrCat("certificate ", NotValidWords(domain));
  }
  for (const VerifyWords& row : kVerifyWords) {
    if (row.verify_result == verify_result) return row.words;
  }
  return absl::StrCat("certificate is refused: ", X509_verify_cert_error_string(verify_result));
}

}  // namespace federation::https
