#pragma once

#include <chrono>
#include <cstdint>
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

  // One link, and what operators do to it; these return the link as it is afterwards.
  absl::StatusOr<admin::v1::Link> GetLink(const std::string& destination);
  absl::StatusOr<admin::v1::Link> PauseLink(const std::string& destination);
  absl::StatusOr<admin::v1::Link> ResumeLink(const std::string& destination);
  absl::StatusOr<admin::v1::Link> WakeLink(const std::string& destination);
  absl::StatusOr<admin::v1::ResetLinkResponse> ResetLink(const std::string& destination);

  // May take as long as other servers do.
  absl::StatusOr<admin::v1::ResolveResponse> Resolve(const std::string& domain, bool fresh);

  // Asks another server something; `timeout` is from the call to that server's answer.
  absl::StatusOr<admin::v1::CallPeerResponse> CallPeer(const std::string& destination,
                                                       const std::string& method, const std::string& json,
                                                       std::chrono::milliseconds timeout);

  absl::StatusOr<admin::v1::ListQuarantinesResponse> ListQuarantines();
  // Those behind the one with the id `after_id`, as many as the node gives at a time.
  absl::StatusOr<admin::v1::ListQuarantinedUpdatesResponse> ListQuarantinedUpdates(const std::string& origin,
                                                                                   std::int64_t after_id);
  absl::StatusOr<admin::v1::QuarantinedUpdate> GetQuarantinedUpdate(const std::string& origin,
                                                                    std::int64_t id);
  // None of the ids stands for all updates of the origin.
  absl::StatusOr<admin::v1::ReplayQuarantinedUpdatesResponse> ReplayQuarantinedUpdates(
      const std::string& origin, const std::vector<std::int64_t>& ids);
  absl::StatusOr<std::uint64_t> DropQuarantinedUpdates(const std::string& origin,
                                                       const std::vector<std::int64_t>& ids);

  // Calls `started` when nothing is missed any more, and `event` for each event, until the node ends the
  // call.
  absl::Status Tail(const std::function<void()>& started,
                    const std::function<void(const admin::v1::TailEvent&)>& event);

 private:
  explicit AdminClient(std::unique_ptr<admin::v1::Admin::Stub> stub) : stub_(std::move(stub)) {}

  std::unique_ptr<admin::v1::Admin::Stub> stub_;
};

}  // namespace federation::fedctl
