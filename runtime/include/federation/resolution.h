#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "federation/host_port.h"

namespace federation {

// Whether what is remembered of a domain's server will do.
enum class Lookup {
  kRemembered,
  kFresh,  // looks for it again, in the place of what is remembered
};

// Where the server of a domain was looked for, and what was found: for operators (Node::Resolve).
struct Resolution {
  // The ways in the order in which they are gone; the first one that leads anywhere is taken.
  enum class Source { kConfigured, kWellKnown, kSrv, kDomain };
  enum class Outcome {
    kTaken,    // it says where the server is, or that there is none
    kNothing,  // it says nothing
    kFailed,   // what it says could not be found out, or is refused
    kSkipped,  // not looked at
  };
  struct Step {
    Source source = Source::kConfigured;
    Outcome outcome = Outcome::kSkipped;
    // What was looked at: `https://bravo.test/.well-known/actor-federation`.
    std::string asked;
    // What came, and why it was taken or not. For people.
    std::string reason;
  };
  // What a candidate's name resolves to.
  struct Address {
    std::string ip;
    // Why no connection to it is made; empty if it may be.
    std::string refused;
  };
  struct Candidate {
    HostPort address;
    // The server's certificate has to be valid for one of these.
    std::vector<std::string> certificate_names;
    std::vector<Address> addresses;
    // Why there are no addresses, or, beside those of one family, none of the other: `AAAA: no DNS server
    // answers`. Empty if all is known.
    std::string error;
  };

  std::string domain;
  // The server that updates to the domain are handed to (RelayOptions::via): what counts for them is where
  // that one is. Empty: the domain's own.
  std::string via{};
  std::vector<Step> steps;
  // In the order in which they are tried; the order of equal ones may be another one each time.
  std::vector<Candidate> candidates;
  // Why there are no candidates; ok if there are.
  absl::Status status;
  // How long ago it was found, and for how long it is taken from memory: 0 for what is configured.
  std::chrono::milliseconds age{0};
  std::chrono::milliseconds expires_in{0};
};

}  // namespace federation
