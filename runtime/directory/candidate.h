#pragma once

#include <string>
#include <vector>

#include "federation/host_port.h"

namespace federation::directory {

// One place where the server of a domain may listen.
struct Candidate {
  HostPort address{};
  // The server's certificate has to be valid for one of these names; the first one is what it is asked for
  // (SNI). At least one.
  std::vector<std::string> certificate_names{};
  // Whether others than the operator said so: then an IP address is checked as those are that a name resolves
  // to, and the name is not looked up in the way of this machine but in the public DNS.
  bool from_outside = false;
};

}  // namespace federation::directory
