#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "link/answer.h"

namespace federation::delivery {

// Between the link's answers and their JSON, through the codec that is generated from
// proto/federation/v1/push.proto.
std::string FormatAnswer(const link::Answer& answer);
// Errors: invalid argument that names the place. Unknown keys are passed over.
absl::StatusOr<link::Answer> ParseAnswer(std::string_view json);

}  // namespace federation::delivery
