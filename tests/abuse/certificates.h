#pragma once

#include <map>
#include <mutex>
#include <string>

#include "support/test_ca.h"

namespace federation::abuse {

// The certificates of one authority, each of which is issued once. Thread-safe.
class Certificates {
 public:
  TlsFiles Of(const std::string& domain) { return Of(domain, {.dns_names = {domain}}); }
  // By a name that stands for the options.
  TlsFiles Of(const std::string& name, const support::CertificateOptions& options) {
    const std::lock_guard guard(mutex_);
    const auto [entry, is_new] = issued_.try_emplace(name);
    if (is_new) entry->second = ca_.Issue(options);
    return entry->second;
  }
  const std::string& authorities() const { return ca_.authorities(); }

 private:
  std::mutex mutex_;
  support::TestCa ca_;
  std::map<std::string, TlsFiles> issued_;
};

}  // namespace federation::abuse
