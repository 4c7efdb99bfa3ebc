#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace federation::https {

// How long an answer may be kept (RFC 9111, section 4.2.1), by its header Cache-Control and the seconds that
// it has been kept elsewhere, its header Age; empty ones stand for headers that are not there. None if it
// does not say; 0 where it must not be kept, or what it says is doubtful.
std::optional<std::chrono::seconds> FreshFor(std::string_view cache_control, std::string_view age);

}  // namespace federation::https
