#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "federation/tls_files.h"

namespace federation::bench {

// gRPC over TLS with certificates on both sides, for comparison: its callback server, in this process until
// standard input ends; says its port on standard output. Returns an exit code.
int GrpcServerMain(const TlsFiles& tls);

// A channel to that server, with its asynchronous client.
class GrpcClient {
 public:
  // Connects, or throws std::runtime_error.
  GrpcClient(std::uint16_t port, const TlsFiles& tls, const std::string& domain);
  ~GrpcClient();

  double Run(int in_flight, std::chrono::milliseconds duration);
  // One call after the other; the median of their times.
  std::chrono::nanoseconds OneByOne(int calls);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::bench
