#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "federation/resolution.h"

#include "directory/address_policy.h"
#include "directory/discovery.h"
#include "discovery/configured_names.h"
#include "discovery/dns_resolver.h"
#include "https/event_loop.h"
#include "https/fetcher.h"
#include "https/finding.h"
#include "https/reloadable_tls.h"

namespace federation::discovery {

struct ServerDirectoryOptions {
  directory::Discovery::Options discovery;
  DnsOptions dns;
  std::chrono::milliseconds well_known_timeout{10'000};
};

// Finds servers in the real world: directory::Discovery over DNS and HTTPS. To be used on the loop only, but
// for its making and its end.
class ServerDirectory final : public https::ServerFinder {
 public:
  // Borrows loop and peers. `random` yields numbers from 0 to below 1.
  ServerDirectory(https::EventLoop& loop, const directory::Discovery::Peers& peers,
                  const ServerDirectoryOptions& options, std::shared_ptr<const https::ReloadableTls> tls,
                  const directory::AddressPolicy& policy, std::function<double()> random);
  // Drops what runs.
  ~ServerDirectory() override;

  void Find(const std::string& domain, Done done) override;
  void NoteUnreachable(const std::string& domain) override;
  // For the names that come from outside, and for those that the operator configured.
  https::NameResolver& names();
  https::NameResolver& configured_names();

  // How a domain's server is found, with the addresses of each candidate; `afresh`: without a look at what is
  // remembered, in the place of which the answer comes. `done` is called on the loop, once.
  void Explain(const std::string& domain, Lookup lookup, std::function<void(const Resolution&)> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace federation::discovery
