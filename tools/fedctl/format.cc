#include "fedctl/format.h"

#include <algorithm>
#include <array>
#include <vector>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "federation/json/writer.h"

namespace federation::fedctl {
namespace {

using admin::v1::Link;
using admin::v1::TailEvent;

constexpr int kColumns = 7;
using Row = std::array<std::string, kColumns>;
constexpr std::array<bool, kColumns> kIsNumber = {false, true, true, true, false, false, false};

std::string StateName(Link::State state) {
  switch (state) {
    case Link::STATE_IDLE:
      return "idle";
    case Link::STATE_SENDING:
      return "sending";
    case Link::STATE_WAITING:
      return "waiting";
    case Link::STATE_REFUSED:
      return "refused";
    case Link::STATE_PAUSED:
      return "paused";
    default:
      return "unknown";
  }
}

std::string Ago(const Link& link, absl::Time now) {
  if (!link.has_last_heard_ms()) return "never";
  absl::Duration age = std::max(now - absl::FromUnixMillis(link.last_heard_ms()), absl::ZeroDuration());
  if (age < absl::Minutes(1)) return fmt::format("{} s ago", absl::ToInt64Seconds(age));
  return absl::FormatDuration(absl::Trunc(age, absl::Minutes(1))) + " ago";
}

Row ToRow(const Link& link, absl::Time now) {
  return {link.destination(),
          std::to_string(link.assigned()),
          std::to_string(link.acked()),
          std::to_string(link.pending()),
          Ago(link, now),
          StateName(link.state()),
          link.last_error().empty() ? "-" : link.last_error()};
}

void AppendRow(const Row& row, const std::array<std::size_t, kColumns>& widths, std::string* out) {
  std::string line;
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (i > 0) line += "  ";
    line +=
        kIsNumber[i] ? fmt::format("{:>{}}", row[i], widths[i]) : fmt::format("{:<{}}", row[i], widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  *out += line + "\n";
}

// Ends the writer's document as a line. A text that is not UTF-8 can only come from a broken node: its line
// says so.
void EndLine(json::DocumentWriter& writer, std::string* out) {
  if (!writer.Finish().ok()) out->append("null");
  out->push_back('\n');
}

void AppendJson(const Link& link, std::string* out) {
  json::DocumentWriter writer(out);
  writer.BeginObject();
  writer.Key("destination");
  writer.String(link.destination());
  writer.Key("assigned");
  writer.Uint64Number(link.assigned());
  writer.Key("acked");
  writer.Uint64Number(link.acked());
  writer.Key("pending");
  writer.Uint64Number(link.pending());
  writer.Key("last_heard");
  if (link.has_last_heard_ms()) {
    absl::Time heard = absl::FromUnixMillis(link.last_heard_ms());
    writer.String(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", heard, absl::UTCTimeZone()));
  } else {
    writer.Null();
  }
  writer.Key("state");
  writer.String(StateName(link.state()));
  writer.Key("last_error");
  if (link.last_error().empty()) {
    writer.Null();
  } else {
    writer.String(link.last_error());
  }
  writer.EndObject();
  EndLine(writer, out);
}

void AppendDropped(std::uint64_t dropped, std::string* out) {
  json::DocumentWriter writer(out);
  writer.BeginObject();
  writer.Key("dropped");
  writer.Uint64Number(dropped);
  writer.EndObject();
  EndLine(writer, out);
}

// Line breaks stand between tokens only (RFC 8259, section 7).
std::string OnOneLine(std::string json) {
  std::replace_if(json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return json;
}

}  // namespace

std::string LinksTable(const admin::v1::ListLinksResponse& links, absl::Time now) {
  std::vector<Row> rows = {
      {"DESTINATION", "ASSIGNED", "ACKED", "PENDING", "LAST HEARD", "STATE", "LAST ERROR"}};
  for (const Link& link : links.links()) rows.push_back(ToRow(link, now));
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) AppendRow(row, widths, &out);
  return out;
}

std::string LinksJson(const admin::v1::ListLinksResponse& links) {
  std::string out;
  for (const Link& link : links.links()) AppendJson(link, &out);
  return out;
}

std::string TailLines(const TailEvent& event) {
  std::string out;
  if (event.dropped() > 0) AppendDropped(event.dropped(), &out);
  if (event.direction() == TailEvent::DIRECTION_UNSPECIFIED) return out;
  json::DocumentWriter writer(&out);
  writer.BeginObject();
  writer.Key("direction");
  writer.String(event.direction() == TailEvent::DIRECTION_IN ? "in" : "out");
  writer.Key("peer");
  writer.String(event.peer());
  if (event.has_seq()) {
    writer.Key("seq");
    writer.Uint64Number(event.seq());
  }
  writer.Key("update");
  writer.Raw(OnOneLine(event.update()));
  writer.EndObject();
  EndLine(writer, &out);
  return out;
}

}  // namespace federation::fedctl
