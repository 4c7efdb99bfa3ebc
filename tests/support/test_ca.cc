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
  void operator()(ASN1_STRING* text) const { ASN1_STRING_free(text); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
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

// The certificate, and the one of its issuer if that is not null.
void WriteCertificate(const std::string& path, X509* certificate, X509* issuer = nullptr) {
  const Owned<std::FILE> file = Create(path);
  Check(PEM_write_X509(file.get(), certificate) == 1, path);
  Check(issuer == nullptr || PEM_write_X509(file.get(), issuer) == 1, path);
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

// Not from text as other extensions: a name may hold any byte.
void AddNames(X509* certificate, const CertificateOptions& options) {
  const Owned<GENERAL_NAMES> names(GENERAL_NAMES_new());
  const auto add = [&names](int type, const void* bytes, std::size_t size) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_STRING* text = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
    ASN1_STRING_set(text, bytes, static_cast<int>(size));
    GENERAL_NAME_set0_value(name, type, text);
    sk_GENERAL_NAME_push(names.get(), name);
  };
  for (const std::string& name : options.dns_names) add(GEN_DNS, name.data(), name.size());
  for (const std::string& text : options.ip_addresses) {
    const Owned<ASN1_OCTET_STRING> bytes(a2i_IPADDRESS(text.c_str()));
    Check(bytes != nullptr, text);
    add(GEN_IPADD, ASN1_STRING_get0_data(bytes.get()),
        static_cast<std::size_t>(ASN1_STRING_length(bytes.get())));
  }
  if (sk_GENERAL_NAME_num(names.get()) == 0) return;
  Check(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1,
        "names");
}

void SetName(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.data());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, static_cast<int>(common_name.size()), -1, 0);
}

std::string Join(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : ",") + part;
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

TestCa::Signer TestCa::IssueIntermediate(const std::string& permitted) {
  Signer intermediate;
  intermediate.key.reset(EVP_EC_gen("P-256"));
  intermediate.certificate = NewCertificate(intermediate.key.get(), ++issued_ + 1, {});
  X509* certificate = intermediate.certificate.get();
  X509* issuer = signer_->certificate.get();
  SetName(certificate, "Intermediate authority " + std::to_string(issued_));
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(certificate, certificate, NID_subject_key_identifier, "hash");
  AddExtension(certificate, issuer, NID_name_constraints, "critical,permitted;DNS:" + permitted);
  Check(X509_sign(certificate, signer_->key.get(), EVP_sha256()) != 0, "cannot sign");
  return intermediate;
}

TlsFiles TestCa::Issue(const CertificateOptions& options) {
  const bool by_intermediate = !options.intermediate_permits.empty();
  const Signer intermediate = by_intermediate ? IssueIntermediate(options.intermediate_permits) : Signer();
  const std::string stem = directory_ + "/" + std::to_string(++issued_);
  const TlsFiles files{stem + ".pem", stem + ".key", authorities_};
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate = NewCertificate(key.get(), issued_ + 1, options);
  SetName(certificate.get(),
          options.common_name.empty() ? "Test certificate " + std::to_string(issued_) : options.common_name);
  const Signer& signer = by_intermediate ? intermediate : *signer_;
  X509* issuer = options.self_signed ? certificate.get() : signer.certificate.get();
  EVP_PKEY* issuer_key = options.self_signed ? key.get() : signer.key.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  AddExtension(certificate.get(), issuer, NID_basic_constraints, "CA:FALSE");
  AddExtension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
  if (!options.self_signed) AddExtension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  AddNames(certificate.get(), options);
  if (!options.extended_key_usage.empty()) {
    AddExtension(certificate.get(), issuer, NID_ext_key_usage, Join(options.extended_key_usage));
  }
  Check(X509_sign(certificate.get(), issuer_key, EVP_sha256()) != 0, "cannot sign");
  WriteCertificate(files.certificate, certificate.get(),
                   by_intermediate ? intermediate.certificate.get() : nullptr);
  WriteKey(files.private_key, key.get());
  return files;
}

TlsFiles TestCa::Issue(const std::string& domain) {
  CertificateOptions options;
  options.dns_names = {domain};
  return Issue(options);
}

}  // namespace federation::support
