#pragma once

#include <memory>
#include <string>
#include <utility>

#include "discovery/dns_resolver.h"
#include "https/event_loop.h"
#include "https/name_resolver.h"

namespace federation::discovery {

// Resolves the names that an operator has written down: as the hosts file has them, else DNS, and for those
// that neither knows, as the system does it, which may know other ways (nsswitch.conf) and completes short
// names. The system looks for one name at a time; a name whose servers are silent is none of its business,
// so it keeps no other name waiting. To be used on the loop only.
class ConfiguredNames final : public https::NameResolver {
 public:
  // Borrows the loop.
  ConfiguredNames(https::EventLoop& loop, DnsOptions options)
      : system_(https::MakeSystemResolver(loop)), dns_(loop, std::move(options)) {}

  void Resolve(const std::string& name, Done done) override;

 private:
  const std::shared_ptr<https::NameResolver> system_;
  DnsResolver dns_;
};

}  // namespace federation::discovery
