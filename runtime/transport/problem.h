#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "transport/message.h"

namespace federation::transport {

// An error answer as RFC 9457 describes it: `{"title":...,"status":...,"detail":...}`.
struct Problem {
  int status = 500;
  std::string detail{};
  // Where a body is malformed: a JSON Pointer (RFC 6901), and bytes from its start.
  std::optional<std::string> pointer{};
  std::optional<std::size_t> offset_bytes{};
};

// The phrase of a status code, as RFC 9110 names it.
std::string_view ReasonPhrase(int status);

Response ToResponse(const Problem& problem);

}  // namespace federation::transport
