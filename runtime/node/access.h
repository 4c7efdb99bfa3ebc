#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/access.h"

namespace federation::node {

// Patterns of domains; looking one up costs its labels, however many patterns there are. Immutable.
class DomainPatterns {
 public:
  // Errors: invalid argument that quotes the pattern.
  static absl::StatusOr<DomainPatterns> Parse(const std::vector<std::string>& patterns);

  bool Match(std::string_view domain) const;

 private:
  // std::hash of both is the same (the standard, [string.view.hash]).
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Set = std::unordered_set<std::string, Hash, std::equal_to<>>;

  bool everybody_ = false;
  Set domains_;
  // Of `*.example.org` the part behind the first dot.
  Set parents_;
};

// The access lists of a node, which may be changed at any time. Thread-safe.
class Access {
 public:
  // Takes the place of the lists before. Errors: invalid argument that names the list and the pattern; then
  // those stay in force.
  absl::Status Set(const AccessLists& lists);

  // Permission denied if the node has nothing to do with this domain.
  absl::Status Check(std::string_view domain) const;

 private:
  struct Rules {
    std::optional<DomainPatterns> allow;
    DomainPatterns deny;
  };

  mutable std::mutex mutex_;  // guards the pointer
  std::shared_ptr<const Rules> rules_ = std::make_shared<Rules>();
};

}  // namespace federation::node
