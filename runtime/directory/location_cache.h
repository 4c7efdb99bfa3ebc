#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "federation/resolution.h"

#include "directory/candidate.h"
#include "directory/srv_order.h"

namespace federation::directory {

// Where the server of a domain is, as far as its owner says.
struct Location {
  using Clock = std::chrono::steady_clock;

  std::string domain{};
  // Either of the two holds something, unless the status says why there is nothing.
  std::vector<Candidate> candidates{};
  std::vector<SrvRecord> srv{};
  absl::Status status{};
  // How it was found.
  std::vector<Resolution::Step> steps{};
  Clock::time_point found{};
  // Equal to `found` for what is not to be remembered.
  Clock::time_point expires{};
};

// Remembers so many locations, each until it expires. Not thread-safe.
class LocationCache {
 public:
  using Clock = Location::Clock;

  explicit LocationCache(std::size_t domains_max) : domains_max_(domains_max) {}

  // Null if there is none that still counts. Valid until the next call of anything else.
  const Location* Find(const std::string& domain, Clock::time_point now);
  // In place of an older one; one that has expired is forgotten at once.
  void Put(Location location, Clock::time_point now);
  // It expires then, unless it does before.
  void Shorten(const std::string& domain, Clock::time_point expires);

  std::size_t size() const { return by_domain_.size(); }

 private:
  using Locations = std::list<Location>;

  void Erase(const std::string& domain);

  const std::size_t domains_max_;
  // The one that was asked for last comes first.
  Locations locations_;
  std::map<std::string, Locations::iterator, std::less<>> by_domain_;
};

}  // namespace federation::directory
