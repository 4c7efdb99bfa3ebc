#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "federation/tls_files.h"

namespace federation::bench {

// Clients of an HTTPS server: connections that are kept open, on each of which a request follows the answer
// to the last one. One thread, which costs the same whoever answers. Throws std::runtime_error for all that
// is not the answer 200.
class HttpsLoad {
 public:
  // Connects to a port of 127.0.0.1 as a client of each of `clients`, to the server of `domain`.
  HttpsLoad(std::uint16_t port, const std::vector<TlsFiles>& clients, const std::string& domain);
  ~HttpsLoad();
  HttpsLoad(const HttpsLoad&) = delete;
  HttpsLoad& operator=(const HttpsLoad&) = delete;

  // Asks for so long; `request` is a whole one. Returns the answers in a second.
  double Run(const std::string& request, std::chrono::milliseconds duration);

 private:
  struct Client;

  void Send(Client& client, const std::string& request) const;
  // Whether an answer is complete.
  static bool Receive(Client& client);

  int epoll_;
  std::vector<std::unique_ptr<Client>> clients_;
};

// A POST of JSON.
std::string PostOf(const std::string& domain, const std::string& target, const std::string& json);

}  // namespace federation::bench
