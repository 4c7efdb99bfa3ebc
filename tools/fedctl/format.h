#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "federation/admin/v1/admin.pb.h"

// What fedctl prints, as text that ends with a line feed. JSON is one object a line; what is not there is
// null.
namespace federation::fedctl {

// --- Links (format_links.cc).

// A table with a heading and a line for each link; times are relative to `now`.
std::string LinksTable(const admin::v1::ListLinksResponse& links, absl::Time now);

// A line for each link: `{"destination":"bravo.test","assigned":7,"acked":5,"pending":2,"last_heard":
// "2024-05-01T12:00:00.123Z","state":"waiting","last_error":"HTTP 503","pending_bytes":250,"pending_since":
// "2024-05-01T11:58:00.000Z","failures":3,"retry_at":"2024-05-01T12:00:08.000Z","loss":null,"counters":{...}}`.
// The counters are those of admin.proto's LinkCounters, under the same names.
std::string LinksJson(const admin::v1::ListLinksResponse& links);

// All that is known of one link, a line for each property.
std::string LinkText(const admin::v1::Link& link, absl::Time now);
// The line of LinksJson.
std::string LinkJson(const admin::v1::Link& link);

// What came of pausing, resuming and waking: `bravo.test: paused, 2 updates wait`.
std::string LinkStateText(const admin::v1::Link& link);

// `bravo.test: gave up 2 updates`, and `{"destination":"bravo.test","given_up_updates":2}`.
std::string ResetText(const admin::v1::ResetLinkResponse& reset);
std::string ResetJson(const admin::v1::ResetLinkResponse& reset);

// --- The quarantine (format_quarantine.cc).

// A table of origins, and `{"origin":"alpha.test","updates":2,"bytes":250}`.
std::string QuarantinesTable(const admin::v1::ListQuarantinesResponse& quarantines);
std::string QuarantinesJson(const admin::v1::ListQuarantinesResponse& quarantines);

// A table of the updates of one origin, and `{"id":1,"origin":"alpha.test","seq":17,"since":
// "2024-05-01T12:00:00.123Z","reason":"update: unknown tag \"dance\"","bytes":125}`.
std::string QuarantinedTable(const std::vector<admin::v1::QuarantinedUpdate>& updates, absl::Time now);
std::string QuarantinedJson(const std::vector<admin::v1::QuarantinedUpdate>& updates);

// One update with its JSON, which stands alone in the last line; in JSON it is the value of `update`, behind
// what QuarantinedJson has.
std::string QuarantinedUpdateText(const admin::v1::QuarantinedUpdate& update, absl::Time now);
std::string QuarantinedUpdateJson(const admin::v1::QuarantinedUpdate& update);

// A line for each update that was tried, such as `1: applied`, and how many were; in JSON
// `{"id":1,"seq":17,"result":"rejected","reason":"want ..."}`, with `applied`, `later` or `rejected`.
std::string ReplayText(const admin::v1::ReplayQuarantinedUpdatesResponse& response);
std::string ReplayJson(const admin::v1::ReplayQuarantinedUpdatesResponse& response);

// `dropped 2 updates of alpha.test`, and `{"origin":"alpha.test","dropped_updates":2}`.
std::string DropText(const std::string& origin, std::uint64_t dropped);
std::string DropJson(const std::string& origin, std::uint64_t dropped);

// --- Where a server is (format_resolve.cc).

// A line for each step, then one for each candidate with its addresses:
//
//   configured  nothing  bravo.test: it is no configured peer
//   well-known  failed   https://bravo.test/.well-known/actor-federation: HTTP 500
//   srv         taken    SRV _actor-server._tcp.bravo.test: node.bravo.test:9880 (priority 10, weight 5)
//   found just now, remembered for 4m
//   1. node.bravo.test:9880, with a certificate for bravo.test
//      10.0.0.7: address "10.0.0.7" is refused: private (10.0.0.0/8)
std::string ResolveText(const admin::v1::ResolveResponse& found);

// `{"domain":"bravo.test","steps":[{"source":"srv","outcome":"taken","asked":"SRV ...","reason":"..."}],
// "candidates":[{"address":"node.bravo.test:9880","certificate_names":["bravo.test"],"addresses":
// [{"ip":"10.0.0.7","refused":"..."}],"error":null}],"error":null,"age_ms":0,"expires_in_ms":300000}`.
std::string ResolveJson(const admin::v1::ResolveResponse& found);

// --- Updates as they come and go (format_tail.cc).

// `{"direction":"in","peer":"alpha.test","seq":17,"update":{...}}`, weak updates without `seq`. Where events
// were left out, `{"dropped":3}` stands in a line of its own before.
std::string TailLines(const admin::v1::TailEvent& event);

}  // namespace federation::fedctl
