#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "federation/access.h"

namespace federation::fednode {

// Files with one pattern of AccessLists a line; what follows a `#`, blanks around a pattern, and empty lines
// are passed over. Where a path is empty there is no list. Errors: unavailable (a file cannot be read).
// Whether the patterns are any, the node finds out.
absl::StatusOr<AccessLists> ReadAccessFiles(const std::string& allow_path, const std::string& deny_path);

}  // namespace federation::fednode
