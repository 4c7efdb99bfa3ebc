#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/process.h"
#include "support/reserved_port.h"

namespace federation::support {

// dnsmasq on a port of 127.0.0.1, that knows everything below test. and asks nobody. It may be started again
// with other records.
class DnsServer {
 public:
  // Keeps its files in `folder`.
  explicit DnsServer(const std::string& folder) : folder_(folder) {}

  std::uint16_t port() const { return port_.port(); }
  // Options of dnsmasq, such as `--host-record=a.test,127.0.0.1`. Throws std::runtime_error if it does not
  // start.
  void Start(std::vector<std::string> records);
  void Stop() { process_.reset(); }

  // `--srv-host` for the server of a domain.
  static std::string Srv(const std::string& domain, const std::string& target, std::uint16_t port,
                         int priority = 0, int weight = 0);

 private:
  const std::string folder_;
  ReservedPort port_;
  std::unique_ptr<Process> process_;
  int starts_ = 0;
};

}  // namespace federation::support
