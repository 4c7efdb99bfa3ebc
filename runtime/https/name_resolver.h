#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "https/event_loop.h"

namespace federation::https {

// Finds the IP addresses of host names. To be used on the loop only.
class NameResolver {
 public:
  virtual ~NameResolver() = default;

  // The addresses as text, at least one, the best ones first. Errors, with the bare reason: not found (there
  // is no such name, or it has no address), deadline exceeded, unavailable.
  using Done = std::function<void(absl::StatusOr<std::vector<std::string>>)>;
  // `done` is called on the loop, once, from within this call or later, or never if the resolver is destroyed
  // before. Who does not want to wait that long forgets about it.
  virtual void Resolve(const std::string& name, Done done) = 0;
};

// What the system says: its files and its name servers, in the order of RFC 6724. It looks for one name at a
// time. Borrows the loop.
std::shared_ptr<NameResolver> MakeSystemResolver(EventLoop& loop);

// The addresses with those of the two families in turn, each family in its own order, beginning with the
// family of the first one (RFC 8305, section 4): who cannot be reached over one is reached over the other
// soon.
std::vector<std::string> InterleaveFamilies(const std::vector<std::string>& addresses);

}  // namespace federation::https
