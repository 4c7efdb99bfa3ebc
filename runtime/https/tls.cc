#include "https/tls.h"

#include <cerrno>
#include <cstdio>

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "https/certificate.h"
#include "https/error_words.h"
#include "https/tls_impl.h"

namespace federation::https {
namespace {

// Forward secrecy and authenticated encryption only (RFC 9325, section 4.2). The suites of TLS 1.3 all have
// both.
constexpr char kTls12Suites[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL";

// Renegotiation lets a peer make us work, compression leaks (CRIME), and a resumed session would not be
// verified again.
constexpr auto kOptions = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET;

// TlsStream frees the buffers of a connection that rests. OpenSSL would do so after each record
// (SSL_MODE_RELEASE_BUFFERS), which costs a twentieth of the time of a small request.
constexpr long kModes = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;

// Two of the greatest records: one read takes all that has arrived; at a stream's full speed a sixth less
// time goes into reading than with one, and no less with more.
constexpr std::size_t kReadBufferBytes = std::size_t{33} * 1024;

// Both roles take certificates that are meant for either: public authorities no longer issue clientAuth, and
// a server of the federation has one certificate for both.
int AcceptEitherTlsPurpose(int preverified, X509_STORE_CTX* verification) {
  if (preverified == 1 || X509_STORE_CTX_get_error(verification) != X509_V_ERR_INVALID_PURPOSE) {
    return preverified;
  }
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  const int is_authority = X509_STORE_CTX_get_error_depth(verification) > 0 ? 1 : 0;
  for (const int purpose : {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT}) {
    if (X509_check_purpose(certificate, purpose, is_authority) == 1) {
      X509_STORE_CTX_set_error(verification, X509_V_OK);
      return 1;
    }
  }
  return 0;
}

// What is the same in all contexts stays with the connection; the certificate and the authorities do not.
int UseContextForName(SSL* connection, int*, void*) {
  const auto* choose = static_cast<const ChooseContext*>(SSL_get_app_data(connection));
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (choose == nullptr || name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  const std::optional<TlsContext> chosen = (*choose)(name);
  if (!chosen) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(connection, chosen->impl().server.get());
  return SSL_TLSEXT_ERR_OK;
}

// Without it OpenSSL would ask on the terminal.
int RefusePassword(char*, int, int, void*) { return -1; }

absl::Status FileError(const char* what, const std::string& file, const std::string& words) {
  return absl::InvalidArgumentError(absl::StrCat(what, " ", file, ": ", words));
}

absl::Status CheckReadable(const char* what, const std::string& file) {
  std::FILE* stream = std::fopen(file.c_str(), "rb");
  if (stream == nullptr) return FileError(what, file, SystemWords(errno));
  std::fclose(stream);
  return absl::OkStatus();
}

absl::Status UseAuthorities(SSL_CTX* context, const std::string& file) {
  if (file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return absl::OkStatus();
  }
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return FileError("authorities", file, absl::StrCat("want certificates in PEM form, got: ", TlsWords()));
  }
  return absl::OkStatus();
}

absl::Status UseCertificate(SSL_CTX* context, const TlsFiles& files, const std::string& domain) {
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return FileError("certificate", files.certificate,
                     absl::StrCat("want certificates in PEM form, got: ", TlsWords()));
  }
  if (!IsValidFor(SSL_CTX_get0_certificate(context), domain)) {
    return FileError("certificate", files.certificate, absl::StrCat("it ", NotValidWords(domain)));
  }
  // Loading the key compares it with the certificate.
  if (SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool mismatch = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    return FileError("private key", files.private_key,
                     mismatch ? absl::StrCat("it is not the key of ", files.certificate)
                              : absl::StrCat("want a key in PEM form without a password, got: ", TlsWords()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SSL_CTX, FreeTls>> MakeContext(const SSL_METHOD* method, const TlsFiles& files,
                                                              const std::string& domain) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, FreeTls> context(SSL_CTX_new(method));
  if (context == nullptr) return absl::InternalError(absl::StrCat("OpenSSL: ", TlsWords()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (SSL_CTX_set_cipher_list(context.get(), kTls12Suites) != 1) {
    return absl::InternalError(absl::StrCat("OpenSSL: ", TlsWords()));
  }
  SSL_CTX_set_options(context.get(), kOptions);
  SSL_CTX_set_mode(context.get(), kModes);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), kReadBufferBytes);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_default_passwd_cb(context.get(), &RefusePassword);
  // A client without a certificate passes: the answer to its requests says what is missing.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &AcceptEitherTlsPurpose);
  if (absl::Status status = UseAuthorities(context.get(), files.authorities); !status.ok()) return status;
  if (absl::Status status = UseCertificate(context.get(), files, domain); !status.ok()) return status;
  return context;
}

}  // namespace

void ChooseContextByName(SSL* connection, const ChooseContext* choose) {
  SSL_set_app_data(connection, const_cast<ChooseContext*>(choose));
}

absl::StatusOr<TlsContext> TlsContext::Load(const TlsFiles& files, const std::string& domain) {
  if (absl::Status status = CheckReadable("certificate", files.certificate); !status.ok()) return status;
  if (absl::Status status = CheckReadable("private key", files.private_key); !status.ok()) return status;
  if (!files.authorities.empty()) {
    if (absl::Status status = CheckReadable("authorities", files.authorities); !status.ok()) return status;
  }
  auto impl = std::make_shared<Impl>();
  auto server = MakeContext(TLS_server_method(), files, domain);
  if (!server.ok()) return server.status();
  SSL_CTX_set_tlsext_servername_callback(server->get(), &UseContextForName);
  auto client = MakeContext(TLS_client_method(), files, domain);
  if (!client.ok()) return client.status();
  impl->server = *std::move(server);
  impl->client = *std::move(client);
  return TlsContext(std::move(impl));
}

bool TlsContext::IsValidFor(const std::string& name) const {
  return https::IsValidFor(SSL_CTX_get0_certificate(impl_->server.get()), name);
}

}  // namespace federation::https
