#include "node/access.h"

#include <utility>

#include <fmt/core.h>

#include "federation/domain.h"

namespace federation::node {
namespace {

constexpr std::string_view kEverybody = "*";
constexpr std::string_view kBelow = "*.";

absl::StatusOr<DomainPatterns> ParseList(const char* list, const std::vector<std::string>& patterns) {
  absl::StatusOr<DomainPatterns> parsed = DomainPatterns::Parse(patterns);
  if (parsed.ok()) return parsed;
  return absl::InvalidArgumentError(
      fmt::format("access.{}: {}", list, std::string(parsed.status().message())));
}

}  // namespace

absl::StatusOr<DomainPatterns> DomainPatterns::Parse(const std::vector<std::string>& patterns) {
  DomainPatterns parsed;
  for (const std::string& pattern : patterns) {
    if (pattern == kEverybody) {
      parsed.everybody_ = true;
      continue;
    }
    const bool is_below = pattern.starts_with(kBelow);
    const std::string domain = is_below ? pattern.substr(kBelow.size()) : pattern;
    const absl::Status status = ValidateDomain(domain);
    if (!status.ok()) return status;
    (is_below ? parsed.parents_ : parsed.domains_).insert(domain);
  }
  return parsed;
}

bool DomainPatterns::Match(std::string_view domain) const {
  if (everybody_ || domains_.contains(domain)) return true;
  if (parents_.empty()) return false;
  for (std::size_t dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.', dot + 1)) {
    if (parents_.contains(domain.substr(dot + 1))) return true;
  }
  return false;
}

absl::Status Access::Set(const AccessLists& lists) {
  auto rules = std::make_shared<Rules>();
  if (lists.allow.has_value()) {
    absl::StatusOr<DomainPatterns> allow = ParseList("allow", *lists.allow);
    if (!allow.ok()) return allow.status();
    rules->allow = *std::move(allow);
  }
  absl::StatusOr<DomainPatterns> deny = ParseList("deny", lists.deny);
  if (!deny.ok()) return deny.status();
  rules->deny = *std::move(deny);
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  return absl::OkStatus();
}

absl::Status Access::Check(std::string_view domain) const {
  std::shared_ptr<const Rules> rules;
  {
    const std::lock_guard lock(mutex_);
    rules = rules_;
  }
  if (rules->deny.Match(domain)) {
    return absl::PermissionDeniedError(
        fmt::format("this server has nothing to do with {}: it is denied", domain));
  }
  if (rules->allow.has_value() && !rules->allow->Match(domain)) {
    return absl::PermissionDeniedError(
        fmt::format("this server has nothing to do with {}: it is not among those that are allowed", domain));
  }
  return absl::OkStatus();
}

}  // namespace federation::node
