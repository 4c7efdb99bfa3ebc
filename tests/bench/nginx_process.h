#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "federation/tls_files.h"

#include "bench/child_process.h"

namespace federation::bench {

// nginx with one worker that answers every POST with the same JSON, over TLS with certificates on both sides:
// how fast a well-known HTTPS server is here.
class NginxProcess {
 public:
  static bool IsInstalled();

  // Writes its files to `folder`.
  NginxProcess(const std::string& folder, const TlsFiles& tls, const std::string& answer, int processor);

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return process_->pid(); }

 private:
  std::uint16_t port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace federation::bench
