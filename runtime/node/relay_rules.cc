#include "node/relay_rules.h"

#include <utility>

#include "federation/domain.h"

namespace federation::node {

absl::StatusOr<RelayRules> RelayRules::Parse(const Patterns& patterns) {
  RelayRules rules;
  for (const auto& [domain, origins] : patterns) {
    absl::Status status = ValidateDomain(domain);
    if (!status.ok()) return status;
    absl::StatusOr<DomainPatterns> parsed = DomainPatterns::Parse(origins);
    if (!parsed.ok()) return parsed.status();
    rules.origins_.emplace(domain, *std::move(parsed));
  }
  return rules;
}

bool RelayRules::Allows(std::string_view domain, std::string_view origin) const {
  const auto found = origins_.find(domain);
  return found != origins_.end() && found->second.Match(origin);
}

}  // namespace federation::node
