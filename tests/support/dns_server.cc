#include "support/dns_server.h"

#include <stdexcept>

#include "support/eventually.h"

namespace federation::support {

void DnsServer::Start(std::vector<std::string> records) {
  Stop();
  const std::string files = folder_ + "/dnsmasq" + std::to_string(++starts_);
  std::vector<std::string> command = {DNSMASQ_PATH,
                                      "--keep-in-foreground",
                                      "--conf-file=/dev/null",
                                      "--no-resolv",
                                      "--no-hosts",
                                      "--user=",
                                      "--pid-file=" + files + ".pid",
                                      "--log-facility=-",
                                      "--bind-interfaces",
                                      "--listen-address=127.0.0.1",
                                      "--port=" + std::to_string(port()),
                                      "--local=/test/"};
  command.insert(command.end(), records.begin(), records.end());
  process_ = std::make_unique<Process>(command, StandardFiles{"/dev/null", files + ".out", files + ".err"});
  const bool started = Eventually([&] {
    return ReadFile(files + ".err").find("started, version") != std::string::npos || !process_->IsRunning();
  });
  if (!started || !process_->IsRunning()) {
    throw std::runtime_error("dnsmasq does not start: " + ReadFile(files + ".err"));
  }
}

std::string DnsServer::Srv(const std::string& domain, const std::string& target, std::uint16_t port,
                           int priority, int weight) {
  return "--srv-host=_actor-server._tcp." + domain + "," + target + "," + std::to_string(port) + "," +
         std::to_string(priority) + "," + std::to_string(weight);
}

}  // namespace federation::support
