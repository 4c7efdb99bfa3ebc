#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "federation/tls_files.h"

// Helpers of tests. They throw std::runtime_error where a test could not go on.
namespace federation::support {

struct CertificateOptions {
  // The subject's CN. Empty: one that is no domain.
  std::string common_name{};
  // The names that it is valid for, byte for byte: wildcards and what no honest authority writes, too.
  std::vector<std::string> dns_names{};
  std::vector<std::string> ip_addresses{};
  // Purposes by OpenSSL's short names; without any the extension is left out.
  std::vector<std::string> extended_key_usage = {"serverAuth", "clientAuth"};
  // From now on.
  std::chrono::seconds valid_from = std::chrono::hours(-1);
  std::chrono::seconds valid_until = std::chrono::hours(24);
  // Signed with its own key, and not by the authority.
  bool self_signed = false;
  // Issued by an intermediate authority that may name this domain and those below it only. Empty: by the
  // authority itself.
  std::string intermediate_permits{};
};

// A certificate authority that lives as long as a test. What it issues are files in a directory of its own,
// removed with it. Not thread-safe.
class TestCa {
 public:
  TestCa();
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  // A new key with a certificate of this authority, which is the one that the holder trusts.
  TlsFiles Issue(const CertificateOptions& options);
  // The same with the defaults, for one domain.
  TlsFiles Issue(const std::string& domain);

  // The authority's own certificate.
  const std::string& authorities() const { return authorities_; }
  // Where the files are; a test may put its own there.
  const std::string& directory() const { return directory_; }

 private:
  struct Signer;

  Signer IssueIntermediate(const std::string& permitted);
  std::string directory_;
  std::string authorities_;
  std::unique_ptr<Signer> signer_;
  int issued_ = 0;
};

}  // namespace federation::support
