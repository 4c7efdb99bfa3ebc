#pragma once

#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.pb.h"
#include "federation/node.h"
#include "federation/store.h"

// The admin service's calls for the quarantine. All of them block, and are thread-safe. Errors: invalid
// argument that names the field, not found (no update with that id), and what the node and the store say.
namespace federation::fednode {

absl::StatusOr<admin::v1::ListQuarantinesResponse> ListQuarantines(Store& store);

absl::StatusOr<admin::v1::ListQuarantinedUpdatesResponse> ListQuarantinedUpdates(
    Store& store, const admin::v1::ListQuarantinedUpdatesRequest& request);

absl::StatusOr<admin::v1::GetQuarantinedUpdateResponse> GetQuarantinedUpdate(
    Store& store, const admin::v1::GetQuarantinedUpdateRequest& request);

// `store` is the node's.
absl::StatusOr<admin::v1::ReplayQuarantinedUpdatesResponse> ReplayQuarantinedUpdates(
    Node& node, Store& store, const admin::v1::ReplayQuarantinedUpdatesRequest& request);

// Those with ids in one commit; all in several, so that handlers need not wait long. If one of these fails,
// the ones before it hold.
absl::StatusOr<admin::v1::DropQuarantinedUpdatesResponse> DropQuarantinedUpdates(
    Store& store, const admin::v1::DropQuarantinedUpdatesRequest& request);

}  // namespace federation::fednode
