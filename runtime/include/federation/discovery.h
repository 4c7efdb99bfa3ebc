#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "federation/host_port.h"

namespace federation {

// How the servers of domains are found that are not configured, and how others find this one
// (proto/PROTOCOL.md, "Discovery").
struct DiscoveryOptions {
  // Off: nobody but configured peers is sent anything.
  bool enabled = true;
  // The DNS servers, by IP address; none: those of the system. For names that peers and domains say,
  // which are looked for in DNS alone; those that the operator configures are looked for in the hosts file,
  // then with the system's DNS servers, and then in whatever other way the system knows.
  std::vector<HostPort> dns_servers{};
  // For the first try of a question; each further one takes twice as long as the one before.
  std::chrono::milliseconds dns_timeout = std::chrono::seconds{2};
  int dns_tries = 2;
  // Where the web server of a domain is asked for its well-known document, and for how long.
  std::uint16_t well_known_port = 443;
  std::chrono::milliseconds well_known_timeout = std::chrono::seconds{10};
  // The port of a domain's server where nothing else is said.
  std::uint16_t default_port = 9880;
  // Where this node is reached from outside, the preferred place first: what its own well-known document
  // says. None: its domain, at the port that it listens on. Clients ask for a host by its name if it has one
  // (SNI), and take a certificate for it or for the domain; see SharedPort for a host of several domains.
  std::vector<HostPort> announced{};
};

}  // namespace federation
