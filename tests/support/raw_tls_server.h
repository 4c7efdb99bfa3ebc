#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "federation/tls_files.h"

#include "support/raw_tls_connection.h"

namespace federation::support {

// A foreign server on 127.0.0.1 whose side of each connection is a function of the test. Connections are
// served one after the other, on a thread of its own; a connection is closed when its function returns.
class RawTlsServer {
 public:
  // `number` counts the connections from 0. The handshake has been tried.
  using Script = std::function<void(RawTlsConnection& connection, int number)>;

  // On a free port, unless one is given that nobody listens on.
  RawTlsServer(const TlsFiles& files, Script script, std::uint16_t port = 0);
  // Waits for the function that runs.
  ~RawTlsServer();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void Serve();

  SslContext context_;
  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace federation::support
