#include "abuse/hostile_servers.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <absl/strings/str_cat.h>

namespace federation::abuse {
namespace {

using support::RawTlsConnection;
using namespace std::chrono_literals;

constexpr char kGoodDocument[] =
    R"({"endpoints":[{"transport":"https","host":"node.good.test","port":9880}]})";

std::string GoodAnswer() {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ",
                      sizeof(kGoodDocument) - 1, "\r\n\r\n", kGoodDocument);
}

// Until the other end has closed it, or a while is over.
void WaitForEnd(RawTlsConnection& connection) {
  connection.GiveUpAfter(3s);
  while (connection.Receive()) {
  }
}

}  // namespace

void HostileServers::Attract(DiscoveryOptions* options) const {
  options->enabled = true;
  options->dns_servers = {{"127.0.0.1", dns_.port()}};
  options->dns_timeout = 200ms;
  options->dns_tries = 1;
  options->well_known_port = web_port_.port();
  options->well_known_timeout = 500ms;
  // Nobody listens there.
  options->default_port = 1;
}

void HostileServers::Become(const AbuseRow& row) {
  web_.reset();
  if (row.peer == AbuseRow::Peer::kDnsServer) return dns_.Say(row.bytes);
  dns_.Say("");
  const support::CertificateOptions& certificate = row.certificate;
  const bool is_usual = certificate.dns_names.empty() && certificate.common_name.empty();
  const TlsFiles files = is_usual ? certificates_.Of("evil.test") : certificates_.Of(row.name, certificate);
  const bool is_slow = row.peer == AbuseRow::Peer::kSlowWebServer;
  ServeWeb(files, [bytes = row.bytes, after = row.after, is_slow](RawTlsConnection& connection, int) {
    if (!connection.Receive()) return;
    const std::size_t step = is_slow ? 1 : bytes.size();
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      if (!connection.Send(std::string_view(bytes).substr(at, step))) return;
      if (is_slow) std::this_thread::sleep_for(100ms);
    }
    if (after == AbuseRow::After::kOpen) WaitForEnd(connection);
  });
}

void HostileServers::BecomeGood() {
  dns_.Say("");
  ServeWeb(certificates_.Of("good.test"), [](RawTlsConnection& connection, int) {
    if (connection.Receive()) connection.Send(GoodAnswer());
  });
}

void HostileServers::ServeWeb(const TlsFiles& files, support::RawTlsServer::Script script) {
  web_.reset();
  web_ = std::make_unique<support::RawTlsServer>(files, std::move(script), web_port_.port());
}

}  // namespace federation::abuse
