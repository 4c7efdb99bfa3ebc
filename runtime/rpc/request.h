#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "federation/json/reader.h"

namespace federation::rpc {

// Reads the method that a request asks for from its key `rpc`, at whatever place that stands. All of `body`
// is checked to be one JSON object; what the other keys hold is not looked at. Fails, with the place, on what
// is no request.
std::optional<json::DecodeError> ParseMethod(std::string_view body, std::string* method);

}  // namespace federation::rpc
