#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.pb.h"
#include "federation/node.h"

#include "fednode/tail_hub.h"

namespace federation::fednode {

// An update that the standard schema knows, encoded as it travels.
struct CheckedUpdate {
  Delivery delivery = Delivery::kStrong;
  std::string json;
};

// Checks the JSON of a standard update. Stricter than what peers are held to: unknown keys are errors here,
// because in what an operator writes they are slips of the pen. Errors: invalid argument that names the
// place.
absl::StatusOr<CheckedUpdate> CheckUpdate(std::string_view json, std::size_t bytes_max);

// Hands strong updates to the node in one commit: all, or none. Returns the number of the last one.
using SendAll =
    std::function<absl::StatusOr<Seq>(const std::string& destination, const std::vector<std::string>& json)>;

// The admin service's Send: all updates are checked before the first is handed to the node; strong ones in a
// row are stored in one commit. Those that are taken are shown to `tail`. Blocks for the commits.
// Thread-safe.
admin::v1::SendResponse Send(Node& node, TailHub& tail, const OutboxLimits& limits, const SendAll& send_all,
                             const admin::v1::SendRequest& request);

}  // namespace federation::fednode
