#pragma once

#include <string>

#include <absl/time/time.h>

#include "federation/admin/v1/admin.pb.h"

// What fedctl prints, as text that ends with a line feed.
namespace federation::fedctl {

// A table with a heading and a line for each link; times are relative to `now`.
std::string LinksTable(const admin::v1::ListLinksResponse& links, absl::Time now);

// One JSON object a line: `{"destination":"bravo.test","assigned":7,"acked":7,"pending":0,"last_heard":
// "2024-05-01T12:00:00.123Z","state":"idle","last_error":null}`. What is not there is null.
std::string LinksJson(const admin::v1::ListLinksResponse& links);

// `{"direction":"in","peer":"alpha.test","seq":17,"update":{...}}`, weak updates without `seq`. Where events
// were left out, `{"dropped":3}` stands in a line of its own before.
std::string TailLines(const admin::v1::TailEvent& event);

}  // namespace federation::fedctl
