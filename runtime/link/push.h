#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federation/json/reader.h"
#include "federation/limits.h"
#include "federation/seq.h"

namespace federation::link {

// A push whose updates are still JSON: which schema they have is the application's matter. Borrows the body
// that it was parsed from.
struct PushView {
  std::vector<std::string_view> weak;
  std::vector<std::string_view> strong;
  // The number of the last strong update.
  Seq seq{0};
  // Set when that is why ParsePush fails.
  bool too_many_updates = false;
};

// Parses the body of a push. All of it is checked to be JSON; updates are objects, their content is not
// looked at. Fails, with the place, on what is no push: no `seq`, a `seq` smaller than the count of strong
// updates or greater than kSeqMax, more updates than the limit.
std::optional<json::DecodeError> ParsePush(std::string_view body, const InboxLimits& limits, PushView* push);

// The body of a push. The updates are JSON already and are copied as they are; each element of `strong` may
// be several of them with commas in between. `seq` is the number of the last one.
std::string FormatPush(std::span<const std::string> weak, std::span<const std::string_view> strong, Seq seq);

}  // namespace federation::link
