#pragma once

#include <cstdint>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "federation/admin/v1/admin.pb.h"
#include "federation/node.h"

// The admin service's calls for links. All of them block, and are thread-safe. Errors: invalid argument (the
// destination is no domain, or the node's own), not found (no update was ever for it, and it is no configured
// peer), and what the node says.
namespace federation::fednode {

// Every link, by destination.
absl::StatusOr<admin::v1::ListLinksResponse> ListLinks(Node& node);

absl::StatusOr<admin::v1::Link> GetLink(Node& node, std::string_view destination);

// These return the link as it is afterwards.
absl::StatusOr<admin::v1::Link> PauseLink(Node& node, std::string_view destination);
absl::StatusOr<admin::v1::Link> ResumeLink(Node& node, std::string_view destination);
absl::StatusOr<admin::v1::Link> WakeLink(Node& node, std::string_view destination);
absl::StatusOr<admin::v1::ResetLinkResponse> ResetLink(Node& node, std::string_view destination);

}  // namespace federation::fednode
