#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/host_port.h"

#include "directory/discovery.h"
#include "discovery/family_answers.h"
#include "discovery/route.h"
#include "https/event_loop.h"
#include "https/finding.h"

namespace federation::discovery {

struct DnsOptions {
  // IP addresses and ports of the servers to ask; none: those of the system (resolv.conf).
  std::vector<HostPort> servers{};
  // For the first try; each further one takes twice as long as the one before.
  std::chrono::milliseconds timeout{2000};
  int tries = 2;
  // How long the addresses of one family wait for those of the other: the Resolution Delay of RFC 8305,
  // section 8.
  std::chrono::milliseconds resolution_delay{50};
  // Whether this machine can send anything to an IP address.
  std::function<bool(const std::string& ip)> has_route = &HasRouteTo;
};

// Asks DNS servers, and nothing else, through c-ares on the loop: no thread, nothing that blocks but reading
// the system's settings, which are read anew for each question. What this machine itself knows of names (the
// hosts file) does not count, as names come from others; for "localhost" c-ares asks nobody, and there is no
// answer. To be used on the loop only.
class DnsResolver final : public https::NameResolver {
 public:
  // What is taken of one answer; further records are left out.
  static constexpr std::size_t kAddressesMax = 16;
  static constexpr std::size_t kServicesMax = 32;

  // Borrows the loop.
  DnsResolver(https::EventLoop& loop, DnsOptions options);
  // Drops what runs; its `done` is not called any more.
  ~DnsResolver() override;
  DnsResolver(const DnsResolver&) = delete;
  DnsResolver& operator=(const DnsResolver&) = delete;

  // The addresses of both families in turn, each family in the order of RFC 6724. A and AAAA are two
  // questions (RFC 8305, section 3): once there are addresses of one family, and a route to them, those of
  // the other are waited for no longer than the resolution delay, and what comes later is dropped. `done` is
  // called on the loop, once, not from within this call. The name is taken as it is: no search list is tried.
  void Resolve(const std::string& name, Done done) override;

  // What comes of both questions, however long it takes. Else as Resolve.
  using AllDone = std::function<void(const FamilyAnswers&)>;
  void ResolveAll(const std::string& name, AllDone done);

  // What the hosts file of this machine says of a name that its operator has written down, for both families;
  // nobody is asked. It knows "localhost" at any rate. Else as Resolve. Errors: any.
  void ResolveFromHostsFile(const std::string& name, Done done);

  // The records of a service (RFC 2782). Errors: not found (there is no such name, or no such record of it),
  // deadline exceeded (no server answers), unavailable (a server fails, or sends what is no answer).
  using SrvDone = std::function<void(absl::StatusOr<directory::DiscoverySources::Srv>)>;
  void LookUpSrv(const std::string& name, SrvDone done);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace federation::discovery
