#pragma once

#include <cstddef>
#include <string_view>

#include <absl/status/status.h>

namespace federation::node {

// Whether something can be sent from the node of `own_domain` to `destination`. Errors: invalid argument.
absl::Status CheckDestination(std::string_view own_domain, std::string_view destination);

// Whether any receiver takes this as an update: what none takes would stop its link for good. Errors: invalid
// argument, with the place.
absl::Status CheckUpdate(std::string_view json, std::size_t bytes_max);

}  // namespace federation::node
