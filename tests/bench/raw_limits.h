#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "federation/tls_files.h"

#include "support/raw_tls_connection.h"

// What the disk, SQLite and TLS can do without anything else: the limits that delivery is measured against.
namespace federation::bench {

// Appends the rows that a node stores for as many updates, to a new SQLite file with synchronous=FULL.
// Returns how many it appends in a second.
double SqliteAppends_per_s(const std::string& path, std::uint64_t updates, std::uint64_t per_commit);

// A file to which as much is appended as one update has.
class SyncedFile {
 public:
  explicit SyncedFile(const std::string& path);
  ~SyncedFile();
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  // Appends, waits until that is on the disk, and says how long both took.
  std::chrono::nanoseconds Append(const std::string& bytes) const;

 private:
  int file_;
};

// A kept TLS 1.3 connection to a server that sends back what it gets (see ReceiverProcess).
class EchoConnection {
 public:
  EchoConnection(std::uint16_t port, const TlsFiles& tls, const std::string& domain);

  // There and back.
  std::chrono::nanoseconds RoundTrip(const std::string& bytes);

 private:
  support::RawTlsConnection connection_;
};

}  // namespace federation::bench
