#pragma once

#include <functional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "directory/candidate.h"
#include "https/name_resolver.h"

// What a client asks before it makes a connection.
namespace federation::https {

// Knows where the server of a domain is. To be used on the loop only; `done` is called once, on the loop,
// from within the call or later.
class ServerFinder {
 public:
  virtual ~ServerFinder() = default;

  // In the order in which they are to be tried; at least one. Errors: not found (the domain has no server),
  // and whatever else kept it from being found.
  using Done = std::function<void(absl::StatusOr<std::vector<directory::Candidate>>)>;
  virtual void Find(const std::string& domain, Done done) = 0;
  // None of the candidates that were found took a connection.
  virtual void NoteUnreachable(const std::string& domain) = 0;
};

// Who answers a client; borrowed. Without a finder only calls with an address are made. `names` looks up the
// names that come from outside, `configured_names` those that the operator configured; without them that is
// done as the system does it.
struct Finding {
  ServerFinder* servers = nullptr;
  NameResolver* names = nullptr;
  NameResolver* configured_names = nullptr;
};

}  // namespace federation::https
