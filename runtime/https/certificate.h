#pragma once

#include <string>
#include <vector>

#include <openssl/types.h>

// What a certificate says about names.
namespace federation::https {

// How names are compared (RFC 6125): the DNS names of the certificate count and never the subject's common
// name; a wildcard stands for a whole leftmost label.
extern const unsigned kNameCheckFlags;

// Whether the certificate is valid for this domain name.
bool IsValidFor(X509* certificate, const std::string& domain);

// What is said of a certificate that is not valid for this name, behind the word for the certificate.
std::string NotValidWords(const std::string& domain);

// The DNS names of the certificate, in lower case, as they stand there: wildcards and garbage, too.
std::vector<std::string> DnsNames(const X509* certificate);

}  // namespace federation::https
