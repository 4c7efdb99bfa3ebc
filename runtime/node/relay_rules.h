#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "node/access.h"

namespace federation::node {

// Of which origins something is allowed to a domain, as in RelayOptions::serves and trusted. Immutable.
class RelayRules {
 public:
  using Patterns = std::map<std::string, std::vector<std::string>, std::less<>>;

  // Errors: invalid argument that quotes the domain or the pattern.
  static absl::StatusOr<RelayRules> Parse(const Patterns& patterns);

  // Whether anything is said of the domain.
  bool Has(std::string_view domain) const { return origins_.contains(domain); }
  bool Allows(std::string_view domain, std::string_view origin) const;

 private:
  std::map<std::string, DomainPatterns, std::less<>> origins_;
};

}  // namespace federation::node
