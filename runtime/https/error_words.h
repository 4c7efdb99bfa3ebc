#pragma once

#include <string>

// Words for what the system and OpenSSL report, for error messages.
namespace federation::https {

// The system's words for an `errno`, such as `connection refused`.
std::string SystemWords(int error);

// The reason of the last OpenSSL error of this thread, such as `no shared cipher`. Clears the error queue.
std::string TlsWords();

// Why a peer's certificate was refused. `verify_result` is one of OpenSSL's X509_V_ERR numbers; `domain` is
// the name that was wanted, if one was.
std::string CertificateWords(long verify_result, const std::string& domain);

}  // namespace federation::https
