#include "support/test_ca.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace federation::support {
namespace {

struct FreeOpenssl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

void Check(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error("test certificates: " + what);
}

Owned<std::FILE> Create(const std::string& path) {
  Owned<std::FILE> file(std::fopen(path.c_str(), "wb"));
  Check(file != nullptr, "cannot write " + path);
  return file;
}

void WriteCertificate(const std::string& path, X509* certificate) {
  Check(PEM_write_X509(Create(path).get(), certificate) == 1, path);
}

void WriteKey(const std::string& path, EVP_PKEY* key) {
  Check(PEM_write_PrivateKey(Create(path).get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, path);
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  Check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

void SetName(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.data());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(common_name.size()), -1, 0);
}

std::string Join(const std::vector<std::string>& parts, const std::string& prefix) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : ",") + prefix + part;
  return joined;
}

// A certificate for `key` without names and extensions; not signed.
Owned<X509> NewCertificate(EVP_PKEY* key, long serial, const CertificateOptions& options) {
  Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.valid_until.count());
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

}  // namespace

struct TestCa::Signer {
  Owned<EVP_PKEY> key;
  Owned<X509> certificate;
};

TestCa::TestCa() : signer_(std::make_unique<Signer>()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "federation-ca-XXXXXX").string();
  Check(mkdtemp(pattern.data()) != nullptr, "cannot make a directory");
  directory_ = pattern;
  authorities_ = directory_ + "/authority.pem";

  signer_->key.reset(EVP_EC_gen("P-256"));
  signer_->certificate = NewCertificate(signer_->key.get(), 1, {});
  X509* certificate = signer_->certificate.get();
  SetName(certificate, "Test authority " + directory_);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  Check(X509_sign(certificate, signer_->key.get(), EVP_sha256()) != 0, "cannot sign");
  WriteCertificate(authorities_, certificate);
}

TestCa::~TestCa() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

TlsFiles TestCa::Issue(const CertificateOptions& options) {
  const std::string stem = directory_ + "/" + std::to_string(++issued_);
  const TlsFiles files{stem + ".pem", stem + ".key", authorities_};
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate = NewCertificate(key.get(), issued_ + 1, options);
  X509* issuer = signer_->certificate.get();
  SetName(certificate.get(),
          options.common_name.empty() ? "Test certificate " + std::to_string(issued_) : options.common_name);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  AddExtension(certificate.get(), issuer, NID_basic_constraints, "CA:FALSE");
  AddExtension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
  AddExtension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  if (!options.dns_names.empty()) {
    AddExtension(certificate.get(), issuer, NID_subject_alt_name, Join(options.dns_names, "DNS:"));
  }
  if (!options.extended_key_usage.empty()) {
    AddExtension(certificate.get(), issuer, NID_ext_key_usage, Join(options.extended_key_usage, ""));
  }
  Check(X509_sign(certificate.get(), signer_->key.get(), EVP_sha256()) != 0, "cannot sign");
  WriteCertificate(files.certificate, certificate.get());
  WriteKey(files.private_key, key.get());
  return files;
}

TlsFiles TestCa::Issue(const std::string& domain) {
  CertificateOptions options;
  options.dns_names = {domain};
  return Issue(options);
}

}  // namespace federation::support
