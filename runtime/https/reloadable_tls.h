#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/tls_files.h"

#include "https/tls.h"

namespace federation::https {

// The TLS context of a node, whose files may be read again while it runs: certificates end, and authorities
// come and go. Connections take what is current when they begin, and keep it to their end: a reload drops
// none. Thread-safe.
class ReloadableTls {
 public:
  // As TlsContext::Load.
  static absl::StatusOr<std::shared_ptr<ReloadableTls>> Load(const TlsFiles& files,
                                                             const std::string& domain);
  TlsContext current() const;
  // The file with the authorities; empty for those of the system.
  const std::string& authorities() const { return files_.authorities; }

  // Reads the files again. Errors as TlsContext::Load; then the context stays what it was.
  absl::Status Reload();
  // The same, if a file is another one than when it was last read, or has been written since: true. Files
  // that could not be used are not tried again before they change.
  absl::StatusOr<bool> ReloadIfChanged();

 private:
  // What tells a file from what it was, or all zeros without the file.
  struct Stamp {
    std::uint64_t device = 0;
    std::uint64_t node = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 3>;

  ReloadableTls(TlsFiles files, std::string domain);

  // With reload_mutex_.
  absl::Status ReadAgain(const Stamps& stamps);
  static Stamp StampOf(const std::string& file);
  Stamps StampAll() const;

  const TlsFiles files_;
  const std::string domain_;
  std::mutex reload_mutex_;  // one reload at a time; guards stamps_
  Stamps stamps_;
  mutable std::mutex mutex_;  // guards what follows
  // There is one as soon as Load has returned.
  std::optional<TlsContext> context_;
};

}  // namespace federation::https
