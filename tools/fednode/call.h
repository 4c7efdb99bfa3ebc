#pragma once

#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.pb.h"
#include "federation/rpc.h"

namespace federation::fednode {

// The admin service's CallPeer: makes a request of the standard schema through the client that is generated
// for it, and waits for the answer. Errors: invalid argument (no such method; a request that is none of its
// requests, with the place; unknown keys, too, which in what an operator writes are slips of the pen). What
// comes of the call stands in the response. Thread-safe.
absl::StatusOr<admin::v1::CallPeerResponse> CallPeer(RpcChannel& channel,
                                                     const admin::v1::CallPeerRequest& request);

}  // namespace federation::fednode
