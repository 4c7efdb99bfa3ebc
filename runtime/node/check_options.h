#pragma once

#include <absl/status/status.h>

#include "federation/node.h"

namespace federation::node {

// Whether a node can be made with the options. Errors: invalid argument with the option's name. What is in
// files and on the network is not looked at.
absl::Status CheckOptions(const NodeOptions& options);

}  // namespace federation::node
