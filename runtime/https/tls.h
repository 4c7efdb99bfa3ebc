#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "federation/tls_files.h"

namespace federation::https {

// A node's certificate and the authorities that it trusts, ready for connections in both directions.
// Immutable, thread-safe, cheap to copy.
class TlsContext {
 public:
  // Reads the files. Checks that the key fits the certificate and that the certificate is valid for `domain`.
  // Errors: invalid argument that names the file and says what is wrong.
  static absl::StatusOr<TlsContext> Load(const TlsFiles& files, const std::string& domain);

  // Whether the certificate is valid for this name.
  bool IsValidFor(const std::string& name) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit TlsContext(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace federation::https
