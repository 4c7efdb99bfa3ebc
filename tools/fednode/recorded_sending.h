#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "federation/node.h"
#include "federation/store.h"

#include "fednode/history.h"

namespace federation::fednode {

// Sends strong updates with a row of the history for each, all of it in one commit. Blocks. Thread-safe.
absl::StatusOr<Seq> SendRecorded(Node& node, Store& store, History& history, const std::string& destination,
                                 const std::vector<std::string>& json);

}  // namespace federation::fednode
