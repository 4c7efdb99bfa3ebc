#pragma once

#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.pb.h"
#include "federation/node.h"

namespace federation::fednode {

// The admin service's call for where a server is. Blocks; thread-safe. Errors: invalid argument (no domain),
// and what the node says.
absl::StatusOr<admin::v1::ResolveResponse> Resolve(Node& node, const admin::v1::ResolveRequest& request);

}  // namespace federation::fednode
