#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.grpc.pb.h"

namespace federation::fedctl {

// The admin service of a node. Errors of all calls: unavailable (the node is not there, or went away), and
// what the node answers. Thread-safe.
class AdminClient {
 public:
  // Finds out whether a node listens on the socket. Errors: unavailable, in words that say what is there
  // instead.
  static absl::StatusOr<AdminClient> Connect(const std::string& socket_path);

  absl::StatusOr<admin::v1::SendResponse> Send(const std::string& destination,
                                               std::vector<std::string> updates);
  absl::StatusOr<admin::v1::ListLinksResponse> ListLinks();
  // Calls `started` when nothing is missed any more, and `event` for each event, until the node ends the
  // call.
  absl::Status Tail(const std::function<void()>& started,
                    const std::function<void(const admin::v1::TailEvent&)>& event);

 private:
  explicit AdminClient(std::unique_ptr<admin::v1::Admin::Stub> stub) : stub_(std::move(stub)) {}

  std::unique_ptr<admin::v1::Admin::Stub> stub_;
};

}  // namespace federation::fedctl
